"""Discovery: which groups, versions and resources there are, in the old form and the aggregated one."""

from __future__ import annotations

from collections.abc import Iterator

from ..cluster import VERSION
from ..kinds import READ_VERBS, REVIEWS, Kind, Kinds
from ..storage import Obj
from .route import SUBVERBS

_SUBKINDS = {
    "scale": ("autoscaling", "v1", "Scale"),
    "eviction": ("policy", "v1", "Eviction"),
    "binding": ("", "v1", "Binding"),
    "exec": ("", "v1", "PodExecOptions"),
    "attach": ("", "v1", "PodAttachOptions"),
    "portforward": ("", "v1", "PodPortForwardOptions"),
    "token": ("authentication.k8s.io", "v1", "TokenRequest"),
}


def version() -> Obj:
    major, minor, _ = VERSION.removeprefix("v").split(".")
    return {
        "major": major,
        "minor": minor,
        "gitVersion": VERSION,
        "gitCommit": "0" * 40,
        "gitTreeState": "clean",
        "buildDate": "2026-06-10T00:00:00Z",
        "goVersion": "go1.26.1",
        "compiler": "gc",
        "platform": "linux/amd64",
    }


def serves(path: str, kinds: Kinds) -> bool:
    """Tell whether a path lies in a group that there is, even if it names nothing in it."""
    parts = path.strip("/").split("/")
    if parts[0] == "api":
        return len(parts) > 1
    return parts[0] == "apis" and len(parts) > 2 and parts[1] in group_versions(kinds)


def group_versions(kinds: Kinds) -> dict[str, list[str]]:
    """Give the versions of each named group."""
    groups: dict[str, list[str]] = {}
    found = [(kind.group, kind.version) for kind in kinds]
    found += [(key.split("/")[0], key.split("/")[1]) for key in REVIEWS]
    for group, name in found:
        if group and name not in groups.setdefault(group, []):
            groups[group].append(name)
    return groups


def groups_of(path: str) -> bool:
    """Tell whether a path is that of all groups, or of all versions of one."""
    parts = path.strip("/").split("/")
    return parts[0] == "apis" and len(parts) < 3


def _group(name: str, versions: list[str]) -> Obj:
    listed = [{"groupVersion": f"{name}/{each}", "version": each} for each in versions]
    return {"name": name, "versions": listed, "preferredVersion": listed[0]}


def answer(path: str, aggregated: bool, kinds: Kinds) -> tuple[Obj, str] | None:
    """Answer a discovery path with a body and its media type; None when the path is something else."""
    plain = "application/json"
    bundled = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    parts = path.strip("/").split("/")
    groups = group_versions(kinds)
    if parts == ["version"]:
        return version(), plain
    if parts == ["api"]:
        if aggregated:
            return _aggregated([("", ["v1"])], kinds), bundled
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}, plain
    if parts == ["apis"]:
        if aggregated:
            return _aggregated(list(groups.items()), kinds), bundled
        listed = [_group(*each) for each in groups.items()]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": listed}, plain
    if parts == ["api", "v1"]:
        return _resources("", "v1", kinds), plain
    if parts[0] == "apis" and len(parts) == 2 and parts[1] in groups:
        return {"kind": "APIGroup", "apiVersion": "v1", **_group(parts[1], groups[parts[1]])}, plain
    if parts[0] == "apis" and len(parts) == 3 and parts[2] in groups.get(parts[1], []):
        return _resources(parts[1], parts[2], kinds), plain
    return None


def _kinds(group: str, name: str, kinds: Kinds) -> Iterator[Kind]:
    found = (kind for kind in kinds if (kind.group, kind.version) == (group, name))
    return iter(sorted(found, key=lambda kind: kind.plural))


def _subresources(kind: Kind) -> Iterator[tuple[str, list[str], tuple[str, str, str]]]:
    own = (kind.group, kind.version, kind.kind)
    for sub in (*kind.subresources, *(("status",) if kind.status else ())):
        yield sub, list(SUBVERBS[sub]), _SUBKINDS.get(sub, own)


def _resources(group: str, name: str, kinds: Kinds) -> Obj:
    listed: list[Obj] = []
    for kind in _kinds(group, name, kinds):
        entry: Obj = {
            "name": kind.plural,
            "singularName": "" if kind.verbs == READ_VERBS else kind.singular,
            "namespaced": kind.namespaced,
            "kind": kind.kind,
            "verbs": list(kind.verbs),
        }
        if kind.short:
            entry["shortNames"] = list(kind.short)
        if kind.categories:
            entry["categories"] = list(kind.categories)
        listed.append(entry)
        for sub, verbs, (sub_group, sub_version, sub_kind) in _subresources(kind):
            item: Obj = {
                "name": f"{kind.plural}/{sub}",
                "singularName": "",
                "namespaced": kind.namespaced,
                "kind": sub_kind,
                "verbs": verbs,
            }
            if sub_kind != kind.kind:
                item |= {"group": sub_group, "version": sub_version}
            listed.append(item)
    for review, plural, namespaced in REVIEWS.get(f"{group}/{name}", ()):
        listed.append(
            {
                "name": plural,
                "singularName": review.lower(),
                "namespaced": namespaced,
                "kind": review,
                "verbs": ["create"],
            }
        )
    group_version = f"{group}/{name}" if group else name
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": listed}


def _aggregated(groups: list[tuple[str, list[str]]], kinds: Kinds) -> Obj:
    items = []
    for group, versions in groups:
        listed = [
            {"version": each, "freshness": "Current", "resources": _aggregated_resources(group, each, kinds)}
            for each in versions
        ]
        items.append({"metadata": {"name": group, "creationTimestamp": None}, "versions": listed})
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    }


def _aggregated_resources(group: str, name: str, kinds: Kinds) -> list[Obj]:
    listed: list[Obj] = []
    for kind in _kinds(group, name, kinds):
        entry: Obj = {
            "resource": kind.plural,
            "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
            "scope": "Namespaced" if kind.namespaced else "Cluster",
            "singularResource": kind.singular,
            "verbs": list(kind.verbs),
        }
        if kind.short:
            entry["shortNames"] = list(kind.short)
        if kind.categories:
            entry["categories"] = list(kind.categories)
        subs = [
            {
                "subresource": sub,
                "responseKind": {"group": answer[0], "version": answer[1], "kind": answer[2]},
                "verbs": verbs,
            }
            for sub, verbs, answer in _subresources(kind)
        ]
        if subs:
            entry["subresources"] = subs
        listed.append(entry)
    for review, plural, namespaced in REVIEWS.get(f"{group}/{name}", ()):
        listed.append(
            {
                "resource": plural,
                "responseKind": {"group": group, "version": name, "kind": review},
                "scope": "Namespaced" if namespaced else "Cluster",
                "singularResource": review.lower(),
                "verbs": ["create"],
            }
        )
    return listed
