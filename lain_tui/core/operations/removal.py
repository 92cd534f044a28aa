"""Deleting objects that were found to be of no use, each as it was when it was found."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import NotFound
from lain_tui.core.kube.resources import INGRESSES, PODS, Kind
from lain_tui.core.model.meta import KubeObject
from lain_tui.core.model.overview import Problem
from lain_tui.core.model.plan import Plan, Step
from lain_tui.core.model.text import counted, listed
from lain_tui.core.operations.operation import begun, done, refuse
from lain_tui.core.target import Target

Found = tuple[Kind[Any], KubeObject]
REMOVABLE = {kind.name: kind for kind in (PODS, INGRESSES)}
"""What a problem may be about for its objects to be deleted: pods come back, an ingress that leads nowhere is missed by
nobody."""

_NOUNS = {"Pod": ("Pod", "Pods"), "Ingress": ("Ingress", "Ingresses")}
_BY = "app.kubernetes.io/managed-by"


class Removal:
    """Deletes objects one after the other; one that changed its identity meanwhile is left alone."""

    def __init__(self, kube: KubeClient, target: Target, found: Sequence[Found], *, why: str) -> None:
        """At least one object; `why` says what makes them useless: `no pod is behind them`."""
        self._kube = kube
        self._target = target
        self._found = found
        kinds = dict.fromkeys(kind.name for kind, _ in found)
        counts = [counted(sum(kind.name == name for kind, _ in found), *_NOUNS[name]) for name in kinds]
        lone = [
            one.metadata.name for kind, one in found if kind is PODS and not one.metadata.owner_references
        ]
        alone = (f"No controller owns {listed(lone)}: not made again by itself.",) if lone else ()
        helms = [
            one.metadata.name
            for kind, one in found
            if kind is INGRESSES and one.metadata.label(_BY) == "Helm"
        ]
        again = (f"Helm made {listed(helms)}: made again by the next deploy.",) if helms else ()
        self._plan = Plan(
            verb="delete",
            subject=f"{' and '.join(counts)} on {target.cluster}",
            calls=tuple(_call(kind, one) for kind, one in found),
            notes=(f"Deleted because {why}.", *alone, *again),
            typed=target.cluster if target.protected else "",
        )

    @classmethod
    async def of_problems(cls, kube: KubeClient, target: Target, problems: Iterable[Problem]) -> Removal:
        """The pods and ingresses that problems are about, as they are now. Raises LainError when none is left."""
        wanted: dict[tuple[str, str], set[str]] = {}
        for problem in problems:
            if problem.kind in REMOVABLE:
                wanted.setdefault((problem.kind, problem.namespace), set()).update(problem.struck)
        found: list[Found] = []
        for (name, namespace), names in wanted.items():
            kind = REMOVABLE[name]
            items: list[KubeObject] = await kube.list(kind, namespace)
            found += [(kind, one) for one in items if one.metadata.name in names]
        if not found:
            raise LainError("nothing of it is there any more")
        return cls(kube, target, found, why="they were chosen in the overview as broken or unused")

    @property
    def plan(self) -> Plan:
        return self._plan

    async def run(self) -> AsyncIterator[Step]:
        """Delete. Raises Refused and KubeError."""
        refuse(self._target, self._plan)
        for kind, one in self._found:
            meta = one.metadata
            what = _call(kind, one)
            yield begun(what)
            try:
                await self._kube.delete(kind, meta.name, meta.namespace, uid=meta.uid)
            except NotFound:
                yield done(what, "it was gone already")
            else:
                yield done(what)


def _call(kind: Kind[Any], one: KubeObject) -> str:
    return f"delete {kind.name} {one.metadata.namespace}/{one.metadata.name}"
