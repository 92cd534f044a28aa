"""Create and replace: what a server fills in, what it refuses, and in which words."""

from __future__ import annotations

import re

import pytest

from tests.conftest import Cluster
from tests.contract.api import Api, Obj
from tests.contract.objects import config_map, deployment, pod, service


def test_creating_answers_201_with_the_object(api: Api, core: str, namespace: str) -> None:
    answer = api.post(f"{core}/configmaps", config_map("one"))
    assert answer.status == 201
    metadata = answer.json["metadata"]
    assert (metadata["name"], metadata["namespace"]) == ("one", namespace)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", metadata["uid"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", metadata["creationTimestamp"])


def test_creating_twice_is_refused(api: Api, core: str) -> None:
    api.post(f"{core}/configmaps", config_map("one")).ok()
    status = api.post(f"{core}/configmaps", config_map("one")).refused(409, "AlreadyExists")
    assert status["message"] == 'configmaps "one" already exists'


def test_a_name_can_be_generated(api: Api, core: str) -> None:
    body = {"metadata": {"generateName": "some-"}, "data": {}}
    made = {api.post(f"{core}/configmaps", body).ok()["metadata"]["name"] for _ in range(3)}
    assert len(made) == 3
    assert all(re.fullmatch(r"some-[bcdfghjklmnpqrstvwxz2456789]{5}", name) for name in made)


def test_a_namespace_that_is_not_there_is_named(api: Api) -> None:
    status = api.post("/api/v1/namespaces/nowhere/configmaps", config_map("one")).refused(404, "NotFound")
    assert status["message"] == 'namespaces "nowhere" not found'


def test_a_body_for_another_namespace_is_refused(api: Api, core: str) -> None:
    status = api.post(f"{core}/configmaps", config_map("one", namespace="other")).refused(400, "BadRequest")
    assert (
        "the namespace of the provided object does not match the namespace sent on the request"
        in status["message"]
    )


def test_a_body_that_is_no_json_is_refused(api: Api, core: str) -> None:
    api.request("POST", f"{core}/configmaps", b"{not json").refused(400, "BadRequest")


def test_replacing_with_the_version_that_was_read(api: Api, core: str) -> None:
    path = f"{core}/configmaps/one"
    read = api.post(f"{core}/configmaps", config_map("one")).ok()
    replaced = api.put(path, {**read, "data": {"key": "new"}}).ok()
    assert replaced["data"] == {"key": "new"}
    assert replaced["metadata"]["resourceVersion"] != read["metadata"]["resourceVersion"]

    status = api.put(path, {**read, "data": {"key": "late"}}).refused(409, "Conflict")
    assert status["message"] == (
        'Operation cannot be fulfilled on configmaps "one": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )
    assert api.get(path).ok()["data"] == {"key": "new"}


def test_replacing_without_a_version_overwrites(api: Api, core: str) -> None:
    api.post(f"{core}/configmaps", config_map("one")).ok()
    assert api.put(f"{core}/configmaps/one", config_map("one", {"only": "this"})).ok()["data"] == {
        "only": "this"
    }


def test_writing_what_is_there_already_changes_nothing(api: Api, core: str) -> None:
    first = api.post(f"{core}/configmaps", config_map("one")).ok()
    again = api.put(f"{core}/configmaps/one", first).ok()
    assert again["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


def test_a_name_in_the_body_must_be_the_paths(api: Api, core: str) -> None:
    api.post(f"{core}/configmaps", config_map("one")).ok()
    status = api.put(f"{core}/configmaps/one", config_map("two")).refused(400, "BadRequest")
    assert "the name of the object (two) does not match the name on the URL (one)" in status["message"]


def test_a_uid_in_the_body_must_be_the_objects(api: Api, core: str) -> None:
    api.post(f"{core}/configmaps", config_map("one")).ok()
    api.put(f"{core}/configmaps/one", config_map("one", uid="another")).refused(409, "Conflict")


def test_dry_run_answers_as_if_and_stores_nothing(api: Api, core: str) -> None:
    answer = api.post(f"{core}/configmaps", config_map("one"), dryRun="All")
    assert answer.status == 201
    assert answer.json["metadata"]["uid"]
    api.get(f"{core}/configmaps/one").refused(404, "NotFound")

    kept = api.post(f"{core}/configmaps", config_map("two")).ok()
    assert api.patch(f"{core}/configmaps/two", {"data": {"key": "x"}}, dryRun="All").ok()["data"] == {
        "key": "x"
    }
    api.delete(f"{core}/configmaps/two", dryRun="All").ok()
    assert api.get(f"{core}/configmaps/two").ok() == kept


def test_dry_run_refuses_what_would_be_refused(api: Api, core: str) -> None:
    api.post(f"{core}/configmaps", config_map("one")).ok()
    api.post(f"{core}/configmaps", config_map("one"), dryRun="All").refused(409, "AlreadyExists")
    api.post(f"{core}/configmaps", config_map("two"), dryRun="Some").refused(422, "Invalid")


def test_generation_counts_changes_of_the_spec(api: Api, apps: str, cluster: Cluster) -> None:
    made = api.post(f"{apps}/deployments", deployment("web", cluster.images["shell"], replicas=0)).ok()
    assert made["metadata"]["generation"] == 1
    path = f"{apps}/deployments/web"
    assert api.patch(path, {"metadata": {"labels": {"a": "b"}}}).ok()["metadata"]["generation"] == 1
    assert api.patch(path, {"spec": {"paused": True}}).ok()["metadata"]["generation"] == 2


def test_status_is_written_by_its_own_door(api: Api, apps: str, cluster: Cluster) -> None:
    body = deployment("web", cluster.images["shell"], replicas=0, paused=True)
    api.post(f"{apps}/deployments", {**body, "status": {"replicas": 7}}).ok()
    path = f"{apps}/deployments/web"
    api.eventually(path, lambda d: d["status"].get("observedGeneration") == 1)
    condition = {"type": "Spec", "status": "True"}
    api.patch(f"{path}/status", {"status": {"conditions": [condition]}, "spec": {"replicas": 5}}).ok()
    assert api.get(path).ok()["spec"]["replicas"] == 0, "the status door leaves the spec alone"
    assert "replicas" not in api.patch(path, {"status": {"replicas": 9}}).ok()["status"]


def test_a_secret_keeps_bytes_and_takes_text(api: Api, core: str) -> None:
    made = api.post(f"{core}/secrets", {"metadata": {"name": "s"}, "stringData": {"word": "héllo"}}).ok()
    assert made["type"] == "Opaque"
    assert made["data"] == {"word": "aMOpbGxv"}
    assert "stringData" not in made


# ---- defaults


def test_a_pod_is_filled_in(api: Api, core: str) -> None:
    body = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "main", "image": "example.com/app"}]}}
    spec = api.post(f"{core}/pods", body, dryRun="All").ok()["spec"]
    expected = {
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "schedulerName": "default-scheduler",
        "serviceAccountName": "default",
        "serviceAccount": "default",
        "securityContext": {},
        "enableServiceLinks": True,
        "preemptionPolicy": "PreemptLowerPriority",
        "priority": 0,
    }
    assert expected.items() <= spec.items()
    assert {
        "imagePullPolicy": "Always",
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "resources": {},
    }.items() <= spec["containers"][0].items()
    assert [t["key"] for t in spec["tolerations"]] == [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    ]


