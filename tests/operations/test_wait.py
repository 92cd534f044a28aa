"""Waiting tells the truth: what is ready, what cannot become so, and that the time is over."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.plan import StepState
from lain_tui.core.operations.wait import NotReady, rollout
from lain_tui.core.target import Target
from tests.embedded import EmbeddedCluster

On = Callable[..., Target]


async def test_a_healthy_app_is_ready_at_once_and_looked_at_a_little_where_nothing_probes_it(
    kube: KubeClient, on: On
) -> None:
    ready: list[bool] = []
    steps = [
        step async for step in rollout(kube, on("hello"), steady=0.3, on_ready=lambda: ready.append(True))
    ]
    assert [(step.what, step.state) for step in steps] == [
        ("web", StepState.DONE),
        ("web stays up", StepState.BEGUN),
        ("web stays up", StepState.DONE),
    ]
    assert ready == [True]


async def test_a_pod_that_cannot_start_ends_it_at_once_with_the_reason(kube: KubeClient, on: On) -> None:
    with pytest.raises(NotReady, match="MYSQL_HOST") as caught:
        _ = [step async for step in rollout(kube, on("dummy"), timeout=60)]
    assert caught.value.proc == "worker" and caught.value.pod.startswith("dummy-worker-")


async def test_only_the_procs_that_are_named_count(kube: KubeClient, on: On) -> None:
    steps = [step async for step in rollout(kube, on("dummy"), ["web"])]
    assert [step.what for step in steps] == ["web"]


async def test_the_end_of_the_time_is_an_error(living: EmbeddedCluster, kube: KubeClient, on: On) -> None:
    living.request(
        "PATCH",
        "/apis/apps/v1/namespaces/default/deployments/hello-web",
        {"spec": {"template": {"spec": {"nodeSelector": {"there": "is-none"}}}}},
        media="application/merge-patch+json",
    )
    with pytest.raises(NotReady, match=r"not ready after 2 s: web: "):
        _ = [step async for step in rollout(kube, on("hello"), timeout=2)]


@pytest.mark.parametrize(
    ("app", "procs", "words"),
    [
        ("hello", ["wbe"], "hello has no proc wbe. It has web"),
        ("nothing", [], "there is nothing of nothing to wait for in namespace default"),
    ],
)
async def test_nothing_to_wait_for_is_no_success(
    kube: KubeClient, on: On, app: str, procs: list[str], words: str
) -> None:
    with pytest.raises(LainError, match=words):
        _ = [step async for step in rollout(kube, on(app), procs)]
