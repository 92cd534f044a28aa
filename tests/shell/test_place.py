"""Which pod and container: the newest running one of the proc, by default of the one with the most memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.model.pod import Pod
from lain_tui.core.shell.place import choose

NOW = datetime(2026, 3, 5, tzinfo=UTC)


def pod(
    proc: str,
    name: str,
    *,
    hours: int = 1,
    memory: str = "512Mi",
    running: tuple[str, ...] | None = None,
    containers: tuple[str, ...] = (),
    **metadata: object,
) -> Pod:
    containers = containers or (proc,)
    document = {
        "metadata": {
            "name": f"dummy-{proc}-{name}",
            "namespace": "default",
            "labels": {"app.kubernetes.io/instance": f"dummy-{proc}"},
            "ownerReferences": [
                {"kind": "ReplicaSet", "name": f"dummy-{proc}-5f6c", "uid": proc, "controller": True}
            ],
            "creationTimestamp": (NOW - timedelta(hours=hours)).isoformat(),
            **metadata,
        },
        "spec": {
            "containers": [{"name": each, "resources": {"limits": {"memory": memory}}} for each in containers]
        },
        "status": {
            "phase": "Running",
            "containerStatuses": [
                {"name": each, "state": {"running": {}}}
                for each in (containers if running is None else running)
            ],
        },
    }
    return msgspec.convert(document, Pod, strict=False)


def test_the_newest_running_pod_of_the_proc() -> None:
    pods = [
        pod("web", "old", hours=9),
        pod("web", "new", hours=2),
        pod("web", "down", hours=1, running=()),
        pod("web", "going", hours=1, deletionTimestamp=NOW.isoformat()),
        pod("worker", "big", memory="8Gi"),
    ]
    assert choose(pods, "dummy", "web").pod == "dummy-web-new"


def test_by_default_the_proc_with_the_largest_memory_limit() -> None:
    pods = [
        pod("web", "a", memory="1Gi"),
        pod("worker", "old", memory="8Gi", hours=3),
        pod("worker", "new", memory="8Gi"),
    ]
    assert choose(pods, "dummy").pod == "dummy-worker-new"


def test_a_pod_by_its_name() -> None:
    pods = [pod("web", "old", hours=9), pod("web", "new")]
    assert choose(pods, "dummy", "dummy-web-old").pod == "dummy-web-old"


def test_the_procs_own_container_is_meant_and_the_others_are_told() -> None:
    place = choose([pod("web", "a", containers=("proxy", "web", "logs"))], "dummy")
    assert (place.container, place.others) == ("web", ("proxy", "logs"))


def test_the_annotation_says_which_container_is_meant() -> None:
    pods = [
        pod(
            "web",
            "a",
            containers=("proxy", "web"),
            annotations={"kubectl.kubernetes.io/default-container": "proxy"},
        )
    ]
    assert choose(pods, "dummy").container == "proxy"
    assert choose(pods, "dummy", container="web").container == "web"


def test_what_does_not_run_is_told() -> None:
    with pytest.raises(LainError, match=r"no pod of web runs just now"):
        choose([pod("web", "a", running=())], "dummy", "web")
    with pytest.raises(LainError, match=r"^dummy-web-a does not run. It is"):
        choose([pod("web", "a", running=())], "dummy", "dummy-web-a")
    with pytest.raises(LainError, match=r"container logs of dummy-web-a does not run. Running: web"):
        choose([pod("web", "a", containers=("web", "logs"), running=("web",))], "dummy", "web", "logs")
    with pytest.raises(LainError, match=r"container nope of dummy-web-a is not there"):
        choose([pod("web", "a")], "dummy", "web", "nope")