def test_the_pull_policy_follows_the_tag(api: Api, core: str) -> None:
    for image, policy in {
        "a/b": "Always",
        "a/b:latest": "Always",
        "a:5/b": "Always",
        "a:5/b:1": "IfNotPresent",
    }.items():
        made = api.post(f"{core}/pods", pod("p", image), dryRun="All").ok()
        assert made["spec"]["containers"][0]["imagePullPolicy"] == policy, image


def test_limits_become_requests(api: Api, core: str) -> None:
    container = {"resources": {"limits": {"memory": "10Mi", "cpu": "100m"}, "requests": {"cpu": "10m"}}}
    made = api.post(f"{core}/pods", pod("p", "a:1", container=container), dryRun="All").ok()
    assert made["spec"]["containers"][0]["resources"]["requests"] == {"memory": "10Mi", "cpu": "10m"}
    assert made["status"]["qosClass"] == "Burstable"


def test_quantities_are_stored_in_their_canonical_form(api: Api, core: str) -> None:
    limits = {"memory": "1024Mi", "cpu": "1000m", "ephemeral-storage": "0.5Gi"}
    made = api.post(
        f"{core}/pods", pod("p", "a:1", container={"resources": {"limits": limits}}), dryRun="All"
    ).ok()
    stored = made["spec"]["containers"][0]["resources"]["limits"]
    assert stored == {"memory": "1Gi", "cpu": "1", "ephemeral-storage": "512Mi"}


def test_a_deployment_is_filled_in(api: Api, apps: str) -> None:
    body = deployment("web", "a:1")
    del body["spec"]["replicas"]
    spec = api.post(f"{apps}/deployments", body, dryRun="All").ok()["spec"]
    assert {
        "replicas": 1,
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
    }.items() <= spec.items()
    assert spec["template"]["spec"]["restartPolicy"] == "Always"


