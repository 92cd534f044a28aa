"""Which app: those found in the namespace, when no chart says which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.message import Message

from lain_tui.core.errors import LainError
from lain_tui.core.model.status import Link
from lain_tui.core.target import Target
from lain_tui.screens.base import COMMON, LainScreen
from lain_tui.screens.session import Session
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.canvas import Line, Page, fit, rule
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.filter_bar import FilterBar
from lain_tui.widgets.header import Header
from lain_tui.widgets.notices import sentence
from lain_tui.widgets.pod_columns import short_tag
from lain_tui.widgets.words import Clock, age, wall_clock

if TYPE_CHECKING:
    from lain_tui.core.helm.releases import App


class _Title(Page):
    def lines(self, width: int) -> list[Line]:
        return [rule([("Apps", "title")], width)]


class PickerScreen(LainScreen[None]):
    """Apps by label and helm release, with what is known of each without opening it."""

    VERBS = (
        Verb("picker.filter", "slash", "filter", "Show only the apps whose name contains a text", worth=70),
        Verb("picker.reload", "ctrl+r", "look again", "List the namespace's apps again", worth=60),
        *COMMON,
        Verb("picker.back", "escape", "all", "Take the filter away"),
    )
    AUTO_FOCUS = "ChoiceList"

    @dataclass
    class Listed(Message):
        apps: Sequence[App]

    @dataclass
    class Failed(Message):
        error: LainError

    def __init__(
        self,
        session: Session,
        target: Target,
        open_app: Callable[[str, str], None],
        *,
        clock: Clock = wall_clock,
    ) -> None:
        super().__init__()
        self._session, self._target, self._open_app, self._clock = session, target, open_app, clock
        self._apps: Sequence[App] | None = None
        self._error: LainError | None = None
        self._sought = ""

    def compose_content(self) -> ComposeResult:
        target = self._target
        yield Header(
            "lain-tui",
            target.cluster,
            target.namespace,
            protected=target.protected,
            read_only=target.read_only,
            clock=self._clock,
        )
        yield _Title()
        yield ChoiceList()

    def on_mount(self) -> None:
        self._show()
        self.call_after_refresh(self._list)

    @work(group="picker", exclusive=True, exit_on_error=False)
    async def _list(self) -> None:
        if self._session.error is not None:
            self.post_message(self.Failed(self._session.error))
        kube, _ = await self._session.opened()
        from lain_tui.core.helm.releases import find_apps

        try:
            self.post_message(self.Listed(await find_apps(kube, self._target.namespace)))
        except LainError as error:
            self.post_message(self.Failed(error))

    @on(Listed)
    def _listed(self, message: Listed) -> None:
        self._apps, self._error = message.apps, None
        self.query_one(Header).show_link(Link(live=True))
        self._show()
        self.show_keys()

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self._error = message.error
        self.query_one(Header).show_link(Link(live=False, reason=str(message.error)))
        self._show()
        self.set_timer(5, self._list)

    def _show(self) -> None:
        now, sought = self._clock(), self._sought.casefold()
        apps = [app for app in self._apps or () if sought in app.name.casefold()]
        name = min(32, max((len(app.name) for app in apps), default=0)) + 2
        procs = min(40, max((len(", ".join(app.procs)) for app in apps), default=0)) + 2
        image = min(20, max((len(short_tag(app.image_tag)) for app in apps), default=0))
        lines: list[tuple[str, Line]] = []
        for app in apps:
            release = f"rev {app.revision}  " if app.revision else "no release  "
            odd = app.status if app.status not in ("", "deployed") else ""
            line: Line = [
                (" ", ""), *fit([(app.name, "strong")], name), *fit([(", ".join(app.procs), "quiet")], procs),
                *fit([(release, "" if app.revision else "quiet")], 12),
                *fit([(short_tag(app.image_tag), "quiet")], image),
                ("  ", ""), *fit([(age(app.updated, now), "quiet")], 6), (odd, "risk"),
            ]  # fmt: skip
            lines.append((app.name, line))
        self.query_one(ChoiceList).show(lines, self._notice())

    def _notice(self) -> list[Line]:
        width, where = self.size.width or 80, f"namespace {self._target.namespace} of {self._target.cluster}"
        if self._error is not None:
            return [
                [],
                *sentence(str(self._error), "", width),
                *sentence("Trying again by itself.", "quiet", width),
            ]
        if self._apps is None:
            return [[], *sentence(f"Looking for apps in {where} …", "quiet", width)]
        if self._sought:
            return [[], *sentence(f"No app's name contains {self._sought}.", "", width)]
        hint = (
            "Apps are found by the label app.kubernetes.io/name and by helm's releases; -n names another one."
        )
        return [[], *sentence(f"No app in {where}.", "", width), *sentence(hint, "quiet", width)]

    @on(ChoiceList.Chosen)
    def _chosen(self, message: ChoiceList.Chosen) -> None:
        app = next(app for app in self._apps or () if app.name == message.key)
        self._open_app(app.name, app.release)

    def verb_reload(self) -> None:
        self._session.retry_now()
        self._list()

    async def verb_filter(self) -> None:
        if not self.query(FilterBar):
            await self.mount(FilterBar(self._sought, hint="part of a name"), after=self.query_one(ChoiceList))

    @on(FilterBar.Changed)
    def _filter(self, message: FilterBar.Changed) -> None:
        self._sought = message.text.strip()
        self._show()

    @on(FilterBar.Closed)
    async def _filtered(self, message: FilterBar.Closed) -> None:
        await self.query(FilterBar).remove()
        self.query_one(ChoiceList).focus()
        self._sought = message.text.strip()
        self._show()

    def verb_back(self) -> None:
        self._sought = ""
        self._show()
