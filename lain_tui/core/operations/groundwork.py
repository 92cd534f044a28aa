"""What a deploy does before helm: what helm cannot do, or would leave as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import NotFound
from lain_tui.core.kube.resources import JOBS, NODES
from lain_tui.core.model.plan import Step
from lain_tui.core.operations import traffic
from lain_tui.core.operations.candidate import Candidate
from lain_tui.core.operations.operation import begun, done
from lain_tui.core.target import Target


class Groundwork:
    """For one candidate."""

    def __init__(self, candidate: Candidate, *, again: bool) -> None:
        """`again`: it is a canary, and one is out already."""
        objects = candidate.objects
        self._jobs = [
            one.name for one in objects if one.kind == "Job" and "helm.sh/hook" not in one.annotations
        ]
        """Jobs cannot be changed, only made anew: those that exist are deleted first. Helm sees to its hooks."""
        self._nodes = _bound(candidate)
        self._ingresses = [one.name for one in objects if one.kind == "Ingress"] if again else []
        """Groups were let through to the canary that is out, and the next one begins with none."""

    @property
    def calls(self) -> list[str]:
        """What will be called, in words, in order."""
        return [
            *(traffic.call(name, traffic.NONE) for name in self._ingresses),
            *(f"delete Job {name}" for name in self._jobs),
            *(f"label node {node} {key}=true" for node, key in self._nodes),
        ]

    async def run(self, kube: KubeClient, target: Target) -> AsyncIterator[Step]:
        """Do it. Raises KubeError."""
        async for step in traffic.annotate(kube, target, self._ingresses, traffic.NONE):
            yield step
        for name in self._jobs:
            try:
                await kube.delete(JOBS, name, target.namespace)
            except NotFound:
                continue
            yield done(f"delete Job {name}")
        for node, key in self._nodes:
            what = f"label node {node}"
            yield begun(what)
            await kube.patch(NODES, node, {"metadata": {"labels": {key: "true"}}})
            yield done(what, f"{key}=true")


def _bound(candidate: Candidate) -> list[tuple[str, str]]:
    """Nodes that procs are bound to, each with the label it gets."""
    found = []
    for kind in ("deployments", "statefulSets", "cronjobs"):
        for name, proc in (candidate.effective.get(kind) or {}).items():
            nodes = proc.get("nodes") if isinstance(proc, dict) else None
            found += [(str(node), f"{candidate.release}-{name}") for node in nodes or []]
    return found