def test_a_service_gets_an_address(api: Api, core: str) -> None:
    made = api.post(f"{core}/services", service("web")).ok()
    spec = made["spec"]
    assert (spec["type"], spec["sessionAffinity"], spec["ipFamilyPolicy"]) == (
        "ClusterIP",
        "None",
        "SingleStack",
    )
    assert spec["clusterIPs"] == [spec["clusterIP"]]
    assert re.fullmatch(r"\d+(\.\d+){3}", spec["clusterIP"])
    assert spec["ports"] == [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": 8000}]


# ---- refusals


def causes(status: Obj) -> dict[str, tuple[str, str]]:
    return {cause["field"]: (cause["reason"], cause["message"]) for cause in status["details"]["causes"]}


def test_all_that_is_wrong_is_told_at_once(api: Api, core: str) -> None:
    body = pod(
        "p",
        "a:1",
        container={"name": "Main", "imagePullPolicy": "Sometimes"},
        spec={"restartPolicy": "Maybe"},
    )
    status = api.post(f"{core}/pods", body).refused(422, "Invalid")
    assert status["details"]["name"] == "p"
    assert status["details"]["kind"] == "Pod"
    told = causes(status)
    assert told["spec.containers[0].name"][0] == "FieldValueInvalid"
    assert told["spec.containers[0].name"][1].startswith(
        'Invalid value: "Main": a lowercase RFC 1123 label must consist'
    )
    assert told["spec.containers[0].imagePullPolicy"] == (
        "FieldValueNotSupported",
        'Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
    )
    assert told["spec.restartPolicy"] == (
        "FieldValueNotSupported",
        'Unsupported value: "Maybe": supported values: "Always", "OnFailure", "Never"',
    )
    assert status["message"].startswith('Pod "p" is invalid: [')


def test_one_refusal_stands_without_brackets(api: Api, core: str) -> None:
    body = pod("p", "a:1")
    body["spec"]["containers"] = []
    status = api.post(f"{core}/pods", body).refused(422, "Invalid")
    assert status["message"] == 'Pod "p" is invalid: spec.containers: Required value'
    assert causes(status) == {"spec.containers": ("FieldValueRequired", "Required value")}


def test_a_name_is_needed(api: Api, core: str) -> None:
    status = api.post(f"{core}/configmaps", {"metadata": {}, "data": {}}).refused(422, "Invalid")
    assert "metadata.name: Required value: name or generateName is required" in status["message"]


@pytest.mark.parametrize("name", ["Upper", "under_score", "-dash", "dot.", "slash/"])
def test_a_name_is_checked(api: Api, core: str, name: str) -> None:
    status = api.post(f"{core}/configmaps", config_map(name)).refused(422, "Invalid")
    assert causes(status)["metadata.name"][1].startswith(
        f'Invalid value: "{name}": a lowercase RFC 1123 subdomain'
    )


def test_a_selector_must_choose_its_own_pods(api: Api, apps: str) -> None:
    body = deployment("web", "a:1", selector={"matchLabels": {"app": "other"}})
    status = api.post(f"{apps}/deployments", body).refused(422, "Invalid")
    assert causes(status)["spec.template.metadata.labels"] == (
        "FieldValueInvalid",
        'Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    )


def test_a_selector_is_for_life(api: Api, apps: str) -> None:
    body = deployment("web", "a:1", replicas=0)
    api.post(f"{apps}/deployments", body).ok()
    body["spec"]["selector"]["matchLabels"]["app"] = body["spec"]["template"]["metadata"]["labels"]["app"] = (
        "other"
    )
    status = api.put(f"{apps}/deployments/web", body).refused(422, "Invalid")
    assert causes(status)["spec.selector"] == (
        "FieldValueInvalid",
        'Invalid value: {"matchLabels":{"app":"other"}}: field is immutable',
    )


def test_of_a_pod_little_may_change(api: Api, core: str) -> None:
    api.post(f"{core}/pods", pod("p", "example.invalid/a:1")).ok()
    path = f"{core}/pods/p"
    other = {"spec": {"containers": [{"name": "main", "image": "example.invalid/a:2"}]}}
    kind = "application/strategic-merge-patch+json"
    assert api.patch(path, other, kind).ok()["spec"]["containers"][0]["image"] == "example.invalid/a:2"
    for change in ({"hostname": "h"}, {"nodeName": "elsewhere"}):
        status = api.patch(path, {"spec": change}, kind).refused(422, "Invalid")
        (cause,) = status["details"]["causes"]
        assert (cause["reason"], cause["field"]) == ("FieldValueForbidden", "spec")
        assert cause["message"].startswith(
            "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
        )


def test_an_immutable_secret_stays(api: Api, core: str) -> None:
    api.post(f"{core}/secrets", {"metadata": {"name": "s"}, "stringData": {"a": "b"}, "immutable": True}).ok()
    status = api.patch(f"{core}/secrets/s", {"stringData": {"a": "c"}}).refused(422, "Invalid")
    assert causes(status)["data"] == (
        "FieldValueForbidden",
        "Forbidden: field is immutable when `immutable` is set",
    )


def test_a_wrong_type_is_told_where(api: Api, apps: str) -> None:
    body = deployment("web", "a:1")
    body["spec"]["replicas"] = "many"
    status = api.post(f"{apps}/deployments", body).refused(400, "BadRequest")
    assert (
        "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"
        in (status["message"])
    )


def test_an_unknown_field_is_refused_dropped_or_warned_of(api: Api, core: str) -> None:
    body = {**config_map("one"), "dtaa": {"typo": "yes"}}
    status = api.post(f"{core}/configmaps", body, fieldValidation="Strict").refused(400, "BadRequest")
    assert 'strict decoding error: unknown field "dtaa"' in status["message"]

    warned = api.post(f"{core}/configmaps", body, fieldValidation="Warn", dryRun="All")
    assert warned.warnings == ['unknown field "dtaa"']
    assert "dtaa" not in warned.ok()

    assert api.post(f"{core}/configmaps", body, fieldValidation="Ignore").warnings == []


def test_a_deleted_namespace_takes_nothing_new(api: Api, core: str, namespace: str) -> None:
    api.post(f"{core}/configmaps", config_map("held", finalizers=["example.com/hold"])).ok()
    api.delete(f"/api/v1/namespaces/{namespace}").ok()
    api.eventually(f"/api/v1/namespaces/{namespace}", lambda n: n["status"]["phase"] == "Terminating")
    status = api.post(f"{core}/configmaps", config_map("late")).refused(403, "Forbidden")
    assert status["message"] == (
        f'configmaps "late" is forbidden: unable to create new content in namespace {namespace} '
        "because it is being terminated"
    )
    assert status["details"]["causes"] == [
        {
            "reason": "NamespaceTerminating",
            "message": f"namespace {namespace} is being terminated",
            "field": "metadata.namespace",
        }
    ]
    api.patch(f"{core}/configmaps/held", {"metadata": {"finalizers": None}}).ok()
    api.gone(f"/api/v1/namespaces/{namespace}")


ONE = {"containers": [{"name": "main", "image": "example.com/none:1"}]}
SELECTED = {"selector": {"matchLabels": {"app": "new"}}}
WORKLOAD = {**SELECTED, "template": {"metadata": {"labels": {"app": "new"}}, "spec": ONE}}
JOB = {"template": {"spec": {**ONE, "restartPolicy": "Never"}}}


@pytest.mark.parametrize(
    ("door", "spec", "status"),
    [
        ("apps/v1 deployments", WORKLOAD, {}),
        ("apps/v1 statefulsets", WORKLOAD, {"replicas": 0, "availableReplicas": 0}),
        ("apps/v1 replicasets", WORKLOAD, {"replicas": 0}),
        ("batch/v1 jobs", JOB, {}),
        ("batch/v1 cronjobs", {"schedule": "0 0 * * *", "jobTemplate": {"spec": JOB}}, {}),
        (
            "policy/v1 poddisruptionbudgets",
            {"minAvailable": 1, **SELECTED},
            {"disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0},
        ),
        (
            "autoscaling/v2 horizontalpodautoscalers",
            {
                "maxReplicas": 2,
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "new"},
            },
            {"desiredReplicas": 0, "currentMetrics": None},
        ),
    ],
    ids=lambda value: value.split()[1] if isinstance(value, str) else "",
)
def test_the_first_status_is_all_zeros(api: Api, namespace: str, door: str, spec: Obj, status: Obj) -> None:
    group, plural = door.split()
    path = f"/apis/{group}/namespaces/{namespace}/{plural}"
    made = api.post(path, {"metadata": {"name": "new"}, "spec": spec}, dryRun="All").ok()
    assert made["status"] == status


def test_what_is_empty_or_off_is_not_stored(api: Api, apps: str) -> None:
    off = {"command": [], "tty": False, "env": [{"name": "A", "value": ""}], "volumeMounts": []}
    pods = {"hostNetwork": False, "containers": [{"name": "main", "image": "example.com/none:1", **off}]}
    template = {"metadata": {"labels": {"app": "new"}}, "spec": pods}
    spec = {**SELECTED, "template": template, "minReadySeconds": 0, "paused": False, "replicas": 0}
    made = api.post(
        f"{apps}/deployments", {"metadata": {"name": "new", "annotations": {}}, "spec": spec}
    ).ok()
    assert "annotations" not in made["metadata"]
    assert made["spec"]["replicas"] == 0
    assert not {"minReadySeconds", "paused"} & made["spec"].keys()
    assert "hostNetwork" not in made["spec"]["template"]["spec"]
    (container,) = made["spec"]["template"]["spec"]["containers"]
    assert not {"command", "tty", "volumeMounts"} & container.keys()
    assert container["env"] == [{"name": "A"}]
