"""How serious a line is, read from what programs commonly write.

Known shapes, in this order: a `level`-like key in JSON or logfmt, glog/klog's first letter, a level word near
the start of the line, and Python's `SomeError:` at the head of a line.
"""

from __future__ import annotations

import re

from lain_tui.core.model.logs import Level

_WORDS = {
    "trace": Level.TRACE,
    "debug": Level.DEBUG, "dbg": Level.DEBUG, "dbug": Level.DEBUG,
    "info": Level.INFO, "inf": Level.INFO, "information": Level.INFO, "notice": Level.INFO,
    "warn": Level.WARN, "warning": Level.WARN, "wrn": Level.WARN,
    "error": Level.ERROR, "err": Level.ERROR, "eror": Level.ERROR, "severe": Level.ERROR,
    "fatal": Level.FATAL, "critical": Level.FATAL, "crit": Level.FATAL, "panic": Level.FATAL,
    "alert": Level.FATAL, "emerg": Level.FATAL, "emergency": Level.FATAL, "ftl": Level.FATAL,
}  # fmt: skip
_LETTERS = {
    "T": Level.TRACE,
    "D": Level.DEBUG,
    "I": Level.INFO,
    "W": Level.WARN,
    "E": Level.ERROR,
    "F": Level.FATAL,
}
_NUMBERS = {
    10: Level.TRACE,
    20: Level.DEBUG,
    30: Level.INFO,
    40: Level.WARN,
    50: Level.ERROR,
    60: Level.FATAL,
}
"""pino and bunyan write the level as a number."""

_ALTERNATIVES = "|".join(sorted(_WORDS, key=len, reverse=True))
_KEY = re.compile(
    rf"""(?:\b|["'])(?:level|lvl|severity|loglevel|log\.level|levelname)["']?\s*[=:]\s*["']?"""
    rf"""(?:({_ALTERNATIVES})\b|([1-6]0)\b)""",
    re.IGNORECASE,
)
_GLOG_LETTERS = frozenset("IWEF")
_GLOG = re.compile(r"([IWEF])\d{4} \d\d:\d\d:\d\d")
_WORD = re.compile(rf"(?:{_ALTERNATIVES.upper()}|\[(?:{_ALTERNATIVES}|[TDIWEF])\])(?![\w/-])")
_INSIDE = re.compile(r"[\w./-]")
"""What stands before a word that is part of another, of a path or of a name."""
_LOWER_HEAD = re.compile(rf"({_ALTERNATIVES})(?=[:\s])", re.IGNORECASE)
_EXCEPTION = re.compile(
    r"(?:Traceback \(most recent call last\)|(?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception)\b(?::|$)|panic: )"
)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")

_HEAD = 160
"""Words further in are usually part of a message, not of its level."""


def detect_level(text: str) -> Level:
    """Return the level that a line declares, or NONE."""
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    head = text[:_HEAD]
    if ("evel" in text or "lvl" in text or "everity" in text or "LEVEL" in text) and (
        found := _KEY.search(text)
    ):
        word, number = found.groups()
        return _WORDS[word.lower()] if word else _NUMBERS[int(number)]
    if head[:1] in _GLOG_LETTERS and (found := _GLOG.match(head)):
        return _LETTERS[found[1]]
    position = 0
    while found := _WORD.search(head, position):
        # A look-behind in the pattern itself would keep it from leaping to the letters that levels begin with.
        if not (start := found.start()) or not _INSIDE.match(head, start - 1):
            word = found[0].strip("[]")
            return _LETTERS[word] if len(word) == 1 else _WORDS[word.lower()]
        position = found.end()
    if found := _LOWER_HEAD.match(head):
        return _WORDS[found[1].lower()]
    if _EXCEPTION.match(head):
        return Level.ERROR
    return Level.NONE
