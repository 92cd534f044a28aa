"""What the images of the suite do: each is a program whose life every other specification relies on.

`logs` prints "line 1" to "line 20" at once and one line more every 0.2 s; `crash` says why and ends with 1;
`shell` is ready for commands and ends at once when told to; `done` ends well; `slow` takes 3 s to end;
`missing` is an image that its registry does not have.
"""

from __future__ import annotations

from tests.conftest import Cluster
from tests.contract.api import Api, Obj
from tests.contract.objects import pod


def main(of: Obj) -> Obj:
    status: Obj = of["status"]["containerStatuses"][0]
    return status


def test_a_pod_comes_to_run(api: Api, core: str, cluster: Cluster) -> None:
    api.post(f"{core}/pods", pod("p", cluster.images["shell"])).ok()
    running = api.eventually(f"{core}/pods/p", lambda p: p["status"]["phase"] == "Running")
    status = running["status"]
    conditions = {c["type"]: c["status"] for c in status["conditions"]}
    assert {"PodScheduled", "Initialized", "ContainersReady", "Ready"} <= {
        t for t, s in conditions.items() if s == "True"
    }
    assert status["podIP"] == status["podIPs"][0]["ip"]
    assert status["startTime"]
    assert running["spec"]["nodeName"]
    container = main(running)
    assert (container["name"], container["ready"], container["started"], container["restartCount"]) == (
        "main",
        True,
        True,
        0,
    )
    assert container["state"].keys() == {"running"}
    assert container["containerID"].startswith("containerd://")
    assert "sha256:" in container["imageID"]


