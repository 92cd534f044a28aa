"""A place in the values, and the list of what was found there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lain_tui.core.model.lint import LintFinding, LintSeverity
from lain_tui.core.values.node import Node


class Place:
    """A value, the path that leads to it, and where it is written."""

    __slots__ = ("key", "node")

    def __init__(self, node: Node, key: str = "") -> None:
        self.node = node
        self.key = key

    @property
    def value(self) -> Any:
        """The value itself: a scalar, or a map or list of nodes."""
        return self.node.value

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.key.rpartition(".")[2]

    def get(self, key: str) -> Place | None:
        """What stands under `key`; None when it is absent, null, or this is no map."""
        node = self.node.value.get(key) if isinstance(self.node.value, dict) else None
        return None if node is None or node.value is None else Place(node, self._join(key))

    def entries(self) -> Iterator[tuple[str, Place]]:
        """A map's entries, null ones included; nothing when it is no map."""
        if isinstance(self.node.value, dict):
            for key, node in self.node.value.items():
                yield key, Place(node, self._join(key))

    def items(self) -> Iterator[Place]:
        """A list's items; nothing when it is no list."""
        if isinstance(self.node.value, list):
            for index, node in enumerate(self.node.value):
                yield Place(node, f"{self.key}[{index}]")

    def _join(self, key: str) -> str:
        return f"{self.key}.{key}" if self.key else key


class Report:
    """Findings in the order in which they were found, and the checks of shape that every rule begins with."""

    def __init__(self) -> None:
        self.findings: list[LintFinding] = []

    def error(self, place: Place, rule: str, what: str, mend: str = "") -> None:
        self._add(place, rule, what, mend, LintSeverity.ERROR)

    def warning(self, place: Place, rule: str, what: str, mend: str = "") -> None:
        self._add(place, rule, what, mend, LintSeverity.WARNING)

    def _add(self, place: Place, rule: str, what: str, mend: str, severity: LintSeverity) -> None:
        self.findings.append(
            LintFinding(
                rule=rule,
                severity=severity,
                what=what,
                mend=mend,
                file=str(place.node.path),
                line=place.node.line,
                key=place.key,
            )
        )

    def missing(self, parent: Place, key: str, mend: str = "") -> None:
        """A required key is absent: the place is its parent's, the key its own."""
        place = Place(parent.node, f"{parent.key}.{key}" if parent.key else key)
        self.error(place, "required", f"{key} is missing", mend)

    def table(self, place: Place | None) -> bool:
        """Whether it is a map; anything else but nothing is a finding."""
        return self._shape(place, dict, "a map of keys and values")

    def sequence(self, place: Place | None) -> bool:
        """Whether it is a list; anything else but nothing is a finding."""
        return self._shape(place, list, "a list")

    def text(self, place: Place | None) -> bool:
        """Whether it is text; anything else but nothing is a finding."""
        if place is None:
            return False
        mend = "" if isinstance(place.value, list | dict) else f'Write "{scalar(place.value)}".'
        if isinstance(place.value, dict) and len(place.value) == 1:
            mend = "Quote the whole text: the colon and the blank in it make it a map."
        return self._shape(place, str, "text", mend)

    def whole(self, place: Place | None) -> bool:
        """Whether it is a whole number; anything else but nothing is a finding."""
        if place is not None and isinstance(place.value, bool):
            return self._shape(place, list, "a whole number")
        return self._shape(place, int, "a whole number")

    def texts(self, place: Place | None) -> bool:
        """Whether it is a list of texts."""
        if place is None or not self.sequence(place):
            return False
        wrong = [item for item in place.items() if not self.text(item)]
        return not wrong

    def _shape(self, place: Place | None, kind: type, wanted: str, mend: str = "") -> bool:
        if place is None:
            return False
        if isinstance(place.value, kind):
            return True
        self.error(place, "type", f"{place.name} must be {wanted}, this is {described(place.value)}", mend)
        return False


def described(value: Any) -> str:
    """A value's kind in words, with the value where it is short."""
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return f"the truth value {scalar(value)}"
    if isinstance(value, int | float):
        return f"the number {value}"
    return f"the text {value!r}" if len(str(value)) <= 40 else "a text"


def scalar(value: Any) -> str:
    """A scalar as YAML writes it without quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
