"""Jobs and cronjobs as a list shows them: what ran, how it ended, what runs next."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class RunState(StrEnum):
    RUNNING = "running"
    WAITING = "waiting"
    """Made, and no pod of it runs."""
    DONE = "done"
    FAILED = "failed"
    SUSPENDED = "suspended"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One job."""

    name: str
    state: RunState
    started: datetime | None = None
    seconds: float | None = None
    """How long it took; None while it is not over."""
    reason: str = ""
    """Why it failed, as the job controller words it."""
    fault: str = ""
    """Why it failed, in words: `exit 1`, `exit 137, OOM-killed`, `past its deadline`."""
    by_hand: bool = False
    """Not by its cronjob's schedule."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A cronjob with its runs that are still kept, or a job of its own."""

    name: str
    """The proc's name as in values, or the job's own."""
    resource: str
    kind: str
    """CronJob or Job."""
    runs: tuple[Run, ...] = ()
    """Newest first."""
    schedule: str = ""
    suspended: bool = False
    last_scheduled: datetime | None = None
    last_successful: datetime | None = None
    next_run: datetime | None = None

    @property
    def last(self) -> Run | None:
        return self.runs[0] if self.runs else None

    @property
    def typical_seconds(self) -> float | None:
        """The middle of what the finished runs took."""
        took = sorted(
            run.seconds for run in self.runs if run.seconds is not None and run.state is RunState.DONE
        )
        return took[len(took) // 2] if took else None
