"""Removing an app: its release, its canary, and with purge its Secrets; everything is listed first."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Self

from lain_tui.core.errors import LainError
from lain_tui.core.helm.find import find_helm
from lain_tui.core.helm.history import objects_of
from lain_tui.core.helm.objects import Rendered
from lain_tui.core.helm.runner import Helm
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import NotFound
from lain_tui.core.kube.resources import SECRETS
from lain_tui.core.model.plan import Plan, Step
from lain_tui.core.operations.candidate import CANARY
from lain_tui.core.operations.operation import begun, done, refuse, subject_of, told
from lain_tui.core.operations.release import TIMEOUT, look_up, tell_team
from lain_tui.core.target import Target


class Delete:
    """Remove an app from the cluster. Made by `prepare`."""

    def __init__(
        self,
        kube: KubeClient,
        target: Target,
        helm: Helm,
        releases: Sequence[tuple[str, Sequence[Rendered]]],
        secrets: Sequence[str],
        purge: bool,
    ) -> None:
        self._kube = kube
        self._target = target
        self._helm = helm
        self._releases = releases
        self._secrets = secrets
        calls = []
        for release, objects in releases:
            calls.append(f"helm uninstall {release} ({helm.name})")
            calls += [
                f"  removes {one.kind} {one.name}"
                for one in objects
                if not one.annotations.get("helm.sh/hook")
            ]
        calls += [f"delete Secret {name}" for name in secrets]
        kept = f"Secrets {target.app}-env and {target.app}-secret stay; --purge removes them, too."
        self._plan = Plan(
            verb="purge" if purge else "delete",
            subject=subject_of(target),
            calls=tuple(calls),
            notes=("It cannot be undone.", *([] if purge else [kept])),
            # Not only on a protected cluster: this takes everything away.
            typed=target.app,
        )

    @classmethod
    async def prepare(
        cls, kube: KubeClient, target: Target, *, purge: bool = False, helm: Helm | None = None
    ) -> Self:
        """List what would go. Raises LainError when there is nothing to remove."""
        helm = helm or await find_helm()
        release = target.release or target.app
        releases = []
        for name in (f"{release}{CANARY}", release):
            known = await look_up(kube, target, name)
            if known.record is not None:
                releases.append((name, objects_of(known.record)))
        secrets = []
        for name in (f"{target.app}-env", f"{target.app}-secret") if purge else ():
            try:
                await kube.get(SECRETS, name, target.namespace)
            except NotFound:
                continue
            secrets.append(name)
        if not releases and not secrets:
            raise LainError(
                f"there is nothing of {target.app} to remove in namespace {target.namespace}",
                hint="lain-tui apps lists what is there.",
            )
        return cls(kube, target, helm, releases, secrets, purge)

    @property
    def plan(self) -> Plan:
        return self._plan

    async def run(self) -> AsyncIterator[Step]:
        """Remove it. Raises Refused, and LainError when helm fails."""
        refuse(self._target, self._plan)
        for release, _ in self._releases:
            what = f"helm uninstall {release}"
            yield begun(what)
            await self._helm.uninstall(on=self._target, release=release, timeout=TIMEOUT)
            yield done(what)
        for name in self._secrets:
            what = f"delete Secret {name}"
            try:
                await self._kube.delete(SECRETS, name, self._target.namespace)
            except NotFound:
                yield done(what, "it was gone already")
            else:
                yield done(what)
        if reason := await tell_team(
            self._target, f"removed {self._target.app}", release=self._target.release
        ):
            yield told("webhook", reason)
