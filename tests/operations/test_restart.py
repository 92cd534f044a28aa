"""Restarting: planned first, one by one, stopping at the first pod that does not come back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lain_tui.core.errors import LainError, Refused
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.resources import PODS
from lain_tui.core.model.plan import Outcome, Step, StepState
from lain_tui.core.operations.restart import Restart, Way
from lain_tui.core.operations.wait import NotReady
from lain_tui.core.target import Target
from tests.embedded import EmbeddedCluster

On = Callable[..., Target]
WORKER = "app.kubernetes.io/instance=dummy-worker"
WEB = "app.kubernetes.io/instance=dummy-web"


async def pod_names(kube: KubeClient, selector: str) -> set[str]:
    pods = await kube.list(PODS, "default", selector=selector)
    return {pod.metadata.name for pod in pods if pod.metadata.deletion_timestamp is None}


async def run(operation: Restart) -> list[Step]:
    return [step async for step in operation.run()]


async def test_the_plan_names_every_call(kube: KubeClient, on: On) -> None:
    before = await pod_names(kube, WEB)
    plan = (await Restart.prepare(kube, on("dummy"), procs=["web"])).plan
    assert set(plan.calls) == {f"evict pod {name}" for name in before}
    assert plan.subject == "web of dummy on demo, namespace default"
    assert await pod_names(kube, WEB) == before, "planning changes nothing"


@pytest.mark.parametrize("way", list(Way))
async def test_every_pod_is_replaced(kube: KubeClient, on: On, way: Way) -> None:
    before = await pod_names(kube, WEB)
    steps = await run(await Restart.prepare(kube, on("dummy"), procs=["web"], way=way, timeout=60))
    after = await pod_names(kube, WEB)
    assert len(after) == len(before) and not after & before
    assert steps[-1].state is StepState.DONE


async def test_it_stops_at_the_first_that_does_not_come_back(
    living: EmbeddedCluster, kube: KubeClient, on: On
) -> None:
    before = await pod_names(kube, WEB)
    operation = await Restart.prepare(kube, on("dummy"), procs=["web"], timeout=30)
    # A new version that cannot start comes between planning and running.
    living.request(
        "PATCH",
        "/apis/apps/v1/namespaces/default/deployments/dummy-web",
        [
            {
                "op": "add",
                "path": "/spec/template/spec/containers/0/envFrom/-",
                "value": {"secretRef": {"name": "gone"}},
            }
        ],
        media="application/json-patch+json",
    )
    with pytest.raises(NotReady, match="gone"):
        await run(operation)
    left = await pod_names(kube, WEB)
    assert len(left & before) >= len(before) - 1


async def test_a_replacement_that_crashes_although_it_was_ready_stops_it(
    living: EmbeddedCluster, kube: KubeClient, on: On
) -> None:
    """The demo's worker has no probe: it counts as ready, and crashes two seconds later."""
    secret = "/api/v1/namespaces/default/secrets/dummy-env"
    worker = "/apis/apps/v1/namespaces/default/deployments/dummy-worker"
    merge = "application/merge-patch+json"
    living.request("PATCH", secret, {"stringData": {"MYSQL_HOST": "mysql.internal"}}, media=merge)
    living.request("PATCH", worker, {"spec": {"replicas": 3}}, media=merge)
    await run(await Restart.prepare(kube, on("dummy"), procs=["worker"], way=Way.AT_ONCE, timeout=60))
    before = await pod_names(kube, WORKER)
    assert len(before) == 3
    living.request("PATCH", secret, {"data": {"MYSQL_HOST": None}}, media=merge)
    operation = await Restart.prepare(kube, on("dummy"), procs=["worker"], timeout=60)
    with pytest.raises(NotReady, match="MYSQL_HOST"):
        await run(operation)
    assert len(await pod_names(kube, WORKER) & before) == 2, "the others were left alone"


