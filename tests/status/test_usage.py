"""What pods use, against what they asked for and may use at most."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from lain_tui.core.model.status import Usage
from lain_tui.core.status.usage import added, pod_usage, total
from tests.kubeobjects import pod, running

MI = 2**20


def measured(**parts: tuple[list[float], list[float]]) -> Any:
    """The samples of each container: millicores and bytes."""
    samples = {
        name: SimpleNamespace(cpu=tuple(cpu), memory=tuple(memory)) for name, (cpu, memory) in parts.items()
    }
    return SimpleNamespace(parts=samples)


LIMITED = {
    "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "1", "memory": "128Mi"}}
}


def test_containers_add_up_and_the_last_sample_is_what_is_used_now() -> None:
    two = pod(running(name="a"), running(name="b"), container=LIMITED)
    cpu, memory = pod_usage(two, measured(a=([10, 20], [MI, MI]), b=([1, 2], [MI, 2 * MI])))
    assert cpu == Usage(used=22, request=200, limit=2000, trend=(11, 22))
    assert memory == Usage(used=3 * MI, request=128 * MI, limit=256 * MI, trend=(2 * MI, 3 * MI))


def test_without_metrics_what_it_asks_for_is_still_known() -> None:
    cpu, _ = pod_usage(pod(running(), container=LIMITED), None)
    assert cpu == Usage(used=None, request=100, limit=1000)


def test_one_container_without_a_limit_may_take_all() -> None:
    free = {"name": "b", "image": "x"}
    two = pod(running(name="a"), spec={"containers": [{"name": "a", "image": "x", **LIMITED}, free]})
    assert pod_usage(two, None)[0].limit is None


def test_a_quantity_that_cannot_be_read_counts_as_none() -> None:
    odd = {"resources": {"limits": {"cpu": "lots"}}}
    assert pod_usage(pod(running(), container=odd), None)[0] == Usage()


def test_a_procs_usage_is_its_pods_and_a_younger_trend_begins_later() -> None:
    assert added([(1.0, 2.0, 3.0), (10.0,)]) == (1.0, 2.0, 13.0)
    assert total([Usage(used=1, limit=5, trend=(1,)), Usage(used=2, trend=(2,))]) == Usage(used=3, trend=(3,))
