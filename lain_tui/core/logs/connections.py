"""What a stream says of the connections that it loses and gets back."""

from __future__ import annotations

from lain_tui.core.model.logs import LogSource


class Connections:
    """Many that are lost at once, as when the API server restarts, are told of in one sentence each way."""

    def __init__(self) -> None:
        self._lost: set[LogSource] = set()
        """Those without a connection now."""
        self._most: set[LogSource] = set()
        """All that were without one since `_since`."""
        self._since = 0.0
        self._said: set[str] = set()
        """The reasons heard since then."""

    def lost(self, source: LogSource, why: str, now: float, *, waits: bool = False) -> str:
        """One was lost; `now` is in seconds. What to say of it, if anything.

        That it `waits` for somebody to sign in is said even when another reason came first: nobody else will end it.
        """
        told = ""
        if not self._lost:
            self._since, self._most, self._said = now, set(), set()
            told = f"connection lost: {why}"
        elif waits and why not in self._said:
            told = f"still no connection: {why}"
        self._said.add(why)
        self._lost.add(source)
        self._most.add(source)
        return told

    def resumed(self, source: LogSource, now: float) -> str:
        """One is there again, or no longer needed. What to say of it, once none is missing."""
        if source not in self._lost:
            return ""
        self._lost.discard(source)
        if self._lost:
            return ""
        count = len(self._most)
        who = f"{source.proc} {source.pod}" if count == 1 else f"{count} streams"
        return f"connection of {who} was lost for {now - self._since:.1f} s, resumed"
