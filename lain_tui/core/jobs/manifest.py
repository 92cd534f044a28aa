"""The manifests of what is run once: made from a proc's pod template, or from a cronjob's job template.

What a one-off run must not inherit is left out: the labels that services and controllers select by, probes, ports,
lifecycle hooks, the other containers, and where replicas are spread.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from lain_tui.core.errors import LainError

Obj = dict[str, Any]

DEADLINE = 3600
"""Seconds that a job may run, as in lain's chart."""
KEPT = 86_400
"""Seconds that a finished job is kept."""
MANAGED_BY = "lain-tui"

_POD_KEYS = (
    "serviceAccountName", "automountServiceAccountToken", "imagePullSecrets", "hostAliases", "nodeSelector",
    "tolerations", "securityContext", "dnsPolicy", "dnsConfig", "volumes", "priorityClassName", "runtimeClassName",
)  # fmt: skip
_CONTAINER_KEYS = (
    "image", "imagePullPolicy", "env", "envFrom", "volumeMounts", "volumeDevices", "workingDir", "securityContext",
)  # fmt: skip


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """What the run is given, as Kubernetes quantities; lain's for jobs when nobody says otherwise."""

    cpu_limit: str = "4"
    memory_limit: str = "8Gi"
    cpu_request: str = "1"
    memory_request: str = "1Gi"

    @property
    def resources(self) -> Obj:
        return {
            "limits": {"cpu": self.cpu_limit, "memory": self.memory_limit},
            "requests": {"cpu": self.cpu_request, "memory": self.memory_request},
        }


def unique_name(prefix: str) -> str:
    """A name of an object that is not there yet, within the 63 characters that a job's pods leave."""
    return f"{prefix[:52].rstrip('-.')}-{secrets.token_hex(3)}"


def job_of_proc(
    workload: Mapping[str, Any],
    *,
    name: str,
    app: str,
    container: str,
    command: Sequence[str],
    size: Size,
    deadline: int = DEADLINE,
    image: str = "",
    user: int | None = None,
) -> Obj:
    """A Job that runs a command once with the image, env and mounts of a workload's container."""
    template = workload["spec"]["template"]
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "labels": _labels(app, name)},
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": deadline,
            "ttlSecondsAfterFinished": KEPT,
            "template": {
                "metadata": {"labels": _labels(app, name)},
                "spec": _pod_spec(template["spec"], container, command, size, image=image, user=user),
            },
        },
    }


def pod_of_proc(
    workload: Mapping[str, Any],
    *,
    name: str,
    app: str,
    container: str,
    size: Size,
    deadline: int = DEADLINE,
    image: str = "",
    user: int | None = None,
) -> Obj:
    """A pod that waits for somebody to open a shell in it, and ends by itself when nobody ends it."""
    waiting = ["sh", "-c", f"sleep {deadline}"]
    spec = _pod_spec(workload["spec"]["template"]["spec"], container, waiting, size, image=image, user=user)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": _labels(app, name)},
        "spec": {**spec, "activeDeadlineSeconds": deadline, "terminationGracePeriodSeconds": 0},
    }


def job_of_cron(cron: Mapping[str, Any], *, name: str) -> Obj:
    """A Job as the cronjob would make it, and owned by it, as `kubectl create job --from` makes it."""
    template = cron["spec"]["jobTemplate"]
    metadata = template.get("metadata") or {}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "labels": metadata.get("labels") or {},
            "annotations": {
                **(metadata.get("annotations") or {}),
                "cronjob.kubernetes.io/instantiate": "manual",
            },
            "ownerReferences": [
                {
                    "apiVersion": "batch/v1",
                    "kind": "CronJob",
                    "name": cron["metadata"]["name"],
                    "uid": cron["metadata"]["uid"],
                    "controller": True,
                }
            ],
        },
        "spec": template["spec"],
    }


def _labels(app: str, name: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": app,
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/managed-by": MANAGED_BY,
    }


def _pod_spec(
    spec: Mapping[str, Any], name: str, command: Sequence[str], size: Size, *, image: str, user: int | None
) -> Obj:
    container = next((each for each in spec["containers"] if each["name"] == name), None)
    if container is None:
        raise LainError(f"there is no container {name} in the proc's pods")
    kept = {key: spec[key] for key in _POD_KEYS if key in spec}
    run = {key: container[key] for key in _CONTAINER_KEYS if key in container}
    if image:
        run["image"] = image
    if user is not None:
        # 0 is refused to what must not be root: who names it means it.
        run["securityContext"] = {
            **(run.get("securityContext") or {}), "runAsUser": user, "runAsNonRoot": user != 0,
        }  # fmt: skip
    return {
        **kept,
        "restartPolicy": "Never",
        "containers": [{"name": name, **run, "command": list(command), "resources": size.resources}],
    }
