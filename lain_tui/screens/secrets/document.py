"""The whole of a Secret or ConfigMap as one YAML document: to be read, or edited and taken into the draft."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from lain_tui.core.errors import LainError
from lain_tui.core.secrets.document import parse_document, to_edit
from lain_tui.core.secrets.draft import Draft
from lain_tui.core.target import Target
from lain_tui.screens.base import COMMON, LainScreen
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.title_bar import TitleBar
from lain_tui.widgets.value_editor import ValueEditor

SEEN_FOR = 180.0
"""Seconds without a key after which it is left, unless something was typed."""


class DocumentScreen(LainScreen[dict[str, bytes] | None]):
    """Gives the values of the document as edited; None when it is left."""

    VERBS = (
        Verb("document.keep", "ctrl+s", "into the draft", "Take what is written here into the draft", worth=95,
             changes=True),
        Verb("document.back", "escape", "leave", "Go back; what was typed here is dropped after asking", worth=90),
        *COMMON,
    )  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = "ValueEditor"

    def __init__(self, target: Target, draft: Draft) -> None:
        super().__init__()
        self._target, self._subject = target, draft.ref.name
        self._text = to_edit(draft.base, draft.values)

    def compose_content(self) -> ComposeResult:
        target = self._target
        yield TitleBar(target.app, target.cluster, protected=target.protected, read_only=target.read_only)
        editor = ValueEditor(self._text, show_line_numbers=True, compact=True, read_only=target.read_only)
        if self._text.count("\n") < 2000 and "yaml" in editor.available_languages:
            editor.language = "yaml"
        yield editor

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(TitleBar).show(
            [(self._subject, "strong"), ("  as YAML, its values in the clear", "risk")]
        )

    def refusal(self, verb: Verb) -> str:
        return f"read-only: {verb.label} is off" if verb.changes and self._target.read_only else ""

    def verb_keep(self) -> None:
        try:
            values = dict(parse_document(self.query_one(ValueEditor).text, what=self._subject).data)
        except LainError as error:
            self.say_error(error)
            return
        self.dismiss(values)

    def verb_back(self) -> None:
        if self.query_one(ValueEditor).text == self._text:
            self.dismiss(None)
        else:
            self.run_worker(self._leave(), group="document-leave", exclusive=True, exit_on_error=False)

    async def _leave(self) -> None:
        from lain_tui.screens.confirm import ConfirmScreen

        question = ConfirmScreen(
            "Leave without taking this into the draft?", ["What was typed here is dropped."]
        )
        if await self.app.push_screen_wait(question):
            self.dismiss(None)
