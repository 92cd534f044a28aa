"""The Env & secrets screen as far as it looks: the desk it follows, the list of keys, and what stands beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message

from lain_tui.core.errors import LainError
from lain_tui.core.model.finding import Remedy
from lain_tui.core.model.holder import Ref
from lain_tui.core.secrets.desk import Desk, Papers, own_refs
from lain_tui.core.secrets.draft import Draft
from lain_tui.core.secrets.values import is_binary, language, to_editor
from lain_tui.core.target import Target
from lain_tui.screens.base import LainScreen
from lain_tui.screens.secrets.rows import Entry, Rows
from lain_tui.screens.secrets.words import (
    absent,
    binary,
    conflict_lines,
    draft_words,
    facts,
    head,
    masked,
)
from lain_tui.screens.session import Session
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.canvas import Line
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.secret_pane import SecretPane, Words
from lain_tui.widgets.title_bar import TitleBar


class KeyList(ChoiceList):
    """Enter and a double click edit without a message in between: what is typed ahead is the editor's, not the list's."""

    rows: Rows | None = None

    def show_rows(self, rows: Rows) -> None:
        self.rows = rows
        self.show_keys(list(rows.entries))

    def line(self, place: int, width: int) -> Line:
        assert self.rows is not None
        return self.rows.line(self._keys[place], width)

    def action_choose(self) -> None:
        screen = self.screen
        if self.key and isinstance(screen, LookingScreen):
            screen.edit_at_once()


class LookingScreen(LainScreen[None]):
    """Follows a Desk, and shows what is selected: masked, unless it may be seen."""

    VERBS: ClassVar[tuple[Verb, ...]] = ()
    DEFAULT_CSS = """
    LookingScreen {
        #parts { height: 1fr; }
        #keys { width: 40%; min-width: 30; max-width: 64; }
        SecretPane { width: 1fr; border-left: vkey $foreground 15%; }
        #draft { height: 1; display: none; &.-some { display: block; } }
    }
    """

    @dataclass
    class Pictured(Message):
        """The desk has changed."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, LookingScreen.Pictured)

    def __init__(
        self,
        session: Session,
        target: Target,
        *,
        remedy: Remedy | None = None,
        asked: Sequence[Remedy] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`remedy` is what one came for: its key is added as a draft; `asked` are keys that crashes ask for."""
        super().__init__()
        self._session = session
        self._target = target
        self._remedy = remedy
        self._asked = {
            (one.arguments.get("secret", ""), one.arguments["key"]): one.arguments.get("proc", "a pod")
            for one in asked
            if "key" in one.arguments
        }
        self._clock = clock
        self._desk: Desk | None = None
        self._rows: Rows | None = None
        self._filter = ""
        self._behind: tuple[str, ...] = ()
        """Procs that do not see yet what was applied here last."""
        self._revealed: set[str] = set()
        self._reveal_all = False
        self._touched = clock()
        self._shown: tuple[str, bytes] | None = None
        """The entry in the editor, and the value that went into it."""
        self._escaped = False
        """Odd characters of that value are written as escapes."""
        self._editing = ""
        """The entry whose value is being edited."""
        self._typing: Callable[[str], None] | None = None
        """What to do with the line that is asked for."""

    def compose_content(self) -> ComposeResult:
        target = self._target
        yield TitleBar(target.app, target.cluster, protected=target.protected, read_only=target.read_only)
        with Horizontal(id="parts"):
            yield KeyList(id="keys")
            yield SecretPane()
        yield Words(id="draft")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(TitleBar).show([("env and secrets", "")], [("connecting", "quiet")])
        self._follow()

    # Following the desk

    @work(group="secrets-desk", exclusive=True, exit_on_error=False)
    async def _follow(self) -> None:
        kube, store = await self._session.opened()
        key = (self._target.namespace, self._target.app)
        papers = self._session.papers.setdefault(key, Papers(self._target))
        async with Desk(kube, store, self._target, papers) as desk:
            self._desk = desk
            wanted = [*own_refs(self._target), *papers.drafts]
            if self._remedy is not None and (name := self._remedy.arguments.get("secret")):
                wanted.append(Ref(name=name, namespace=self._target.namespace))
            for ref in dict.fromkeys(wanted):
                await desk.open(ref)
            self.call_next(self._begin)
            seen = -1
            while True:
                self.post_message(self.Pictured())
                seen = await desk.changed(seen)

    @on(Pictured)
    def _pictured(self) -> None:
        self._picture()

    def _picture(self) -> None:
        desk = self._desk
        if desk is None or not self.is_mounted:
            return
        for sentence in desk.take_news():
            self.say(sentence, severity="warning")
        keys = self.query_one(KeyList)
        self._rows = rows = Rows(desk, self._asked, self._filter)
        first = not keys.key
        keys.show_rows(rows)
        if first and rows.first_key is not None:
            keys.move_to(rows.first_key.id)
        self._show_title()
        words = draft_words(desk)
        bar = self.query_one("#draft", Words)
        bar.set_class(bool(words), "-some")
        bar.show([words])
        self._show_entry()
        self.show_keys()

    def _show_title(self) -> None:
        assert self._desk is not None
        link, unseen = self._desk.link, self._desk.unseen()
        right = [("live", "quiet")] if link.live else [(link.reason or "connecting", "risk")]
        if unseen:
            right = [(unseen, "risk")]
        self.query_one(TitleBar).show([(self._target.namespace, "quiet"), ("  env and secrets", "")], right)

    def _begin(self) -> None:
        """What one came to see is laid open, and nothing is drawn yet."""
        self._picture()

    def edit_at_once(self) -> None:
        """Edit what is selected, or say why not."""
        raise NotImplementedError

    def _refused(self, id: str) -> str:
        return self.refusal(next(verb for verb in self.VERBS if verb.id == id))

    # The selected entry

    @property
    def _entry(self) -> Entry | None:
        return self._rows.entries.get(self.query_one(KeyList).key) if self._rows is not None else None

    @property
    def _draft(self) -> Draft | None:
        entry = self._entry
        return self._desk.draft(entry.ref) if entry is not None and self._desk is not None else None

    def _here(self) -> tuple[Desk, Draft, Entry]:
        """The desk, and what is selected; refusal() lets no verb through without."""
        entry, draft = self._entry, self._draft
        if self._desk is None or entry is None or draft is None:
            raise LainError("nothing is open here")
        return self._desk, draft, entry

    def _is_seen(self, draft: Draft, entry: Entry) -> bool:
        return not draft.base.masked or self._reveal_all or entry.id in self._revealed

    def _show_entry(self) -> None:
        pane, desk, entry, draft = self.query_one(SecretPane), self._desk, self._entry, self._draft
        if desk is None or entry is None or self._rows is None:
            return
        fault = desk.fault(entry.ref)
        if draft is None:
            pane.show([(entry.ref.title, "strong")], [])
            pane.show_words(
                [[(str(fault) if fault is not None else "reading …", "risk" if fault else "quiet")]]
            )
            return
        width = max(20, pane.size.width - 2)
        pane.show(head(draft, entry), facts(draft, entry, self._rows.usage(entry.ref), width))
        value = draft.get(entry.key) if entry.key else None
        keys, may = self.keys(), not self._refused("secrets.edit")
        conflict = next((one for one in draft.conflicts if one.key == entry.key), None)
        seen = self._is_seen(draft, entry)
        if not entry.key:
            self._words([])
        elif conflict is not None:
            self._words(conflict_lines(conflict, keys, width, revealed=seen))
        elif value is None:
            self._words(absent(entry, keys))
        elif is_binary(value):
            self._words(binary(value, keys, revealed=seen))
        elif seen or self._editing == entry.id:
            self._show_text(entry, value, may=may)
        else:
            self._words(masked(value, keys, may_edit=may))

    def _words(self, lines: Sequence[object]) -> None:
        self._shown = None
        self.query_one(SecretPane).show_words(lines)  # type: ignore[arg-type]

    def _show_text(self, entry: Entry, value: bytes, *, may: bool) -> None:
        if self._shown == (entry.id, value):
            return  # what is typed is not in the draft yet
        text, self._escaped = to_editor(value)
        self._shown = (entry.id, value)
        self.query_one(SecretPane).show_text(text, language(entry.key), editable=may)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._picture)
