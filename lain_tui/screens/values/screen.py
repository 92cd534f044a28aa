"""The Values screen: a tree of what is in force, with who set it; another cluster beside it; edits in place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.binding import BindingType
from textual.message import Message

from lain_tui.core.errors import LainError
from lain_tui.core.model.values import KeyPath, ValueKind, ValueLeaf
from lain_tui.core.target import Target
from lain_tui.core.values.edit import (
    Edit,
    apply_edit,
    parse_value,
    remove_value,
    set_value,
    written_value,
)
from lain_tui.core.values.tree import looks_secret
from lain_tui.screens.places import Context
from lain_tui.screens.values.reading import ReadingScreen
from lain_tui.screens.values.verbs import EDITS, LEAF_VERBS, VERBS
from lain_tui.screens.values.words import described
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.value_bar import ValueBar
from lain_tui.widgets.value_pane import ValuePane
from lain_tui.widgets.value_tree import ValueTree

NEW = "new"


def values_screen(context: Context) -> ValuesScreen:
    """The screen for where one comes from."""
    return ValuesScreen(context.target)


class ValuesScreen(ReadingScreen):
    """Edits change just the lines they must; each can be taken back."""

    VERBS = VERBS
    BINDINGS: ClassVar[list[BindingType]] = []

    @dataclass
    class Edited(Message):
        edit: Edit
        words: str
        undone: bool = False

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self._undo: list[Edit] = []
        self._typing: Callable[[str], None] | None = None
        """What becomes of the text in the value bar."""

    async def verb_edit(self) -> None:
        leaf = self._leaf()
        path = Path(leaf.origin.file)
        written = await asyncio.to_thread(written_value, path, leaf.path)
        if not written and leaf.origin.kind is ValueKind.TEXT:
            raise LainError("this is more than one line", hint="Enter opens the file in the editor.")
        await self._ask(leaf.path, written or leaf.origin.text, path)

    async def verb_override(self) -> None:
        leaf = self._leaf()
        assert self._picture is not None and self._picture.override is not None, "refusal() has seen to it"
        await self._ask(leaf.path, leaf.origin.text, self._picture.override)

    async def verb_new(self) -> None:
        assert self._picture is not None, "refusal() has seen to it"
        path = self._picture.files[0]
        row = self._row
        above = row.path if row is not None and row.is_map else row.path[:-1] if row is not None else ()
        hint = f"KEY.KEY: value, into {path.name}"
        await self._type(
            NEW, "".join(f"{key}." for key in above), hint, lambda text: self._set_new(path, text)
        )

    def _leaf(self) -> ValueLeaf:
        row = self._row
        assert row is not None and row.leaf is not None, "refusal() lets no verb through without a value"
        return row.leaf

    async def _ask(self, path: KeyPath, text: str, file: Path) -> None:
        hint = file.name
        if self._picture is not None and str(file) in self._picture.shared:
            hint += ", which every app on the cluster reads"
        await self._type(".".join(path), text, hint, lambda text: self._set(file, path, text))

    async def _type(self, label: str, text: str, hint: str, then: Callable[[str], None]) -> None:
        if not self.query(ValueBar):
            self._typing = then
            await self.mount(ValueBar(label, text, hint=hint), after=self.query_one(ValuePane))

    @on(ValueBar.Changed)
    def _typed(self, message: ValueBar.Changed) -> None:
        bar, text = message.bar, message.text
        if bar.label == NEW:
            text = text.partition(": ")[2]
        try:
            value = parse_value(text)
        except LainError as error:
            bar.explain(error.what, error=True)
        else:
            bar.explain(described(value) if text.strip() else "")

    @on(ValueBar.Submitted)
    async def _typed_all(self, message: ValueBar.Submitted) -> None:
        then = self._typing
        await self._stop_typing()
        if then is not None:
            then(message.text)

    @on(ValueBar.Cancelled)
    async def _stop_typing(self) -> None:
        await self.query(ValueBar).remove()
        self._typing = None
        self.query_one(ValueTree).focus()

    def _set(self, file: Path, path: KeyPath, text: str) -> None:
        told = f"is set in {file.name}" if looks_secret(path[-1]) else f"is {text}"
        self._change(lambda: set_value(file, path, text), f"{'.'.join(path)} {told}")

    def _set_new(self, file: Path, text: str) -> None:
        key, colon, written = text.partition(": ")
        path = tuple(part for part in key.strip().split(".") if part)
        if not colon or not path:
            self.say("A new key is written as KEY.KEY: value", severity="warning")
        else:
            self._set(file, path, written)

    @work(group="values-remove", exclusive=True, exit_on_error=False)
    async def verb_remove(self) -> None:
        from lain_tui.screens.confirm import ConfirmScreen

        leaf = self._leaf()
        file = Path(leaf.origin.file)
        beneath = leaf.overrode[0] if leaf.overrode else None
        after = f"Then {beneath.name}:{beneath.line} counts again." if beneath else "Then nothing sets it."
        key = ".".join(leaf.path)
        if await self.app.push_screen_wait(ConfirmScreen(f"Take {key} out of {file.name}?", [after])):
            self._change(lambda: remove_value(file, leaf.path), f"{key} is gone from {file.name}")

    @work(group="values-edit", exit_on_error=False)
    async def _change(self, plan: Callable[[], Edit], words: str) -> None:
        def change() -> Edit:
            edit = plan()
            apply_edit(edit)
            return edit

        try:
            edit = await asyncio.to_thread(change)
        except LainError as error:
            self.say_error(error)
        else:
            self.post_message(self.Edited(edit, words))

    @work(group="values-edit", exit_on_error=False)
    async def verb_undo(self) -> None:
        edit = self._undo[-1].undo
        try:
            await asyncio.to_thread(apply_edit, edit)
        except LainError as error:
            self.say_error(error)
        else:
            self.post_message(
                self.Edited(edit, f"{edit.path.name} is as it was before the edit", undone=True)
            )

    @on(Edited)
    def _edited(self, message: Edited) -> None:
        if message.undone:
            self._undo.pop()
        elif message.edit.before == message.edit.after:
            self.say("It says that already")
            return
        else:
            self._undo.append(message.edit)
        self.say(
            message.words if message.undone else f"{message.words} · {self.keys().get('undo', 'u')} undoes"
        )
        self.verb_reload()

    def refusal(self, verb: Verb) -> str:
        if verb.changes and self._target.read_only:
            return f"read-only: {verb.label} is off"
        if verb.id == "values.undo":
            return "" if self._undo else "nothing has been edited here yet"
        if verb.id == "values.differences":
            return "" if self._compared else "compare with another cluster first"
        if not self.is_mounted or verb.id not in LEAF_VERBS | {"values.open", "values.new", "values.compare"}:
            return ""
        if self._picture is None:
            return "the values could not be read"
        row = self._row
        if verb.id in LEAF_VERBS and (row is None or row.leaf is None):
            return f"{verb.label} needs a value: select one first"
        if (
            verb.id in EDITS
            and row is not None
            and row.leaf is not None
            and row.leaf.secret
            and not self._revealed
        ):
            return f"it is secret: {self.keys().get('reveal', 'x')} shows it first"
        if verb.id == "values.override" and self._picture.override is None:
            return "there is no cluster to set it for"
        return ""
