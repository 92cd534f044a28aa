"""Who reads it, what hides a key, which pods run older values: from live specs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lain_tui.core.model.holder import Holder, Ref, Way
from lain_tui.core.model.workload import CronJob, Deployment
from lain_tui.core.secrets.readers import usage_of
from tests.kubeobjects import NOW, ago, decode, pod, running
from tests.secrets.conftest import ENV, holder

FILES = Ref(name="dummy-secret", namespace="default")

CONTAINER: dict[str, Any] = {
    "name": "web",
    "envFrom": [{"secretRef": {"name": "dummy-env"}}],
    "env": [
        {"name": "DEBUG", "value": "1"},
        {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "other", "key": "pw", "optional": True}}},
    ],
    "volumeMounts": [
        {"name": "secret", "mountPath": "/app/topsecret.txt", "subPath": "topsecret.txt"},
        {"name": "all", "mountPath": "/all/"},
        {"name": "projected", "mountPath": "/some"},
    ],
}
SPEC: dict[str, Any] = {
    "containers": [CONTAINER],
    "volumes": [
        {"name": "secret", "secret": {"secretName": "dummy-secret"}},
        {"name": "all", "configMap": {"name": "settings"}},
        {
            "name": "projected",
            "projected": {
                "sources": [{"secret": {"name": "other", "items": [{"key": "ca", "path": "ca.crt"}]}}]
            },
        },
    ],
}


def deployment(spec: dict[str, Any] = SPEC) -> Deployment:
    return decode(Deployment, {"metadata": {"name": "dummy-web"}, "spec": {"template": {"spec": spec}}})


def ways(of: Holder, *more: Any) -> list[tuple[str, Way, str, str]]:
    found = usage_of(of, [deployment(), *more], release="dummy").readers
    return [(one.proc, one.way, one.key, one.name) for one in found]


def test_every_way_of_reading() -> None:
    assert ways(holder({"FOO": b""})) == [("web", Way.ENV_FROM, "", "")]
    assert ways(holder(ref=FILES)) == [("web", Way.SUB_PATH, "topsecret.txt", "/app/topsecret.txt")]
    assert ways(holder(ref=Ref(name="other", namespace="default"))) == [
        ("web", Way.ENV, "pw", "PASSWORD"),
        ("web", Way.FILE, "ca", "/some/ca.crt"),
    ]
    assert ways(holder(ref=Ref(kind="ConfigMap", name="settings", namespace="default"))) == [
        ("web", Way.FILE, "", "/all/")
    ]
    assert ways(holder(ref=Ref(kind="ConfigMap", name="dummy-env", namespace="default"))) == []


def test_cronjobs_read_too() -> None:
    cron = decode(
        CronJob,
        {
            "metadata": {"name": "dummy-daily"},
            "spec": {"jobTemplate": {"spec": {"template": {"spec": SPEC}}}},
        },
    )
    found = usage_of(holder(), [cron], release="dummy").readers
    assert [(one.proc, one.kind) for one in found] == [("daily", "CronJob")]


def test_a_containers_own_env_hides_a_key() -> None:
    usage = usage_of(
        holder({"DEBUG": b"", "FOO": b""}),
        [deployment()],
        release="dummy",
        origin=lambda proc, variable: f"values.yaml:14 env.{variable}",
    )
    assert [(one.key, one.proc, one.by) for one in usage.shadows] == [
        ("DEBUG", "web", "values.yaml:14 env.DEBUG")
    ]
    assert usage_of(holder({"DEBUG": b""}), [deployment()]).shadows[0].by == "env of container web"


def test_keys_that_are_read_and_not_there() -> None:
    usage = usage_of(holder({"other.txt": b""}, ref=FILES), [deployment()], release="dummy")
    assert [(one.key, one.proc, one.optional) for one in usage.absent] == [("topsecret.txt", "web", False)]


def test_pods_that_started_before_the_change() -> None:
    changed = NOW - timedelta(hours=1)
    container = {"envFrom": [{"secretRef": {"name": "dummy-env"}}]}
    old = pod(running(ago(hours=3)), container=container, name="old")
    new = pod(running(ago(minutes=3)), container=container, name="new")
    other = pod(running(ago(hours=3)), name="other")
    assert usage_of(holder(ref=ENV, changed=changed), [], [old, new, other]).outdated == ("old",)
