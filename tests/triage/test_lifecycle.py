"""Pods that were evicted, that do not go away, or whose node is gone."""

from __future__ import annotations

from typing import Any

from lain_tui.core.model.cluster import Node
from lain_tui.core.model.status import Severity
from lain_tui.core.triage.lifecycle import node_finding
from tests.kubeobjects import ago, decode, pod, running, waiting
from tests.triage.cases import why


def node(ready: str = "True", **more: str) -> Node:
    """A node; `more` are its other conditions by type, and the Ready condition's message."""
    message = more.pop("message", "kubelet is posting ready status")
    conditions = [{"type": "Ready", "status": ready, "reason": "Kubelet", "message": message}]
    conditions += [{"type": type_, "status": status, "reason": "Kubelet"} for type_, status in more.items()]
    return decode(Node, {"metadata": {"name": "node-1", "uid": "n1"}, "status": {"conditions": conditions}})


def deleted(**metadata: Any) -> dict[str, Any]:
    """The metadata of a pod that should have been gone ten minutes ago."""
    return {"deletionTimestamp": ago(minutes=10), "deletionGracePeriodSeconds": 100, **metadata}


class TestEvicted:
    def test_it_names_the_resource_the_node_and_what_the_container_used(self) -> None:
        message = (
            "The node was low on resource: memory. Threshold quantity: 100Mi, available: 36Mi. "
            "Container worker was using 812Mi, request is 64Mi, has larger consumption of memory. "
        )
        finding = why(pod(phase="Failed", status={"reason": "Evicted", "message": message}))
        assert (finding.code, finding.severity) == ("evicted", Severity.RISK)
        assert finding.title == "worker was evicted: node node-1 ran low on memory"
        assert finding.explanation[0] == "worker used 812Mi and asks for 64Mi: ask for what it needs."
        assert "Another pod has taken its place; this record can be deleted." in finding.explanation
        assert finding.remedies[0].verb == "delete"

    def test_too_much_on_disk_is_its_own_doing(self) -> None:
        message = "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. "
        finding = why(pod(phase="Failed", status={"reason": "Evicted", "message": message}))
        assert finding.title == "worker was evicted: it wrote more to disk than it may"


class TestTerminating:
    def test_a_finalizer_is_named(self) -> None:
        metadata = deleted(finalizers=["example.com/backup"])
        finding = why(pod(running(), metadata=metadata))
        assert finding.code == "terminating-finalizers"
        assert finding.title == "worker is deleted, but a finalizer holds the pod, for 10 m"
        assert "example.com/backup" in finding.explanation[0]

    def test_a_lost_node_is_named(self) -> None:
        finding = why(pod(running(), metadata=deleted()), node=node("Unknown"))
        assert finding.title == "worker cannot end: node node-1 no longer answers"
        assert finding.remedies[0].arguments["force"] == "true"

    def test_otherwise_it_is_past_its_grace_time(self) -> None:
        finding = why(pod(running(), metadata=deleted()))
        assert finding.title == "worker does not end, 10 m past its grace time of 1 m 40 s"

    def test_within_its_grace_time_nothing_is_wrong(self) -> None:
        metadata = {"deletionTimestamp": "2025-03-04T12:01:00Z", "deletionGracePeriodSeconds": 100}
        assert not why(pod(running(), metadata=metadata)).code.startswith("terminating")


class TestNode:
    def test_a_pod_on_a_node_that_is_gone_says_so(self) -> None:
        state = running(ready=False)
        finding = why(pod(state), node=node("Unknown"))
        assert finding.code == "node-not-ready"
        assert finding.title == "worker is on node node-1, which no longer answers"
        assert finding.evidence[0].text.startswith("Ready=Unknown")

    def test_a_node_that_is_not_ready_says_why(self) -> None:
        finding = why(pod(waiting("ContainerCreating"), phase="Pending"),
                      node=node("False", message="container runtime is down"))  # fmt: skip
        assert finding.title == "worker is on node node-1, which is not ready: container runtime is down"

    def test_a_ready_pod_is_not_blamed_for_its_node(self) -> None:
        assert why(pod(running()), node=node("Unknown")).code != "node-not-ready"

    def test_pressure_is_a_hint_on_whatever_was_found(self) -> None:
        finding = why(pod(running(ready=False)), node=node(MemoryPressure="True"))
        assert "Its node node-1 is short of memory." in finding.explanation

    def test_a_node_by_itself(self) -> None:
        assert node_finding(node()) is None
        pressed = node_finding(node(DiskPressure="True"))
        assert pressed is not None and pressed.title == "node node-1 is short of disk"
        lost = node_finding(node("Unknown"))
        assert lost is not None and (lost.title, lost.severity) == (
            "node node-1 no longer answers",
            Severity.BROKEN,
        )
