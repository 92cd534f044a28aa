"""Where a container's environment comes from, and which Secrets, ConfigMaps and keys are missing."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from lain_tui.core.model.finding import Evidence, Finding, Remedy
from lain_tui.core.model.pod import Container
from lain_tui.core.model.text import listed, plain
from lain_tui.core.triage.case import (
    Keys,
    PodCase,
    called,
    event_evidence,
    events_of,
    finding,
    latest_event,
    status_evidence,
    trouble,
)


class EnvSources(msgspec.Struct, frozen=True, kw_only=True):
    """The places that give a container its environment, and the names each gives."""

    values: frozenset[str] = frozenset()
    """Set in the container itself: what values' `env` becomes."""
    secrets: dict[str, Keys | None] = {}
    """By name, in the order of envFrom; None where it was not looked at."""
    config_maps: dict[str, Keys | None] = {}

    @property
    def known(self) -> frozenset[str]:
        """Every name that is known to be set."""
        read = [
            keys.names for keys in (*self.secrets.values(), *self.config_maps.values()) if keys and keys.names
        ]
        return self.values.union(*read)

    @property
    def complete(self) -> bool:
        """All of the places could be read."""
        return all(
            keys is not None and (keys.names is not None or not keys.exists)
            for keys in (*self.secrets.values(), *self.config_maps.values())
        )


def env_sources(case: PodCase, container: Container) -> EnvSources:
    """The environment's sources of one container of the case."""
    sources = container.env_from or ()
    return EnvSources(
        values=frozenset(variable.name for variable in container.env or ()),
        secrets={
            one.secret_ref.name: case.secrets.get(one.secret_ref.name) for one in sources if one.secret_ref
        },
        config_maps={
            one.config_map_ref.name: case.config_maps.get(one.config_map_ref.name)
            for one in sources
            if one.config_map_ref
        },
    )


def missing_everywhere(case: PodCase, container: Container, key: str) -> str:
    """Say where a variable is not that the program asked for: `X is in none of: Secret dummy-env, values env`."""
    sources = env_sources(case, container)
    if key in sources.known:
        return f"{key} is set in {_holder(sources, key)}: its value may be empty, or newer than this pod."
    places = [
        *(_place("Secret", name, keys) for name, keys in sources.secrets.items()),
        *(_place("ConfigMap", name, keys) for name, keys in sources.config_maps.items()),
        "values env",
    ]
    if sources.complete:
        return f"{key} is in none of: {', '.join(places)}."
    unread = [
        name
        for name, keys in (*sources.secrets.items(), *sources.config_maps.items())
        if keys is None or (keys.names is None and keys.exists)
    ]
    if not case.gathered:
        return f"{key} is not in values env; looking into {listed(unread)}."
    return f"{key} is not in values env; you may not look into {listed(unread)}."


def _place(kind: str, name: str, keys: Keys | None) -> str:
    return f"{kind} {name}" + ("" if keys is None or keys.exists else " (which does not exist)")


def _holder(sources: EnvSources, key: str) -> str:
    if key in sources.values:
        return "values env"
    for kind, places in (("Secret", sources.secrets), ("ConfigMap", sources.config_maps)):
        for name, keys in places.items():
            if keys is not None and keys.names and key in keys.names:
                return f"{kind} {name}"
    return "its environment"


# The kubelet's words (pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables, and the client's NotFound).
_NO_KEY = re.compile(r"couldn't find key (?P<key>\S+) in (?P<kind>Secret|ConfigMap) (?P<path>\S+)")
_NO_OBJECT = re.compile(r"(?P<kind>secret|configmap)s? \"(?P<name>[^\"]+)\" not found", re.IGNORECASE)
_INVALID_NAMES = re.compile(
    r"[Kk]eys \[(?P<keys>[^\]]*)\] from the EnvFrom (?P<kind>\S+) (?P<path>\S+) were skipped"
)
_NON_ROOT = re.compile(r"container has runAsNonRoot and image (?:will run as root|has non-numeric user)")


def config_error(case: PodCase) -> Finding | None:
    """CreateContainerConfigError: a Secret, a ConfigMap or a key of one is missing."""
    found = trouble(case)
    waiting = found.status.state.waiting if found is not None else None
    if (
        found is None
        or waiting is None
        or waiting.reason not in ("CreateContainerConfigError", "CreateContainerError")
    ):
        return None
    name = called(case, found)
    failed = latest_event(case, "Failed")
    text = waiting.message or (failed.message if failed else "")
    evidence = [
        *event_evidence(events_of(case, "Failed"), most=4),
        status_evidence(waiting.message, waiting.reason),
    ]
    if match := _NO_KEY.search(text):
        kind, key, owner = match["kind"], match["key"], match["path"].rpartition("/")[2]
        return finding(
            case,
            "key-missing",
            f"{name} cannot start: {kind} {owner} has no key {key}",
            explanation=[f"The pod asks for {key} of {kind} {owner} by name, and does not start without it."],
            container=found.name,
            evidence=evidence,
            remedies=add_key(case, kind, owner, key),
        )
    if match := _NO_OBJECT.search(text):
        kind = "Secret" if match["kind"].lower() == "secret" else "ConfigMap"
        return object_missing(case, kind, match["name"], name=name, container=found.name, evidence=evidence)
    if _NON_ROOT.search(text):
        return finding(
            case,
            "runs-as-root",
            f"{name} may not run as root, and its image would",
            explanation=["The image must end with USER and a number, such as USER 1001."],
            container=found.name,
            evidence=evidence,
        )
    if waiting.reason == "CreateContainerError":
        return None
    return finding(
        case,
        "config-error",
        f"{name} cannot be configured",
        explanation=[text],
        container=found.name,
        evidence=evidence,
    )


def object_missing(
    case: PodCase, kind: str, missing: str, *, name: str, container: str, evidence: Iterable[Evidence]
) -> Finding:
    """A finding about a Secret or ConfigMap that is not there."""
    return finding(
        case,
        "secret-missing" if kind == "Secret" else "config-map-missing",
        f"{name} cannot start: {kind} {missing} does not exist",
        explanation=[f"It must be in namespace {case.pod.metadata.namespace} before the pod can start."],
        container=container,
        evidence=evidence,
        remedies=_create(case, kind, missing),
    )


def add_key(case: PodCase, kind: str, owner: str, key: str) -> list[Remedy]:
    """Offer to add a key to a Secret of the app; nothing can be offered for a ConfigMap."""
    if kind != "Secret":
        return []
    verb = "secret.edit" if owner == f"{case.app}-secret" else "env.add"
    return [Remedy(text=f"add it to {plain(owner)}", verb=verb, arguments={"secret": owner, "key": key})]


def _create(case: PodCase, kind: str, name: str) -> list[Remedy]:
    if kind != "Secret":
        return []
    verb = "secret.edit" if name == f"{case.app}-secret" else "env.edit"
    return [Remedy(text=f"create {plain(name)}", verb=verb, arguments={"secret": name})]


def skipped_names(case: PodCase) -> str:
    """A sentence when the kubelet left out keys that are no names for variables; empty when it did not."""
    event = latest_event(case, "InvalidEnvironmentVariableNames")
    match = _INVALID_NAMES.search(event.message) if event else None
    return f"{match['path']} has keys that cannot be variables: {match['keys']}." if match else ""
