"""The Operate screen: joins an app's jobs and forwarded ports to the lines that show them."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from lain_tui.core.errors import LainError
from lain_tui.core.model.forwards import ForwardRow
from lain_tui.core.model.jobs import Run, Work
from lain_tui.core.model.status import Link
from lain_tui.screens.base import LainScreen
from lain_tui.screens.operate.asked import forward_of, job_of
from lain_tui.screens.operate.under import Under, cron_of, find, run_of
from lain_tui.screens.operate.verbs import VERBS
from lain_tui.screens.places import Context
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.canvas import Line, Page, rule
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.filter_bar import FilterBar
from lain_tui.widgets.header import Header
from lain_tui.widgets.notices import sentence
from lain_tui.widgets.words import Clock, wall_clock
from lain_tui.widgets.work_lines import forward_lines, work_head, work_lines

if TYPE_CHECKING:
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.operations.operation import Operation

FRAME = 0.2
"""Seconds between two pictures at least."""
_AGAIN = 5.0
_LEAST_PORTS = 3


class _Title(Page):
    def __init__(self, title: str, *, head: Callable[[int], Line] | None = None) -> None:
        super().__init__()
        self._title, self._head = title, head
        self.styles.height = 2 if head else 1

    def lines(self, width: int) -> list[Line]:
        return [rule([(self._title, "title")], width), *([self._head(width)] if self._head else [])]


class OperateScreen(LainScreen[None]):
    """Runs above, ports below; enter opens a run's log."""

    VERBS = VERBS
    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = "#work"
    DEFAULT_CSS = """
    OperateScreen {
        #work { height: 1fr; }
        #ports { height: auto; max-height: 8; }
    }
    """

    @dataclass
    class Pictured(Message):
        work: list[Work]
        link: Link

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, OperateScreen.Pictured)

    @dataclass
    class Failed(Message):
        error: Exception

    @dataclass
    class PortsChanged(Message):
        def can_replace(self, message: Message) -> bool:
            return isinstance(message, OperateScreen.PortsChanged)

    def __init__(self, context: Context, *, clock: Clock = wall_clock) -> None:
        super().__init__()
        self._origin = context
        self._clock = clock
        self._work: list[Work] | None = None
        self._link = Link(live=False)
        self._asking = ""

    def compose_content(self) -> ComposeResult:
        target = self._origin.target
        yield Header(
            target.app, target.cluster, target.namespace, protected=target.protected,
            read_only=target.read_only, clock=self._clock,
        )  # fmt: skip
        yield _Title("Jobs", head=work_head)
        yield ChoiceList(id="work")
        yield _Title("Ports on this machine")
        yield ChoiceList(id="ports")

    def on_mount(self) -> None:
        super().on_mount()
        self._origin.session.forwards.listen(lambda: self.post_message(self.PortsChanged()))
        self._show()
        self._follow()
        self.set_interval(30, self._show)  # ages

    @work(group="operate", exclusive=True, exit_on_error=False)
    async def _follow(self) -> None:
        while True:
            try:
                _, store = await self._origin.session.opened()
                from lain_tui.core.jobs.board import JobsBoard

                async with JobsBoard(store, self._origin.target) as board:
                    while True:
                        self.post_message(self.Pictured(board.work(), board.link))
                        await asyncio.sleep(FRAME)
                        await board.changed()
            except (LainError, OSError) as error:
                self.post_message(self.Failed(error))
                await asyncio.sleep(_AGAIN)

    @on(Pictured)
    def _pictured(self, message: Pictured) -> None:
        self._work, self._link = message.work, message.link
        self._show()
        self.show_keys()

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self._link = Link(live=False, reason=str(message.error))
        self._show()

    @on(PortsChanged)
    def _ports_changed(self) -> None:
        self._show()

    # Showing

    def _show(self) -> None:
        if not self.is_mounted:
            return
        width, now = self.size.width or 80, self._clock()
        self.query_one(Header).show_link(self._link)
        notice = [] if self._work is None else sentence("No cronjobs and no jobs.", "quiet", width)
        if self._link.reason and self._work is None:
            notice = sentence(self._link.reason, "", width)
        self.query_one("#work", ChoiceList).show(work_lines(self._work or (), width, now), notice)
        rows = self._ports()
        ports = self.query_one("#ports", ChoiceList)
        ports.styles.height = max(_LEAST_PORTS, min(8, len(rows) + 1))
        ports.show(forward_lines(rows), sentence("None. f forwards one.", "quiet", width))

    def _ports(self) -> Sequence[ForwardRow]:
        return self._origin.session.forwards.rows

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self._show()

    # What is under the cursor

    def _under(self) -> Under | None:
        focused = self.focused
        if not isinstance(focused, ChoiceList):
            return None
        return find(focused.key, self._work or (), self._ports())

    def _cron(self) -> Work | None:
        return cron_of(self._under(), self._work or ())

    def _run(self) -> Run | None:
        return run_of(self._under())

    def refusal(self, verb: Verb) -> str:
        if verb.changes and self._origin.target.read_only:
            return f"read-only: {verb.label} is off"
        if verb.id in ("operate.run", "operate.suspend") and self._cron() is None:
            return f"{verb.label} needs a cronjob: select one first"
        if verb.id == "operate.logs" and self._run() is None:
            return "logs needs a run: there is none here"
        if verb.id == "operate.stop" and not isinstance(self._under(), ForwardRow):
            return "stop needs a forwarded port: tab goes there"
        return ""

    @on(ChoiceList.Highlighted)
    def _highlighted(self) -> None:
        self.show_keys()

    @on(ChoiceList.Chosen)
    async def _chosen(self) -> None:
        await self.action_do("operate.logs")

    # Jobs

    def verb_run(self) -> None:
        cron = self._cron()
        assert cron is not None, "refusal() lets nothing through without"

        async def prepare(kube: KubeClient) -> Operation:
            from lain_tui.core.jobs.run import RunJob

            return await RunJob.of_cron(kube, self._origin.target, cron.name)

        self._plan(f"run {cron.name} now", prepare)

    def verb_suspend(self) -> None:
        cron = self._cron()
        assert cron is not None, "refusal() lets nothing through without"

        async def prepare(kube: KubeClient) -> Operation:
            from lain_tui.core.jobs.suspend import Suspend

            return await Suspend.prepare(kube, self._origin.target, cron.name, suspend=not cron.suspended)

        self._plan(f"{'resume' if cron.suspended else 'suspend'} {cron.name}", prepare)

    def _plan(self, title: str, prepare: Callable[[KubeClient], Awaitable[Operation]]) -> None:
        from lain_tui.screens.operation import OperationScreen

        session = self._origin.session

        async def opened() -> Operation:
            kube, _ = await session.opened()
            return await prepare(kube)

        self.app.push_screen(OperationScreen(session.operations, title, opened))

    async def verb_logs(self) -> None:
        from lain_tui.core.jobs.run import pods_of
        from lain_tui.core.logs.containers import LogScope
        from lain_tui.screens.logs.screen import LogsScreen
        from lain_tui.screens.logs.source import ClusterLogs

        run = self._run()
        assert run is not None, "refusal() lets nothing through without"
        session, target, settings = self._origin.session, self._origin.target, self._origin.settings.logs
        pods = await pods_of(session.kube, target, run.name)
        if not pods:
            self.say(f"No pod of {run.name} is kept, so there is no log", severity="warning")
            return
        self.app.push_screen(
            LogsScreen(
                ClusterLogs(session, target), LogScope(pods=frozenset(pods)), subject=run.name,
                capacity=settings.lines, tail=settings.tail,
            )
        )  # fmt: skip

    def verb_advice(self) -> None:
        from lain_tui.screens.operate.advice import AdviceScreen

        self.app.push_screen(AdviceScreen(self._origin))

    # What is asked for in a line

    async def verb_job(self) -> None:
        await self._ask("job", "[PROC] -- COMMAND, or just a command", "job")

    async def verb_forward(self) -> None:
        await self._ask("forward", "PROC [LOCAL:]PORT, such as web 8080:80", "forward")

    async def _ask(self, what: str, hint: str, label: str) -> None:
        await self.query(FilterBar).remove()
        self._asking = what
        await self.mount(FilterBar(hint=hint, label=label), before=self.query("KeyFooter").first())

    async def on_filter_bar_closed(self, message: FilterBar.Closed) -> None:
        await self.query(FilterBar).remove()
        self.query_one("#work").focus()
        text = message.text.strip()
        if message.cleared or not text:
            return
        try:
            if self._asking == "job":
                self._new_job(text)
            else:
                self._start_forward(text)
        except LainError as error:
            self.say_error(error)

    def _new_job(self, text: str) -> None:
        proc, words = job_of(text)

        async def prepare(kube: KubeClient) -> Operation:
            from lain_tui.core.jobs.run import RunJob

            return await RunJob.of_proc(kube, self._origin.target, words, proc=proc)

        self._plan(f"job {shlex.join(words)}", prepare)

    @work(group="operate-forward", exit_on_error=False)
    async def _start_forward(self, text: str) -> None:
        session = self._origin.session
        try:
            name, local, remote = forward_of(text)
            kube, _store = await session.opened()
            # Its line below tells the rest.
            await session.forwards.start(kube, self._origin.target, name, remote=remote, local=local)
        except LainError as error:
            self.say_error(error)

    @work(group="operate-forward", exit_on_error=False)
    async def verb_stop(self) -> None:
        row = self._under()
        if isinstance(row, ForwardRow):
            await self._origin.session.forwards.stop(row.local)


def operate(context: Context) -> OperateScreen:
    """The screen behind `go.operate`."""
    return OperateScreen(context)
