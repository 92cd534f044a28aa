"""Deleting objects that were found to be of no use, each as it was when it was found."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import NotFound
from lain_tui.core.kube.resources import Kind
from lain_tui.core.model.meta import KubeObject
from lain_tui.core.model.plan import Plan, Step
from lain_tui.core.model.text import counted
from lain_tui.core.operations.operation import begun, done, refuse
from lain_tui.core.target import Target


class Removal:
    """Deletes objects one after the other; one that changed its identity meanwhile is left alone."""

    def __init__(
        self, kube: KubeClient, target: Target, kind: Kind[Any], objects: Sequence[KubeObject], *, why: str
    ) -> None:
        """At least one object; `why` says what makes them useless: `no pod is behind them`."""
        self._kube = kube
        self._target = target
        self._kind = kind
        self._objects = objects
        self._plan = Plan(
            verb="delete",
            subject=f"{counted(len(objects), kind.name)} on {target.cluster}",
            calls=tuple(
                f"delete {kind.name} {one.metadata.namespace}/{one.metadata.name}" for one in objects
            ),
            notes=(f"Deleted because {why}.",),
            typed=target.cluster if target.protected else "",
        )

    @property
    def plan(self) -> Plan:
        return self._plan

    async def run(self) -> AsyncIterator[Step]:
        """Delete. Raises Refused and KubeError."""
        refuse(self._target, self._plan)
        for one in self._objects:
            meta = one.metadata
            what = f"delete {self._kind.name} {meta.namespace}/{meta.name}"
            yield begun(what)
            try:
                await self._kube.delete(self._kind, meta.name, meta.namespace, uid=meta.uid)
            except NotFound:
                yield done(what, "it was gone already")
            else:
                yield done(what)
