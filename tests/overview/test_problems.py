"""What in a cluster needs somebody, found from the objects alone."""

from __future__ import annotations

from typing import Any

import pytest

from lain_tui.core.insight.addresses import addresses
from lain_tui.core.kube.metrics import Measured, Trend
from lain_tui.core.model.cluster import Node
from lain_tui.core.model.meta import PartialObject
from lain_tui.core.model.network import Ingress, Service
from lain_tui.core.model.overview import Problem
from lain_tui.core.model.status import Severity, UrlRow
from lain_tui.core.overview.nodes import node_problems, node_rows
from lain_tui.core.overview.others import event_problems, release_problems, unused_ingresses, url_problems
from lain_tui.core.overview.pods import BadPods
from lain_tui.core.overview.waste import wasted_memory
from lain_tui.core.target import Target
from tests.kubeobjects import NOW, Json, ago, decode, ended, event, pod, running, waiting

MI = 2.0**20


def crashing(name: str, **more: Any) -> Any:
    state = {**waiting("CrashLoopBackOff"), "restartCount": 4, "lastState": ended(1)}
    return pod(state, name=name, **more)


def bad(*pods: Any) -> list[Problem]:
    return BadPods().problems(pods, (), (), NOW)[0]


def test_pods_of_one_app_and_one_cause_are_one_problem() -> None:
    (problem,) = bad(crashing("dummy-worker-1"), crashing("dummy-worker-2"), pod(running()))
    assert (problem.title, problem.where, problem.count) == (
        "CrashLoopBackOff, exit 1",
        "default/dummy",
        2,
    )
    assert [line.split()[0] for line in problem.lines] == ["dummy-worker-1", "dummy-worker-2"]


def test_the_worst_come_first() -> None:
    restarted = {**running(), "restartCount": 12, "lastState": ended(1, end=ago(hours=20))}
    problems = bad(pod(restarted, name="tired"), crashing("broken"))
    assert [problem.severity for problem in problems] == [Severity.BROKEN, Severity.RISK]


def test_evicted_pods_are_records_and_no_fault() -> None:
    status = {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}
    (problem,) = bad(pod(name="gone", phase="Failed", status=status))
    assert problem.severity is Severity.DONE and "may be deleted" in problem.title


def test_a_hundred_pods_are_named_as_far_as_a_pane_goes() -> None:
    (problem,) = bad(*(crashing(f"p-{number:03}") for number in range(100)))
    assert problem.count == 100 and problem.lines[-1] == "and 60 more"


def node(name: str, *conditions: tuple[str, str], spec: Json | None = None) -> Node:
    return decode(
        Node,
        {
            "metadata": {"name": name, "creationTimestamp": ago(days=3)},
            "spec": spec or {},
            "status": {
                "allocatable": {"cpu": "4", "memory": "8Gi"},
                "conditions": [
                    {"type": kind, "status": status, "message": f"{kind} it is"}
                    for kind, status in conditions
                ],
                "nodeInfo": {"kubeletVersion": "v1.34.1"},
            },
        },
    )


@pytest.mark.parametrize(
    ("found", "state", "severity"),
    [
        (node("n", ("Ready", "True")), "Ready", Severity.OK),
        (node("n", ("Ready", "False")), "NotReady", Severity.BROKEN),
        (node("n", ("Ready", "Unknown")), "NotReady", Severity.BROKEN),
        (node("n"), "NotReady", Severity.BROKEN),
        (node("n", ("Ready", "True"), ("DiskPressure", "True")), "Ready, DiskPressure", Severity.RISK),
        (node("n", ("Ready", "True"), spec={"unschedulable": True}), "Ready, cordoned", Severity.RISK),
    ],
)
def test_a_node_says_how_it_is(found: Node, state: str, severity: Severity) -> None:
    rows = node_rows([found], (), lambda name: None)
    assert (rows[0].state, rows[0].severity) == (state, severity)
    assert bool(node_problems(rows)) is (severity is not Severity.OK)


