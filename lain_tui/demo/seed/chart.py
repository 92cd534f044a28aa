"""The chart the demo's apps are deployed from, and what it renders to.

The templates are Go templates, for helm to use; `render` says in Python what they come to for the values the demo gives
them. The tests hold the two together with a real helm.
"""

from __future__ import annotations

import base64
from importlib.resources import files
from typing import Any

from ..storage import Obj, copy

_TEMPLATES = ("services.yaml", "deployments.yaml", "hpa.yaml", "cronjobs.yaml", "ingresses.yaml")


def _read(name: str) -> str:
    return files(__package__).joinpath("chart_files", *name.split("/")).read_text(encoding="utf-8")


def record(values: Obj) -> Obj:
    """Give the chart as a release record holds it."""
    templates = [*_TEMPLATES, "NOTES.txt"]
    return {
        "metadata": {
            "name": values["appname"],
            "version": "0.1.0",
            "description": "A chart for Kubernetes, as lain makes them",
            "apiVersion": "v2",
            "appVersion": "0.1.0",
            "type": "application",
        },
        "lock": None,
        "templates": [
            {
                "name": f"templates/{name}",
                "data": base64.b64encode(_read(f"templates/{name}").encode()).decode(),
            }
            for name in templates
        ],
        "values": values,
        "schema": None,
        "files": [],
    }


def chart_yaml(name: str) -> str:
    return _read("Chart.yaml").replace("CHART", name)


def template(name: str) -> str:
    return _read(f"templates/{name}")


TEMPLATES = (*_TEMPLATES, "NOTES.txt")


def merged(values: Obj, given: Obj) -> Obj:
    """Merge values as helm does: maps recurse, all else replaces."""
    result = copy(values)
    for key, value in given.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def render(values: Obj, release: str, namespace: str) -> list[tuple[str, Obj]]:
    """Give the objects of a release, each with the template it comes from, in the order helm installs them."""
    app = values["appname"]

    def meta(name: str) -> Obj:
        return {"name": name, "labels": labels(name)}

    def labels(name: str) -> dict[str, str]:
        return {
            "helm.sh/chart": release,
            "app.kubernetes.io/name": app,
            "app.kubernetes.io/instance": name,
            "app.kubernetes.io/managed-by": "Helm",
        }

    def selector(name: str) -> dict[str, str]:
        return {"app.kubernetes.io/name": app, "app.kubernetes.io/instance": name}

    objects: list[tuple[str, Obj]] = []
    procs: Obj = values["deployments"]
    for proc, spec in sorted(procs.items()):
        if "containerPort" in spec:
            name = f"{release}-{proc}"
            port = {"name": "http", "port": 80, "protocol": "TCP", "targetPort": spec["containerPort"]}
            body: dict[str, Any] = {"selector": selector(name), "ports": [port]}
            objects.append(("services.yaml", _obj("v1", "Service", meta(name), body)))
    for proc, spec in sorted(procs.items()):
        name = f"{release}-{proc}"
        pod = _pod(values, proc, spec, namespace)
        body = {
            "replicas": spec["replicaCount"],
            "selector": {"matchLabels": selector(name)},
            "template": {"metadata": {"labels": labels(name)}, "spec": pod},
        }
        objects.append(("deployments.yaml", _obj("apps/v1", "Deployment", meta(name), body)))
    for proc, spec in sorted(procs.items()):
        if "hpa" in spec:
            name = f"{release}-{proc}"
            objects.append(
                (
                    "hpa.yaml",
                    _obj("autoscaling/v2", "HorizontalPodAutoscaler", meta(name), _hpa(name, spec["hpa"])),
                )
            )
    for proc, spec in sorted((values.get("cronjobs") or {}).items()):
        name = f"{release}-{proc}"
        pod = {**_pod(values, proc, spec, namespace), "restartPolicy": "Never"}
        job = {
            "backoffLimit": 0,
            "activeDeadlineSeconds": 3600,
            "ttlSecondsAfterFinished": 86400,
            "template": {"metadata": {"labels": labels(name)}, "spec": pod},
        }
        body = {
            "schedule": spec["schedule"],
            "concurrencyPolicy": "Replace",
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 1,
            "startingDeadlineSeconds": 300,
            "jobTemplate": {"spec": job},
        }
        objects.append(("cronjobs.yaml", _obj("batch/v1", "CronJob", meta(name), body)))
    for ingress in values.get("ingresses") or []:
        name = f"{release}-{ingress['host'].replace('.', '-')}"
        target = f"{release}-{ingress['deployName']}"
        backend = {"service": {"name": target, "port": {"number": 80}}}
        paths = [{"path": path, "pathType": "Prefix", "backend": backend} for path in ingress["paths"]]
        body = {"ingressClassName": "nginx", "rules": [{"host": ingress["host"], "http": {"paths": paths}}]}
        objects.append(("ingresses.yaml", _obj("networking.k8s.io/v1", "Ingress", meta(name), body)))
    return objects


def _obj(version: str, kind: str, meta: Obj, spec: Obj) -> Obj:
    return {"apiVersion": version, "kind": kind, "metadata": meta, "spec": spec}


def _hpa(name: str, spec: Obj) -> Obj:
    target = {"type": "Utilization", "averageUtilization": spec["targetCPU"]}
    return {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
        "minReplicas": spec["minReplicas"],
        "maxReplicas": spec["maxReplicas"],
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
    }


def _pod(values: Obj, proc: str, spec: Obj, namespace: str) -> Obj:
    app = values["appname"]
    env: list[Obj] = [
        {"name": "LAIN_CLUSTER", "value": values["cluster"]},
        {"name": "K8S_NAMESPACE", "value": namespace},
        {"name": "IMAGE_TAG", "value": values["imageTag"]},
    ]
    given = {**(values.get("env") or {}), **(spec.get("env") or {})}
    env += [{"name": key, "value": given[key]} for key in sorted(given)]
    container: dict[str, Any] = {
        "name": proc,
        "image": f"{values['registry']}/{app}:{values['imageTag']}",
        "imagePullPolicy": "IfNotPresent" if "schedule" in spec else "Always",
        "command": spec["command"],
        "envFrom": [{"secretRef": {"name": f"{app}-env"}}],
        "env": env,
        "resources": spec["resources"],
        "volumeMounts": [
            {"name": "secret", "mountPath": mount["mountPath"], "subPath": mount["subPath"]}
            for mount in values.get("volumeMounts") or []
        ],
    }
    if "containerPort" in spec:
        container["ports"] = [{"containerPort": spec["containerPort"], "protocol": "TCP"}]
    if "readinessProbe" in spec:
        container["readinessProbe"] = spec["readinessProbe"]
    return {
        "terminationGracePeriodSeconds": 100,
        "containers": [container],
        "volumes": [{"name": "secret", "secret": {"secretName": f"{app}-secret"}}],
    }
