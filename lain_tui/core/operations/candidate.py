"""What a deploy would make of a release: the values it gives helm, and the objects they render to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from lain_tui.core.config.resolve import target_values
from lain_tui.core.errors import LainError
from lain_tui.core.helm.crds import apart
from lain_tui.core.helm.given import given_values
from lain_tui.core.helm.objects import Rendered, split_manifest
from lain_tui.core.helm.runner import Helm
from lain_tui.core.notify.notice import executor
from lain_tui.core.project.git import GitFacts, read_facts, remote_url
from lain_tui.core.target import Target
from lain_tui.core.values.edit import parse_value
from lain_tui.core.values.layers import Values

CANARY = "-canary"
"""What a canary release's name ends in."""
CANARY_ANNOTATION = "nginx.ingress.kubernetes.io/canary"
WEIGHT = f"{CANARY_ANNOTATION}-weight"
_CANARY_ON = {CANARY_ANNOTATION: "true", WEIGHT: "0"}


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What the user has chosen to deploy."""

    tag: str = ""
    """The image tag; empty for that of HEAD."""
    sets: tuple[str, ...] = ()
    """`KEY.KEY=VALUE`, the value as YAML reads it."""
    canary: bool = False
    ignore_lint: bool = False
    after_canary: bool = False
    """It is the end of a canary, which therefore may be out."""
    auto_pilot: bool = False
    """Do what follows by itself: build a missing image, roll a stuck release back."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A release as it would be."""

    release: str
    tag: str
    chart: Path
    values: Values
    given: dict[str, Any]
    """What helm is given above the chart's own values."""
    objects: tuple[Rendered, ...]
    crds: tuple[Rendered, ...] = ()
    """What stands in the chart's `crds/`: no part of the release."""
    facts: GitFacts | None = None
    said: tuple[str, ...] = ()
    """What helm warned of while it rendered."""

    @property
    def effective(self) -> dict[str, Any]:
        return self.values.effective()


async def make_candidate(target: Target, choice: Choice, helm: Helm) -> Candidate:
    """Render what would be deployed.

    Raises LainError when there is no chart, for values that cannot be read, and when it does not render.
    """
    chart = chart_of(target)
    values = target_values(target)
    facts = await read_facts(chart.parent)
    overlay = parse_sets(choice.sets)
    tag = choice.tag or str(overlay.get("imageTag") or "") or (facts.tag if facts is not None else "latest")
    settings: dict[str, Any] = {"cluster": target.cluster, "user": executor(), "imageTag": tag}
    if url := await remote_url(chart.parent):
        settings["repo_url"] = url
    given = given_values(values)
    merge_over(given, overlay)
    given |= settings
    release = target.release or target.app
    if choice.canary:
        release += CANARY
        _as_canary(given)
    said: list[str] = []
    manifest = await helm.render(
        chart, given, release=release, namespace=target.namespace, crds=True, on_word=said.append
    )
    objects, crds = apart(split_manifest(manifest))
    return Candidate(
        release=release,
        tag=tag,
        chart=chart,
        values=values,
        given=given,
        objects=tuple(objects),
        crds=tuple(crds),
        facts=facts,
        said=tuple(said),
    )


def chart_of(target: Target) -> Path:
    """The app's chart; raises LainError when the app's repository is not here."""
    if target.chart is None:
        raise LainError(
            f"the chart of {target.app or 'the app'} is not here",
            hint="Go into the app's repository, where chart/values.yaml is.",
        )
    return target.chart


def parse_sets(sets: Sequence[str]) -> dict[str, Any]:
    """`a.b=1` as a table; `imageTag` and `user` are text whatever they look like. Raises LainError."""
    table: dict[str, Any] = {}
    for text in sets:
        key, equals, written = text.partition("=")
        path = [part for part in key.strip().split(".") if part]
        if not equals or not path:
            raise LainError(f"{text!r} is no setting", hint="Write KEY=VALUE, or KEY.KEY=VALUE.")
        value = written if path in (["imageTag"], ["user"]) else _value(written, text)
        inner = table
        for part in path[:-1]:
            below = inner.setdefault(part, {})
            if not isinstance(below, dict):
                raise LainError(f"{text!r}: {part} is set to a single value before")
            inner = below
        inner[path[-1]] = value
    return table


def _value(written: str, text: str) -> Any:
    try:
        return parse_value(written)
    except LainError as error:
        raise LainError(f"{text!r}: {error.what}", hint=error.hint) from None


def merge_over(below: dict[str, Any], above: Mapping[str, Any]) -> None:
    """Put the keys of one table over those of another, maps within maps."""
    for key, value in above.items():
        known = below.get(key)
        if isinstance(value, dict) and isinstance(known, dict):
            merge_over(known, value)
        else:
            below[key] = value


def _as_canary(given: dict[str, Any]) -> None:
    """A canary takes no traffic before a group is chosen, and runs no job a second time."""
    for key in ("ingressAnnotations", "externalIngressAnnotations"):
        given[key] = {**(given.get(key) or {}), **_CANARY_ON}
    for key in ("cronjobs", "cronjob", "jobs", "job", "tests"):
        given[key] = None
