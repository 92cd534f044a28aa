"""What the values say of the image, checked and with every default filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.image.names import image_name
from lain_tui.core.lint.building import check_build
from lain_tui.core.lint.report import Place, Report, scalar
from lain_tui.core.model.text import listed
from lain_tui.core.values.layers import Values
from lain_tui.core.values.node import Node

WORKDIR = "/lain/app"
IMAGE_OWN = frozenset({"PATH", "HOME", "HOSTNAME", "PWD", "SHELL", "TERM", "USER"})
"""Variables that an image has of its own: this machine's are never given to a build."""

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::[-+][^}]*)?\}")


class Stage(StrEnum):
    """One of the images that a Dockerfile makes."""

    PREPARE = "prepare"
    BUILD = "build"
    RELEASE = "release"


class StageSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What one stage does."""

    base: str
    workdir: str = WORKDIR
    env: dict[str, str] = {}
    script: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    """prepare only: paths in workdir that stay."""
    copy: tuple[tuple[str, str], ...] = ()
    """release only: from where in the build stage, to where."""

    @property
    def arguments(self) -> tuple[str, ...]:
        """The build arguments that its env asks for, in the order in which they appear."""
        found = {}
        for key, value in self.env.items():
            for match in REFERENCE.finditer(value):
                if match[1] == key or match[1] not in self.env:
                    found[match[1]] = True
        return tuple(found)


class BuildSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The stages of an app's image."""

    app: str
    build: StageSpec
    prepare: StageSpec | None = None
    release: StageSpec | None = None

    @property
    def last(self) -> Stage:
        """The stage that makes the image which is deployed."""
        return Stage.RELEASE if self.release else Stage.BUILD


def app_name(values: Values) -> str:
    """The app that images are named after; raises LainError for a chart that has none, and says what works on it."""
    name = values.get("appname")
    if not name:
        raise LainError(
            "the values have no appname, so this is no chart of lain's and there is no image to name",
            where=str(values.layers[0].path) if values.layers else "",
            hint="values, template and lint take any chart; status and logs do with --app NAME.",
        )
    return str(name)


def image_of(values: Values, proc: str, *, registry: str = "") -> str:
    """The image that the values give a proc; empty when it runs the app's. Raises LainError when there is no such proc."""
    procs: dict[str, Any] = {}
    for kind in ("jobs", "cronjobs", "statefulSets", "deployments"):
        procs |= values.get(kind) or {}
    if proc not in procs:
        hint = f"They have {listed(sorted(procs), most=8)}." if procs else ""
        raise LainError(f"the values have no proc {proc}", hint=hint)
    own = procs[proc] or {}
    if own.get("image"):
        return str(own["image"])
    return image_name(registry, app_name(values), str(own["imageTag"])) if own.get("imageTag") else ""


def read_spec(values: Values) -> BuildSpec:
    """The image's spec; raises LainError with file, line and key for the first thing wrong in it."""
    first = values.layers[0] if values.layers else None
    if first is None or values.get("build") is None:
        raise LainError(
            "there is no build in the values, so there is no image to make",
            where=str(first.path) if first else "",
            hint="Add build.base and build.script to chart/values.yaml.",
        )
    report = Report()
    check_build(report, Place(Node(values.table, first.path, 1)))
    if report.findings:
        finding = report.findings[0]
        raise LainError(
            finding.what, where=f"{finding.file}:{finding.line}: {finding.key}", hint=finding.mend
        )
    build = values.get("build")
    release = values.get("release")
    prepare = build.get("prepare")
    return BuildSpec(
        app=app_name(values),
        build=_stage(build, str(build["base"])),
        prepare=_stage(prepare, str(build["base"]), workdir=build.get("workdir")) if prepare else None,
        release=_stage(release, str(release.get("dest_base") or build["base"])) if release else None,
    )


def _stage(part: Mapping[str, Any], base: str, workdir: str | None = None) -> StageSpec:
    return StageSpec(
        base=base,
        workdir=part.get("workdir") or workdir or WORKDIR,
        env={key: scalar(value) for key, value in (part.get("env") or {}).items()},
        script=tuple(part.get("script") or ()),
        keep=tuple(_normal(path) for path in part.get("keep") or ()),
        copy=tuple(_copy(entry) for entry in part.get("copy") or ()),
    )


def _normal(path: str) -> str:
    return "/".join(piece for piece in path.split("/") if piece not in {"", "."})


def _copy(entry: str | Mapping[str, str]) -> tuple[str, str]:
    if isinstance(entry, str):
        return entry, entry
    return entry["src"], entry.get("dest") or entry["src"]
