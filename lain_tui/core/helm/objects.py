"""The objects in a manifest, each with the template that it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from lain_tui.core.errors import LainError

_SEPARATOR = re.compile(r"^---[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_SOURCE = re.compile(r"^# Source: (\S+)", re.MULTILINE)


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """One object as helm rendered it."""

    source: str
    """Its template's path in the chart: `templates/deployment.yaml`."""
    body: dict[str, Any]

    @property
    def api_version(self) -> str:
        return str(self.body.get("apiVersion", ""))

    @property
    def kind(self) -> str:
        return str(self.body.get("kind", ""))

    @property
    def name(self) -> str:
        metadata = self.body.get("metadata")
        return str(metadata.get("name", "")) if isinstance(metadata, dict) else ""

    @property
    def annotations(self) -> dict[str, str]:
        metadata = self.body.get("metadata")
        return (metadata.get("annotations") or {}) if isinstance(metadata, dict) else {}


def split_manifest(manifest: str) -> list[Rendered]:
    """Read a manifest; the items of a List are objects of their own, as they are to the API server.

    Raises LainError naming the template whose output is no YAML.
    """
    import yaml  # type: ignore[import-untyped]

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    objects = []
    source = ""
    for document in _SEPARATOR.split(manifest):
        # Helm's library names the template once for all of its documents, the program for each.
        if match := _SOURCE.search(document):
            source = match[1].partition("/")[2]
        try:
            body = yaml.load(document, Loader=loader)
        except yaml.YAMLError as error:
            problem = getattr(error, "problem", None) or "it cannot be read"
            raise LainError(
                f"what it renders is no YAML: {problem}{_line(error, document)}",
                where=source,
                hint="lain-tui template prints it.",
            ) from error
        if isinstance(body, dict):
            objects += [Rendered(source=source, body=one) for one in _items(body)]
    return objects


def _line(error: Exception, document: str) -> str:
    """Where in the template's output, counted as its author does: without the lines that helm puts before it."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return ""
    lines = document.splitlines()
    before = next((number for number, line in enumerate(lines, 1) if _SOURCE.match(line)), 1)
    return f" (line {mark.line + 1 - before} of it)"


def _items(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    items = body.get("items")
    if not str(body.get("kind", "")).endswith("List") or not isinstance(items, list):
        yield body
        return
    for item in items:
        if isinstance(item, dict):
            yield from _items(item)
