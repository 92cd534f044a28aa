"""What a build has told so far, as one picture: steps with their times, layers with their rates, the whole log."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

from lain_tui.core.errors import LainError
from lain_tui.core.image.log import BuildLog
from lain_tui.core.image.reasons import FAILED
from lain_tui.core.model.build import (
    BuildEvent,
    BuildLine,
    BuildStep,
    ImageReady,
    LayerProgress,
    LayerView,
    RunState,
    RunView,
    StepState,
    StepView,
)
from lain_tui.core.model.text import shortened, uncoloured

TAIL = 20
"""Lines of a step that its view carries."""
_MOVING = frozenset({"Downloading", "Pushing", "Saving", "Sending"})
_WINDOW = 3.0
"""Seconds over which a rate is taken."""


class BuildProgress:
    """Takes the events of one build in their order; `view` pictures them at any time."""

    def __init__(self, title: str, image: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._title, self._image, self._clock = title, image, clock
        self._began_at, self._began = datetime.now(UTC), clock()
        self._ended: float | None = None
        self._steps: dict[str, _Step] = {}
        self.log = BuildLog()
        self._size = 0
        self._state = RunState.RUNNING
        self._failure = ""

    def take(self, event: BuildEvent) -> None:
        now = self._clock()
        if isinstance(event, ImageReady):
            self._size = event.size or self._size
        elif isinstance(event, BuildStep):
            self._step(event, now)
        elif isinstance(event, BuildLine):
            text, step = uncoloured(event.text), self._steps_of(event.step, now)
            step.tail.append(text)
            self.log.output(now - self._began, step.id, step.title, text)
        else:
            self._steps_of(event.step, now).layer(event, now)

    def end(self, error: BaseException | None = None) -> None:
        """The build is over: well, with a LainError, or stopped (any other exception)."""
        self._ended = self._clock()
        seconds = self._ended - self._began
        if error is None:
            self._state = RunState.DONE
            self.log.write(seconds, f"done in {seconds:.1f} s")
            return
        self._state = RunState.FAILED if isinstance(error, LainError) else RunState.STOPPED
        # The failing step's lines are with the step already.
        self._failure = str(first_words(error)) if isinstance(error, LainError) else ""
        for step in self._steps.values():
            if step.state is StepState.RUNNING:
                step.state = StepState.FAILED if self._failure else StepState.STOPPED
                step.seconds = self._ended - step.began
        self.log.write(seconds, f"failed: {self._failure}" if self._failure else "stopped")

    @property
    def running(self) -> bool:
        return self._state is RunState.RUNNING

    def view(self) -> RunView:
        now = self._clock()
        ended = now if self._ended is None else self._ended
        return RunView(
            title=self._title,
            image=self._image,
            state=self._state,
            began=self._began_at,
            seconds=ended - self._began,
            steps=tuple(step.view(now) for step in self._steps.values()),
            size=self._size,
            failure=self._failure,
        )

    def _step(self, event: BuildStep, now: float) -> None:
        step = self._steps_of(event.id, now)
        step.title, step.state = event.title, event.state
        step.detail = event.detail or step.detail
        if event.state is not StepState.RUNNING:
            step.seconds = event.seconds if event.seconds is not None else now - step.began
        took = f" {step.seconds:.1f} s" if step.seconds is not None and event.state is StepState.DONE else ""
        state = "" if event.state is StepState.RUNNING else f"{event.state.value}{took}: "
        told = f"{state}{event.title}" + (f": {event.detail}" if event.detail else "")
        self.log.step(now - self._began, event.id if event.state is StepState.RUNNING else "", told)

    def _steps_of(self, id: str, now: float) -> _Step:
        if id not in self._steps:
            self._steps[id] = _Step(id, now)
        return self._steps[id]


class _Step:
    """One step while it is under way."""

    def __init__(self, id: str, began: float) -> None:
        self.id = self.title = id
        self.began = began
        self.state = StepState.RUNNING
        self.seconds: float | None = None
        self.detail = ""
        self.tail: deque[str] = deque(maxlen=TAIL)
        self._layers: dict[str, LayerView] = {}
        self._moved: dict[str, int] = {}
        self._samples: deque[tuple[float, int]] = deque()

    def layer(self, event: LayerProgress, now: float) -> None:
        before = self._layers.get(event.layer)
        total = event.total or (before.total if before is not None else 0)
        current = event.current or (before.current if before is not None else 0)
        self._layers[event.layer] = LayerView(
            layer=event.layer, action=event.action, current=current, total=total
        )
        if event.action in _MOVING and event.current:
            self._moved[event.layer] = max(event.current, self._moved.get(event.layer, 0))
            self._samples.append((now, sum(self._moved.values())))
            while now - self._samples[0][0] > _WINDOW:
                self._samples.popleft()

    def view(self, now: float) -> StepView:
        running = self.state is StepState.RUNNING
        moved = sum(self._moved.values())
        return StepView(
            id=self.id,
            title=self.title,
            state=self.state,
            seconds=now - self.began if running else self.seconds,
            detail=self.detail,
            layers=tuple(self._layers.values()) if running else (),
            moved=moved,
            rate=self._rate(now) if running else moved / self.seconds if self.seconds else 0.0,
            tail=tuple(self.tail),
        )

    def _rate(self, now: float) -> float:
        if len(self._samples) < 2 or now - self._samples[-1][0] > _WINDOW:
            return 0.0
        (first, less), (_, more) = self._samples[0], self._samples[-1]
        return (more - less) / max(now - first, 0.1)


def first_words(error: LainError) -> LainError:
    """A build's failure without the failing step's lines, for where those are shown already."""
    if not error.what.startswith(FAILED):
        return error
    what = error.what.partition("\n")[0].removeprefix(FAILED)
    return LainError(what, where=shortened(error.where, 60), hint=error.hint)
