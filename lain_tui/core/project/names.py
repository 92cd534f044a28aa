"""What an app may be called."""

from __future__ import annotations

import re

RESERVED_NAMES = frozenset(
    {
        "appname",
        "base",
        "build",
        "canaryGroups",
        "command",
        "containerPort",
        "copy",
        "cpu",
        "cronjob",
        "cronjobs",
        "deploy",
        "deployName",
        "deployment",
        "deployments",
        "dest_base",
        "domain",
        "domain_suffix",
        "env",
        "externalIng",
        "externalIngress",
        "externalIngresses",
        "extra_docs",
        "host",
        "hostAliases",
        "hostnames",
        "hpa",
        "ing",
        "ingress",
        "ingresses",
        "initContainers",
        "ip",
        "job",
        "jobs",
        "keep",
        "limits",
        "memory",
        "mountPath",
        "paths",
        "prepare",
        "readinessProbe",
        "release",
        "releaseName",
        "replicaCount",
        "requests",
        "resources",
        "script",
        "secrets_env",
        "statefulSet",
        "statefulSets",
        "statefulset",
        "sts",
        "subPath",
        "tests",
        "volumeMounts",
        "workdir",
    }
)
"""Keys of the values' schema: an app, release, proc, job or test of that name would be taken for the key."""

MAX_RELEASE_NAME = 53
"""Helm's own limit, which leaves room for what is added to a release's name."""

_DNS_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


def name_fault(name: str, *, longest: int = 63) -> str:
    """Why `name` cannot name a Service (RFC 1035: `RELEASE-PROC` becomes one), or "" when it can."""
    if name in RESERVED_NAMES:
        return f"{name} is a key of the values itself"
    if not _DNS_LABEL.fullmatch(name):
        return f"{name!r} must be lower-case letters, digits and dashes, and begin with a letter"
    if len(name) > longest:
        return f"{name} has {len(name)} characters, {longest} at most"
    return ""
