"""Objects in one form, so that only what means something differs.

Taken away: what the API server fills in (status, uids, addresses, its defaults) and what helm and kubectl note for
themselves. Put in one form: quantities, and the order of lists whose items have names. `k8s.io/api` and the API
reference of each kind are the source of the defaults.
"""

from __future__ import annotations

from typing import Any

from lain_tui.core.model.quantity import parse_quantity

Body = dict[str, Any]

_NOTED = (
    "meta.helm.sh/release-name",
    "meta.helm.sh/release-namespace",
    "kubectl.kubernetes.io/last-applied-configuration",
    "deployment.kubernetes.io/revision",
    "deprecated.daemonset.template.generation",
)
_METADATA = (
    "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink", "deletionTimestamp",
    "ownerReferences",
)  # fmt: skip
_SCALED = ("Deployment", "StatefulSet")
_ROLLING = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}

_KINDS: dict[str, Body] = {
    "Deployment": {"progressDeadlineSeconds": 600, "revisionHistoryLimit": 10, "strategy": _ROLLING},
    "StatefulSet": {
        "podManagementPolicy": "OrderedReady", "revisionHistoryLimit": 10,
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
    },
    "DaemonSet": {
        "revisionHistoryLimit": 10,
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}},
    },
    "CronJob": {
        "concurrencyPolicy": "Allow", "suspend": False, "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1,
    },
    "Service": {"internalTrafficPolicy": "Cluster", "sessionAffinity": "None", "type": "ClusterIP"},
    "PersistentVolumeClaim": {"volumeMode": "Filesystem"},
    "CustomResourceDefinition": {"conversion": {"strategy": "None"}, "preserveUnknownFields": False},
}  # fmt: skip
"""What the server puts into `spec` where nothing is said."""
_ZERO: Body = {"minReadySeconds": 0, "paused": False, "publishNotReadyAddresses": False}
"""What the server leaves out of a `spec` because it is the same as nothing; so it does below."""
_SERVER_SET: dict[str, tuple[str, ...]] = {
    "Service": ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "healthCheckNodePort"),
    "PersistentVolumeClaim": ("volumeName", "storageClassName"),
}
"""What it chooses by itself."""
_JOB: Body = {
    "completions": 1, "parallelism": 1, "completionMode": "NonIndexed", "suspend": False, "manualSelector": False,
    "podReplacementPolicy": "TerminatingOrFailed", "backoffLimit": 6,
}  # fmt: skip
_POD: Body = {
    "restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler",
    "securityContext": {}, "terminationGracePeriodSeconds": 30, "enableServiceLinks": True,
    "preemptionPolicy": "PreemptLowerPriority", "priority": 0, "serviceAccountName": "default",
    "serviceAccount": "default", "hostNetwork": False, "hostPID": False, "hostIPC": False,
}  # fmt: skip
_CONTAINER: Body = {
    "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File", "resources": {},
    "securityContext": {}, "stdin": False, "stdinOnce": False, "tty": False,
}  # fmt: skip
_PROBE: Body = {
    "initialDelaySeconds": 0,
    "timeoutSeconds": 1,
    "periodSeconds": 10,
    "successThreshold": 1,
    "failureThreshold": 3,
}
_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
_SOURCES = ("secret", "configMap", "projected", "downwardAPI")


def normal(body: Body, *, replicas: bool = True) -> Body:
    """The object in its one form; without `replicas` their number is left out, since an autoscaler owns it."""
    copied: Body = _copied(body)
    copied.pop("status", None)
    _metadata(copied.get("metadata"))
    kind, spec = str(copied.get("kind", "")), copied.get("spec")
    if not isinstance(spec, dict):
        return copied
    if not replicas:
        spec.pop("replicas", None)
    elif kind in _SCALED:
        # Written out where nothing is said: when it changes, both numbers are what people look for.
        spec.setdefault("replicas", 1)
    _drop(spec, _KINDS.get(kind, {}))
    _drop(spec, _ZERO)
    for key in _SERVER_SET.get(kind, ()):
        spec.pop(key, None)
    if kind == "Service":
        _service(spec)
    if kind == "Job":
        _job(spec)
    if kind == "CronJob":
        job = _table(spec, "jobTemplate")
        _metadata(job.get("metadata"))
        _drop(job, {"metadata": {}})
        _job(_table(job, "spec"))
    if kind == "Pod":
        _pod(spec)
    elif isinstance(template := spec.get("template"), dict):
        _template(template)
    if kind == "HorizontalPodAutoscaler":
        spec.pop("behavior", None)
    if kind == "CustomResourceDefinition":
        _custom_kind(spec)
    if kind == "PersistentVolumeClaim":
        _quantities(_table(spec, "resources"))
    return copied


def pod_template(body: Body) -> Body | None:
    """The template of the pods that a normalised workload makes; None for what makes none."""
    spec = body.get("spec")
    if not isinstance(spec, dict):
        return None
    if body.get("kind") == "CronJob":
        spec = _table(_table(spec, "jobTemplate"), "spec")
    template = spec.get("template")
    return template if isinstance(template, dict) else None


