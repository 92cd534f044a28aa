"""Log lines as a command prints them: many at once, for a pipe takes hundreds of thousands a second."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lain_tui.core.logs.merge import Merged
    from lain_tui.core.logs.search import LogFilter
    from lain_tui.core.model.logs import LogSource

Lines = Iterator[str]


class LogPrinter:
    """Writes what a filter lets through to standard output; what the stream itself says goes to `say`."""

    def __init__(self, output: str, wanted: LogFilter, say: Callable[[str], None], *, colour: bool) -> None:
        self._wanted = wanted
        self._say = say
        self._write = sys.stdout.buffer
        terminal = sys.stdout.isatty()
        self._shown: Callable[[Merged], Lines]
        if output == "json":
            self._shown = _json
        elif output == "raw":
            self._shown = _raw(_cleaner(colour=colour, terminal=terminal))
        else:
            clean = _cleaner(colour=colour and terminal, terminal=terminal)
            self._shown = _short(clean) if colour and terminal else _text(clean)

    def print(self, lines: Merged) -> None:
        """Write lines in one go, and flush: a reader sees them as they come. BrokenPipeError when it has gone."""
        from lain_tui.core.logs.save import own_words
        from lain_tui.core.model.logs import LineKind
        from lain_tui.core.model.text import plain

        if max(lines.kinds, default=0) > LineKind.CONTINUED:
            for line in lines:
                if self._wanted.own.shows(line.kind, line.level) and line.kind > LineKind.CONTINUED:
                    self._say(f"-- {plain(own_words(line))}")
            lines = lines.where(kind <= LineKind.CONTINUED for kind in lines.kinds)
        if self._wanted.level:
            level = self._wanted.level
            lines = lines.where(own >= level for own in lines.levels)
        for pattern in self._wanted.patterns:
            lines = lines.where(map(pattern.matches, lines.texts))
        if len(lines):
            text = "\n".join(self._shown(lines))
            self._write.write(text.encode("utf-8", "backslashreplace") + b"\n")
            self._write.flush()


def harmless(text: str) -> str:
    """The app's colours, and pictures of every other control sequence."""
    from lain_tui.core.model.text import plain

    parts = re.split(r"(\x1b\[[0-9;:]*m)", text)
    return "".join(part if number % 2 else plain(part) for number, part in enumerate(parts))


def _cleaner(*, colour: bool, terminal: bool) -> Callable[[str], str] | None:
    """What is done to a line's text; nothing when it is None.

    A terminal never gets what it would execute. A pipe gets the bytes as they were, with colours only when asked.
    """
    from lain_tui.core.logs.save import without_colours
    from lain_tui.core.model.text import plain

    if terminal:
        return harmless if colour else lambda text: plain(without_colours(text))
    return None if colour else without_colours


def _cleaned(lines: Merged, clean: Callable[[str], str] | None) -> list[str]:
    if clean is None:
        return list(lines.texts)
    return list(map(clean, lines.texts))


def _raw(clean: Callable[[str], str] | None) -> Callable[[Merged], Lines]:
    return lambda lines: iter(_cleaned(lines, clean))


def _text(clean: Callable[[str], str] | None) -> Callable[[Merged], Lines]:
    from lain_tui.core.logs.timestamps import SECOND, spelled

    def shown(lines: Merged) -> Lines:
        who = {source: f" {source.pod} {source.container} " for source in set(lines.sources) if source}
        second, stamp = -1, ""
        for time, source, text in zip(lines.times, lines.sources, _cleaned(lines, clean), strict=True):
            if time // SECOND != second:
                second = time // SECOND
                stamp = spelled(second)
            yield f"{stamp}.{time % SECOND:09d}Z{who[source] if source else ' '}{text}"

    return shown


def _short(clean: Callable[[str], str] | None) -> Callable[[Merged], Lines]:
    """For eyes: the local time of day, the proc and the end of the pod's name in a colour of its own."""
    from lain_tui.core.logs.timestamps import SECOND, time_of_day

    @cache
    def who(source: LogSource | None) -> str:
        if source is None:
            return ""
        tint = sum(source.pod.encode()) % 6 + 31
        return f"\x1b[{tint}m{source.proc} {source.pod.rpartition('-')[2]}\x1b[0m "

    def shown(lines: Merged) -> Lines:
        for time, source, text in zip(lines.times, lines.sources, _cleaned(lines, clean), strict=True):
            clock = f"{time_of_day(time // SECOND)}.{time % SECOND // 1_000_000:03d}"
            yield f"\x1b[2m{clock}\x1b[0m {who(source)}{text}\x1b[0m"

    return shown


def _json(lines: Merged) -> Lines:
    from lain_tui.core.logs.save import as_json

    return (as_json(line).decode() for line in lines)
