"""A log line as spans: when, who, how serious, what."""

from __future__ import annotations

from datetime import datetime, tzinfo
from enum import Enum

import msgspec

from lain_tui.core.model.logs import Level, LineKind, LogLine, LogSource
from lain_tui.widgets.ansi import ansi_spans
from lain_tui.widgets.canvas import Span
from lain_tui.widgets.log_record import message_of, parse_record

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
    zone: tzinfo | None = None
    """The reader's time zone; None for this machine's."""


def source_tone(source: LogSource) -> str:
    """A colour for a pod that is the same in every run, near those of no other pod by chance alone."""
    value = 0
    for letter in f"{source.proc}/{source.pod}":
        value = (value * 31 + ord(letter)) & 0xFFFFFFFF
    return SOURCE_TONES[value % len(SOURCE_TONES)]


def head_spans(line: LogLine, look: LogLook) -> list[Span]:
    """The columns before the text."""
    spans: list[Span] = []
    if look.times is not Detail.NONE:
        spans.append((_time(line.time, look), "broken" if line.late else "faint"))
        spans.append(("~" if line.late else " ", "risk"))
    if line.kind >= LineKind.NOTICE:
        return spans
    if line.source is not None and look.names is not Detail.NONE:
        spans.append((f"{_name(line.source, look)} ", source_tone(line.source)))
    spans.append(_LEVELS[line.level])
    spans.append((" ", ""))
    return spans


def text_spans(line: LogLine, look: LogLook) -> list[Span]:
    """The text, in its own colours."""
    if line.kind is LineKind.CRASH:
        return [(f"── {line.text} ──", "broken")]
    if line.kind >= LineKind.NOTICE:
        return [(f"── {line.text} ──", "quiet")]
    if look.records and line.kind is LineKind.LOG and (record := parse_record(line.text)) is not None:
        message, fields = message_of(record)
        spans: list[Span] = [(message, "")] if message else []
        for key, value in fields:
            spans += [("  " if spans else "", ""), (f"{key}=", "faint"), (value, "quiet")]
        return spans
    return ansi_spans(line.text, "quiet" if line.level in {Level.DEBUG, Level.TRACE} else "")


def _time(time: int, look: LogLook) -> str:
    if not time:
        return " " * (12 if look.times is Detail.SHORT else 29)
    seconds, fraction = divmod(time, 1_000_000_000)
    moment = datetime.fromtimestamp(seconds, look.zone)
    if look.times is Detail.SHORT:
        return f"{moment:%H:%M:%S}.{fraction // 1_000_000:03d}"
    return f"{moment:%Y-%m-%d %H:%M:%S}.{fraction:09d}"


def _name(source: LogSource, look: LogLook) -> str:
    if look.names is Detail.FULL:
        return f"{source.pod} {source.container}"
    tail = source.pod.rpartition("-")[2][:5]
    proc = source.proc if source.proc != source.pod else ""
    return f"{proc} {tail}" if proc else source.pod