def _copied(value: Any) -> Any:
    """A deep copy without the nulls, which to the server are the same as nothing."""
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value


def _table(owner: Any, key: str) -> Body:
    inner = owner.get(key) if isinstance(owner, dict) else None
    return inner if isinstance(inner, dict) else {}


def _drop(owner: Body, defaults: Body) -> None:
    for key, value in defaults.items():
        if key in owner and owner[key] == value:
            del owner[key]


def _metadata(metadata: Any) -> None:
    if not isinstance(metadata, dict):
        return
    for key in _METADATA:
        metadata.pop(key, None)
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict):
        for key in _NOTED:
            annotations.pop(key, None)
    for key in ("annotations", "labels", "finalizers"):
        if not metadata.get(key):
            metadata.pop(key, None)
    # `helm template` leaves it out, the cluster always has it, and it says nothing that is not said elsewhere.
    metadata.pop("namespace", None)


def _service(spec: Body) -> None:
    ports = spec.get("ports")
    if isinstance(ports, list):
        for port in ports:
            if isinstance(port, dict):
                _drop(port, {"protocol": "TCP"})
                if port.get("targetPort") == port.get("port"):
                    port.pop("targetPort", None)
                if spec.get("type", "ClusterIP") not in ("NodePort", "LoadBalancer"):
                    port.pop("nodePort", None)
        spec["ports"] = _sorted(ports, "port", "protocol")


def _custom_kind(spec: Body) -> None:
    names = _table(spec, "names")
    kind = str(names.get("kind", ""))
    _drop(names, {"singular": kind.lower(), "listKind": f"{kind}List"})
    # Certificates are injected there, by those who serve the conversion.
    webhook = _table(_table(spec, "conversion"), "webhook")
    _table(webhook, "clientConfig").pop("caBundle", None)


def _job(spec: Body) -> None:
    _drop(spec, _JOB)
    spec.pop("selector", None)
    template = _table(spec, "template")
    labels = _table(_table(template, "metadata"), "labels")
    for key in (
        "controller-uid",
        "job-name",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-name",
    ):
        labels.pop(key, None)
    _template(template)


def _template(template: Body) -> None:
    _metadata(template.get("metadata"))
    if not template.get("metadata"):
        template.pop("metadata", None)
    _pod(_table(template, "spec"))


def _pod(spec: Body) -> None:
    _drop(spec, _POD)
    for key in ("containers", "initContainers"):
        for container in spec.get(key) or []:
            if isinstance(container, dict):
                _container(container)
    volumes = spec.get("volumes")
    if isinstance(volumes, list):
        for volume in volumes:
            for source in _SOURCES:
                _drop(_table(volume, source), {"defaultMode": 420})
        spec["volumes"] = _sorted(volumes, "name")


def _container(container: Body) -> None:
    _quantities(_table(container, "resources"))
    _drop(container, _CONTAINER)
    if container.get("imagePullPolicy") == _pull_policy(str(container.get("image", ""))):
        del container["imagePullPolicy"]
    for key in _PROBES:
        probe = _table(container, key)
        _drop(probe, _PROBE)
        _drop(_table(probe, "httpGet"), {"scheme": "HTTP"})
    for mount in container.get("volumeMounts") or []:
        if isinstance(mount, dict):
            _drop(mount, {"readOnly": False, "subPath": ""})
    for port in container.get("ports") or []:
        if isinstance(port, dict):
            _drop(port, {"protocol": "TCP"})
    for variable in container.get("env") or []:
        if isinstance(variable, dict):
            _drop(variable, {"value": ""})
            _drop(_table(_table(variable, "valueFrom"), "fieldRef"), {"apiVersion": "v1"})
    for key, by in (
        ("env", ("name",)),
        ("ports", ("containerPort", "protocol")),
        ("volumeMounts", ("mountPath",)),
    ):
        if isinstance(items := container.get(key), list):
            container[key] = _sorted(items, *by)


def _pull_policy(image: str) -> str:
    """What the server chooses where nothing is said."""
    name = image.rpartition("/")[2]
    if "@" in name:
        return "IfNotPresent"
    return "Always" if ":" not in name or name.endswith(":latest") else "IfNotPresent"


def _quantities(resources: Body) -> None:
    for part in ("requests", "limits"):
        amounts = _table(resources, part)
        for name, amount in amounts.items():
            amounts[name] = _amount(amount)


def _amount(amount: Any) -> Any:
    """`1000m` and `1` and 1.0 are one amount; the shortest way to write it."""
    try:
        number = parse_quantity(str(amount))
    except ValueError:
        return amount
    for unit, size in (("Gi", 2**30), ("Mi", 2**20), ("Ki", 2**10)):
        if number >= size and number % size == 0:
            return f"{number / size:.0f}{unit}"
    if number == int(number):
        return str(int(number))
    return f"{number * 1000:g}m"


def _sorted(items: list[Any], *keys: str) -> list[Any]:
    if not all(isinstance(item, dict) for item in items):
        return items
    return sorted(items, key=lambda item: tuple(str(item.get(key, "")) for key in keys))
