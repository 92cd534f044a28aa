"""The builds of this run of the app, the newest first, one of them shown above."""

from __future__ import annotations

from collections.abc import Sequence

from lain_tui.core.model.build import RunState, RunView
from lain_tui.core.model.text import spell, spell_bytes
from lain_tui.widgets.canvas import Line, Page, Span, clip, rule
from lain_tui.widgets.pod_columns import short_tag

_GLYPHS: dict[RunState, Span] = {
    RunState.RUNNING: ("◌", "progress"),
    RunState.DONE: ("✓", "ok"),
    RunState.FAILED: ("✗", "broken"),
    RunState.STOPPED: ("○", "quiet"),
}
_MOST = 4


class BuildHistory(Page):
    """There from the second build on; one alone needs no list."""

    DEFAULT_CSS = "BuildHistory { height: auto; max-height: 5; display: none; &.-some { display: block; } }"

    def __init__(self) -> None:
        super().__init__()
        self._runs: Sequence[RunView] = ()
        self._chosen = 0

    def show(self, runs: Sequence[RunView], chosen: int) -> None:
        """`runs` oldest first; `chosen` is the place of the one that is shown."""
        more = len(runs) != len(self._runs)
        self._runs, self._chosen = runs, chosen
        self.set_class(len(runs) > 1, "-some")
        self.redraw()
        if more:
            self.refresh(layout=True)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return min(_MOST, len(self._runs)) + 1

    def lines(self, width: int) -> list[Line]:
        count = len(self._runs)
        last = max(self._chosen + 1, min(count, _MOST))
        first = max(0, last - _MOST) if count - self._chosen > _MOST else max(0, count - _MOST)
        places = range(min(count, first + _MOST) - 1, first - 1, -1)
        lines: list[Line] = [rule([("Builds of this run", "title")], width)]
        lines += [_line(self._runs[place], place == self._chosen, width) for place in places]
        return lines


def _line(run: RunView, chosen: bool, width: int) -> Line:
    size = spell_bytes(run.size) if run.size else ""
    image = clip(short_tag(run.image.rpartition(":")[2]), max(12, width - 58))
    return [
        (" ▸ " if chosen else "   ", "accent"), _GLYPHS[run.state], (f" {run.title:<15}", "strong" if chosen else ""),
        (f"{run.began.astimezone():%H:%M:%S}  ", "quiet"), (f"{spell(run.seconds):>9}  ", "quiet"),
        (f"{size:>9}  ", "quiet"), (image, "quiet"),
    ]  # fmt: skip
