"""How far a rollout is, in words, and whether it needs anybody."""

from __future__ import annotations

import pytest

from lain_tui.core.model.status import Severity
from lain_tui.core.model.workload import DaemonSet, Deployment
from lain_tui.core.status.rollout import daemon_set_rollout, deployment_rollout, stateful_set_rollout
from tests.kubeobjects import NOW, decode
from tests.status.workloads import condition, deployment, meta, stateful_set

UNAVAILABLE = condition("Available", "False", "MinimumReplicasUnavailable", minutes=4)
ROLLING = condition("Progressing", "True", "ReplicaSetUpdated")
LATE = condition("Progressing", "False", "ProgressDeadlineExceeded")


@pytest.mark.parametrize(
    ("workload", "words", "severity"),
    [
        (deployment(), "3 of 3, up to date", Severity.OK),
        (deployment(desired=0, total=0), "scaled to 0", Severity.DONE),
        (deployment(seen=1), "rolling out: the change waits for the controller, 3 of 3 available", Severity.PROGRESS),
        (deployment(updated=1, total=4), "rolling out: 1 of 3 updated, 3 old left", Severity.PROGRESS),
        (deployment(updated=3, total=5), "rolling out: 3 of 3 updated, 2 old to go", Severity.PROGRESS),
        (deployment(available=1, conditions=(ROLLING,)), "starting: 1 of 3 available", Severity.PROGRESS),
        (deployment(available=2), "2 of 3 available", Severity.RISK),
        (deployment(available=0, conditions=(UNAVAILABLE,)), "0 of 3, unavailable for 4 m", Severity.BROKEN),
        (deployment(available=0, conditions=(UNAVAILABLE, ROLLING)), "0 of 3, unavailable for 4 m", Severity.PROGRESS),
        (deployment(updated=1, available=2, conditions=(LATE,)),
         "stuck: 1 of 3 updated, 2 available, past its 10 m", Severity.BROKEN),
        (deployment(paused=True), "paused: 3 wanted, up to date", Severity.RISK),
        (deployment(updated=1, total=4, paused=True), "paused: 3 wanted, 1 updated, 3 available", Severity.RISK),
    ],
)  # fmt: skip
def test_a_deployment(workload: Deployment, words: str, severity: Severity) -> None:
    rollout = deployment_rollout(workload, NOW)
    assert (rollout.summary, rollout.severity) == (words, severity)


def test_it_is_over_only_when_everything_is_new_and_available() -> None:
    assert deployment_rollout(deployment(), NOW).done
    for unfinished in (deployment(seen=1), deployment(updated=2, total=4), deployment(available=2)):
        assert not deployment_rollout(unfinished, NOW).done


def test_a_stateful_set() -> None:
    assert stateful_set_rollout(stateful_set(), NOW).summary == "1 of 1, up to date"
    rolling = stateful_set_rollout(stateful_set(desired=3, updated=1, available=3), NOW)
    assert rolling.summary == "rolling out: 1 of 3 updated, 2 old left" and rolling.rolling


def test_a_daemon_set_counts_nodes() -> None:
    status = {
        "desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberReady": 2, "numberAvailable": 2,
        "observedGeneration": 1,
    }  # fmt: skip
    workload = decode(
        DaemonSet, {"metadata": meta("dummy-agent", generation=1), "spec": {}, "status": status}
    )
    rollout = daemon_set_rollout(workload, NOW)
    assert (rollout.summary, rollout.severity) == ("2 of 3 available", Severity.RISK)
