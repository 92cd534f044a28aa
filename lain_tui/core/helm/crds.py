"""What stands in a chart's `crds/`: helm sees to it before a first install, and never again."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lain_tui.core.helm.objects import Rendered

_FOLDER = re.compile(r"(?:charts/[^/]+/)*crds/")


def apart(objects: Iterable[Rendered]) -> tuple[list[Rendered], list[Rendered]]:
    """The objects of the release, and those of `crds/`, its subcharts' too."""
    own: list[Rendered] = []
    crds: list[Rendered] = []
    for one in objects:
        (crds if _FOLDER.match(one.source) else own).append(one)
    return own, crds


def defined(crds: Iterable[Rendered]) -> set[tuple[str, str]]:
    """Group and kind of what these let exist."""
    specs = [one.body.get("spec") or {} for one in crds if one.kind == "CustomResourceDefinition"]
    return {(str(spec.get("group", "")), str((spec.get("names") or {}).get("kind", ""))) for spec in specs}


def is_of(one: Rendered, kinds: set[tuple[str, str]]) -> bool:
    """Whether the object is of one of these kinds."""
    return (one.api_version.rpartition("/")[0], one.kind) in kinds
