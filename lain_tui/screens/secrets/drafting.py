"""The Env & secrets screen as far as it drafts: keys added, renamed and removed, files and whole documents taken in."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from textual import work

from lain_tui.core.errors import LainError
from lain_tui.core.model.holder import Ref
from lain_tui.core.secrets.checks import key_fault
from lain_tui.core.secrets.document import parse_document, to_edit
from lain_tui.core.secrets.draft import Draft
from lain_tui.core.secrets.editor import edit_text
from lain_tui.core.secrets.importing import read_file, read_values
from lain_tui.screens.editor import terminal_lent
from lain_tui.screens.secrets.editing import EditingScreen
from lain_tui.screens.secrets.rows import Entry


class DraftingScreen(EditingScreen):
    """Changes the draft; nothing here reaches the cluster."""

    def _begin(self) -> None:
        """Do what one came for: the key that a crash asks for, added and ready to be typed."""
        super()._begin()
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

    # Changing the draft

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

    def verb_document(self) -> None:
        _, draft, _ = self._here()
        self._edit_whole(draft)

    @work(group="secrets-document", exclusive=True, exit_on_error=False)
    async def _edit_whole(self, draft: Draft) -> None:
        from lain_tui.screens.secrets.document import DocumentScreen

        before = dict(draft.values)
        values = await self.app.push_screen_wait(DocumentScreen(self._target, draft))
        if values is not None:
            draft.revise(before, values)
            self._changed(draft)

    def verb_external(self) -> None:
        _, draft, _ = self._here()
        self._edit_outside(draft)

    @work(group="secrets-document", exclusive=True, exit_on_error=False)
    async def _edit_outside(self, draft: Draft) -> None:
        """Lend the terminal to the user's editor until what it leaves can be read, or is given up."""
        from lain_tui.screens.confirm import ConfirmScreen

        before = dict(draft.values)
        text = shown = to_edit(draft.base, draft.values)
        while True:
            try:
                with terminal_lent(self.app):
                    text = await edit_text(text, name=f"{draft.ref.name}.yaml", env=os.environ)
            except LainError as error:
                self.say_error(error)
                return
            if text == shown:
                return
            try:
                values = parse_document(text, what=draft.ref.name).data
            except LainError as error:
                again = ConfirmScreen(
                    "Edit it again?", [str(error)], warning="Else what was typed is dropped."
                )
                if not await self.app.push_screen_wait(again):
                    return
            else:
                draft.revise(before, values)
                self._changed(draft)
                return

    # Conflicts

    def verb_ours(self) -> None:
        self._resolve(ours=True)

    def verb_theirs(self) -> None:
        self._resolve(ours=False)

    def _resolve(self, *, ours: bool) -> None:
        _, draft, entry = self._here()
        draft.resolve(entry.key, ours=ours)
        self._changed(draft)


def _must_be_good(key: str) -> None:
    if fault := key_fault(key):
        raise LainError(fault)
