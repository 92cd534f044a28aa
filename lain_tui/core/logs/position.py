"""How far a container's log has been read, so that a new connection continues with neither gap nor double."""

from __future__ import annotations

from collections.abc import Sequence

from lain_tui.core.logs.timestamps import format_rfc3339, split_timestamps


class Position:
    """The last line read: its time, and how many lines of that very time have been read.

    The API resumes at `sinceTime`, which it takes by the whole second; what it sends again is known by being at or
    before the last time. Lines of one nanosecond are told apart by counting them, for a log never changes its order.
    """

    __slots__ = ("_again", "_skipping", "count", "time")

    def __init__(self) -> None:
        self.time = 0
        self.count = 0
        self._again = 0
        self._skipping = False

    @property
    def since(self) -> str | None:
        """What to ask the next connection with; None to begin at the beginning."""
        return format_rfc3339(self.time) if self.time else None

    def reconnect(self) -> None:
        """A new connection begins: lines already read may come again."""
        self._again = 0
        self._skipping = False

    def take(self, lines: Sequence[bytes]) -> tuple[list[int], list[bytes]]:
        """The times and texts of those lines that are new, those that have been read before left out."""
        times, texts = split_timestamps(lines)
        newest = self.time
        for time in times:
            if time <= newest:
                break
            newest = time
        else:
            # Each younger than all before it: nearly always.
            if times:
                self.time, self.count, self._again, self._skipping = newest, 1, 1, False
            return times, texts
        taken = [new for pair in zip(times, texts, strict=True) if (new := self._judge(*pair)) is not None]
        return [time for time, _ in taken], [text for _, text in taken]

    def _judge(self, time: int, text: bytes) -> tuple[int, bytes] | None:
        if not time:
            # The rest of an overlong line shares the fate of its beginning.
            return None if self._skipping else (self.time, text)
        if time < self.time:
            # Older than the last one read: sent again, unless this connection has already gone past that point
            # (then the node's clock was set back, and the line is new).
            self._skipping = self._again < self.count
            return None if self._skipping else (time, text)
        if time == self.time:
            self._again += 1
            self._skipping = self._again <= self.count
            if not self._skipping:
                self.count = self._again
            return None if self._skipping else (time, text)
        self.time, self.count, self._again, self._skipping = time, 1, 1, False
        return time, text
