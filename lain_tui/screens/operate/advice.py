"""The Advice screen: what each proc uses beside what it asks for, and one key that writes the better value down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from lain_tui.core.errors import LainError
from lain_tui.core.model.advice import Advice, ProcAdvice, Report
from lain_tui.core.model.status import Link
from lain_tui.screens.base import COMMON, LainScreen
from lain_tui.screens.places import Context
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.advice_lines import advice_key, advice_lines, plot_lines, proc_key, source_lines
from lain_tui.widgets.canvas import Line, Page, rule
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.header import Header
from lain_tui.widgets.notices import sentence

if TYPE_CHECKING:
    from lain_tui.core.values.layers import Values


class _Plot(Page):
    DEFAULT_CSS = "_Plot { height: 10; }"

    def __init__(self) -> None:
        super().__init__()
        self._proc: ProcAdvice | None = None
        self._advice: Advice | None = None

    def show(self, proc: ProcAdvice | None, advice: Advice | None) -> None:
        self._proc, self._advice = proc, advice
        self.redraw()

    def lines(self, width: int) -> list[Line]:
        title = self._proc.proc if self._proc is not None else ""
        body = plot_lines(self._proc, self._advice, width) if self._proc is not None else []
        return [rule([(title, "title")] if title else [], width), *body]


class _Source(Page):
    """What it rests on."""

    def __init__(self) -> None:
        super().__init__()
        self._report: Report | None = None

    def show(self, report: Report | None, width: int) -> None:
        self._report = report
        self.styles.height = max(1, len(self.lines(width)))
        self.redraw()

    def lines(self, width: int) -> list[Line]:
        return source_lines(self._report, width) if self._report is not None else []


class AdviceScreen(LainScreen[None]):
    """Asks once, and again with `ctrl+r`."""

    VERBS = (
        Verb("advice.write", "w", "write", "Write the value into its file, after showing the line", worth=80),
        Verb("advice.reload", "ctrl+r", "measure again", "Ask for the usage again", worth=50),
        *COMMON,
        Verb("advice.back", "escape", "back", "Back to where you were", worth=45),
    )
    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = "ChoiceList"

    @dataclass
    class Measured(Message):
        report: Report
        values: Values

    @dataclass
    class Failed(Message):
        error: LainError

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._origin = context
        self._report: Report | None = None
        self._values: Values | None = None
        self._error: LainError | None = None

    def compose_content(self) -> ComposeResult:
        target = self._origin.target
        yield Header(
            target.app,
            target.cluster,
            target.namespace,
            protected=target.protected,
            read_only=target.read_only,
        )
        yield _Source()
        yield ChoiceList()
        yield _Plot()

    def on_mount(self) -> None:
        super().on_mount()
        self._show()
        self._measure()

    @work(group="advice", exclusive=True, exit_on_error=False)
    async def _measure(self) -> None:
        from lain_tui.core.insight.appetite import report
        from lain_tui.core.values.layers import open_values

        target = self._origin.target
        try:
            if target.chart is None:
                raise LainError(
                    "advice needs the app's values",
                    hint="Start lain-tui in the app's repository, where chart/values.yaml is.",
                )
            values = open_values(
                target.chart,
                cluster=target.cluster,
                cluster_values=target.settings_file,
                extra=target.values_files,
            )
            kube, _ = await self._origin.session.opened()
            self.post_message(self.Measured(await report(kube, target, values), values))
        except LainError as error:
            self.post_message(self.Failed(error))

    @on(Measured)
    def _measured(self, message: Measured) -> None:
        self._report, self._values, self._error = message.report, message.values, None
        self._show()
        self.show_keys()

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self._error = message.error
        self._show()

    def _show(self) -> None:
        width = self.size.width or 80
        failure = str(self._error) if self._error is not None else ""
        known = self._report is not None
        self.query_one(Header).show_link(Link(live=known and not failure, reason=failure), known=known)
        if self._error is not None:
            notice = [[], *sentence(str(self._error), "", width)]
        else:
            notice = [[], *sentence("Measuring …", "quiet", width)]
        self.query_one(_Source).show(self._report, width)
        lines = advice_lines(self._report) if self._report is not None and self._error is None else []
        self.query_one(ChoiceList).show(lines, notice)
        self._show_plot()

    def _show_plot(self) -> None:
        self.query_one(_Plot).show(*self._under())

    def _under(self) -> tuple[ProcAdvice | None, Advice | None]:
        key = self.query_one(ChoiceList).key
        for proc in self._report.procs if self._report is not None else ():
            for each in proc.advice:
                if advice_key(each) == key:
                    return proc, each
            if proc_key(proc) == key:
                return proc, None
        return None, None

    @on(ChoiceList.Highlighted)
    def _highlighted(self) -> None:
        self._show_plot()
        self.show_keys()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self._show()

    def refusal(self, verb: Verb) -> str:
        if verb.id == "advice.write" and self._under()[1] is None:
            return "write needs an advice: select one first"
        return ""

    def verb_reload(self) -> None:
        self._measure()

    @on(ChoiceList.Chosen)
    async def _chosen(self) -> None:
        await self.action_do("advice.write")

    @work(group="advice-write", exclusive=True, exit_on_error=False)
    async def verb_write(self) -> None:
        from lain_tui.core.insight.write import plan_edit
        from lain_tui.core.values.edit import apply_edit
        from lain_tui.screens.confirm import ConfirmScreen

        _, advice = self._under()
        assert advice is not None and self._values is not None, "refusal() lets nothing through without"
        try:
            written = plan_edit(self._values, advice)
            weak = self._report.weak if self._report is not None else ""
            question = ConfirmScreen(
                f"Write {'.'.join(advice.keys)}?", [written.where, *written.edit.changed_lines], warning=weak
            )
            if await self.app.push_screen_wait(question):
                apply_edit(written.edit)
                self.say(f"Written to {written.where}; it takes effect with the next deploy")
                self._measure()
        except LainError as error:
            self.say_error(error)
