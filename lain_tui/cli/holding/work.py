"""What the commands of env and secret do between the command line and the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import msgspec

from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.session import Session
from lain_tui.core.errors import LainError, Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.model.holder import Holder, Ref
    from lain_tui.core.secrets.draft import Draft
    from lain_tui.core.target import Target

    Edit = Callable[[Draft], Awaitable[None] | None]
    """Changes a draft; raises LainError when it cannot."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a change is made."""

    yes: bool = False
    dry_run: bool = False
    restart: bool = False
    output: str = "text"


def ref_of(target: Target, what: str, named: str) -> Ref:
    """The app's own one, or the one that `--of` names: `NAME` or `configmap/NAME`."""
    from lain_tui.core.model.holder import Ref

    if not named:
        return Ref(name=f"{target.app}-{what}", namespace=target.namespace)
    kind, slash, name = named.rpartition("/")
    if slash and kind.lower() not in ("secret", "secrets", "configmap", "configmaps", "cm"):
        raise LainError(f"{kind} is neither secret nor configmap", where=f"--of {named}")
    is_map = kind.lower() in ("configmap", "configmaps", "cm")
    return Ref(kind="ConfigMap" if is_map else "Secret", name=name, namespace=target.namespace)


def target_of(here: Session, named: str) -> Target:
    """The target; an app is needed only when no object is named."""
    return here.target() if named else here.app_target()


@asynccontextmanager
async def opened(here: Session, target: Target) -> AsyncIterator[KubeClient]:
    from lain_tui.core.kube.client import KubeClient

    async with KubeClient.open(target, on_request=here.on_request) as kube:
        yield kube


async def read(here: Session, target: Target, ref: Ref) -> Holder:
    """Read one that must be there."""
    from lain_tui.core.secrets.holders import read_holder

    async with opened(here, target) as kube:
        return must_exist(await read_holder(kube, ref))


def must_exist(holder: Holder) -> Holder:
    if not holder.exists:
        raise LainError(
            f"{holder.ref.title} does not exist in namespace {holder.ref.namespace}",
            hint="Setting a key creates it.",
        )
    return holder


async def change(
    here: Session, what: str, named: str, edit: Edit, options: Options, *, must_be: bool = False
) -> int:
    """Read, edit, show the plan, ask, apply; return the exit code."""
    from lain_tui.cli.operate import perform, tell_nothing
    from lain_tui.core.secrets.apply import Apply
    from lain_tui.core.secrets.draft import Draft
    from lain_tui.core.secrets.holders import read_holder
    from lain_tui.core.secrets.readers import look_usage

    target = target_of(here, named)
    if target.read_only and not options.dry_run:
        raise Refused(f"read-only: changing {what} is off", hint="Leave --read-only away.")
    ref = ref_of(target, what, named)
    async with opened(here, target) as kube:
        holder = await read_holder(kube, ref)
        draft = Draft(must_exist(holder) if must_be else holder)
        edited = edit(draft)
        if edited is not None:
            await edited
        if not draft:
            here.say(f"{ref.title} is so already: nothing to change.")
            tell_nothing(options.output)
            return ExitCode.DONE
        looked = msgspec.structs.replace(holder, data={**holder.data, **draft.values})
        usage = await look_usage(kube, target, looked)
        restart = options.restart or here.auto_pilot
        operation = Apply(kube, target, [draft], usages={ref: usage}, restart=restart)
        code = await perform(here, operation, yes=options.yes, dry_run=options.dry_run, output=options.output)
        if not options.dry_run and not restart and (names := usage.outdated or usage.readers):
            _remind(here, what, bool(names))
        return code


def _remind(here: Session, what: str, is_read: bool) -> None:
    if is_read:
        here.say("Running pods keep the old values until they are restarted: --restart does it gracefully.")


async def both(
    here: Session, target: Target, ref: Ref, other: Target, other_ref: Ref
) -> tuple[Holder, Holder]:
    """The same object on two clusters."""
    import asyncio

    async def one(at: Target, which: Ref) -> Holder:
        try:
            return await read(here, at, which)
        except LainError as error:
            raise LainError(
                error.what, where=f"{at.cluster}: {error.where}".rstrip(": "), hint=error.hint
            ) from None

    found: Awaitable[tuple[Holder, Holder]] = asyncio.gather(one(target, ref), one(other, other_ref))
    here_one, there_one = await found
    return here_one, there_one
