"""The filter line of the Logs screen: `timeout !health level:warn proc:web`."""

from __future__ import annotations

import shlex

from lain_tui.core.errors import LainError
from lain_tui.core.logs.search import LogFilter, Pattern
from lain_tui.core.model.logs import Level

HINT = 'words · !not · "a phrase" · level:warn · proc:web · pod:NAME · -3 context'


def parse_log_filter(text: str) -> LogFilter:
    """Read the line; everything in it must hold.

    Raises LainError for an unknown level, an unclosed quote or a bad expression.
    """
    try:
        words = shlex.split(text, posix=True) if '"' in text or "'" in text else text.split()
    except ValueError:
        raise LainError("a quote is not closed", where=f"&{text}") from None
    patterns: list[Pattern] = []
    procs: set[str] = set()
    pods: set[str] = set()
    level, context = Level.NONE, 0
    for word in words:
        key, colon, value = word.partition(":")
        if colon and value and key in {"proc", "pod", "level"}:
            if key == "proc":
                procs.add(value)
            elif key == "pod":
                pods.add(value)
            else:
                level = _level(value)
        elif word.startswith("-") and word[1:].isdigit():
            context = min(int(word[1:]), 100)
        elif word not in {"!", ""}:
            patterns.append(Pattern.parse(word))
    return LogFilter(tuple(patterns), level, frozenset(procs), frozenset(pods), context)


def _level(word: str) -> Level:
    for level in Level:
        if level and level.name.lower().startswith(word.lower()):
            return level
    known = ", ".join(level.name.lower() for level in Level if level)
    raise LainError(f"no level is called {word}", where=f"level:{word}", hint=f"Levels are {known}")
