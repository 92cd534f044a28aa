"""How a triage test says what is known."""

from __future__ import annotations

from typing import Any

from lain_tui.core.model.cluster import Event
from lain_tui.core.model.finding import Finding
from lain_tui.core.model.pod import Pod
from lain_tui.core.triage.case import Keys, PodCase, Tail, TailLine
from lain_tui.core.triage.diagnose import diagnose
from tests.kubeobjects import NOW

ENV_FROM = {
    "envFrom": [{"secretRef": {"name": "dummy-env"}}],
    "env": [{"name": "LAIN_CLUSTER", "value": "prod"}],
}
"""A container as the chart writes it."""


def log(*lines: str, container: str = "worker", previous: bool = True) -> Tail:
    return Tail(container=container, previous=previous, lines=tuple(TailLine(line) for line in lines))


def keys(*names: str, **more: Any) -> Keys:
    return Keys(names=frozenset(names), **more)


def why(pod: Pod, *events: Event, **known: Any) -> Finding:
    """What triage says of a pod of the proc `worker` of the app `dummy`."""
    case = PodCase(pod=pod, proc="worker", app="dummy", now=NOW, events=tuple(events), gathered=True, **known)
    return diagnose(case)


def shown(finding: Finding) -> str:
    """Everything a reader sees, but for the evidence."""
    return "\n".join([finding.title, *finding.explanation, *(remedy.text for remedy in finding.remedies)])