def test_a_pod_that_ends_well_has_succeeded(api: Api, core: str, cluster: Cluster) -> None:
    api.post(f"{core}/pods", pod("p", cluster.images["done"], spec={"restartPolicy": "Never"})).ok()
    done = api.eventually(f"{core}/pods/p", lambda p: p["status"]["phase"] == "Succeeded")
    ended = main(done)["state"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (0, "Completed")
    assert ended["startedAt"] <= ended["finishedAt"]
    ready = next(c for c in done["status"]["conditions"] if c["type"] == "Ready")
    assert (ready["status"], ready["reason"]) == ("False", "PodCompleted")


def test_a_pod_that_ends_badly_has_failed(api: Api, core: str, cluster: Cluster) -> None:
    api.post(f"{core}/pods", pod("p", cluster.images["crash"], spec={"restartPolicy": "Never"})).ok()
    done = api.eventually(f"{core}/pods/p", lambda p: p["status"]["phase"] == "Failed")
    ended = main(done)["state"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (1, "Error")


def test_a_crashing_container_is_held_back(api: Api, core: str, cluster: Cluster) -> None:
    api.post(f"{core}/pods", pod("p", cluster.images["crash"])).ok()
    waiting = api.eventually(
        f"{core}/pods/p",
        lambda p: any(
            "waiting" in c["state"] and c["restartCount"] for c in p["status"].get("containerStatuses", [])
        ),
    )
    container = main(waiting)
    uid = waiting["metadata"]["uid"]
    assert container["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert container["state"]["waiting"]["message"].startswith("back-off ")
    assert container["state"]["waiting"]["message"].endswith(
        f"restarting failed container=main pod=p_{waiting['metadata']['namespace']}({uid})"
    )
    assert container["lastState"]["terminated"]["exitCode"] == 1
    assert waiting["status"]["phase"] == "Running"
    assert (container["ready"], container["started"]) == (False, False)


def test_an_image_that_is_not_there(api: Api, core: str, cluster: Cluster) -> None:
    api.post(f"{core}/pods", pod("p", cluster.images["missing"])).ok()

    def reason(p: Obj) -> str:
        statuses = p["status"].get("containerStatuses", [])
        return (
            str(statuses[0]["state"]["waiting"]["reason"])
            if statuses and "waiting" in statuses[0]["state"]
            else ""
        )

    failing = api.eventually(f"{core}/pods/p", lambda p: reason(p) == "ErrImagePull")
    message = main(failing)["state"]["waiting"]["message"]
    assert cluster.images["missing"] in message
    assert "not found" in message
    backing_off = api.eventually(f"{core}/pods/p", lambda p: reason(p) == "ImagePullBackOff")
    assert main(backing_off)["state"]["waiting"]["message"].startswith(
        f'Back-off pulling image "{cluster.images["missing"]}"'
    )
    assert backing_off["status"]["phase"] == "Pending"


def test_a_missing_key_is_named(api: Api, core: str, namespace: str, cluster: Cluster) -> None:
    api.post(f"{core}/secrets", {"metadata": {"name": "s"}, "stringData": {"there": "1"}}).ok()
    reference = {"name": "VALUE", "valueFrom": {"secretKeyRef": {"name": "s", "key": "absent"}}}
    api.post(f"{core}/pods", pod("p", cluster.images["shell"], container={"env": [reference]})).ok()
    waiting = api.eventually(
        f"{core}/pods/p",
        lambda p: any(
            c["state"].get("waiting", {}).get("reason") == "CreateContainerConfigError"
            for c in p["status"].get("containerStatuses", [])
        ),
    )
    assert main(waiting)["state"]["waiting"]["message"] == f"couldn't find key absent in Secret {namespace}/s"


def test_a_missing_secret_is_named(api: Api, core: str, cluster: Cluster) -> None:
    api.post(
        f"{core}/pods",
        pod("p", cluster.images["shell"], container={"envFrom": [{"secretRef": {"name": "nope"}}]}),
    ).ok()
    waiting = api.eventually(
        f"{core}/pods/p",
        lambda p: any(
            c["state"].get("waiting", {}).get("reason") == "CreateContainerConfigError"
            for c in p["status"].get("containerStatuses", [])
        ),
    )
    assert main(waiting)["state"]["waiting"]["message"] == 'secret "nope" not found'


def test_a_pod_that_fits_nowhere_says_why(api: Api, core: str, cluster: Cluster) -> None:
    body = pod("p", cluster.images["shell"], spec={"nodeSelector": {"example.com/nowhere": "yes"}})
    api.post(f"{core}/pods", body).ok()
    pending = api.eventually(
        f"{core}/pods/p",
        lambda p: any(c["type"] == "PodScheduled" for c in p["status"].get("conditions", [])),
    )
    (condition,) = (c for c in pending["status"]["conditions"] if c["type"] == "PodScheduled")
    assert (condition["status"], condition["reason"]) == ("False", "Unschedulable")
    assert "didn't match Pod's node affinity/selector" in condition["message"]
    assert condition["message"].startswith("0/")
    assert pending["status"]["phase"] == "Pending"


def test_too_much_memory_fits_nowhere(api: Api, core: str, cluster: Cluster) -> None:
    resources = {"resources": {"requests": {"memory": "9Ti"}}}
    api.post(f"{core}/pods", pod("p", cluster.images["shell"], container=resources)).ok()
    pending = api.eventually(
        f"{core}/pods/p",
        lambda p: any(c["type"] == "PodScheduled" for c in p["status"].get("conditions", [])),
    )
    (condition,) = (c for c in pending["status"]["conditions"] if c["type"] == "PodScheduled")
    assert "Insufficient memory" in condition["message"]


def test_events_tell_a_pods_story(api: Api, core: str, cluster: Cluster) -> None:
    made = api.post(f"{core}/pods", pod("p", cluster.images["crash"])).ok()
    about = f"{core}/events?fieldSelector=involvedObject.uid%3D{made['metadata']['uid']}"
    told = api.eventually(about, lambda events: {"BackOff"} <= {e["reason"] for e in events["items"]})
    events = {e["reason"]: e for e in told["items"]}
    assert {"Scheduled", "Pulled", "Created", "Started", "BackOff"} <= events.keys()
    assert events["Scheduled"]["message"].startswith(
        f"Successfully assigned {made['metadata']['namespace']}/p to "
    )
    assert events["BackOff"]["type"] == "Warning"
    assert events["BackOff"]["message"].startswith("Back-off restarting failed container main in pod p_")
    assert events["BackOff"]["involvedObject"]["fieldPath"] == "spec.containers{main}"
    assert events["Started"]["source"]["component"] == "kubelet"
    assert (events["Started"]["type"], events["Started"]["reportingComponent"]) == ("Normal", "kubelet")
    repeated = api.eventually(about, lambda found: any((e.get("count") or 0) > 1 for e in found["items"]))
    assert any(e["reason"] in ("Pulled", "Created", "Started", "BackOff") for e in repeated["items"])


def test_a_failing_probe_is_told_with_its_answer(api: Api, core: str, cluster: Cluster) -> None:
    probe = {"exec": {"command": ["sh", "-c", "echo not yet; exit 3"]}, "periodSeconds": 1}
    made = api.post(
        f"{core}/pods", pod("p", cluster.images["shell"], container={"readinessProbe": probe})
    ).ok()
    about = f"{core}/events?fieldSelector=reason%3DUnhealthy,involvedObject.uid%3D{made['metadata']['uid']}"
    told = api.eventually(about, lambda events: events["items"])
    assert told["items"][0]["message"].startswith("Readiness probe failed: not yet")
    unready = api.get(f"{core}/pods/p").ok()
    assert (main(unready)["ready"], main(unready)["started"]) == (False, True)
    condition = next(c for c in unready["status"]["conditions"] if c["type"] == "Ready")
    assert (condition["reason"], condition["message"]) == (
        "ContainersNotReady",
        "containers with unready status: [main]",
    )
