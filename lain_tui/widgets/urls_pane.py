"""The app's URLs: what each answered, and why it failed when it did."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from lain_tui.core.model.status import Severity, UrlRow
from lain_tui.core.model.text import spell
from lain_tui.widgets.canvas import Line, Page, Span, clip, fit, rule
from lain_tui.widgets.pod_columns import GLYPHS, TONES
from lain_tui.widgets.tones import linked
from lain_tui.widgets.words import Clock, wall_clock

_EXPIRES_SOON = 14 * 86_400
"""Seconds before a certificate's end from which it is a risk."""


class UrlsPane(Page):
    """One line a URL; in a single line, a summary that names the first that fails."""

    DEFAULT_CSS = "UrlsPane { height: 2; overflow-y: auto; }"

    def __init__(self, *, clock: Clock = wall_clock, id: str | None = None) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._urls: Sequence[UrlRow] = ()

    def show(self, urls: Sequence[UrlRow]) -> None:
        if urls != self._urls:
            self._urls = urls
            self.redraw()

    @property
    def wanted(self) -> int:
        return len(self._urls) + 1 if self._urls else 0

    def lines(self, width: int) -> list[Line]:
        if not self._urls:
            return []
        if self.size.height < 2:
            return [self._summary(width)]
        lines: list[Line] = [rule([("URLs", "quiet")], width)]
        column = min(max(cell_len(url.url) for url in self._urls), max(20, width // 2))
        return lines + [[*self._head(url, column), *self._answer(url)] for url in self._urls]

    def _summary(self, width: int) -> Line:
        bad = [url for url in self._urls if url.severity >= Severity.RISK]
        count = len(self._urls)
        if not bad:
            checked = all(url.checked is not None for url in self._urls)
            words = "answers" if count == 1 else "answer"
            calm = f"{'all ' if count > 1 else ''}{count} {words}" if checked else "asking"
            return rule([("URLs", "quiet"), (" ─ ", "faint"), (calm, "quiet")], width)
        worst = max(bad, key=lambda url: url.severity)
        head = f"{len(bad)} of {count} " + ("fails" if len(bad) == 1 else "fail")
        tone = TONES[worst.severity]
        detail = clip(f"  {worst.url}  {_cause(worst)}", max(0, width - len(head) - 12))
        return rule([("URLs", "quiet"), (" ─ ", "faint"), (head, tone), (detail, "quiet")], width)

    def _head(self, url: UrlRow, column: int) -> list[Span]:
        glyph = GLYPHS[url.severity], TONES[url.severity]
        return [(" ", ""), glyph, (" ", ""), *fit([(url.url, linked(url.url))], column), ("  ", "")]

    def _answer(self, url: UrlRow) -> list[Span]:
        tone = TONES[url.severity]
        if url.checked is None and url.status is None and not url.cause:
            return [("asking", "quiet")]
        spans: list[Span] = []
        if url.status is not None:
            spans.append((f"{url.status}", tone))
        if url.cause:
            spans.append((f"{'  ' if spans else ''}{url.cause}", tone))
        if url.latency is not None:
            spans.append((f"  {spell(url.latency)}", "quiet"))
        if url.redirect:
            spans.append((f"  → {url.redirect}", "quiet"))
        if url.expires is not None:
            left = (url.expires - self._clock()).total_seconds()
            if left > 0 and not url.cause.startswith("certificate"):
                tone = "risk" if left < _EXPIRES_SOON else "quiet"
                spans.append((f"  certificate ends in {spell(left)}", tone))
        return spans


def _cause(url: UrlRow) -> str:
    return url.cause or (str(url.status) if url.status is not None else "")