@pytest.mark.parametrize("way", [Way.ROLLOUT, Way.AT_ONCE])
async def test_a_crash_after_it_was_ready_is_a_failed_restart_whichever_way(
    living: EmbeddedCluster, kube: KubeClient, on: On, way: Way
) -> None:
    secret = "/api/v1/namespaces/default/secrets/dummy-env"
    merge = "application/merge-patch+json"
    living.request("PATCH", secret, {"stringData": {"MYSQL_HOST": "mysql.internal"}}, media=merge)
    await run(await Restart.prepare(kube, on("dummy"), procs=["worker"], way=way, timeout=60, steady=0.5))
    living.request("PATCH", secret, {"data": {"MYSQL_HOST": None}}, media=merge)
    with pytest.raises(NotReady, match="MYSQL_HOST"):
        await run(await Restart.prepare(kube, on("dummy"), procs=["worker"], way=way, timeout=60, steady=60))


def budget(living: EmbeddedCluster, least: int) -> None:
    """Have at least so many of web's pods stay available."""
    living.request(
        "POST",
        "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
        {
            "metadata": {"name": "web"},
            "spec": {
                "minAvailable": least,
                "selector": {"matchLabels": {"app.kubernetes.io/instance": "dummy-web"}},
            },
        },
    )


async def test_a_disruption_budget_is_respected(living: EmbeddedCluster, kube: KubeClient, on: On) -> None:
    before = await pod_names(kube, WEB)
    budget(living, len(before) - 1)
    await run(await Restart.prepare(kube, on("dummy"), procs=["web"], timeout=60))
    after = await pod_names(kube, WEB)
    assert len(after) == len(before) and not after & before


async def test_a_budget_that_never_allows_it_ends_it_with_a_sentence(
    living: EmbeddedCluster, kube: KubeClient, on: On
) -> None:
    before = await pod_names(kube, WEB)
    budget(living, len(before))
    operation = await Restart.prepare(kube, on("dummy"), procs=["web"], timeout=1)
    steps: list[Step] = []
    with pytest.raises(
        LainError, match=r"dummy-web-\w+-\w+ was not to be evicted for 1 s: .*The disruption budget web"
    ):
        async for step in operation.run():
            steps += [step]
    assert steps[-1].state is StepState.FAILED
    assert steps[-1].detail == f"it is not evicted; {len(before) - 1} pods left as they are"
    assert await pod_names(kube, WEB) == before


async def test_a_budget_that_forbids_it_is_told_before_it_is_tried(
    living: EmbeddedCluster, kube: KubeClient, on: On
) -> None:
    least = len(before := await pod_names(kube, WEB))
    budget(living, least)
    (check,) = (await Restart.prepare(kube, on("dummy"), procs=["web"], timeout=60)).plan.checks
    assert (check.what, check.outcome) == ("evicting pods of web", Outcome.WARNED)
    assert f"needs {least} healthy pods" in check.detail and check.hint.endswith("1 m at most.")
    assert not (await Restart.prepare(kube, on("dummy"), procs=["web"], way=Way.ROLLOUT)).plan.checks
    assert await pod_names(kube, WEB) == before


async def test_a_read_only_target_refuses(kube: KubeClient, on: On) -> None:
    operation = await Restart.prepare(kube, on("hello", read_only=True))
    with pytest.raises(Refused, match="read-only: restart is off"):
        await run(operation)


async def test_a_protected_target_asks_for_the_apps_name(kube: KubeClient, on: On) -> None:
    assert (await Restart.prepare(kube, on("hello", protected=True))).plan.typed == "hello"


async def test_an_unknown_proc_or_pod_is_told(kube: KubeClient, on: On) -> None:
    with pytest.raises(LainError, match=r"hello has no proc wbe\. It has web"):
        await Restart.prepare(kube, on("hello"), procs=["wbe"])
    with pytest.raises(LainError, match="there is no running pod hello-x of hello"):
        await Restart.prepare(kube, on("hello"), pods=["hello-x"])
