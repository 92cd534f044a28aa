"""What the server refuses of the objects that charts make, in its own words: it is these that a user is shown."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.api import JSON_PATCH, MERGE, STRATEGIC, Api, Obj

MAIN = "spec.template.spec.containers[0]"
POD = "spec.template.spec"


def refused(api: Api, path: str, body: Obj, words: str) -> None:
    """The refusal holds these words, for one object as for its dry run."""
    status = api.post(path, body, dryRun="All").refused(422, "Invalid")
    assert words in status["message"], status["message"]
    fields = [f"{cause['field']}: {cause['message']}" for cause in status["details"]["causes"]]
    assert any(words in field for field in fields)


def deployment(container: Obj | None = None, pod: Obj | None = None, **spec: Any) -> Obj:
    containers = [{"name": "main", "image": "a:1", **(container or {})}]
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": containers, **(pod or {})}}
    selector = {"matchLabels": {"app": "web"}}
    return {"metadata": {"name": "web"}, "spec": {"selector": selector, "template": template, **spec}}


def probe(**fields: Any) -> Obj:
    return {"readinessProbe": {"httpGet": {"port": 80}, **fields}}


@pytest.mark.parametrize(
    ("container", "words"),
    [
        ({"env": [{"name": "A="}]}, "env[0].name: Invalid value: \"A=\": a valid environment variable name must"),
        (
            {"env": [{"name": "A", "value": "1", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]},
            'env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
        ),
        (
            {"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.nope"}}}]},
            "error converting fieldPath: field label not supported: metadata.nope",
        ),
        ({"envFrom": [{"prefix": "A_"}]}, "must specify one of: `configMapRef` or `secretRef`"),
        (
            {"resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "2"}}},
            'resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
        ),
        (
            {"resources": {"limits": {"cpu": "-1"}}},
            'resources.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
        ),
        (
            {"resources": {"limits": {"gpu": "1"}}},
            'limits[gpu]: Invalid value: "gpu": must be a standard resource type or fully qualified',
        ),
        (
            {"resources": {"limits": {"nvidia.com/gpu": "0.5"}}},
            'limits[nvidia.com/gpu]: Invalid value: "500m": must be an integer',
        ),
        (
            {"ports": [{"containerPort": 70000}]},
            "ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
        ),
        ({"ports": [{"name": "http"}]}, "ports[0].containerPort: Required value"),
        (
            {"ports": [{"containerPort": 80, "name": "a-name-too-long-for-it"}]},
            "ports[0].name: Invalid value: \"a-name-too-long-for-it\": must be no more than 15 characters",
        ),
        (
            {"ports": [{"containerPort": n, "name": "http"} for n in (80, 81)]},
            'ports[1].name: Duplicate value: "http"',
        ),
        (
            {"ports": [{"containerPort": 80, "protocol": "HTTP"}]},
            'protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
        ),
        ({"readinessProbe": {"periodSeconds": 1}}, "readinessProbe: Required value: must specify a handler type"),
        (probe(tcpSocket={"port": 80}), "readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type"),
        (probe(periodSeconds=-1), "readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0"),
        (probe(httpGet={"port": "Web"}), 'httpGet.port: Invalid value: "Web": must contain only alpha-numeric'),
        (
            {"livenessProbe": {"httpGet": {"port": 80}, "successThreshold": 2}},
            "livenessProbe.successThreshold: Invalid value: 2: must be 1",
        ),
        ({"volumeMounts": [{"name": "no", "mountPath": "/x"}]}, 'volumeMounts[0].name: Not found: "no"'),
    ],
)  # fmt: skip
def test_of_a_container(api: Api, apps: str, container: Obj, words: str) -> None:
    refused(api, f"{apps}/deployments", deployment(container), words)


def mounted(**mount: str) -> Obj:
    return {"volumeMounts": [{"name": "v", **mount}]}


@pytest.mark.parametrize(
    ("container", "pod", "words"),
    [
        (mounted(), {}, f"{MAIN}.volumeMounts[0].mountPath: Required value"),
        (mounted(mountPath="/x", subPath="../a"), {}, "subPath: Invalid value: \"../a\": must not contain '..'"),
        (
            {"volumeMounts": [{"name": "v", "mountPath": "/x"}] * 2},
            {},
            'volumeMounts[1].mountPath: Invalid value: "/x": must be unique',
        ),
        ({}, {"volumes": [{"name": "v", "emptyDir": {}}] * 2}, f'{POD}.volumes[1].name: Duplicate value: "v"'),
        ({}, {"volumes": [{"name": "v", "secret": {}}]}, f"{POD}.volumes[0].secret.secretName: Required value"),
        (
            {},
            {"volumes": [{"name": "v", "emptyDir": {}, "secret": {"secretName": "s"}}]},
            f"{POD}.volumes[0].secret: Forbidden: may not specify more than 1 volume type",
        ),
        ({}, {"hostname": "Bad_"}, f'{POD}.hostname: Invalid value: "Bad_": a lowercase RFC 1123 label must consist'),
        ({}, {"serviceAccountName": "Bad_"}, "serviceAccountName: Invalid value: \"Bad_\": a lowercase RFC 1123 subdomain"),
        ({}, {"nodeSelector": {"a b": "c"}}, f'{POD}.nodeSelector: Invalid value: "a b": name part must consist of'),
        ({}, {"tolerations": [{"operator": "Equal"}]}, "operator must be Exists when `key` is empty"),
        ({}, {"restartPolicy": "Never"}, 'restartPolicy: Unsupported value: "Never": supported values: "Always"'),
    ],
)  # fmt: skip
def test_of_a_pod(api: Api, apps: str, container: Obj, pod: Obj, words: str) -> None:
    pod = {"volumes": [{"name": "v", "emptyDir": {}}], **pod}
    refused(api, f"{apps}/deployments", deployment(container, pod), words)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"replicas": -1}, "spec.replicas: Invalid value: -1: must be greater than or equal to 0"),
        (
            {"strategy": {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}},
            "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
        ),
        (
            {"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}},
            "rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0",
        ),
        (
            {"strategy": {"rollingUpdate": {"maxSurge": "a few"}}},
            'rollingUpdate.maxSurge: Invalid value: "a few": a valid percent string must be',
        ),
        (
            {"minReadySeconds": 600},
            "spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds",
        ),
    ],
)
def test_of_a_deployment(api: Api, apps: str, spec: Obj, words: str) -> None:
    refused(api, f"{apps}/deployments", deployment(**spec), words)


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("", "Required value"),
        ("* * *", 'Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]'),
        ("61 * * * *", "end of range (61) above maximum (59): 61"),
        ("0 0 * * 7", "end of range (7) above maximum (6): 7"),
        ("0 0 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("5-2 * * * *", "beginning of range (5) beyond end of range (2): 5-2"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("a * * * *", 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'),
        ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
        ("@nightly", "unrecognized descriptor: @nightly"),
        ("TZ=UTC 0 0 * * *", "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"),
    ],
)
def test_of_a_schedule(api: Api, namespace: str, schedule: str, words: str) -> None:
    refused(api, cron_jobs(namespace), cron_job(schedule=schedule), words)


@pytest.mark.parametrize("schedule", ["@daily", "@every 5m", "*/5 9-17 * * MON-FRI", "0 0 ? JAN *"])
def test_schedules_that_are_taken(api: Api, namespace: str, schedule: str) -> None:
    api.post(cron_jobs(namespace), cron_job(schedule=schedule), dryRun="All").ok()


def test_of_a_cron_job(api: Api, namespace: str) -> None:
    zone = cron_job(timeZone="Mars/Phobos")
    refused(api, cron_jobs(namespace), zone, 'spec.timeZone: Invalid value: "Mars/Phobos": unknown time zone')
    policy = cron_job(concurrencyPolicy="Maybe")
    refused(
        api, cron_jobs(namespace), policy, 'Unsupported value: "Maybe": supported values: "Allow", "Forbid"'
    )
    long = {**cron_job(), "metadata": {"name": "c" * 53}}
    refused(api, cron_jobs(namespace), long, "must be no more than 52 characters")


def cron_jobs(namespace: str) -> str:
    return f"/apis/batch/v1/namespaces/{namespace}/cronjobs"


def cron_job(**spec: Any) -> Obj:
    pod = {"restartPolicy": "Never", "containers": [{"name": "main", "image": "a:1"}]}
    spec = {"schedule": "@daily", "jobTemplate": {"spec": {"template": {"spec": pod}}}, **spec}
    return {"metadata": {"name": "nightly"}, "spec": spec}


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"type": "Public"}, 'spec.type: Unsupported value: "Public": supported values: "ClusterIP", "ExternalName"'),
        ({"ports": [{"port": 0}]}, "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"),
        ({"ports": [{"port": 80}, {"port": 81}]}, "spec.ports[0].name: Required value"),
        ({"ports": [{"port": n, "name": "a"} for n in (80, 81)]}, 'spec.ports[1].name: Duplicate value: "a"'),
        ({"ports": [{"port": 80, "name": n} for n in "ab"]}, "spec.ports[1]: Duplicate value: {"),
        ({"ports": [{"port": 80, "targetPort": "Web"}]}, 'targetPort: Invalid value: "Web": must contain only'),
        ({"type": "ExternalName"}, "spec.externalName: Required value"),
    ],
)  # fmt: skip
def test_of_a_service(api: Api, core: str, spec: Obj, words: str) -> None:
    body = {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}], **spec}}
    refused(api, f"{core}/services", body, words)


WEB = {"service": {"name": "web", "port": {"number": 80}}}


@pytest.mark.parametrize(
    ("host", "path", "words"),
    [
        (
            "A_b.test",
            {},
            'spec.rules[0].host: Invalid value: "A_b.test": a lowercase RFC 1123 subdomain must',
        ),
        (
            "1.2.3.4",
            {},
            'spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
        ),
        ("a.test", {"path": "x"}, 'paths[0].path: Invalid value: "x": must be an absolute path'),
        ("a.test", {"path": "/a/../b"}, "must not contain '/../'"),
        ("a.test", {"pathType": None}, "paths[0].pathType: Required value: pathType must be specified"),
        ("a.test", {"pathType": "Begin"}, 'Unsupported value: "Begin": supported values: "Exact", "Impl'),
        ("a.test", {"backend": {}}, 'backend: Invalid value: "": resource or service backend is required'),
        (
            "a.test",
            {"backend": {"service": {"name": "web"}}},
            "backend: Required value: port name or number is",
        ),
    ],
)
def test_of_an_ingress(api: Api, namespace: str, host: str, path: Obj, words: str) -> None:
    paths = [{"path": "/", "pathType": "Prefix", "backend": WEB, **path}]
    body = {"metadata": {"name": "web"}, "spec": {"rules": [{"host": host, "http": {"paths": paths}}]}}
    refused(api, f"/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses", body, words)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"minReplicas": 5}, "spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`"),
        ({"maxReplicas": 0}, "spec.maxReplicas: Required value: must be set and greater than 0"),
        ({"scaleTargetRef": {"kind": "Deployment", "apiVersion": "apps/v1"}}, "scaleTargetRef.name: Required value"),
    ],
)  # fmt: skip
def test_of_an_autoscaler(api: Api, namespace: str, spec: Obj, words: str) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    body = {"metadata": {"name": "web"}, "spec": {"maxReplicas": 3, "scaleTargetRef": target, **spec}}
    path = f"/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers"
    refused(api, path, body, words)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"minAvailable": 1, "maxUnavailable": 1}, "minAvailable and maxUnavailable cannot be both set"),
        (
            {"minAvailable": "most"},
            'spec.minAvailable: Invalid value: "most": a valid percent string must be',
        ),
        ({"minAvailable": -1}, "spec.minAvailable: Invalid value: -1: must be greater than or equal to 0"),
    ],
)
def test_of_a_budget(api: Api, namespace: str, spec: Obj, words: str) -> None:
    body = {"metadata": {"name": "web"}, "spec": {"selector": {"matchLabels": {"app": "web"}}, **spec}}
    refused(api, f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets", body, words)


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ({"type": "kubernetes.io/tls"}, "data[tls.crt]: Required value"),
        ({"type": "kubernetes.io/dockerconfigjson"}, "data[.dockerconfigjson]: Required value"),
        ({"type": "kubernetes.io/basic-auth"}, "data[username]: Required value"),
        (
            {"type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson": "{hm"}},
            'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": ',
        ),
        ({"stringData": {"..": "x"}}, "data[..]: Invalid value: \"..\": must not be '..'"),
        ({"stringData": {"a" * 254: "x"}}, "must be no more than 253 characters"),
        ({"stringData": {"a": "x" * 1048577}}, "data: Too long: may not be more than 1048576 bytes"),
    ],
    ids=["tls", "dockerconfigjson", "basic-auth", "no-json", "dots", "long-key", "large"],
)
def test_of_a_secret(api: Api, core: str, secret: Obj, words: str) -> None:
    refused(api, f"{core}/secrets", {"metadata": {"name": "s"}, **secret}, words)


def test_of_a_config_map(api: Api, core: str) -> None:
    both = {"metadata": {"name": "c"}, "data": {"a": "x"}, "binaryData": {"a": "eA=="}}
    refused(
        api, f"{core}/configmaps", both, 'data[a]: Invalid value: "a": duplicate of key present in binaryData'
    )
    large = {"metadata": {"name": "c"}, "data": {"a": "x" * 1048577}}
    refused(api, f"{core}/configmaps", large, "Too long: may not be more than 1048576 bytes")


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"labels": {"a b": "x"}}, 'metadata.labels: Invalid value: "a b": name part must consist of'),
        ({"labels": {"a": "x y"}}, 'metadata.labels: Invalid value: "x y": a valid label must be'),
        ({"labels": {"a" * 64: "x"}}, "name part must be no more than 63 bytes"),
        ({"annotations": {"a b": "x"}}, 'metadata.annotations: Invalid value: "a b": name part must consist of'),
        ({"annotations": {"a": "x" * 262144}}, "metadata.annotations: Too long: may not be more than 262144 bytes"),
        ({"finalizers": ["nope"]}, "name is neither a standard finalizer name nor is it fully qualified"),
        ({"ownerReferences": [{"kind": "X"}]}, 'metadata.ownerReferences.uid: Invalid value: "": must not be empty'),
    ],
    ids=["label", "label-value", "long-label", "annotation", "large-annotation", "finalizer", "owner"],
)  # fmt: skip
def test_of_what_every_object_has(api: Api, core: str, metadata: Obj, words: str) -> None:
    refused(api, f"{core}/configmaps", {"metadata": {"name": "c", **metadata}}, words)


def test_of_a_claim(api: Api, core: str) -> None:
    refused(
        api,
        f"{core}/persistentvolumeclaims",
        {"metadata": {"name": "data"}, "spec": {}},
        "spec.accessModes: Required value: at least 1 access mode is required",
    )


def test_a_body_larger_than_the_server_reads(api: Api, core: str) -> None:
    body = {"metadata": {"name": "s"}, "stringData": {"a": "x" * (3 << 20)}}
    status = api.post(f"{core}/secrets", body).refused(413, "RequestEntityTooLarge")
    assert status["message"] == "Request entity too large: limit is 3145728"


def test_bytes_that_are_no_base64(api: Api, core: str) -> None:
    body = {"metadata": {"name": "s"}, "data": {"password": "***"}}
    status = api.post(f"{core}/secrets", body).refused(400, "BadRequest")
    why = 'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0'
    assert status["message"] == why


@pytest.mark.parametrize("kind", [MERGE, JSON_PATCH])
def test_a_patch_that_does_not_fit_is_told_with_the_whole_object(api: Api, core: str, kind: str) -> None:
    """Also when the object is a Secret: whoever shows this refusal shows what is in it."""
    api.post(f"{core}/secrets", {"metadata": {"name": "s"}, "data": {"password": "aHVudGVyMg=="}}).ok()
    change: Any = {"data": {"more": "***"}}
    if kind == JSON_PATCH:
        change = [{"op": "add", "path": "/data/more", "value": "***"}]
    status = api.patch(f"{core}/secrets/s", change, kind).refused(422, "Invalid")
    (cause,) = status["details"]["causes"]
    assert cause["field"] == "patch"
    assert cause["message"].endswith(": illegal base64 data at input byte 0")
    assert "aHVudGVyMg==" in status["message"]


def test_a_strategic_patch_that_does_not_fit_is_told_without_it(api: Api, core: str) -> None:
    api.post(f"{core}/secrets", {"metadata": {"name": "s"}, "data": {"password": "aHVudGVyMg=="}}).ok()
    status = api.patch(f"{core}/secrets/s", {"data": {"more": "***"}}, STRATEGIC).refused(422, "Invalid")
    assert status["message"].startswith(' "" is invalid: patch: Invalid value: "map[data:map[more:***]]": ')
    assert "aHVudGVyMg==" not in status["message"]


@pytest.mark.parametrize(
    ("container", "pod", "warning"),
    [
        (
            {"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]},
            {},
            f'{MAIN}.env[1]: hides previous definition of "A", which may be dropped when using apply',
        ),
        (
            {"resources": {"limits": {"memory": "128m"}}},
            {},
            f'{MAIN}.resources.limits[memory]: fractional byte value "128m" is invalid, must be an integer',
        ),
        (
            {},
            {"terminationGracePeriodSeconds": -5},
            f"{POD}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be "
            "treated as 1",
        ),
        ({}, {"imagePullSecrets": [{"name": ""}]}, f'{POD}.imagePullSecrets[0].name: invalid empty name ""'),
    ],
)
def test_what_is_taken_with_a_warning(api: Api, apps: str, container: Obj, pod: Obj, warning: str) -> None:
    answer = api.post(f"{apps}/deployments", deployment(container, pod), dryRun="All")
    assert answer.status == 201
    assert answer.warnings == [warning]


LABELS = "spec.template.labels"


@pytest.mark.parametrize(
    ("name", "labels", "fields"),
    [
        ("Bad_Name", {}, ["metadata.name"]),
        ("x" * 64, {}, [LABELS, LABELS]),
        ("-x", {}, ["metadata.name", LABELS, LABELS]),
        ("Bad_Name", {"a b": "c"}, ["metadata.name", "metadata.labels", LABELS]),
        ("x" * 64, {"a": "b"}, ["metadata.labels", "metadata.labels", LABELS, LABELS]),
    ],
    ids=["bad", "long", "no label either", "bad, as its label", "long, with labels of its own"],
)
def test_a_jobs_name_that_is_also_a_label_of_its_pods(
    api: Api, core: str, name: str, labels: Obj, fields: list[str]
) -> None:
    body = deployment(pod={"restartPolicy": "Never"})
    body["spec"].pop("selector")
    body["spec"]["template"]["metadata"] = {"labels": labels} if labels else {}
    path = f"{core.replace('/api/v1', '/apis/batch/v1')}/jobs"
    status = api.post(path, {**body, "metadata": {"name": name}}, dryRun="All").refused(422, "Invalid")
    assert [cause["field"] for cause in status["details"]["causes"]] == fields
