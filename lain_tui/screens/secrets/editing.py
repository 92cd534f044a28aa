"""The Env & secrets screen as far as values are seen and typed: the editor, revealing, copying, and masking again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from textual import on, work

from lain_tui.core.errors import LainError
from lain_tui.core.secrets.document import to_document
from lain_tui.core.secrets.draft import Draft
from lain_tui.core.secrets.saving import save_value
from lain_tui.core.secrets.values import from_editor, is_binary
from lain_tui.screens.secrets.clipboard import CLEARED_AFTER, copy_for_a_while
from lain_tui.screens.secrets.looking import KeyList, LookingScreen
from lain_tui.screens.secrets.rows import Entry
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.secret_pane import SecretPane
from lain_tui.widgets.value_bar import ValueBar

SEEN_FOR = 30.0
"""Seconds without a key after which a revealed value is masked again."""
EDITED_FOR = 180.0
"""Seconds without a key after which an editor is left, what was typed kept in the draft."""
_SETTLE = 0.25
"""Seconds after the last key before what was typed goes into the draft."""


class EditingScreen(LookingScreen):
    """What is typed goes into the draft."""

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(1.0, self._hide_what_is_forgotten)
        self.query_one(SecretPane).editor.leave = self._leave_with

    def on_key(self) -> None:
        self._touched = self._clock()

    # Selecting

    @on(ChoiceList.Highlighted)
    def _moved(self) -> None:
        self._take_typed()
        if self._entry is None or self._entry.id != self._editing:
            self._editing = ""
        self._show_entry()
        self.show_keys()

    def _go_to(self, entry: Entry) -> None:
        self._filter = ""
        self._picture()
        self.query_one(KeyList).move_to(entry.id)
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
        entry = self._rows.entries.get(id) if self._rows is not None else None
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

    def _add(self, draft: Draft, key: str, value: bytes) -> None:
        draft.set(key, value)
        assert self._desk is not None
        self._desk.edited(draft.ref)
        self._editing = Entry(draft.ref, key).id

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

    def _leave_with(self, key: str) -> bool:
        """Leave the editor at once if that is what the key is for: what is typed behind it is no part of the value."""
        back = any(
            one.node is self and one.binding.id == "secrets.back" and pressed == key
            for pressed, one in self.active_bindings.items()
        )
        if not (back and self._editing):
            return False
        self._leave_editor()
        return True

    def _leave_editor(self) -> None:
        self._take_typed()
        self._editing = ""
        self.set_focus(self.query_one(KeyList))
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
        if entry.key:
            value, proposed = draft.get(entry.key) or b"", entry.key
        else:
            value, proposed = to_document(draft.base, draft.values).encode(), f"{draft.ref.name}.yaml"

        def save(name: str) -> None:
            save_value(Path(name).expanduser(), value)
            self.say(f"Saved to {name}, for you alone to read")

        await self._ask("save to", proposed, "a file that is not there yet", save)

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
            self.query_one(ValueBar).reopen(str(error))
        else:
            await self._stop_asking()

    @on(ValueBar.Cancelled)
    async def _stop_asking(self) -> None:
        self._typing = None
        if self._editing:
            self._focus_editor()
        else:
            self.set_focus(self.query_one(KeyList))
        bars = self.query(ValueBar)
        for bar in bars:
            if self.focused is not None:
                bar.pass_on(self.focused)
        await bars.remove()
        self.show_keys()
