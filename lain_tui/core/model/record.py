"""Log lines that are records: JSON objects and logfmt, taken apart for the eye."""

from __future__ import annotations

import json
import re
from typing import Any

_LOGFMT_PAIR = re.compile(r'([A-Za-z_][\w.@-]*)=("(?:[^"\\]|\\.)*"|[^\s"]*)(?:\s+|$)')

MESSAGE_KEYS = ("msg", "message", "event", "text", "@message", "log")
LEVEL_KEYS = ("level", "lvl", "severity", "levelname", "log.level", "@level")
TIME_KEYS = ("time", "ts", "timestamp", "@timestamp", "t", "asctime", "datetime")

_REQUEST = (
    ("method", "http_method", "verb"),
    ("path", "uri", "url", "request_uri"),
    ("status", "status_code", "code"),
)
_LAST = frozenset(
    {"logger", "logger_name", "caller", "source", "pid", "thread", "hostname", "request_id", "trace_id"}
)
"""Fields that rarely tell anything: shown behind the others."""

_LARGEST = 64 * 1024
"""Longer lines are shown as they are: nobody reads them as columns."""


def parse_record(text: str) -> dict[str, Any] | None:
    """The fields of a JSON object or a logfmt line, in its order; None for anything else."""
    if len(text) > _LARGEST:
        return None
    if text.startswith("{") and text.rstrip().endswith("}"):
        try:
            value = json.loads(text)
        except ValueError:
            return None
        return value if isinstance(value, dict) and value else None
    return _parse_logfmt(text)


def _parse_logfmt(text: str) -> dict[str, Any] | None:
    """Only a line that is nothing but pairs, at least two: `see a=1 in the docs` is prose."""
    fields: dict[str, Any] = {}
    position = 0
    while position < len(text):
        match = _LOGFMT_PAIR.match(text, position)
        if match is None:
            return None
        key, value = match.groups()
        fields[key] = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
        position = match.end()
    return fields if len(fields) > 1 else None


def message_of(record: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """The message, and the other fields as text; time and level are left out, for columns show them.

    A line about a request that has no message says method, path and status instead.
    """
    used = [key for key in MESSAGE_KEYS if key in record][:1]
    if not used:
        found = [next((key for key in keys if key in record), "") for keys in _REQUEST]
        used = list(filter(None, found)) if all(found[:2]) else []
    message = " ".join(value_text(record[key]) for key in used)
    left_out = {*used, *LEVEL_KEYS, *TIME_KEYS}
    fields = [(key, value_text(value)) for key, value in record.items() if key not in left_out]
    return message, sorted(fields, key=lambda field: field[0] in _LAST)


def value_text(value: Any) -> str:
    """A field's value on one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def pretty(text: str) -> list[tuple[str, str]]:
    """A record as (key, value) lines, nested JSON indented; a plain line is one pair without a key."""
    record = parse_record(text)
    if record is None:
        return [("", text)]
    lines: list[tuple[str, str]] = []
    for key, value in record.items():
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
        head, *rest = shown.splitlines() or [""]
        lines.append((key, head))
        lines.extend(("", line) for line in rest)
    return lines
