"""The filter line of the Logs screen: `timeout !health level:warn proc:web`."""

from __future__ import annotations

import re
import shlex
from datetime import datetime

from lain_tui.core.errors import LainError
from lain_tui.core.logs.moments import parse_moment, to_nanoseconds
from lain_tui.core.logs.search import FieldTest, LineTest, LogFilter, Pattern
from lain_tui.core.model.logs import Level

HINT = 'words · !not · "a phrase" · level:warn · proc:web · pod:NAME · field:value · since:10:32 · -3 context'
_RESERVED = frozenset({"proc", "pod", "level", "since", "until"})
_FIELD = re.compile(
    r"(?P<not>!?)(?P<key>[A-Za-z_@][\w.@-]*):(?P<compare>>=|<=|>|<|=|)(?P<value>[^/:].*|/(?!/).*)"
)


def field_word(key: str, value: str) -> str:
    """The word of the filter line that wants just this value of a field; empty where none can say it."""
    word = f"{key}:{value}"
    if key not in _RESERVED:
        word = f"{key}:={value}"
        read = _FIELD.fullmatch(word)
        if read is None or (read["compare"], read["value"]) != ("=", value):
            return ""
    return shlex.quote(word) if re.search(r"""[\s"'\\]""", word) else word


def parse_log_filter(text: str, now: datetime | None = None) -> LogFilter:
    """Read the line; everything in it must hold.

    Raises LainError for an unknown level, a moment that is none, an unclosed quote or a bad expression.
    """
    try:
        words = shlex.split(text, posix=True) if '"' in text or "'" in text else text.split()
    except ValueError:
        raise LainError("a quote is not closed", where=f"&{text}") from None
    patterns: list[LineTest] = []
    procs: set[str] = set()
    pods: set[str] = set()
    since = until = context = 0
    level = Level.NONE
    for word in words:
        key, colon, value = word.partition(":")
        if colon and key in _RESERVED:
            if not value:
                continue  # half typed
            if key == "proc":
                procs.add(value)
            elif key == "pod":
                pods.add(value)
            elif key == "level":
                level = _level(value)
            else:
                moment = to_nanoseconds(parse_moment(value, now or datetime.now().astimezone()))
                since, until = (moment, until) if key == "since" else (since, moment)
        elif word.startswith("-") and word[1:].isdigit():
            context = min(int(word[1:]), 100)
        elif field := _FIELD.fullmatch(word):
            patterns.append(FieldTest(field["key"], field["value"], field["compare"], bool(field["not"])))
        elif word not in {"!", ""}:
            patterns.append(Pattern.parse(word))
    return LogFilter(
        tuple(patterns), level, frozenset(procs), frozenset(pods), context, since=since, until=until
    )


def _level(word: str) -> Level:
    for level in Level:
        if level and level.name.lower().startswith(word.lower()):
            return level
    known = ", ".join(level.name.lower() for level in Level if level)
    raise LainError(f"no level is called {word}", where=f"level:{word}", hint=f"Levels are {known}")
