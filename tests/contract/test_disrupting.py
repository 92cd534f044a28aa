"""Eviction, and the budget that may forbid it."""

from __future__ import annotations

import pytest

from tests.conftest import Cluster
from tests.contract.api import Answer, Api
from tests.contract.objects import deployment


@pytest.fixture
def one_of(api: Api, core: str, apps: str, cluster: Cluster) -> str:
    """The name of one pod of a healthy deployment of two."""
    api.post(f"{apps}/deployments", deployment("web", cluster.images["shell"], replicas=2)).ok()
    api.eventually(f"{apps}/deployments/web", lambda d: d["status"].get("availableReplicas") == 2)
    name: str = api.get(f"{core}/pods", labelSelector="app=web").ok()["items"][0]["metadata"]["name"]
    return name


def budget(api: Api, namespace: str, allowed: int, **spec: object) -> str:
    path = f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"
    body = {"metadata": {"name": "web"}, "spec": {"selector": {"matchLabels": {"app": "web"}}, **spec}}
    api.post(path, body).ok()
    api.eventually(
        f"{path}/web",
        lambda p: (
            p.get("status", {}).get("observedGeneration") == 1
            and p["status"]["disruptionsAllowed"] == allowed
        ),
    )
    return f"{path}/web"


def evict(api: Api, core: str, name: str, **query: object) -> Answer:
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
    return api.post(f"{core}/pods/{name}/eviction", body, **query)


def test_an_evicted_pod_goes_and_another_comes(api: Api, core: str, apps: str, one_of: str) -> None:
    answer = evict(api, core, one_of)
    assert (answer.status, answer.json["status"]) == (201, "Success")
    api.gone(f"{core}/pods/{one_of}")
    api.eventually(f"{apps}/deployments/web", lambda d: d["status"].get("availableReplicas") == 2)


def test_a_budget_says_how_many_may_go(api: Api, namespace: str, one_of: str) -> None:
    status = api.get(budget(api, namespace, 1, minAvailable=1)).ok()["status"]
    numbers = {
        key: status[key] for key in ("currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods")
    }
    assert numbers == {"currentHealthy": 2, "desiredHealthy": 1, "disruptionsAllowed": 1, "expectedPods": 2}


def test_a_budget_that_is_used_up_forbids_it(api: Api, core: str, namespace: str, one_of: str) -> None:
    budget(api, namespace, 0, maxUnavailable=0)
    status = evict(api, core, one_of).refused(429, "TooManyRequests")
    assert status["message"] == "Cannot evict pod as it would violate the pod's disruption budget."
    (cause,) = status["details"]["causes"]
    assert cause["reason"] == "DisruptionBudget"
    assert cause["message"].startswith("The disruption budget web needs ")
    assert cause["message"].endswith(" healthy pods and has 2 currently")
    assert "deletionTimestamp" not in api.get(f"{core}/pods/{one_of}").ok()["metadata"]


def test_an_eviction_can_be_tried(api: Api, core: str, one_of: str) -> None:
    assert evict(api, core, one_of, dryRun="All").status == 201
    assert "deletionTimestamp" not in api.get(f"{core}/pods/{one_of}").ok()["metadata"]


def test_evicting_what_is_not_there(api: Api, core: str) -> None:
    evict(api, core, "nope").refused(404, "NotFound")
