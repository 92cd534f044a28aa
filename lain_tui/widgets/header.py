"""One line on top of every screen: which app, on which cluster, at which release, and whether the picture is live."""

from __future__ import annotations

from datetime import datetime

from lain_tui.core.model.status import Link, ReleaseHead, StatusView
from lain_tui.core.model.text import spell
from lain_tui.widgets.badge import badge_in
from lain_tui.widgets.canvas import Line, Page, Span, clip, width_of
from lain_tui.widgets.pod_columns import short_tag
from lain_tui.widgets.words import Clock, clock_time, wall_clock

_SAYING = 16
"""Cells in which the reason of a lost connection says something."""
_SUBJECT = 40
"""Cells that a commit's subject may take."""


class Header(Page):
    """Sheds its parts from the least telling one as the terminal narrows."""

    DEFAULT_CSS = """
    Header {
        background: $surface;
        &.-protected { background: $error 24%; }
    }
    """

    def __init__(
        self, app: str, cluster: str, namespace: str, *, protected: bool = False, read_only: bool = False,
        clock: Clock = wall_clock,
    ) -> None:  # fmt: skip
        super().__init__(classes="-protected" if protected else "")
        self._where = (app, cluster, namespace)
        self._protected = protected
        self._read_only = read_only
        self._release: ReleaseHead | None = None
        self._link = Link(live=False)
        self._known = False
        self._clock = clock

    def on_mount(self) -> None:
        self.set_interval(1, self.redraw)

    def show(self, view: StatusView) -> None:
        self._where = (view.app or self._where[0], view.cluster or self._where[1], view.namespace)
        self._release, self._link, self._known = view.release, view.link, view.synced
        self.redraw()

    def rename(self, app: str) -> None:
        """Another name in the first place."""
        self._where = (app, *self._where[1:])
        self.redraw()

    def show_link(self, link: Link, *, known: bool = False) -> None:
        """The state of the connection alone; `known` says that there is a picture."""
        self._link, self._known = link, known
        self.redraw()

    def lines(self, width: int) -> list[Line]:
        now = self._clock()
        space = width - 3 - width_of(self._place())
        ways = _connection(self._link, now, space, known=self._known)
        right = next((way for way in ways if width_of(way) <= space), ways[-1])
        room = width - width_of(right) - 2
        left = self._left(now, room)
        gap = max(1, width - width_of(left) - width_of(right) - 1)
        return [[*left, (" " * gap, ""), *right, (" ", "")]]

    def _place(self) -> list[Span]:
        """What is never left out."""
        app, cluster, namespace = self._where
        place: list[Span] = [(" ", ""), (app or "no app", "strong"), ("  ", "")]
        if cluster:
            place.append(badge_in(self.app, cluster, protected=self._protected))
        if namespace:
            place.append((f" {namespace}", ""))
        if self._read_only:
            place.append((" · read-only", "accent"))
        return place

    def _left(self, now: datetime, room: int) -> list[Span]:
        left = self._place()
        # Parts are left out from the end of their worth, not from the end of the line.
        parts = _release_parts(self._release, now)
        while parts and width_of(left) + sum(width_of(spans) for _, spans in parts) > room:
            parts.remove(min(parts, key=lambda part: part[0]))
        for _, spans in parts:
            left.extend(spans)
        return left


def _release_parts(release: ReleaseHead | None, now: datetime) -> list[tuple[int, list[Span]]]:
    """The release's parts as they stand, each with its worth."""
    if release is None:
        return []
    parts: list[tuple[int, list[Span]]] = [(9, [(f"   rev {release.revision}", "")])]
    if release.status and release.status != "deployed":
        parts.append((8, [(f" {release.status}", "broken" if "failed" in release.status else "progress")]))
    if release.image_tag:
        parts.append((7, [(f" · {clip(short_tag(release.image_tag), 24)}", "")]))
    if release.subject:
        parts.append((4, [(f' "{clip(release.subject, _SUBJECT)}"', "quiet")]))
    if release.updated is not None:
        parts.append((6, [(f" · {spell((now - release.updated).total_seconds())}", "quiet")]))
    if release.user:
        parts.append((3, [(f" · by {clip(release.user, 24)}", "quiet")]))
    return parts


def _connection(link: Link, now: datetime, space: int, *, known: bool) -> list[list[Span]]:
    """The state of the connection, in ever fewer words; why it is so as long as `space` has room for half of that."""
    if link.live:
        return [[("●", "ok"), (" live", "quiet")]]
    wait = ""
    if link.retry_at is not None:
        seconds = max(0.0, (link.retry_at - now).total_seconds())
        wait = f", retry in {seconds:.0f} s " if seconds >= 0.5 else ", trying "
    if not known and not link.reason:
        return [[("◌", "progress"), (" connecting", "quiet")]]
    since = f" since {clock_time(link.stale_since, now)}" if link.stale_since is not None else ""
    state = f" stale{since}" if known else " not connected"
    head: list[Span] = [("○", "progress"), (state, "progress")]
    now_key: list[Span] = [("ctrl+r", "key"), (" now", "quiet")]
    room = space - width_of(head) - 2
    told: list[Span] = []
    if known and link.reason and room >= max(_SAYING, len(link.reason) // 2):
        told = [*head, (": ", "quiet"), (clip(link.reason, room), "")]
    return [
        *([[*told, (wait or " ", "quiet"), *now_key], [*told, ("  ", ""), *now_key], told] if told else []),
        [*head, (wait or " ", "quiet"), *now_key],
        [*head, (wait.rstrip(), "quiet")],
        head,
        [("○", "progress"), (" stale" if known else " away", "progress")],
    ]
