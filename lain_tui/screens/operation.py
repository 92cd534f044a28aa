"""A change: what it will do, the yes to it, and how it goes. Leaving does not stop it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from lain_tui.core.errors import LainError
from lain_tui.core.model.text import listed
from lain_tui.screens.base import LainScreen
from lain_tui.screens.operations import Operations, Running
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.canvas import Line, Page
from lain_tui.widgets.in_turn import TypedLine
from lain_tui.widgets.plan_pane import PlanPane

if TYPE_CHECKING:
    from lain_tui.core.model.plan import Plan
    from lain_tui.core.operations.operation import Operation

Prepare = Callable[[], Awaitable[Any]]
"""Looks at what is there and plans the change; raises LainError when it cannot."""


class Head(Page):
    """What the change is, and how far it is."""

    DEFAULT_CSS = "Head { background: $surface; height: 1; }"

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self._state: tuple[str, str] = ("", "")

    def show(self, title: str, state: str, tone: str) -> None:
        self._title, self._state = title, (state, tone)
        self.redraw()

    def lines(self, width: int) -> list[Line]:
        state, tone = self._state
        return [[(" ", ""), (self._title, "strong"), ("   ", ""), (state, tone)]]


class OperationScreen(LainScreen[None]):
    """Plan, confirm, follow."""

    VERBS: ClassVar[tuple[Verb, ...]] = (
        Verb("operation.go", "enter,y", "do it", "Do what the plan says", worth=90, changes=True),
        Verb(
            "operation.again",
            "a",
            "plan again",
            "After a failure: look anew, and plan what is left",
            worth=70,
            changes=True,
        ),
        Verb("operation.stop", "ctrl+x", "stop", "Stop the change; what is done stays done", worth=60),
        Verb("operation.back", "escape,q", "back", "Go back; a change under way goes on", worth=80),
        Verb(
            "operation.help",
            "question_mark",
            "keys",
            "Show all keys of this screen, and search them",
            worth=40,
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = "PlanPane"
    DEFAULT_CSS = """
    OperationScreen {
        #typed { display: none; height: 1; margin: 0 1; background: $surface; }
        &.-asks #typed { display: block; }
    }
    """

    @dataclass
    class Planned(Message):
        """The plan is there, or why there is none."""

        operation: Operation | None
        error: LainError | None = None

    @dataclass
    class Went(Message):
        """The change has made a step, or is over."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, OperationScreen.Went)

    def __init__(
        self, operations: Operations, title: str, prepare: Prepare | None, running: Running | None = None
    ) -> None:
        """`prepare` plans the change; or `running` is one under way to be followed (and planned again if it fails)."""
        super().__init__()
        self._operations = operations
        self._title = title
        self._prepare = prepare
        self._operation: Operation | None = running.operation if running is not None else None
        self._under_way = running
        self._failure: LainError | None = None

    @property
    def plan(self) -> Plan | None:
        """What it will do; None until that is known."""
        return self._operation.plan if self._operation is not None else None

    def compose_content(self) -> ComposeResult:
        yield Head(self._title)
        yield PlanPane()
        yield TypedLine(id="typed", compact=True, select_on_focus=False)

    def on_mount(self) -> None:
        super().on_mount()
        self._show()
        if self._under_way is not None:
            self._follow(self._under_way)
        else:
            self._plan()

    # Planning

    @work(group="operation-plan", exclusive=True, exit_on_error=False)
    async def _plan(self) -> None:
        assert self._prepare is not None
        try:
            self.post_message(self.Planned(await self._prepare()))
        except LainError as error:
            self.post_message(self.Planned(None, error))

    @on(Planned)
    def _planned(self, message: Planned) -> None:
        self._operation, self._failure = message.operation, message.error
        self._show()
        self.show_keys()
        if message.operation is not None:
            self.was_planned(message.operation)

    def was_planned(self, operation: Operation) -> None:
        """For screens that show more of a change than its plan."""

    def refusal(self, verb: Verb) -> str:
        if verb.id == "operation.go":
            if self._under_way is not None:
                return "it is over" if self._under_way.over else "it is under way"
            if self._operation is None:
                return str(self._failure) if self._failure else "the plan is not there yet"
            check = self._operation.plan.refusal
            return f"{check.what}: {check.detail}" if check is not None else ""
        if verb.id == "operation.again":
            if self._under_way is None:
                return "" if self._failure is not None and self._prepare is not None else "nothing has failed"
            if self._prepare is None:
                return "begin it again from where it was begun"
            return "" if self._under_way.over and not self._under_way.succeeded else "it has not failed"
        if verb.id == "operation.stop" and (self._under_way is None or self._under_way.over):
            return "nothing is under way"
        return ""

    # Going

    def verb_go(self) -> None:
        assert self._operation is not None
        typed = self._operation.plan.typed
        if not typed:
            self._begin()
            return
        field = self.query_one("#typed", Input)
        field.placeholder = f"type {typed} and press enter"
        self.add_class("-asks")
        field.focus()

    @on(Input.Submitted, "#typed")
    def _typed(self, event: Input.Submitted) -> None:
        assert self._operation is not None
        if event.value.strip() == self._operation.plan.typed:
            self._begin()
        else:
            self.say(f"That is not {self._operation.plan.typed}: nothing was done", severity="warning")

    def _begin(self) -> None:
        assert self._operation is not None
        self.remove_class("-asks")
        self.query_one(PlanPane).focus()
        self._under_way = self._operations.start(self._operation)
        self._follow(self._under_way)
        self._show()
        self.show_keys()

    def verb_again(self) -> None:
        self._under_way = self._operation = self._failure = None
        self._show()
        self.show_keys()
        self._plan()

    @work(group="operation-follow", exclusive=True, exit_on_error=False)
    async def _follow(self, running: Running) -> None:
        while not running.over:
            self.post_message(self.Went())
            await running.changed()
        self.post_message(self.Went())

    @on(Went)
    def _went(self) -> None:
        self._show()
        self.show_keys()

    def verb_stop(self) -> None:
        if self._under_way is not None:
            self._under_way.cancel()

    def verb_back(self) -> None:
        if self.has_class("-asks"):
            self.remove_class("-asks")
            self.query_one(PlanPane).focus()
            return
        if self._under_way is not None and not self._under_way.over:
            self.say(f"{self._under_way.plan.verb} goes on; its end will be told here")
        self.dismiss()

    def shows(self, running: Running) -> bool:
        return running is self._under_way

    # Showing

    def _show(self) -> None:
        running = self._under_way
        head, pane = self.query_one(Head), self.query_one(PlanPane)
        title = self._operation.plan.subject if self._operation is not None else self._title
        verb = self._operation.plan.verb if self._operation is not None else ""
        title = f"{verb} {title}".strip()
        if self._failure is not None:
            head.show(title, "cannot be planned", "broken")
            pane.show(None, (), (str(self._failure), "broken"))
        elif running is None:
            head.show(title, "planned" if self._operation else "planning", "accent")
            pane.show(self._operation.plan if self._operation else None)
        else:
            state, tone = _state(running)
            head.show(title, state, tone)
            pane.show(running.plan, running.steps, _last_word(running))


def _state(running: Running) -> tuple[str, str]:
    if not running.over:
        return "under way", "progress"
    if running.cancelled:
        return "stopped", "risk"
    return ("failed", "broken") if running.error is not None else ("done", "ok")


def _last_word(running: Running) -> tuple[str, str] | None:
    if not running.over:
        return None
    if running.cancelled:
        return f"Stopped. {_so_far(running.done())}", "risk"
    if running.error is None:
        return "Done.", "ok"
    if isinstance(running.error, LainError):
        return f"{running.error}", "broken"
    return f"lain-tui has a bug ({type(running.error).__name__}). {_so_far(running.done())}", "broken"


def _so_far(done: Sequence[str]) -> str:
    return f"Done before: {listed(list(done), most=6)}." if done else "Nothing was done."
