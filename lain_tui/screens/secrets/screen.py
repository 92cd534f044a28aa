"""The Env & secrets screen: keys on the left, the value on the right, edits as a draft until they are applied."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import BindingType
from textual.message import Message

from lain_tui.core.errors import LainError
from lain_tui.core.model.holder import Ref
from lain_tui.core.model.text import listed
from lain_tui.core.secrets.apply import Apply
from lain_tui.screens.places import Context
from lain_tui.screens.secrets.drafting import DraftingScreen
from lain_tui.screens.secrets.looking import KeyList
from lain_tui.screens.secrets.rows import Entry
from lain_tui.screens.secrets.verbs import KEY_VERBS, VERBS
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.filter_bar import FilterBar

if TYPE_CHECKING:
    from lain_tui.screens.secrets.applying import ApplyScreen


def secrets_screen(context: Context) -> SecretsScreen:
    """The screen for where one comes from."""
    return SecretsScreen(context.session, context.target, remedy=context.remedy, asked=context.asked())


class SecretsScreen(DraftingScreen):
    """What is open, what is applied, and what may be done just now."""

    VERBS = VERBS
    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = "#keys"

    @dataclass
    class Ended(Message):
        """An operation that was begun here is over, and the desk has taken it in."""

        operation: Apply
        error: Exception | None
        readers: Sequence[str]
        """Procs that were not restarted, and go on with the old values."""
        screen: ApplyScreen
        """Where it is followed."""

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
        self.query_one(KeyList).focus()
        self._picture()

    # Applying

    @work(group="secrets-review", exclusive=True, exit_on_error=False)
    async def verb_review(self) -> None:
        from lain_tui.screens.secrets.applying import ApplyScreen
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
        following = ApplyScreen(
            self._session.operations, running, behind=lambda: bool(self._behind), restart=self.verb_restart
        )
        self.app.push_screen(following)
        assert running.task is not None
        await asyncio.wait([running.task])
        await desk.ended(chosen)
        readers = () if chosen is restart else restart.procs
        self.post_message(self.Ended(chosen, running.error, readers, following))

    @on(Ended)
    def _ended(self, message: Ended) -> None:
        self._revealed.clear()
        self._shown = None
        self._picture()
        if message.operation.applied and isinstance(message.error, LainError):
            undo = self.keys().get("undo_apply", "U")
            self.say(f"The change itself is applied; {undo} drafts the way back", severity="warning")
        if message.operation.applied and message.readers:
            self._behind = tuple(message.readers)
            key = self.keys().get("restart", "R")
            self.say(f"{listed(self._behind)} still run the old values: {key} restarts them")
            message.screen.show_keys()

    @work(group="secrets-restart", exclusive=True, exit_on_error=False)
    async def verb_restart(self) -> None:
        from lain_tui.screens.restart import ask_to_restart

        await ask_to_restart(self.app, self._session, self._target, procs=self._behind)

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
        if verb.id == "secrets.restart":
            return "" if self._behind else "nothing was applied here that a proc does not see yet"
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
        if (
            verb.id in (KEY_VERBS - {"secrets.edit"}) | {"secrets.save"}
            and entry.key
            and draft.get(entry.key) is None
        ):
            return f"{entry.key} is not there"
        return ""
