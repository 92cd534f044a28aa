"""A log line as spans: when, who, how serious, what."""

from __future__ import annotations

import re
import zlib
from datetime import datetime, tzinfo
from enum import Enum

import msgspec

from lain_tui.core.model.logs import Level, LineKind, LogLine, LogSource
from lain_tui.core.model.record import message_of, parse_record
from lain_tui.widgets.ansi import ansi_spans
from lain_tui.widgets.canvas import Span

SOURCE_TONES = tuple(f"source-{number}" for number in range(8))

_LEVELS: dict[Level, Span] = {
    Level.NONE: ("     ", ""),
    Level.TRACE: ("TRACE", "faint"),
    Level.DEBUG: ("DEBUG", "faint"),
    Level.INFO: ("INFO ", "quiet"),
    Level.WARN: ("WARN ", "risk"),
    Level.ERROR: ("ERROR", "broken"),
    Level.FATAL: ("FATAL", "broken"),
}

LONGEST = 8192
"""Characters of a line that are shown in the stream."""
_OWN = {Level.ERROR: "broken", Level.WARN: "risk"}
"""The tones of the stream's own lines."""
_LEADING = re.compile(
    r"(?:\x1b\[[\d;]*m)?\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL)\]?(?:\x1b\[[\d;]*m)?"
    r"(?::|\s)\s*(?=\S)"
)
"""A level at the head of a line, with its colours."""


class Detail(Enum):
    """How much of a column is shown."""

    SHORT = "short"
    FULL = "full"
    NONE = "none"

    @property
    def next(self) -> Detail:
        return {Detail.SHORT: Detail.FULL, Detail.FULL: Detail.NONE, Detail.NONE: Detail.SHORT}[self]


class LogLook(msgspec.Struct, frozen=True):
    """How lines are shown."""

    times: Detail = Detail.SHORT
    names: Detail = Detail.SHORT
    wrap: bool = False
    records: bool = True
    """JSON and logfmt lines as message and fields, not as they were written."""
    containers: bool = False
    """Name the container as well: pods here have more than one."""
    name_width: int = 0
    """Cells of the column of names at the least, so that the texts begin below one another."""
    day: int = 0
    """Lines older than this moment, in nanoseconds, show their day in place of seconds: a time of day would mislead."""
    zone: tzinfo | None = None
    """The reader's time zone; None for this machine's."""


class SourceTones:
    """A colour for each pod: the one that its name stands for, or the next that no other pod has.

    So a pod has the same colour in every run unless another took it, and as many pods as there are colours differ.
    """

    def __init__(self) -> None:
        self._tones: dict[str, int] = {}

    def of(self, source: LogSource) -> str:
        number = self._tones.get(source.pod)
        if number is None:
            number = zlib.crc32(source.pod.encode()) % len(SOURCE_TONES)
            used = set(self._tones.values())
            if len(used) < len(SOURCE_TONES):
                while number in used:
                    number = (number + 1) % len(SOURCE_TONES)
            self._tones[source.pod] = number
        return SOURCE_TONES[number]


def head_spans(line: LogLine, look: LogLook, tone: str = "") -> list[Span]:
    """The columns before the text; `tone` is the pod's colour."""
    spans: list[Span] = []
    if look.times is not Detail.NONE:
        spans.append((_time(line.time, look), "risk" if line.late else "faint"))
        spans.append(("~" if line.late else " ", "risk"))
    if line.kind >= LineKind.NOTICE:
        return spans
    if line.source is not None and look.names is not Detail.NONE:
        spans.append((f"{name_of(line.source, look).ljust(look.name_width)} ", tone))
    spans.append(_LEVELS[line.level])
    spans.append((" ", ""))
    return spans


def text_spans(line: LogLine, look: LogLook, tone: str = "") -> list[Span]:
    """The text, in its own colours."""
    if line.kind >= LineKind.NOTICE:
        own = _OWN.get(line.level, "quiet")
        who: list[Span] = [(f"{name_of(line.source, look)} ", tone)] if line.source is not None else []
        return [("── ", own), *who, (f"{line.text} ──", own)]
    if len(line.text) > LONGEST:
        more = len(line.text) - LONGEST
        return [*ansi_spans(line.text[:LONGEST]), (f" … {more:,} more characters: enter shows all", "accent")]
    if look.records and line.kind is LineKind.LOG:
        if (record := parse_record(line.text)) is not None:
            message, fields = message_of(record)
            spans: list[Span] = [(message, "")] if message else []
            for key, value in fields:
                spans += [("  " if spans else "", ""), (f"{key}=", "faint"), (value, "quiet")]
            return spans
        if line.level and (leading := _LEADING.match(line.text)):
            # The column says it already.
            return ansi_spans(line.text[leading.end() :])
    return ansi_spans(line.text, "quiet" if line.level in {Level.DEBUG, Level.TRACE} else "")


def _time(time: int, look: LogLook) -> str:
    if not time:
        return " " * (12 if look.times is Detail.SHORT else 29)
    seconds, fraction = divmod(time, 1_000_000_000)
    moment = datetime.fromtimestamp(seconds, look.zone)
    if look.times is Detail.SHORT:
        if time < look.day:
            return f"{moment:%b %d %H:%M}"
        return f"{moment:%H:%M:%S}.{fraction // 1_000_000:03d}"
    return f"{moment:%Y-%m-%d %H:%M:%S}.{fraction:09d}"


def name_of(source: LogSource, look: LogLook) -> str:
    """What a container is called in the column of names."""
    if look.names is Detail.FULL:
        return f"{source.pod} {source.container}"
    tail = source.pod.rpartition("-")[2][:5]
    proc = source.proc if source.proc != source.pod else ""
    container = f" {source.container}" if look.containers and source.container != source.proc else ""
    return f"{proc} {tail}{container}" if proc else f"{source.pod}{container}"
