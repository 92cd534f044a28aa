"""Times as text, refused as Go's time package does."""

from __future__ import annotations

import json
import re
from datetime import datetime

_LAYOUT = "2006-01-02T15:04:05Z07:00"
_PARTS = (
    *(("2006", r"\d{4}"), ("-", "-"), ("01", r"\d\d"), ("-", "-"), ("02", r"\d\d"), ("T", "T")),
    *(("15", r"\d\d"), (":", ":"), ("04", r"\d\d"), (":", ":"), ("05", r"\d\d(\.\d+)?")),
    ("Z07:00", r"Z|[+-]\d\d:\d\d"),
)


def complaint(text: str) -> str:
    """Why this is no RFC3339 time; "" when it is one."""
    said, at = f"parsing time {json.dumps(text)}", 0
    for layout, form in _PARTS:
        match = re.compile(form).match(text, at)
        if match is None:
            return f'{said} as "{_LAYOUT}": cannot parse {json.dumps(text[at:])} as "{layout}"'
        at = match.end()
    if text[at:]:
        return f"{said}: extra text: {json.dumps(text[at:])}"
    if not 1 <= int(text[5:7]) <= 12:
        return f"{said}: month out of range"
    try:
        datetime.fromisoformat(text[:10])
    except ValueError:
        return f"{said}: day out of range"
    return ""
