"""What the cluster says of the pods, as lines among theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from lain_tui.core.logs.moments import to_nanoseconds
from lain_tui.core.logs.timestamps import SECOND
from lain_tui.core.model.cluster import Event
from lain_tui.core.model.logs import Level, LogSource


class EventLine(NamedTuple):
    time: int
    source: LogSource
    text: str
    level: Level


class EventLines:
    """Tells each event of the pods in scope once, and again when it has happened again."""

    def __init__(self, since: datetime) -> None:
        self._since = since
        self._told: dict[str, int] = {}

    def fresh(self, events: Iterable[Event], sources: Iterable[LogSource]) -> Iterator[EventLine]:
        """The lines of what has happened since the last call; `sources` are those in scope."""
        by_pod = {source.pod_uid: source for source in sources}
        for event in events:
            about = event.involved_object
            source = by_pod.get(about.uid) if about.kind == "Pod" else None
            seen = event.last_seen
            if source is None or seen is None or seen < self._since:
                continue
            if self._told.get(event.metadata.uid, 0) >= event.times:
                continue
            self._told[event.metadata.uid] = event.times
            times = f" ×{event.times}" if event.times > 1 else ""
            time = to_nanoseconds(seen)
            if event.is_warning and not seen.microsecond:
                # The API tells whole seconds: the last words of that second stand before what came of them.
                time += SECOND - 1
            level = Level.WARN if event.is_warning else Level.NONE
            yield EventLine(time, source, f"{event.reason}{times}: {event.message.strip()}", level)
