"""The Env & secrets screen: keys on the left, the value on the right, edits as a draft until they are applied."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message

from lain_tui.core.errors import LainError
from lain_tui.core.model.finding import Remedy
from lain_tui.core.model.holder import Ref
from lain_tui.core.secrets.apply import Apply
from lain_tui.core.secrets.checks import key_fault
from lain_tui.core.secrets.desk import Desk, Papers, own_refs
from lain_tui.core.secrets.document import parse_document, to_document
from lain_tui.core.secrets.draft import Draft
from lain_tui.core.secrets.editor import edit_text
from lain_tui.core.secrets.importing import read_file, read_values
from lain_tui.core.secrets.saving import save_value
from lain_tui.core.secrets.values import from_editor, is_binary, language, to_editor
from lain_tui.core.target import Target
from lain_tui.screens.base import LainScreen
from lain_tui.screens.places import Context
from lain_tui.screens.secrets.clipboard import CLEARED_AFTER, copy_for_a_while
from lain_tui.screens.secrets.verbs import KEY_VERBS, VERBS
from lain_tui.screens.secrets.words import (
    Entry,
    binary,
    conflict_lines,
    draft_words,
    facts,
    head,
    masked,
    rows,
)
from lain_tui.screens.session import Session
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.filter_bar import FilterBar
from lain_tui.widgets.secret_pane import SecretPane, Words
from lain_tui.widgets.title_bar import TitleBar
from lain_tui.widgets.value_bar import ValueBar

SEEN_FOR = 30.0
"""Seconds without a key after which a revealed value is masked again."""
EDITED_FOR = 180.0
"""Seconds without a key after which an editor is left, what was typed kept in the draft."""
_SETTLE = 0.25
"""Seconds after the last key before what was typed goes into the draft."""


def secrets_screen(context: Context) -> SecretsScreen:
    """The screen for where one comes from."""
    return SecretsScreen(context.session, context.target, remedy=context.remedy, asked=context.asked)


class _Keys(ChoiceList):
    """Enter and a double click edit without a message in between: what is typed ahead is the editor's, not the list's."""

    def action_choose(self) -> None:
        screen = self.screen
        if self.key and isinstance(screen, SecretsScreen):
            screen.edit_at_once()


class SecretsScreen(LainScreen[None]):
    """Joins a Desk to its widgets."""

    VERBS = VERBS
    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = "#keys"
    DEFAULT_CSS = """
    SecretsScreen {
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
            return isinstance(message, SecretsScreen.Pictured)

    @dataclass
    class Ended(Message):
        """An operation that was begun here is over, and the desk has taken it in."""

        operation: Apply
        error: Exception | None

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
        self._entries: dict[str, Entry] = {}
        self._filter = ""
        self._revealed: set[str] = set()
        self._reveal_all = False
        self._touched = clock()
        self._shown: tuple[str, bytes] | None = None
        """The entry in the editor, and the value that went into it."""
        self._escaped = False
        self._editing = ""
        """The entry whose value is being edited."""
        self._typing: Callable[[str], None] | None = None

    def compose_content(self) -> ComposeResult:
        target = self._target
        yield TitleBar(target.app, target.cluster, protected=target.protected, read_only=target.read_only)
        with Horizontal(id="parts"):
            yield _Keys(id="keys")
            yield SecretPane()
        yield Words(id="draft")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(TitleBar).show([("env and secrets", "")], [("connecting", "quiet")])
        self._follow()
        self.set_interval(1.0, self._hide_what_is_forgotten)

    def on_key(self) -> None:
        self._touched = self._clock()

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

    def _begin(self) -> None:
        """Do what one came for: the key that a crash asks for, added and ready to be typed."""
        self._picture()
        remedy, self._remedy = self._remedy, None
        if remedy is None or self._desk is None:
            return
        ref = Ref(name=remedy.arguments.get("secret", ""), namespace=self._target.namespace)
        draft, key = self._desk.draft(ref), remedy.arguments.get("key", "")
        if draft is None:
            return
        if key and not self._target.read_only:
            if draft.get(key) is None:
                self._add(draft, key, b"")
            if key in draft.changes:
                self._editing = Entry(ref, key).id
        self._go_to(Entry(ref, key))

    @on(Pictured)
    def _pictured(self) -> None:
        self._picture()

    def _picture(self) -> None:
        desk = self._desk
        if desk is None or not self.is_mounted:
            return
        for sentence in desk.take_news():
            self.say(sentence, severity="warning")
        keys = self.query_one("#keys", ChoiceList)
        found = rows(desk, self._asked, self._filter, keys.size.width or 40)
        self._entries = {entry.id: entry for entry, _ in found}
        first = not keys.key and bool(found)
        keys.show([(entry.id, line) for entry, line in found])
        if first and (entry := next((entry for entry, _ in found if entry.key), None)):
            keys.move_to(entry.id)
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

    # The selected entry

    @property
    def _entry(self) -> Entry | None:
        return self._entries.get(self.query_one("#keys", ChoiceList).key)

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
        if desk is None or entry is None:
            return
        fault = desk.fault(entry.ref)
        if draft is None:
            pane.show([(entry.ref.title, "strong")], [])
            pane.show_words(
                [[(str(fault) if fault is not None else "reading …", "risk" if fault else "quiet")]]
            )
            return
        width = max(20, pane.size.width - 2)
        pane.show(head(draft, entry), facts(draft, entry, desk.usage(entry.ref), width))
        value = draft.get(entry.key) if entry.key else None
        keys, may = self.keys(), not self._refused("secrets.edit")
        conflict = next((one for one in draft.conflicts if one.key == entry.key), None)
        seen = self._is_seen(draft, entry)
        if not entry.key:
            self._words([])
        elif conflict is not None:
            self._words(conflict_lines(conflict, keys, width, revealed=seen))
        elif value is None:
            self._words(_absent(entry, keys))
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

    @on(ChoiceList.Highlighted)
    def _moved(self) -> None:
        self._take_typed()
        if self._entry is None or self._entry.id != self._editing:
            self._editing = ""
        self._show_entry()
        self.show_keys()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._picture)

    def _go_to(self, entry: Entry) -> None:
        self._filter = ""
        self._picture()
        self.query_one("#keys", ChoiceList).move_to(entry.id)
        self._show_entry()
        self._focus_editor()

    # Typing

    @on(SecretPane.Typed)
    def _typed(self) -> None:
        self._touched = self._clock()
        self._settle()

    @work(group="secrets-settle", exclusive=True, exit_on_error=False)
    async def _settle(self) -> None:
        """Take in what is typed once the hands rest."""
        await asyncio.sleep(_SETTLE)
        self._take_typed()

    def _take_typed(self) -> None:
        """Bring what stands in the editor into the draft."""
        pane = self.query_one(SecretPane)
        if self._shown is None or not pane.is_open or self._desk is None or pane.editor.read_only:
            return
        id, before = self._shown
        entry = self._entries.get(id)
        draft = self._desk.draft(entry.ref) if entry is not None else None
        if entry is None or draft is None:
            return
        value = from_editor(pane.text, like=before, escaped=self._escaped)
        if value != before:
            draft.set(entry.key, value, typing=True)
            self._shown = (id, value)
            self._desk.edited(entry.ref)

    def _focus_editor(self) -> None:
        if self._editing:
            self._show_entry()
            # At once, where focus() would wait for its turn.
            self.set_focus(self.query_one(SecretPane).editor)

    def verb_edit(self) -> None:
        _, draft, entry = self._here()
        if entry.asked_by and draft.get(entry.key) is None:
            self._add(draft, entry.key, b"")
        value = draft.get(entry.key)
        if value is None:
            raise LainError(f"{entry.key} is removed", hint="Undo brings it back.")
        if is_binary(value):
            raise LainError(f"{entry.key} is no text", hint="Replace it from a file.")
        self._editing = entry.id
        self._focus_editor()

    def edit_at_once(self) -> None:
        """Edit what is selected, or say why not."""
        if reason := self._refused("secrets.edit"):
            self.say(reason, severity="warning")
            return
        try:
            self.verb_edit()
        except LainError as error:
            self.say_error(error)

    def _leave_editor(self) -> None:
        self._take_typed()
        self._editing = ""
        self.query_one("#keys", ChoiceList).focus()
        self.call_after_refresh(self._picture)

    def _hide_what_is_forgotten(self) -> None:
        idle = self._clock() - self._touched
        pane = self.query_one(SecretPane)
        if self._editing and idle > (EDITED_FOR if pane.editor.has_focus else SEEN_FOR):
            self._leave_editor()
        elif not self._editing and idle > SEEN_FOR and (self._revealed or self._reveal_all):
            self._revealed.clear()
            self._reveal_all = False
            self._picture()

    # Seeing and taking away

    def verb_reveal(self) -> None:
        _, draft, entry = self._here()
        if self._is_seen(draft, entry):
            self._revealed.discard(entry.id)
            self._reveal_all = False
        else:
            self._revealed.add(entry.id)
        self._show_entry()

    def verb_reveal_all(self) -> None:
        self._reveal_all = not self._reveal_all
        self._revealed.clear()
        self._show_entry()

    def verb_copy(self) -> None:
        _, draft, entry = self._here()
        value = draft.get(entry.key) or b""
        if is_binary(value):
            raise LainError(f"{entry.key} is no text", hint="Save it to a file.")
        copy_for_a_while(self.app, value.decode())
        self.say(f"Copied {entry.key}; the clipboard is cleared after {CLEARED_AFTER:.0f} s")

    async def verb_save(self) -> None:
        _, draft, entry = self._here()
        value = draft.get(entry.key) or b""

        def save(name: str) -> None:
            save_value(Path(name).expanduser(), value)
            self.say(f"Saved to {name}, for you alone to read")

        await self._ask("save to", entry.key, "a file that is not there yet", save)

    # Changing the draft

    def _add(self, draft: Draft, key: str, value: bytes) -> None:
        draft.set(key, value)
        assert self._desk is not None
        self._desk.edited(draft.ref)
        self._editing = Entry(draft.ref, key).id

    def _changed(self, draft: Draft) -> None:
        assert self._desk is not None
        self._shown = None
        self._desk.edited(draft.ref)
        self._picture()

    async def verb_new(self) -> None:
        _, draft, entry = self._here()

        def add(key: str) -> None:
            _must_be_good(key)
            if draft.get(key) is not None:
                raise LainError(f"{draft.ref.title} has a key {key} already")
            self._add(draft, key, b"")
            self._go_to(Entry(entry.ref, key))

        await self._ask(f"new key in {draft.ref.name}", "", "its name", add)

    async def verb_rename(self) -> None:
        await self._move(lambda draft, key, new: draft.rename(key, new), "rename to")

    async def verb_duplicate(self) -> None:
        await self._move(lambda draft, key, new: draft.duplicate(key, new), "duplicate as")

    async def _move(self, how: Callable[[Draft, str, str], None], label: str) -> None:
        _, draft, entry = self._here()

        def move(new: str) -> None:
            _must_be_good(new)
            how(draft, entry.key, new)
            self._changed(draft)
            self._go_to(Entry(entry.ref, new))

        await self._ask(label, entry.key, "another name", move)

    def verb_remove(self) -> None:
        _, draft, entry = self._here()
        draft.remove(entry.key)
        self._changed(draft)

    def verb_undo(self) -> None:
        desk = self._desk
        assert desk is not None
        self._take_typed()
        own = self._draft
        for draft in [*([own] if own is not None else []), *desk.drafts]:
            if draft.undo():
                self._changed(draft)
                return
        raise LainError("there is nothing to undo")

    async def verb_import(self) -> None:
        _, draft, _ = self._here()

        def take(name: str) -> None:
            values = read_values(Path(name).expanduser())
            draft.update(values)
            self._changed(draft)
            self.say(f"{len(values)} keys of {name} are in the draft")

        await self._ask(f"import into {draft.ref.name}", "", "a file: .env, YAML or JSON", take)

    async def verb_replace(self) -> None:
        _, draft, entry = self._here()

        def take(name: str) -> None:
            draft.set(entry.key, read_file(Path(name).expanduser()))
            self._changed(draft)

        await self._ask(f"{entry.key} from", "", "a file, byte for byte", take)

    @work(group="secrets-document", exclusive=True, exit_on_error=False)
    async def verb_document(self) -> None:
        from lain_tui.screens.secrets.document import DocumentScreen

        _, draft, _ = self._here()
        values = await self.app.push_screen_wait(DocumentScreen(self._target, draft))
        if values is not None:
            draft.replace(values)
            self._changed(draft)

    def verb_external(self) -> None:
        _, draft, _ = self._here()
        before = to_document(draft.base, draft.values)
        with self.app.suspend():
            text = edit_text(before, name=f"{draft.ref.name}.yaml", env=os.environ)
        self.refresh()
        if text != before:
            draft.replace(parse_document(text, what=draft.ref.name).data)
            self._changed(draft)

    # Conflicts

    def verb_ours(self) -> None:
        self._resolve(ours=True)

    def verb_theirs(self) -> None:
        self._resolve(ours=False)

    def _resolve(self, *, ours: bool) -> None:
        _, draft, entry = self._here()
        draft.resolve(entry.key, ours=ours)
        self._changed(draft)

    # Others

    @work(group="secrets-open", exclusive=True, exit_on_error=False)
    async def verb_open(self) -> None:
        desk = self._desk
        assert desk is not None
        refs = {f"{ref.kind} {ref.name}": ref for ref in desk.names() if ref not in desk.refs}
        if not refs:
            await self._ask("open", "", "NAME, or configmap/NAME", self._open_by_name)
            return
        from lain_tui.screens.choose import ChooseScreen

        name = await self.app.push_screen_wait(ChooseScreen("Open", list(refs)))
        if name:
            await desk.open(refs[name])
            self._go_to(Entry(refs[name]))

    def _open_by_name(self, text: str) -> None:
        kind, _, name = text.rpartition("/")
        is_map = kind.lower() in ("configmap", "cm")
        ref = Ref(kind="ConfigMap" if is_map else "Secret", name=name, namespace=self._target.namespace)
        self._open(ref)

    @work(group="secrets-open", exclusive=True, exit_on_error=False)
    async def _open(self, ref: Ref) -> None:
        assert self._desk is not None
        await self._desk.open(ref)
        self._go_to(Entry(ref))

    # Asking for a line

    async def _ask(self, label: str, text: str, hint: str, then: Callable[[str], None]) -> None:
        if not self.query(ValueBar):
            self._typing = then
            await self.mount(ValueBar(label, text, hint=hint), after=self.query_one("#draft"))

    @on(ValueBar.Submitted)
    async def _answered(self, message: ValueBar.Submitted) -> None:
        then, text = self._typing, message.text.strip()
        if then is None or not text:
            await self._stop_asking()
            return
        try:
            then(text)
        except LainError as error:
            self.query_one(ValueBar).explain(str(error), error=True)
        else:
            await self._stop_asking()

    @on(ValueBar.Cancelled)
    async def _stop_asking(self) -> None:
        await self.query(ValueBar).remove()
        self._typing = None
        if self._editing:
            self._focus_editor()
        else:
            self.query_one("#keys").focus()

    async def verb_filter(self) -> None:
        if not self.query(FilterBar):
            await self.mount(FilterBar(self._filter, hint="words of a key"), after=self.query_one("#draft"))

    @on(FilterBar.Changed)
    def _filtering(self, message: FilterBar.Changed) -> None:
        self._filter = message.text.strip()
        self._picture()

    @on(FilterBar.Closed)
    async def _filtered(self, message: FilterBar.Closed) -> None:
        await self.query(FilterBar).remove()
        self._filter = message.text.strip()
        self.query_one("#keys").focus()
        self._picture()

    # Applying

    @work(group="secrets-review", exclusive=True, exit_on_error=False)
    async def verb_review(self) -> None:
        from lain_tui.screens.operation import OperationScreen
        from lain_tui.screens.secrets.review import ReviewScreen

        desk = self._desk
        assert desk is not None
        self._leave_editor()
        if not desk.drafts:
            self.say("The draft is empty: nothing to apply", severity="warning")
            return
        restart = desk.apply(restart=True)
        operation = desk.apply(restart=False)
        choice = await self.app.push_screen_wait(ReviewScreen(self._target, operation.plan, restart.procs))
        if not choice:
            return
        chosen = restart if choice == "restart" else operation
        desk.begun(chosen)
        running = self._session.operations.start(chosen)
        self.app.push_screen(OperationScreen(self._session.operations, "apply", None, running))
        assert running.task is not None
        await asyncio.wait([running.task])
        await desk.ended(chosen)
        self.post_message(self.Ended(chosen, running.error))

    @on(Ended)
    def _ended(self, message: Ended) -> None:
        self._revealed.clear()
        self._shown = None
        self._picture()
        if message.operation.applied and isinstance(message.error, LainError):
            undo = self.keys().get("undo_apply", "U")
            self.say(f"The change itself is applied; {undo} drafts the way back", severity="warning")

    def verb_undo_apply(self) -> None:
        assert self._desk is not None
        ref = self._desk.undo_applied()
        if ref is None:
            raise LainError("nothing was applied here that could be undone")
        self._shown = None
        self._picture()
        self.say(f"The way back is drafted: {self.keys().get('review', 'ctrl+s')} reviews and applies it")

    def verb_back(self) -> None:
        if self._editing:
            self._leave_editor()
        elif self._filter:
            self._filter = ""
            self._picture()
        else:
            self._take_typed()
            self.dismiss()

    # The gate

    def _refused(self, id: str) -> str:
        return self.refusal(next(verb for verb in VERBS if verb.id == id))

    def refusal(self, verb: Verb) -> str:
        if verb.changes and self._target.read_only:
            return f"read-only: {verb.label} is off"
        if not self.is_mounted or not verb.id.startswith("secrets.") or verb.id == "secrets.back":
            return ""
        if self._desk is None:
            return "not connected yet"
        if verb.id == "secrets.open":
            return ""
        entry, draft = self._entry, self._draft
        if verb.id == "secrets.undo-apply":
            return "" if self._desk.can_undo_applied else "nothing was applied here that could be undone"
        if verb.id in ("secrets.review", "secrets.undo"):
            return ""
        if entry is None or draft is None:
            return f"{verb.label} needs a Secret that can be read"
        if verb.changes and draft.base.immutable:
            return f"{draft.ref.title} is immutable: make another one"
        if verb.id in ("secrets.ours", "secrets.theirs"):
            conflict = any(one.key == entry.key for one in draft.conflicts)
            return "" if conflict else "there is no conflict here"
        if verb.id in KEY_VERBS and not entry.key:
            return f"{verb.label} needs a key: select one"
        if verb.id in KEY_VERBS - {"secrets.edit"} and draft.get(entry.key) is None:
            return f"{entry.key} is not there"
        return ""


def _must_be_good(key: str) -> None:
    if fault := key_fault(key):
        raise LainError(fault)


def _absent(entry: Entry, keys: dict[str, str]) -> list[list[tuple[str, str]]]:
    if entry.asked_by:
        return [[("not there. ", "risk"), (keys.get("edit", "enter"), "key"), (" adds it", "quiet")]]
    return [
        [("removed, once applied. ", "quiet"), (keys.get("undo", "u"), "key"), (" brings it back", "quiet")]
    ]