def test_a_node_knows_what_is_asked_of_it() -> None:
    asking = {"resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}
    pods = [pod(running(), name=f"p{number}", container=asking) for number in range(3)]
    over = pod(ended(0) | {"ready": False}, name="over", phase="Succeeded", container=asking)
    measured = Measured({"": Trend(cpu=(1200.0,), memory=(7.5 * 2.0**30,))})
    (row,) = node_rows([node("node-1", ("Ready", "True"))], [*pods, over], lambda name: measured)
    assert (row.pods, row.cpu.request, row.memory.request) == (3, 1500.0, 3 * 2.0**30)
    assert (row.cpu.used, row.cpu.limit) == (1200.0, 4000.0)
    assert row.state == "Ready, memory nearly full" and row.severity is Severity.RISK


def release(name: str, revision: int, status: str, begun: str) -> PartialObject:
    labels = {"name": name, "owner": "helm", "version": str(revision), "status": status}
    meta = {"name": f"sh.helm.release.v1.{name}.v{revision}", "namespace": "default", "labels": labels}
    return decode(PartialObject, {"metadata": {**meta, "creationTimestamp": begun}})


def test_only_the_newest_revision_of_a_release_counts() -> None:
    secrets = [
        release("well", 1, "failed", ago(days=2)),
        release("well", 2, "deployed", ago(days=1)),
        release("broken", 10, "failed", ago(hours=1)),
        release("broken", 9, "deployed", ago(hours=3)),
        release("stuck", 3, "pending-upgrade", ago(hours=1)),
        release("busy", 3, "pending-upgrade", ago(minutes=1)),
    ]
    found = {problem.app: (problem.title, problem.severity) for problem in release_problems(secrets, NOW)}
    assert found == {
        "broken": ("failed", Severity.BROKEN),
        "stuck": ("stuck in pending-upgrade", Severity.BROKEN),
        "busy": ("pending-upgrade", Severity.PROGRESS),
    }


def test_warnings_of_the_last_hour_by_reason() -> None:
    events = [
        event("BackOff", "back-off", count=5),
        event("BackOff", "back-off again", count=2),
        event("Pulled", "fine", warning=False),
        event("Unhealthy", "long ago", seconds=7200),
    ]
    (problem,) = event_problems(events, NOW)
    assert (problem.title, problem.count) == ("BackOff", 7)


def ingress(name: str, service: str) -> Ingress:
    backend = {"service": {"name": service, "port": {"number": 80}}}
    rule = {"host": f"{name}.example.com", "http": {"paths": [{"path": "/", "backend": backend}]}}
    return decode(Ingress, {"metadata": {"name": name, "namespace": "default"}, "spec": {"rules": [rule]}})


def service(name: str, **selector: str) -> Service:
    meta = {"name": name, "namespace": "default"}
    return decode(Service, {"metadata": meta, "spec": {"selector": selector or None}})


def test_an_ingress_without_pods_is_told_with_the_reason() -> None:
    labelled = pod(running(), metadata={"labels": {"app": "web"}})
    services = [service("web", app="web"), service("empty", app="none"), service("outside")]
    ingresses = [ingress(name, name) for name in ("web", "empty", "outside", "gone")]
    found = {one.name: one.title for one in unused_ingresses(ingresses, services, [labelled])}
    assert found == {"empty": "no pod behind service empty", "gone": "service gone does not exist"}


def test_waste_is_what_is_reserved_and_not_used() -> None:
    asking = {"resources": {"requests": {"memory": "1Gi"}}}
    idle, busy = pod(running(), name="idle", container=asking), pod(running(), name="busy", container=asking)
    used = {"idle": 100 * MI, "busy": 950 * MI}
    found = wasted_memory(
        [idle, busy], (), lambda _, name: Measured({"worker": Trend(cpu=(1.0,), memory=(used[name],))})
    )
    assert [(one.pods, one.used) for one in found] == [], "together they use more than half"
    (alone,) = wasted_memory([idle], (), lambda *_: Measured({"w": Trend(cpu=(1.0,), memory=(100 * MI,))}))
    assert (alone.workload, alone.wasted) == ("dummy-worker", 924 * MI)


def test_a_bad_url_belongs_to_the_ingress_of_its_own_namespace() -> None:
    def of(namespace: str) -> Ingress:
        rule = {"host": f"{namespace}.example.com", "http": {"paths": [{"path": "/"}]}}
        meta = {
            "name": "web",
            "namespace": namespace,
            "labels": {"app.kubernetes.io/name": f"{namespace}-app"},
        }
        return decode(Ingress, {"metadata": meta, "spec": {"rules": [rule]}})

    ingresses = [of("team-a"), of("team-b")]
    rows = [
        UrlRow(
            url=address.url,
            ingress=address.ingress,
            namespace=address.namespace,
            severity=Severity.BROKEN,
            checked=NOW,
        )
        for address in addresses(ingresses, Target(namespace="", cluster=""))
    ]
    found = [(one.where, one.namespace, one.app) for one in url_problems(rows, ingresses)]
    assert found == [
        ("http://team-a.example.com/", "team-a", "team-a-app"),
        ("http://team-b.example.com/", "team-b", "team-b-app"),
    ]
