"""Patterns that users type: a search that highlights, a filter that hides."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from enum import Enum
from functools import cached_property
from typing import Any, Protocol

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.model.logs import Level, LineKind, LogLine
from lain_tui.core.model.record import parse_record, value_text

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_SPECIAL = frozenset(r".^$*+?{}[]\|()")


class LineTest(Protocol):
    """Something that a line has or has not."""

    @property
    def inverse(self) -> bool:
        """Wanted are the lines without it."""

    def matches(self, text: str) -> bool:
        """Whether a line is wanted."""

    def offsets(self, texts: Sequence[str], low: int, high: int) -> list[int]:
        """Which lines of a range are wanted."""


class Pattern(msgspec.Struct, frozen=True, dict=True):
    """A regular expression, or plain text when it is not one.

    Case counts only when the pattern has a capital letter (the habit of less -i, ripgrep -S and vim's smartcase).
    """

    text: str
    inverse: bool = False
    """Wanted are the lines without it."""
    literal: bool = False

    @classmethod
    def parse(cls, typed: str) -> Pattern:
        """Read what was typed behind `/`: a leading `!` inverts.

        Raises LainError when it is not a regular expression, and says how to search for the plain text.
        """
        inverse = typed.startswith("!")
        text = typed[1:] if inverse else typed
        try:
            re.compile(text)
        except re.error as error:
            place = f" at character {error.pos + 1}" if error.pos is not None else ""
            raise LainError(
                f"not a regular expression: {error.msg}{place}",
                where=f"/{typed}",
                hint=f"For the plain text, type /{'!' if inverse else ''}{re.escape(text)}",
            ) from None
        return cls(text, inverse)

    @cached_property
    def regex(self) -> re.Pattern[str]:
        text = re.escape(self.text) if self.literal else self.text
        flags = 0 if any(letter.isupper() for letter in self.text) else re.IGNORECASE
        return re.compile(text, flags)

    @cached_property
    def found_in(self) -> Callable[[str], bool]:
        """Whether a line has it (not minding `inverse`), as the fastest test there is.

        Plain ASCII text is looked for with `in`, several times faster than a regular expression over a million lines.
        """
        needle = self._needle
        if needle is None:
            search = self.regex.search
            return lambda text: search(text) is not None
        if self.regex.flags & re.IGNORECASE:
            return lambda text: needle in text.lower()
        return lambda text: needle in text

    @cached_property
    def _needle(self) -> str | None:
        """The text that is looked for when the pattern is nothing but ASCII text."""
        plain = self.text.isascii() and (self.literal or not _SPECIAL & set(self.text))
        if not plain or not self.text or "\n" in self.text:
            return None
        return self.text.lower() if self.regex.flags & re.IGNORECASE else self.text

    def matches(self, text: str) -> bool:
        """Whether a line is wanted; the colours in it do not count."""
        if "\x1b" in text:
            text = _ANSI.sub("", text)
        return self.found_in(text) is not self.inverse

    def offsets(self, texts: Sequence[str], low: int, high: int) -> list[int]:
        """Which lines of a range are wanted. Plain text is looked for in all of them at once."""
        needle = self._needle
        whole = "\n".join(texts[low:high]) if needle is not None else "\x1b"
        if needle is None or "\x1b" in whole:
            matches = self.matches
            return [offset for offset in range(low, high) if matches(texts[offset])]
        if self.regex.flags & re.IGNORECASE:
            whole = whole.lower()
        found: list[int] = []
        offset, position = low, 0
        while (place := whole.find(needle, position)) >= 0:
            # Counted, not measured: some letters are longer in lower case.
            offset += whole.count("\n", position, place)
            found.append(offset)
            position = whole.find("\n", place)
            if position < 0:
                break
        if not self.inverse:
            return found
        having = set(found)
        return [offset for offset in range(low, high) if offset not in having]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where it stands in a line; empty matches are left out, and so is everything of an inverse pattern."""
        if self.inverse or not self.text:
            return []
        return [match.span() for match in self.regex.finditer(text) if match.end() > match.start()]


_COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq}


class FieldTest(msgspec.Struct, frozen=True):
    """A field of JSON and logfmt lines: `status:500`, `path:/api` (has it in it), `duration_ms:>100`."""

    key: str
    value: str
    compare: str = ""
    """One of `>= <= > < =`; empty: the field's text has `value` in it, a number is equal to it."""
    inverse: bool = False

    def matches(self, text: str) -> bool:
        """Whether a line is wanted."""
        return self._has(text) is not self.inverse

    def offsets(self, texts: Sequence[str], low: int, high: int) -> list[int]:
        """Which lines of a range are wanted."""
        matches = self.matches
        return [offset for offset in range(low, high) if matches(texts[offset])]

    def _has(self, text: str) -> bool:
        if self.key.rpartition(".")[2] not in text:
            return False
        record = parse_record(text)
        if record is None:
            return False
        field = _field(record, self.key)
        if field is None:
            return False
        if (
            self.compare
            and (own := _number(field)) is not None
            and (other := _number(self.value)) is not None
        ):
            return bool(_COMPARE[self.compare](own, other))
        if self.compare == "=":
            return value_text(field) == self.value
        if isinstance(field, int | float) and not isinstance(field, bool):
            return _number(self.value) == field
        return not self.compare and self.value.lower() in value_text(field).lower()


def _field(record: dict[str, Any], key: str) -> Any:
    """The field of that name, or of that path through nested objects: `http.status`."""
    if key in record:
        return record[key]
    value: Any = record
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


class Own(Enum):
    """Which of the stream's own lines are shown: connections, pods that come and go, crashes, events."""

    NOTED = "all but everyday events"
    ALL = "all, everyday events too"
    NONE = "none"

    @property
    def next(self) -> Own:
        return {Own.NOTED: Own.ALL, Own.ALL: Own.NONE, Own.NONE: Own.NOTED}[self]

    def shows(self, kind: int, level: int) -> bool:
        return self is Own.ALL or (self is Own.NOTED and (kind != LineKind.EVENT or level >= Level.WARN))


class LogFilter(msgspec.Struct, frozen=True):
    """Which lines are shown. Everything must hold; an empty filter shows all."""

    patterns: tuple[LineTest, ...] = ()
    level: Level = Level.NONE
    """At least this level; lines that say none are hidden then."""
    procs: frozenset[str] = frozenset()
    """Only these procs; empty for all."""
    pods: frozenset[str] = frozenset()
    context: int = 0
    """Lines of the stream shown before and after each match."""
    own: Own = Own.NOTED
    """The stream's own lines are shown or hidden by this alone."""
    since: int = 0
    """Only lines from this moment on, in nanoseconds since 1970."""
    until: int = 0
    """Only lines up to this moment; 0 for no end."""

    def lets(self, line: LogLine) -> bool:
        """Whether a line is shown, its neighbours not minded."""
        source = line.source
        return (
            line.level >= self.level
            and (not self.procs or (source is not None and source.proc in self.procs))
            and (not self.pods or (source is not None and source.pod in self.pods))
            and line.time >= self.since
            and (not self.until or line.time <= self.until)
            and all(pattern.matches(line.text) for pattern in self.patterns)
        )

    @property
    def is_empty(self) -> bool:
        return not (self.patterns or self.level or self.procs or self.pods or self.since or self.until)
