"""Limit ranges: what pods are given that say nothing, and which are refused."""

from __future__ import annotations

import pytest

from tests.contract.api import Api, Obj
from tests.contract.objects import deployment, pod


def limit(api: Api, core: str, **limits: Obj) -> Obj:
    """A range for containers; returns how it is stored."""
    body = {"metadata": {"name": "small"}, "spec": {"limits": [{"type": "Container", **limits}]}}
    return api.post(f"{core}/limitranges", body).ok()["spec"]["limits"][0]  # type: ignore[no-any-return]


def test_a_range_is_filled_in_itself(api: Api, core: str) -> None:
    stored = limit(api, core, max={"cpu": "2", "memory": "1Gi"}, min={"cpu": "10m", "ephemeral-storage": "1Gi"}, default={"cpu": "500m"})  # fmt: skip
    assert stored["default"] == {"cpu": "500m", "memory": "1Gi"}
    assert stored["defaultRequest"] == {"cpu": "500m", "memory": "1Gi", "ephemeral-storage": "1Gi"}


def test_a_pod_that_says_nothing_is_given_defaults(api: Api, core: str) -> None:
    limit(api, core, default={"cpu": "200m", "memory": "64Mi"}, defaultRequest={"cpu": "100m"})
    made = api.post(f"{core}/pods", pod("p", "a:1"), dryRun="All").ok()
    (container,) = made["spec"]["containers"]
    assert container["resources"] == {
        "limits": {"cpu": "200m", "memory": "64Mi"},
        "requests": {"cpu": "100m", "memory": "64Mi"},
    }
    assert made["metadata"]["annotations"] == {
        "kubernetes.io/limit-ranger": "LimitRanger plugin set: cpu, memory request for container main; "
        "cpu, memory limit for container main"
    }
    assert made["status"]["qosClass"] == "Burstable"


def test_what_a_pod_says_stands(api: Api, core: str) -> None:
    limit(api, core, default={"cpu": "200m", "memory": "64Mi"})
    given = {"limits": {"cpu": "1"}, "requests": {"memory": "8Mi"}}
    init = [{"name": "first", "image": "a:1"}]
    body = pod("p", "a:1", container={"resources": given}, spec={"initContainers": init})
    made = api.post(f"{core}/pods", body, dryRun="All").ok()
    (container,) = made["spec"]["containers"]
    assert container["resources"] == {
        "limits": {"cpu": "1", "memory": "64Mi"},
        "requests": {"cpu": "1", "memory": "8Mi"},
    }
    assert made["metadata"]["annotations"]["kubernetes.io/limit-ranger"] == (
        "LimitRanger plugin set: memory limit for container main; "
        "cpu, memory request for init container first; cpu, memory limit for init container first"
    )


@pytest.mark.parametrize(
    ("limits", "resources", "words"),
    [
        ({"min": {"cpu": "100m"}}, {"requests": {"cpu": "10m"}}, "minimum cpu usage per Container is 100m, but request is 10m"),
        ({"max": {"memory": "1Gi"}}, {"limits": {"memory": "2Gi"}},
         "maximum memory usage per Container is 1Gi, but limit is 2Gi"),
        ({"max": {"cpu": "1"}, "min": {"memory": "8Mi"}}, {"limits": {"cpu": "2"}, "requests": {"memory": "4Mi"}},
         "[minimum memory usage per Container is 8Mi, but request is 4Mi, maximum cpu usage per Container is 1, but limit is 2]"),
        ({"maxLimitRequestRatio": {"cpu": "2"}}, {"limits": {"cpu": "1"}, "requests": {"cpu": "250m"}},
         "cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000"),
        ({"maxLimitRequestRatio": {"cpu": "2"}}, {}, "cpu max limit to request ratio per Container is 2, but no request is specified or request is 0"),
    ],
)  # fmt: skip
def test_a_pod_outside_the_range_is_refused(
    api: Api, core: str, limits: Obj, resources: Obj, words: str
) -> None:
    limit(api, core, **limits)
    body = pod("p", "a:1", container={"resources": resources})
    status = api.post(f"{core}/pods", body, dryRun="All").refused(403, "Forbidden")
    assert status["message"] == f'pods "p" is forbidden: {words}'


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"min": {"cpu": "100m"}, "defaultRequest": {"cpu": "50m"}}, 'spec.limits[0].defaultRequest[cpu]: Invalid value: "50m": min value 100m is greater than default request value 50m'),
        ({"default": {"cpu": "1"}, "defaultRequest": {"cpu": "2"}}, 'spec.limits[0].defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than default limit value 1'),
        ({"max": {"cpu": "1"}, "default": {"cpu": "2"}},
         '[spec.limits[0].defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than max value 1, '
         'spec.limits[0].default[cpu]: Invalid value: "1": default value 2 is greater than max value 1]'),
        ({"maxLimitRequestRatio": {"cpu": "500m"}}, 'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1'),
        ({"max": {"cpu": "2"}, "min": {"cpu": "1"}, "maxLimitRequestRatio": {"cpu": "3"}},
         'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000'),
    ],
)  # fmt: skip
def test_a_range_must_fit_itself(api: Api, core: str, limits: Obj, words: str) -> None:
    body = {"metadata": {"name": "x"}, "spec": {"limits": [{"type": "Container", **limits}]}}
    status = api.post(f"{core}/limitranges", body).refused(422, "Invalid")
    assert status["message"] == f'LimitRange "x" is invalid: {words}'


def test_a_whole_pod_may_be_too_large(api: Api, core: str) -> None:
    body = {"metadata": {"name": "whole"}, "spec": {"limits": [{"type": "Pod", "max": {"cpu": "1"}}]}}
    api.post(f"{core}/limitranges", body).ok()
    half = {"resources": {"limits": {"cpu": "600m"}}}
    both = [{"name": name, "image": "a:1", **half} for name in ("main", "side")]
    status = api.post(f"{core}/pods", pod("p", "a:1", spec={"containers": both})).refused(403, "Forbidden")
    assert status["message"] == 'pods "p" is forbidden: maximum cpu usage per Pod is 1, but limit is 1200m'


def test_a_replica_set_says_that_its_pods_are_refused(api: Api, core: str, apps: str) -> None:
    limit(api, core, min={"cpu": "100m"})
    container = {"name": "main", "image": "a:1", "resources": {"requests": {"cpu": "1m"}}}
    web = deployment("web", "a:1")
    web["spec"]["template"]["spec"]["containers"] = [container]
    api.post(f"{apps}/deployments", web).ok()
    events = api.eventually(
        f"{core}/events?fieldSelector=reason%3DFailedCreate", lambda listed: listed["items"]
    )
    assert "is forbidden: minimum cpu usage per Container is 100m, but request is 1m" in events["items"][0]["message"]  # fmt: skip
