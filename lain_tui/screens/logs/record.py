"""One log line, read whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType

from lain_tui.core.logs.timestamps import format_rfc3339
from lain_tui.core.model.logs import LogLine
from lain_tui.core.model.record import LEVEL_KEYS, TIME_KEYS, parse_record, pretty, value_text
from lain_tui.screens.base import LainScreen
from lain_tui.screens.logs.filter_text import field_word
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.ansi import strip_ansi
from lain_tui.widgets.canvas import Line
from lain_tui.widgets.viewer import Viewer


class RecordScreen(LainScreen[str]):
    """Where the line came from, and its fields one below the other; the answer is a word for the filter line."""

    VERBS = (
        Verb("record.only", "f", "only these", "Show only lines with a value that this one has", worth=47),
        Verb("record.hide", "x", "hide these", "Hide the lines with a value that this one has", worth=46),
        Verb("record.copy", "c", "copy", "Copy the record as it was written", worth=45),
        Verb("record.wrap", "w", "wrap", "Wrap long lines, or scroll sideways", worth=30),
        Verb("record.back", "escape,q,enter", "back", "Back to the log", worth=48),
        Verb(
            "record.help", "question_mark", "keys", "Show all keys of this screen, and search them", worth=40
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = "Viewer"

    def __init__(self, line: LogLine, rest: Sequence[str] = ()) -> None:
        """`rest` is what continues the line: a stack trace."""
        super().__init__()
        self._line = line
        self._rest = rest

    def compose_content(self) -> ComposeResult:
        yield Viewer()

    def on_mount(self) -> None:
        super().on_mount()
        viewer = self.query_one(Viewer)
        viewer.show(self._text())

    def _text(self) -> list[Line]:
        line = self._line
        head: list[tuple[str, str]] = [("time", format_rfc3339(line.time))]
        if line.source is not None:
            head += [
                ("pod", line.source.pod),
                ("container", line.source.container),
                ("proc", line.source.proc),
            ]
        body = pretty(strip_ansi(line.text))
        column = min(28, max(len(key) for key, _ in [*head, *body])) + 2
        lines: list[Line] = [[(key.ljust(column), "quiet"), (value, "quiet")] for key, value in head if value]
        trace: list[Line] = [[], *([(strip_ansi(text), "")] for text in self._rest)] if self._rest else []
        return [*lines, [], *([(key.ljust(column), "accent"), (value, "")] for key, value in body), *trace]

    def verb_copy(self) -> None:
        self.app.copy_to_clipboard("\n".join(map(strip_ansi, (self._line.text, *self._rest))))
        self.say("Copied the record")

    async def verb_wrap(self) -> None:
        await self.query_one(Viewer).run_action("wrap")

    def verb_only(self) -> None:
        self._pick("Show only", "")

    def verb_hide(self) -> None:
        self._pick("Hide", "!")

    @work(group="record-field", exclusive=True, exit_on_error=False)
    async def _pick(self, title: str, sign: str) -> None:
        from lain_tui.screens.choose import ChooseScreen

        fields = self._fields(hiding=bool(sign))
        if not fields:
            self.say("This line has no fields", severity="warning")
            return
        key = await self.app.push_screen_wait(ChooseScreen(title, list(fields), about=fields))
        if key:
            self.dismiss(field_word(f"{sign}{key}", fields[key]))

    def _fields(self, *, hiding: bool) -> dict[str, str]:
        """What lines can be told apart by: the record's own fields, and where it came from."""
        record = parse_record(strip_ansi(self._line.text)) or {}
        fields = {
            key: value_text(value)
            for key, value in record.items()
            if isinstance(value, str | int | float | bool)
            and key not in (*TIME_KEYS, *LEVEL_KEYS)
            and field_word(key, value_text(value))
        }
        if hiding:
            return fields
        line = self._line
        here = {"level": line.level.name.lower()} if line.level else {}
        if line.source is not None:
            here |= {"proc": line.source.proc, "pod": line.source.pod}
        return fields | here

    def verb_back(self) -> None:
        self.dismiss("")
