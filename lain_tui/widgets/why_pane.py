"""Why something is unhealthy: the finding in words, what can be done, and the evidence."""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len

from lain_tui.core.model.finding import Evidence, EvidenceKind, Finding
from lain_tui.core.model.status import Severity
from lain_tui.widgets.canvas import Line, Page, Span, clip, rule
from lain_tui.widgets.pod_columns import GLYPHS, TONES
from lain_tui.widgets.words import Clock, clock_time, wall_clock
from lain_tui.widgets.wrap import wrap


class WhyPane(Page):
    """One finding; its first lines are the ones that matter, so that a low pane still tells the cause."""

    DEFAULT_CSS = """
    WhyPane {
        height: 10;
        overflow-y: auto;
    }
    """

    def __init__(self, *, clock: Clock = wall_clock, id: str | None = None) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._finding: Finding | None = None
        self._calm = ""
        self._keys: Mapping[str, str] = {}

    def show(self, finding: Finding | None, *, calm: str = "", keys: Mapping[str, str] | None = None) -> None:
        """Show a finding, or `calm` when there is none; `keys` are those of the remedies' verbs."""
        keys = keys or {}
        if (finding, calm, keys) == (self._finding, self._calm, self._keys):
            return
        other = finding is None or self._finding is None or finding.subject != self._finding.subject
        self._finding, self._calm, self._keys = finding, calm, keys
        self.redraw()
        if other:
            self.scroll_to(y=0, animate=False)

    @property
    def wanted(self) -> int:
        """The lines that everything takes at the present width."""
        return len(self.lines(self.size.width)) if self.size.width else 1

    def lines(self, width: int) -> list[Line]:
        finding = self._finding
        if finding is None:
            return [
                rule([("Why", "quiet"), (" ─ " if self._calm else "", "faint"), (self._calm, "quiet")], width)
            ]
        tone = TONES[finding.severity]
        title = clip(finding.title, max(1, width - 12))
        lines: list[Line] = [
            rule([("Why", "title"), (" ─ ", "faint"), (title, f"strong {tone}".strip())], width)
        ]
        for sentence in finding.explanation:
            lines += [[(" ", ""), (part, "")] for part in wrap(sentence, width - 2)]
        lines += _remedies(finding, self._keys, width)
        now = self._clock()
        stamps = [clock_time(item.time, now) if item.time else "" for item in finding.evidence]
        column = max(map(len, stamps), default=0)
        labels = [_label(item) for item in finding.evidence]
        label_width = min(26, max(map(cell_len, labels), default=0))
        previous = ("", "")
        for item, stamp, label in zip(finding.evidence, stamps, labels, strict=True):
            same = item.kind in _LOGS and (stamp, label) == previous
            previous = (stamp, label)
            lines += _evidence(item, "" if same else stamp, "" if same else label, column, label_width, width)
        return lines


_LOGS = {EvidenceKind.LOG, EvidenceKind.PREVIOUS_LOG}


def _remedies(finding: Finding, keys: Mapping[str, str], width: int) -> list[Line]:
    lines: list[Line] = []
    for remedy in finding.remedies:
        key = keys.get(remedy.verb, "")
        head: list[Span] = [(" ", ""), ("→ ", "accent")]
        if key:
            head += [(key, "key"), (" ", "")]
        first, *rest = wrap(remedy.text, width - 4 - (len(key) + 1 if key else 0)) or [""]
        lines.append([*head, (first, "")])
        lines += [[("   ", ""), (part, "")] for part in rest]
    return lines


def _label(item: Evidence) -> str:
    label = item.label or item.kind.value
    if item.kind in _LOGS:
        label = item.kind.value if not item.label else f"{item.label} {item.kind.value}"
    return f"{label} ×{item.count}" if item.count > 1 else label


def _evidence(
    item: Evidence, stamp: str, label: str, column: int, label_width: int, width: int
) -> list[Line]:
    """One line of evidence: its time, what it is, its words; only a log's indent carries meaning."""
    glyph: Span = (GLYPHS[Severity.BROKEN], "broken") if item.warning and label else (" ", "")
    head: list[Span] = [
        ("   ", ""), (stamp.ljust(column), "faint"), (" " if column else "", ""), glyph, (" ", ""),
        (clip(label, label_width).ljust(label_width), "quiet"), ("  ", ""),
    ]  # fmt: skip
    room = width - sum(cell_len(text) for text, _ in head) - 1
    if item.kind in _LOGS:
        return [[*head, (clip(item.text.rstrip(), room), "")]]
    first, *rest = wrap(item.text, room) or [""]
    indent = " " * (width - room - 1)
    return [[*head, (first, "")], *([(indent, ""), (part, "")] for part in rest[:2])]
