"""What a one-off run inherits from a proc, and what it must not."""

from __future__ import annotations

from typing import Any

import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.jobs.manifest import Size, job_of_cron, job_of_proc, pod_of_proc, unique_name

WORKLOAD: dict[str, Any] = {
    "metadata": {"name": "dummy-web"},
    "spec": {
        "replicas": 3,
        "template": {
            "metadata": {"labels": {"app.kubernetes.io/instance": "dummy-web"}},
            "spec": {
                "serviceAccountName": "dummy",
                "volumes": [{"name": "secret", "secret": {"secretName": "dummy-secret"}}],
                "topologySpreadConstraints": [{"maxSkew": 1}],
                "affinity": {"podAntiAffinity": {}},
                "containers": [
                    {"name": "proxy", "image": "envoy"},
                    {
                        "name": "web",
                        "image": "dummy:1",
                        "command": ["gunicorn"],
                        "env": [{"name": "A", "value": "b"}],
                        "envFrom": [{"secretRef": {"name": "dummy-env"}}],
                        "volumeMounts": [{"name": "secret", "mountPath": "/secret"}],
                        "ports": [{"containerPort": 8000}],
                        "readinessProbe": {"httpGet": {"port": 8000}},
                        "lifecycle": {"preStop": {}},
                    },
                ],
            },
        },
    },
}


def made(**more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "name": "dummy-job", "app": "dummy", "container": "web", "command": ["migrate"], "size": Size(),
    }  # fmt: skip
    return job_of_proc(WORKLOAD, **{**given, **more})


def test_it_has_the_image_env_and_mounts_of_the_procs_container_only() -> None:
    spec = made()["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert container["image"] == "dummy:1"
    assert container["command"] == ["migrate"]
    assert {"env", "envFrom", "volumeMounts"} <= container.keys()
    assert spec["volumes"] and spec["serviceAccountName"] == "dummy"


def test_it_has_nothing_that_serves_or_spreads() -> None:
    spec = made()["spec"]["template"]["spec"]
    assert not {"ports", "readinessProbe", "lifecycle"} & spec["containers"][0].keys()
    assert not {"topologySpreadConstraints", "affinity"} & spec.keys()


def test_no_service_selects_it_and_the_app_knows_it() -> None:
    labels = made()["spec"]["template"]["metadata"]["labels"]
    assert labels["app.kubernetes.io/instance"] == "dummy-job"
    assert labels["app.kubernetes.io/name"] == "dummy"


def test_it_runs_once_and_not_for_ever() -> None:
    spec = made(deadline=60)["spec"]
    assert (spec["backoffLimit"], spec["activeDeadlineSeconds"]) == (0, 60)
    assert spec["template"]["spec"]["restartPolicy"] == "Never"
    assert pod_of_proc(WORKLOAD, name="x", app="dummy", container="web", size=Size(), deadline=60)["spec"][
        "activeDeadlineSeconds"
    ] == 60  # fmt: skip


def test_lains_limits_for_jobs_when_nobody_says_otherwise() -> None:
    resources = made()["spec"]["template"]["spec"]["containers"][0]["resources"]
    assert resources == {
        "limits": {"cpu": "4", "memory": "8Gi"},
        "requests": {"cpu": "1", "memory": "1Gi"},
    }


def test_a_container_that_is_not_there() -> None:
    with pytest.raises(LainError, match="no container nope"):
        made(container="nope")


def test_a_cronjobs_run_belongs_to_it_and_says_that_it_was_by_hand() -> None:
    cron = {
        "metadata": {"name": "dummy-daily", "uid": "u1"},
        "spec": {"jobTemplate": {"metadata": {"labels": {"a": "b"}}, "spec": {"backoffLimit": 0}}},
    }
    metadata = job_of_cron(cron, name="dummy-daily-manual-1")["metadata"]
    assert metadata["labels"] == {"a": "b"}
    assert metadata["annotations"]["cronjob.kubernetes.io/instantiate"] == "manual"
    assert metadata["ownerReferences"][0]["uid"] == "u1"


def test_names_fit_what_kubernetes_takes() -> None:
    assert len(unique_name("a" * 80)) <= 59
    assert unique_name("dummy-web") != unique_name("dummy-web")
