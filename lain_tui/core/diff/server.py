"""What the cluster says of a diff's objects: how they live, and whether it would take the new ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import msgspec

from lain_tui.core.diff.keys import Body, Live, ObjectKey, hook_events, keyed
from lain_tui.core.errors import LainError
from lain_tui.core.helm.objects import Rendered
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import ApiAbsent, Forbidden, KubeError, NotFound, Unauthorized, Unreachable
from lain_tui.core.lint.rendered import dry_run
from lain_tui.core.model.diff import ReleaseDiff

_AT_ONCE = 8
"""Requests under way at once."""


async def read_live(kube: KubeClient, namespace: str, *states: Iterable[Rendered]) -> Live:
    """The live objects of all these states of a release, but hooks.

    What may not be read is left out, as if nobody had asked. Raises Unreachable.
    """
    wanted = {
        key: one
        for state in states
        for key, one in keyed(state, namespace).items()
        if not hook_events(one.body)
    }
    gate = asyncio.Semaphore(_AT_ONCE)

    async def read(key: ObjectKey, one: Rendered) -> tuple[ObjectKey, Body | None] | None:
        async with gate:
            try:
                kind = await kube.kind_of(one.api_version, one.kind)
                place = _namespace(one, namespace) if kind.namespaced else ""
                body: Body = msgspec.json.decode(await kube.get_raw(kind, one.name, place))
            except NotFound:
                return key, None
            except (Forbidden, ApiAbsent, LookupError):
                return None
            return key, body

    found = await asyncio.gather(*(read(key, one) for key, one in wanted.items()))
    return dict(pair for pair in found if pair is not None)


async def ask_server(
    kube: KubeClient, namespace: str, objects: Iterable[Rendered]
) -> tuple[str, dict[ObjectKey, str]]:
    """Let the API server take each object without keeping it.

    Returns one word on the whole (`accepts it (dry run)`, or why it was not asked) and the refusals by object.
    """
    gate = asyncio.Semaphore(_AT_ONCE)
    refusals: dict[ObjectKey, str] = {}

    async def ask(key: ObjectKey, one: Rendered) -> None:
        async with gate:
            try:
                await dry_run(kube, one, _namespace(one, namespace))
            except (Unreachable, Unauthorized):
                raise
            except LainError as error:
                refusals[key] = str(error)
            except LookupError as error:
                refusals[key] = str(error)

    try:
        await asyncio.gather(*(ask(key, one) for key, one in keyed(objects, namespace).items()))
    except KubeError as error:
        return f"was not asked: {error.what}", {}
    return ("refuses it" if refusals else "accepts it (dry run)"), refusals


def with_answer(diff: ReleaseDiff, word: str, refusals: dict[ObjectKey, str]) -> ReleaseDiff:
    """The diff with what the API server said of it."""
    if not refusals:
        return msgspec.structs.replace(diff, asked_server=word)
    by_name = {(key.kind, key.name, key.namespace): text for key, text in refusals.items()}
    objects = tuple(
        msgspec.structs.replace(one, refusal=by_name.pop((one.kind, one.name, one.namespace), ""))
        for one in diff.objects
    )
    notes = [f"{kind} {name}: {text}" for (kind, name, _), text in by_name.items()]
    return msgspec.structs.replace(diff, objects=objects, notes=(*diff.notes, *notes), asked_server=word)


def _namespace(one: Rendered, namespace: str) -> str:
    metadata = one.body.get("metadata")
    own = metadata.get("namespace") if isinstance(metadata, dict) else ""
    return str(own or namespace)
