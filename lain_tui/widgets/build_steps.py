"""A build as it goes: its steps with their times, the layers on their way, and what the failing step said."""

from __future__ import annotations

from lain_tui.core.model.build import LayerView, RunState, RunView, StepState, StepView
from lain_tui.core.model.text import counted, spell_bytes
from lain_tui.widgets.canvas import Line, Page, Span, clip, fit, width_of
from lain_tui.widgets.wrap import wrap

_GLYPHS: dict[StepState, Span] = {
    StepState.RUNNING: ("◌", "progress"),
    StepState.DONE: ("✓", "ok"),
    StepState.CACHED: ("✓", "faint"),
    StepState.WARNED: ("!", "risk"),
    StepState.FAILED: ("✗", "broken"),
    StepState.STOPPED: ("○", "quiet"),
}
_RUNNING_LINES = 6
_LAYERS = 6
_BAR = 20


class BuildSteps(Page):
    """Follows the end while the build runs, unless the reader has scrolled up."""

    DEFAULT_CSS = "BuildSteps { height: 1fr; overflow-y: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self._view: RunView | None = None

    def show(self, view: RunView | None) -> None:
        follows = self.scroll_offset.y >= self.max_scroll_y
        self._view = view
        self.redraw()
        if view is not None and view.state is RunState.FAILED:
            self.scroll_home(animate=False)  # what failed stands first
        elif follows:
            self.scroll_end(animate=False)

    def lines(self, width: int) -> list[Line]:
        view = self._view
        if view is None:
            return [[], [("   Nothing has been built yet.", "quiet")]]
        lines: list[Line] = []
        if view.state is RunState.FAILED:
            lines += _failure(view, width)
        for step in view.steps:
            lines += _step(step, view, width)
        if view.state is RunState.STOPPED:
            lines += [[], [(" stopped; no image was named", "progress")]]
        elif view.state is RunState.DONE:
            size = f", {spell_bytes(view.size)}" if view.size else ""
            took = f"in {view.seconds:.1f} s{size}"
            fits = width_of([(view.image + took, "")]) + 5 <= width
            lines += [[], [(" ✓ ", "ok"), (view.image, "strong"), (f" {took}" if fits else "", "quiet")]]
            lines += [] if fits else [[("   ", ""), (took, "quiet")]]
        return lines


def _failure(view: RunView, width: int) -> list[Line]:
    """The last lines of the step that failed, then what docker says of it."""
    lines: list[Line] = []
    failed = next((step for step in view.steps if step.state is StepState.FAILED), None)
    if failed is not None:
        lines += [[(" ", ""), (text, "")] for text in failed.tail]
    lines += [[(" ✗ " if not place else "   ", "broken"), (part, "broken")]
              for place, part in enumerate(wrap(view.failure, width - 4))]  # fmt: skip
    return [*lines, []]


def _step(step: StepView, view: RunView, width: int) -> list[Line]:
    right = _right(step)
    room = width - width_of(right) - 5
    tone = "quiet" if step.state is StepState.CACHED else ""
    title: list[Span] = [(clip(step.title, max(10, room)), tone)]
    lines: list[Line] = [
        [(" ", ""), _GLYPHS[step.state], (" ", ""), *fit(title, max(10, room)), (" ", ""), *right]
    ]
    if step.detail and step.state is StepState.WARNED:
        lines += [[("     ", ""), (part, "quiet")] for part in wrap(step.detail, width - 6)[:3]]
    if step.state is StepState.RUNNING and view.state is RunState.RUNNING:
        lines += [_layer(layer, width) for layer in _worth_seeing(step.layers)]
        waiting = len(step.layers) - min(len(step.layers), _LAYERS)
        if waiting:
            lines.append([(f"     and {counted(waiting, 'layer')} more", "faint")])
        lines += [[("     ", ""), (text, "quiet")] for text in step.tail[-_RUNNING_LINES:]]
    return lines


def _right(step: StepView) -> list[Span]:
    """Bytes and rate where there are any, then the time; or that it was there already."""
    if step.state is StepState.CACHED:
        return [("cached ", "faint")]
    spans: list[Span] = []
    if step.moved:
        spans.append((spell_bytes(step.moved), "quiet"))
        if step.rate >= 1:
            spans.append((f" {spell_bytes(step.rate)}/s", "quiet"))
        spans.append(("  ", ""))
    if step.seconds is not None:
        spans.append((f"{step.seconds:.1f} s".rjust(8), "quiet"))
    return [*spans, (" ", "")]


def _worth_seeing(layers: tuple[LayerView, ...]) -> list[LayerView]:
    """Those on their way first."""
    moving = [layer for layer in layers if layer.total and layer.current < layer.total]
    rest = [layer for layer in layers if layer not in moving]
    return [*moving, *rest][:_LAYERS]


def _layer(layer: LayerView, width: int) -> Line:
    cells = max(8, min(_BAR, width - 56))
    share = min(1.0, layer.current / layer.total) if layer.total else 0.0
    filled = round(share * cells)
    spans: list[Span] = [("     ", ""), (layer.layer.ljust(13), "faint"), *fit([(layer.action, "quiet")], 20)]
    if layer.total:
        amounts = f" {spell_bytes(layer.current)} of {spell_bytes(layer.total)}"
        spans += [("━" * filled, "accent"), ("─" * (cells - filled), "faint"), (amounts, "quiet")]
    elif layer.current:
        spans.append((spell_bytes(layer.current), "quiet"))
    return spans
