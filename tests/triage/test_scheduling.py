"""A pod that no node takes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lain_tui.core.model.finding import Finding
from lain_tui.core.model.workload import PersistentVolumeClaim
from lain_tui.core.triage.scheduling import read_refusal
from tests.kubeobjects import ago, decode, event, pod
from tests.triage.cases import shown, why


def pending(message: str, *, reason: str = "Unschedulable", **more: Any) -> Finding:
    known = {key: more.pop(key) for key in ("claims", "claim_events") if key in more}
    scheduled = {
        "type": "PodScheduled", "status": "False", "reason": reason, "message": message,
        "lastTransitionTime": ago(minutes=3),
    }  # fmt: skip
    return why(
        pod(phase="Pending", status={"conditions": [scheduled]}, **more),
        event("FailedScheduling", message),
        **known,
    )


def test_too_little_of_a_resource_names_it_and_what_the_pod_asks_for() -> None:
    finding = pending(
        "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 Insufficient "
        "memory. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims "
        "found for incoming pod.",
        container={"resources": {"requests": {"memory": "64Gi", "cpu": "1"}}},
    )
    assert finding.code == "insufficient-resources"
    assert finding.title == "no node has enough memory for worker"
    assert finding.explanation == (
        "Of 3 nodes: 2 have too little memory; 1 are control plane only.",
        "It asks for 64Gi of memory.",
    )
    assert finding.evidence[0].label == "FailedScheduling"


def test_a_selector_names_the_labels_that_are_wanted() -> None:
    finding = pending(
        "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. preemption: 0/3 nodes are available: 3 "
        "Preemption is not helpful for scheduling.",
        spec={"nodeSelector": {"dummy-worker": "true"}},
    )
    assert finding.code == "node-selector"
    assert finding.title == "no node matches the selector of worker"
    assert "It wants nodes labelled dummy-worker=true." in finding.explanation


@pytest.mark.parametrize(
    ("message", "code", "words"),
    [
        ("0/2 nodes are available: 2 node(s) had untolerated taint {dedicated: gpu}.", "node-taints", "taint dedicated=gpu"),
        ("0/2 nodes are available: 2 node(s) had taint {dedicated: gpu}, that the pod didn't tolerate.", "node-taints",
         "taint dedicated=gpu"),
        ("0/2 nodes are available: 2 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }.", "node-taints",
         "short of disk"),
        ("0/2 nodes are available: 2 node(s) were unschedulable.", "nodes-cordoned", "cordoned"),
        ("0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.", "pod-affinity", "anti-affinity"),
        ("0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints.", "topology-spread", "spread"),
        ("0/2 nodes are available: 2 node(s) didn't have free ports for the requested pod ports.", "host-port", "port in use"),
        ("0/2 nodes are available: 2 node(s) had volume node affinity conflict.", "volume-affinity", "another node or zone"),
        ("0/2 nodes are available: 2 Too many pods.", "nodes-full", "as many pods"),
        ("0/2 nodes are available: 2 Insufficient nvidia.com/gpu.", "insufficient-resources", "nvidia.com/gpu"),
        ("no nodes available to schedule pods", "unschedulable", "no nodes available"),
    ],
)  # fmt: skip
def test_each_obstacle_in_words(message: str, code: str, words: str) -> None:
    finding = pending(message)
    assert finding.code == code
    assert words in shown(finding)


def test_a_gate_is_no_fault_of_the_nodes() -> None:
    assert pending("", reason="SchedulingGated").code == "scheduling-gated"


class TestClaim:
    message = "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found."
    volume = {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}]}

    def claim(self, phase: str) -> PersistentVolumeClaim:
        spec = {"storageClassName": "fast"}
        return decode(
            PersistentVolumeClaim,
            {"metadata": {"name": "data-db-0"}, "spec": spec, "status": {"phase": phase}},
        )

    def test_pending_says_what_the_provisioner_says(self) -> None:
        finding = pending(
            self.message,
            spec=self.volume,
            claims={"data-db-0": self.claim("Pending")},
            claim_events=(
                event(
                    "ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found',
                    kind="PersistentVolumeClaim", name="data-db-0",
                ),
            ),
        )  # fmt: skip
        assert finding.code == "claim-pending"
        assert finding.title == "worker waits for volume claim data-db-0 of storage class fast"
        assert 'storageclass.storage.k8s.io "fast" not found' in finding.explanation

    def test_a_claim_that_does_not_exist_is_named(self) -> None:
        finding = pending(
            '0/3 nodes are available: persistentvolumeclaim "data-db-0" not found.', spec=self.volume
        )
        assert finding.code == "claim-missing"
        assert "data-db-0, which does not exist" in finding.title


obstacles = st.lists(
    st.tuples(
        st.integers(1, 500),
        st.sampled_from(
            [
                ("Insufficient cpu", "resource"),
                ("Insufficient memory", "resource"),
                ("Insufficient ephemeral-storage", "resource"),
                ("node(s) didn't match Pod's node affinity/selector", "selector"),
                ("node(s) had untolerated taint {a/b: c, d}", "taint"),
                ("node(s) had taint {node.kubernetes.io/not-ready: }, that the pod didn't tolerate", "taint"),
                ("node(s) were unschedulable", "cordoned"),
                ("node(s) exceed max volume count", "volume"),
                ("Too many pods", "pods"),
            ]
        ),
    ),
    min_size=1,
    max_size=6,
)


@given(obstacles, st.booleans())
def test_every_reason_of_the_scheduler_is_counted(
    parts: list[tuple[int, tuple[str, str]]], preemption: bool
) -> None:
    nodes = sum(number for number, _ in parts)
    message = (
        f"0/{nodes} nodes are available: {', '.join(f'{number} {text}' for number, (text, _) in parts)}."
    )
    if preemption:
        message += (
            f" preemption: 0/{nodes} nodes are available: {nodes} Preemption is not helpful for scheduling."
        )
    refusal = read_refusal(message)
    assert refusal is not None
    assert refusal.nodes == nodes
    assert [(one.nodes, one.kind) for one in refusal.obstacles] == [
        (number, kind) for number, (_, kind) in parts
    ]
