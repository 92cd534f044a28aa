"""The Deploy screen as far as it looks: what can be deployed, every check of it, and its diff."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import msgspec
from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.message import Message

from lain_tui.core.diff.report import changes_in_words, restarts_in_words
from lain_tui.core.errors import LainError
from lain_tui.core.model.plan import Check
from lain_tui.core.operations.candidate import Choice
from lain_tui.core.registry.tags import Tag
from lain_tui.screens.deploy.choices import Choices
from lain_tui.screens.releases import Planned, Releases
from lain_tui.screens.searching import SearchingScreen
from lain_tui.widgets.canvas import Line, Page, Span, rule
from lain_tui.widgets.check_list import CheckList, counts
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.diff_view import DiffView
from lain_tui.widgets.tag_list import TagList, TagRow
from lain_tui.widgets.title_bar import TitleBar
from lain_tui.widgets.words import Clock, wall_clock

_PAUSE = 0.15
"""Seconds that the cursor rests on an image before it is looked at."""
_WIDE = 100
"""Columns from which images and checks stand side by side."""


class _Step(Page):
    """The title of one of the three parts."""

    def __init__(self, title: str, *, id: str) -> None:
        super().__init__(id=id)
        self._title = title
        self._spans: list[Span] = []

    def show(self, spans: list[Span]) -> None:
        self._spans = spans
        self.redraw()

    def lines(self, width: int) -> list[Line]:
        gap: list[Span] = [("  ", "")] if self._spans else []
        return [rule([(self._title, "title"), *gap, *self._spans], width)]


class LookingScreen(SearchingScreen):
    """Images, checks, diff: each choice is looked at as soon as the cursor rests on it. Nothing is changed here."""

    AUTO_FOCUS = "TagList"
    DEFAULT_CSS = """
    LookingScreen {
        #top { height: auto; }
        #top > Vertical { height: auto; }
        &.-wide #top { layout: horizontal; }
        &.-wide #top > Vertical { width: 1fr; }
    }
    """

    @dataclass
    class Found(Message):
        choices: Choices | None
        error: LainError | None = None

    @dataclass
    class Checked(Message):
        tag: str
        check: Check

    @dataclass
    class Prepared(Message):
        tag: str
        deploy: Planned | None
        error: LainError | None = None

    def __init__(self, releases: Releases, *, clock: Clock = wall_clock) -> None:
        super().__init__()
        self._clock = clock
        self._releases = releases
        self._target = releases.target
        self._choices: Choices | None = None
        self._choice = Choice()
        self._checks: list[Check] = []
        self._deploy: Planned | None = None
        self._error: LainError | None = None
        self._live = False
        self._beside = False

    def compose_content(self) -> ComposeResult:
        target = self._target
        yield TitleBar(target.app, target.cluster, protected=target.protected, read_only=target.read_only)
        with Container(id="top"):
            with Vertical():
                yield _Step("1 Choose", id="choose")
                yield TagList(clock=self._clock)
            with Vertical():
                yield _Step("2 Check", id="check")
                yield CheckList()
        yield _Step("3 Diff", id="diff")
        yield DiffView()

    def on_mount(self) -> None:
        super().on_mount()
        self._show()
        self._find()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.width >= _WIDE, "-wide")
        self._fit()

    def _fit(self) -> None:
        wide, height = self.size.width >= _WIDE, self.size.height
        room = max(3, height // 3)
        tags = len(self._choices.tags) if self._choices is not None else 1
        checks = len(self.query_one(CheckList).lines(self.size.width // (2 if wide else 1)))
        if wide:
            both = max(3, min(room, max(tags, checks)))
            sizes = (both, both)
        else:
            sizes = (max(1, min(tags, room // 2 + 1)), min(checks, room // 2 + 1))
        self.query_one(TagList).styles.height, self.query_one(CheckList).styles.height = sizes

    # Looking

    @work(group="deploy-find", exclusive=True, exit_on_error=False)
    async def _find(self) -> None:
        try:
            self.post_message(self.Found(await self._releases.choices(self._target)))
        except LainError as error:
            self.post_message(self.Found(None, error))

    @on(Found)
    def _were_found(self, message: Found) -> None:
        first = self._choices is None
        self._choices, self._error = message.choices, message.error
        self._show()
        choices = message.choices
        if choices is None:
            self.show_keys()
            return
        if first and choices.head:
            self.query_one(TagList).move_to(choices.head)
        self._prepare()

    @on(ChoiceList.Highlighted)
    def _moved(self) -> None:
        self._prepare()

    @work(group="deploy-prepare", exclusive=True, exit_on_error=False)
    async def _prepare(self) -> None:
        tag = self._tag
        if not tag:
            return
        self._forget()
        await asyncio.sleep(_PAUSE)
        choice = msgspec.structs.replace(self._choice, tag=tag)

        def told(check: Check) -> None:
            self.post_message(self.Checked(tag, check))

        try:
            deploy = await self._releases.prepare(self._target, choice, told)
        except LainError as error:
            self.post_message(self.Prepared(tag, None, error))
        else:
            self.post_message(self.Prepared(tag, deploy))

    def _forget(self) -> None:
        """What was known of another choice is not true of this one."""
        self._deploy, self._checks, self._error = None, [], None
        self._show()
        self.show_keys()

    @property
    def _tag(self) -> str:
        return self.query_one(TagList).key

    @on(Checked)
    def _was_checked(self, message: Checked) -> None:
        if message.tag == self._tag and self._deploy is None:
            self._checks.append(message.check)
            self._show()

    @on(Prepared)
    def _was_prepared(self, message: Prepared) -> None:
        if message.tag != self._tag:
            return
        self._deploy, self._error = message.deploy, message.error
        if message.deploy is not None:
            self._checks = list(message.deploy.plan.checks)
        self._show()
        self.show_keys()

    # Showing

    def _show(self) -> None:
        self._show_tags()
        notice = str(self._error) if self._error is not None else ""
        self.query_one(CheckList).show(self._checks, notice, brief=self.size.width < _WIDE)
        done = self._deploy is not None or self._error is not None
        looking: list[Span] = [] if done else [("looking …", "progress")]
        self.query_one("#check", _Step).show([*counts(self._checks), *looking])
        self._show_diff()
        self.query_one(TitleBar).show(self._middle())
        self._fit()

    def _middle(self) -> list[Span]:
        spans: list[Span] = [("deploy", "quiet")]
        if self._choice.canary:
            spans += [("  ", ""), (" canary ", "badge")]
        for text in self._choice.sets:
            spans += [("  ", ""), (text, "accent")]
        for path in self._target.values_files:
            spans += [("  ", ""), (f"-f {path.name}", "accent")]
        if self._choice.ignore_lint:
            spans += [("  lint ignored", "risk")]
        return spans

    def _show_tags(self) -> None:
        choices = self._choices
        notice: list[Line] = [[("   Asking the registry …", "quiet")]]
        if self._error is not None and choices is None:
            notice = [[("   nothing to choose from", "quiet")]]
        rows = [_row(tag, choices) for tag in choices.tags] if choices is not None else []
        self.query_one(TagList).show_tags(rows, notice)
        trouble = choices.trouble if choices is not None else ""
        self.query_one("#choose", _Step).show([(f"registry: {trouble}", "risk")] if trouble else [])

    def _show_diff(self) -> None:
        deploy, view = self._deploy, self.query_one(DiffView)
        self.show_found("")
        if deploy is None:
            view.show_text([])
            return
        diff = deploy.diff
        words = [(changes_in_words(diff), "strong"), (restarts_in_words(diff), "")]
        words += [(note, "risk") for note in diff.notes]
        tone = "quiet" if diff.asked_server.startswith("accepts") else "risk"
        words += [(f"API server: {diff.asked_server}", tone)] if diff.asked_server else []
        view.show_diff(diff, words, against_live=self._live, side_by_side=self._beside)

    def show_found(self, words: str) -> None:
        spans: list[Span] = []
        if self._deploy is not None:
            diff = self._deploy.diff
            drift = len(diff.drifted)
            spans = [("what lives → next" if self._live else "release → next", "accent")]
            spans += [("  ", ""), (changes_in_words(diff).rstrip("."), "quiet")]
            spans += [(f"  {drift} drifted", "risk")] if drift else []
            spans += [(f"  {words}", "accent")] if words else []
        self.query_one("#diff", _Step).show(spans)

    # Reading

    def verb_live(self) -> None:
        self._live = not self._live
        self._show_diff()

    def verb_beside(self) -> None:
        self._beside = not self._beside
        self._show_diff()

    def verb_reload(self) -> None:
        self._find()

    def verb_read(self) -> None:
        diff, tags = self.query_one(DiffView), self.query_one(TagList)
        (tags if diff.has_focus else diff).focus()

    def verb_back(self) -> None:
        if self.end_search():
            return
        if self.query_one(DiffView).has_focus:
            self.query_one(TagList).focus()
        else:
            self.dismiss()


def _row(tag: Tag, choices: Choices) -> TagRow:
    commit = tag.commit
    return TagRow(
        name=tag.name,
        subject=commit.subject if commit is not None else "",
        time=commit.time if commit is not None else None,
        running=tag.name == choices.running,
        head=tag.name == choices.head,
        elsewhere=commit is not None and not tag.in_branch,
        missing=not choices.trouble and tag.name in choices.missing,
    )
