"""One clock for everything in the cluster: real, hastened, jumped, or (while a seed is lived through) simulated."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


class Clock:
    """Seconds since the epoch, as this cluster counts them.

    ``speed`` is how many of the cluster's seconds pass in one real second; tests hasten back-offs with it.
    """

    def __init__(self, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError("speed must be above zero")
        self._speed = speed
        self._started = time.time()
        self._mark = time.monotonic()
        self._simulated: float | None = None
        self._jumped = asyncio.Event()

    @property
    def simulated(self) -> bool:
        """Whether time stands still until someone sets it: true only while a seed is lived through."""
        return self._simulated is not None

    @property
    def speed(self) -> float:
        return self._speed

    def now(self) -> float:
        if self._simulated is not None:
            return self._simulated
        return self._started + (time.monotonic() - self._mark) * self._speed

    def jump(self, seconds: float) -> None:
        """Move the clock at once, forwards or back, and wake all who sleep on it."""
        self._started += seconds
        self._wake()

    def hasten(self, speed: float) -> None:
        """Change the speed from now on, without a jump."""
        if speed <= 0:
            raise ValueError("speed must be above zero")
        self._started, self._mark = self.now(), time.monotonic()
        self._speed = speed
        self._wake()

    def _wake(self) -> None:
        self._jumped.set()
        self._jumped = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Sleep that many of the cluster's seconds; return early when the clock jumps."""
        jumped = self._jumped
        try:
            await asyncio.wait_for(jumped.wait(), max(0.0, seconds / self._speed))
        except TimeoutError:
            return

    @contextmanager
    def simulate(self, start: float) -> Iterator[None]:
        """Let time stand at ``start``; move it with `advance`. Real time goes on at the end."""
        self._simulated = start
        try:
            yield
        finally:
            self._simulated = None

    def advance(self, to: float) -> None:
        if self._simulated is None:
            raise RuntimeError("only simulated time can be set")
        self._simulated = max(self._simulated, to)


def stamp(when: float) -> str:
    """Render metav1.Time: whole seconds, UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(when)))


def stamp_micro(when: float) -> str:
    """Render metav1.MicroTime."""
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def stamp_nano(when: float) -> str:
    """Render RFC3339Nano, as log timestamps are written."""
    whole = int(when)
    nanos = int((when - whole) * 1_000_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{nanos:09d}Z"


def parse(text: str) -> float:
    """Read any RFC3339 time. ValueError when it is none."""
    head, _, fraction = text.rstrip("Z").partition(".")
    if fraction and text.endswith("Z"):
        whole = datetime.fromisoformat(head).replace(tzinfo=UTC).timestamp()
        return whole + float("0." + fraction)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()
