"""The log of one build: it follows the build while it runs, and stays to be searched and copied."""

from __future__ import annotations

import re

from lain_tui.core.image.log import MOST
from lain_tui.core.image.progress import BuildProgress
from lain_tui.core.model.build import RunState, RunView, StepState
from lain_tui.core.model.text import counted
from lain_tui.screens.build.words import state_words
from lain_tui.screens.operations import Running
from lain_tui.screens.text import TextScreen
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.canvas import Line, Span
from lain_tui.widgets.pod_columns import short_tag

BEAT = 0.2
"""Seconds between two looks at what there is to add."""
_LINE = re.compile(r"( *\d+\.\d)  (    )?(.*)")
_TONES = (
    ("failed", "broken"),
    ("cached: ", "quiet"),
    ("done", "ok"),
    ("warned", "risk"),
    ("stopped", "progress"),
)


class BuildLogScreen(TextScreen):
    """Stays at the end while new lines come, unless the reader has scrolled up; `end` takes it there again."""

    VERBS = (
        *TextScreen.VERBS[:2],
        Verb("build.stop", "ctrl+x", "stop", "Stop the build; no image is named", worth=46),
        *TextScreen.VERBS[2:],
    )

    def __init__(self, progress: BuildProgress, running: Running) -> None:
        view = progress.view()
        super().__init__(f"{view.title} log", short_tag(view.image.rpartition(":")[2]), highlight=tones)
        self._progress, self._build = progress, running
        self._read = 0
        """Lines of the log that have been looked at."""

    def on_mount(self) -> None:
        super().on_mount()
        self._viewer.show("", at_end=True)
        self._timer = self.set_interval(BEAT, self._beat)
        self._beat()

    def _beat(self) -> None:
        log, over = self._progress.log, not self._progress.running
        if log.written > self._read:
            if self._viewer.line_count > 2 * MOST:  # the log has let go of the oldest long ago
                self._viewer.show(log.text, at_end=self._viewer.following)
            else:
                self._viewer.extend(log.since(self._read))
            self._read = log.written
        if not self._sought:
            self.show_state()
        if over:
            self._timer.stop()
            self.show_keys()

    def show_state(self) -> None:
        below = self._viewer.below
        self._head.say(*state(self._progress.view(), below if not self._viewer.following else 0))

    def verb_stop(self) -> None:
        self._build.cancel()
        self.say("Stopping the build")

    def shows(self, running: Running) -> bool:
        return running is self._build

    def refusal(self, verb: Verb) -> str:
        if verb.id == "build.stop" and not self._progress.running:
            return "the build is over"
        return ""


def state(view: RunView, below: int) -> list[Span]:
    """The step that runs and for how long, or how it ended; and what came in while the reader is elsewhere."""
    spans: list[Span] = []
    running = [step for step in view.steps if step.state is StepState.RUNNING]
    if view.state is RunState.RUNNING and running:
        step = running[-1]
        spans = [("◌ ", "progress"), (f"{step.seconds or 0:.1f} s  ", ""), (step.title, "quiet")]
    else:
        spans = state_words(view)
    if below:
        spans[:0] = [(f"{counted(below, 'line')} below  ", "accent")]
    return spans


def tones(line: str) -> Line:
    """The time in the background, output as it is, and each step in the tone of what became of it."""
    match = _LINE.fullmatch(line)
    if match is None:
        return [(line, "quiet")]
    time, indent, text = match.groups()
    if indent:
        return [(time, "faint"), (f"  {indent}{text}", "")]
    tone = next((tone for word, tone in _TONES if text.startswith(word)), "accent")
    return [(time, "faint"), (f"  {text}", tone)]
