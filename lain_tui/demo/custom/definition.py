"""From a CustomResourceDefinition to the kinds it makes: what it leaves unsaid, and what it means."""

from __future__ import annotations

from ..kinds import Kind
from ..storage import Obj
from . import models


def fill(definition: Obj) -> None:
    """Put in what it may leave unsaid, in place."""
    spec = definition.get("spec") or {}
    names = spec.get("names") or {}
    if kind := names.get("kind"):
        names.setdefault("singular", kind.lower())
        names.setdefault("listKind", f"{kind}List")
    if spec:
        spec.setdefault("conversion", {"strategy": "None"})
    stored = [version["name"] for version in spec.get("versions") or [] if version.get("storage")]
    first = {"acceptedNames": {"kind": "", "plural": ""}, "conditions": None, "storedVersions": stored}
    definition.setdefault("status", first)


def kinds_of(definition: Obj) -> tuple[Kind, ...]:
    """The kinds that it makes, one for each version that is served."""
    spec, meta = definition["spec"], definition["metadata"]
    names = spec["names"]
    return tuple(
        Kind(
            names["kind"],
            names["plural"],
            spec["group"],
            version["name"],
            namespaced=spec["scope"] == "Namespaced",
            short=tuple(names.get("shortNames") or ()),
            categories=tuple(names.get("categories") or ()),
            status="status" in (version.get("subresources") or {}),
            model=models.declare(
                f"{meta['uid']}.{meta['generation']}.{version['name']}.{names['kind']}",
                version["schema"]["openAPIV3Schema"],
            ),
            custom=version,
        )
        for version in spec["versions"]
        if version.get("served")
    )
