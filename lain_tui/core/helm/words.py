"""What helm says beside its answer: warnings, of helm's own and of the API server's.

Each helm has its way to write them: helm 3 as `coalesce.go:298: warning: …`, helm 4 as `level=INFO msg="warning: …"`,
its library as `2026/11/25 16:13:13 warning: …`, and the client inside them all as `W1125 16:13:13.1 7 warnings.go:70] …`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

OnWord = Callable[[str], None]
"""Is told each warning, as a sentence without a full stop."""

_BEGINNING = re.compile(
    r"""
    (?: [WE]\d{4}\ [\d:.]+\s+\d+\ \S+\]\ (?P<client>.*)               # the client's log
      | (?: \w+\.go:\d+:\ )? (?i:warning):\ (?P<three>.*)             # helm 3
      | (?: time=\S+\ )? level=(?:INFO|WARN|ERROR)\ msg=(?P<four>"(?:[^"\\]|\\.)*"|\S+)
      | \d{4}/\d\d/\d\d\ \d\d:\d\d:\d\d\ (?:\w+\.go:\d+:\ )? (?:(?:INFO|WARN|ERROR)\ )? (?P<library>.*)
    )
    """,
    re.VERBOSE,
)
_WARNING = re.compile(r"(?i:warning):\s*")
_VALUE = re.compile(r"(\btable\b.*?|\breturned\b.*?) \(.*", re.DOTALL)
"""A warning about a value ends with the whole value, which may be a secret."""
_OF_THIS_MACHINE = re.compile(r"kubernetes configuration file is (?:group|world)-readable", re.IGNORECASE)


def words_of(text: str) -> tuple[str, ...]:
    """The warnings in what helm wrote to the terminal, each once.

    Lines that begin like none of them are left out: the rest of a long value, and the error itself.
    """
    return tuple(dict.fromkeys(filter(None, map(_word, text.splitlines()))))


def _word(line: str) -> str:
    match = _BEGINNING.match(line)
    if match is None:
        return ""
    said = match["client"] or match["three"] or match["library"] or _unquoted(match["four"] or "")
    said = _VALUE.sub(r"\1", _WARNING.sub("", said, count=1)).strip().rstrip(".")
    return "" if _OF_THIS_MACHINE.search(said) else said


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        return text


def unheard(word: str) -> None:
    """Nobody wants to know."""
