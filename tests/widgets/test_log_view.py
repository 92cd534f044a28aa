"""The view of a log, as a reader uses it."""

import asyncio
import re
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events
from textual.app import App, ComposeResult

from lain_tui.core.logs.buffer import SEGMENT, LogBuffer
from lain_tui.core.model.logs import Level, LineKind, LogLine, LogSource
from lain_tui.core.model.record import parse_record, pretty
from lain_tui.widgets.ansi import ansi_spans, strip_ansi
from lain_tui.widgets.cells import broken, cut
from lain_tui.widgets.log_columns import Detail, LogLook
from lain_tui.widgets.log_layout import Fold
from lain_tui.widgets.log_view import LogView

WEB = LogSource("default", "dummy-web-5d4f-x2kqp", "web", "web")
HOUR = 3_600_000_000_000


def mouse(kind: type[events.MouseEvent], row: int) -> events.MouseEvent:
    return kind(None, 30, row, 0, 0, 1, shift=False, meta=False, ctrl=False, screen_x=30, screen_y=row)


class Kept:
    """A buffer's lines as they are, unfiltered."""

    def __init__(self, buffer: LogBuffer) -> None:
        self.buffer = buffer

    def __len__(self) -> int:
        return len(self.buffer)

    def line(self, position: int) -> LogLine:
        return self.buffer[self.buffer.first + position]

    def position(self, index: int) -> int:
        return min(max(index - self.buffer.first, 0), len(self.buffer))

    def __contains__(self, index: object) -> bool:
        return isinstance(index, int) and self.buffer.first <= index < self.buffer.end

    def folded(self, position: int) -> Fold:
        return Fold(14, "KeyError: 'HOST'") if self.line(position).text == "folds" else Fold()


class Reader(App[None]):
    CSS = "Screen { layout: vertical; }"

    def __init__(self, *texts: str, capacity: int = 200_000, look: LogLook | None = None) -> None:
        super().__init__()
        self.buffer = LogBuffer(capacity)
        self.opened: list[LogLine] = []
        self.write(*texts)
        self.view = LogView(Kept(self.buffer), look or LogLook(zone=UTC))

    def write(self, *texts: str) -> None:
        for text in texts:
            self.buffer.append(HOUR, WEB, text, Level.INFO)

    def compose(self) -> ComposeResult:
        yield self.view

    def on_log_view_opened(self, message: LogView.Opened) -> None:
        self.opened.append(message.line)

    def on_mount(self) -> None:
        self.view.focus()

    def shown(self) -> list[str]:
        rows = [
            "".join(s.text for s in self.view.render_line(y)).rstrip() for y in range(self.view.size.height)
        ]
        return [row for row in rows if row]

    def texts(self) -> list[str]:
        return [re.sub(r"^ [\d:.]+ +web x2kqp INFO +", "", row) for row in self.shown()]


def numbered(count: int, start: int = 0) -> list[str]:
    return [f"line {number}" for number in range(start, start + count)]


async def test_it_follows_the_newest_line() -> None:
    app = Reader(*numbered(100))
    async with app.run_test(size=(80, 10)):
        assert app.texts() == numbered(10, 90)
        app.write("newest")
        app.view.update()
        assert app.texts()[-1] == "newest"


async def test_going_up_stands_still_while_lines_come() -> None:
    app = Reader(*numbered(100))
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.press("pageup", "pageup")
        before = app.texts()
        assert before != numbered(10, 90)
        app.write(*numbered(500, 100))
        app.view.update()
        assert app.texts() == before
        assert app.view.below > 500
        await pilot.press("end")
        assert app.texts()[-1] == "line 599"


async def test_new_lines_are_counted_while_it_stands_still() -> None:
    app = Reader(*numbered(100))
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.press("up", "pageup")
        app.write(*numbered(7, 100))
        app.view.update()
        assert app.view.new == 7
        await pilot.press("end")
        assert app.view.new == 0


async def test_a_page_up_shows_the_lines_before_and_a_page_down_those_after() -> None:
    app = Reader(*numbered(100))
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.press("pageup")
        assert app.texts() == numbered(10, 81)
        await pilot.press("pageup")
        assert app.texts() == numbered(10, 72)
        await pilot.press("pagedown", "pagedown")
        assert app.texts() == numbered(10, 90)
        await pilot.press("pagedown")
        assert app.view.following


async def test_a_page_skips_no_row_of_wrapped_lines() -> None:
    app = Reader(*(f"{number} " + "x" * 60 for number in range(50)), look=LogLook(zone=UTC, wrap=True))
    async with app.run_test(size=(80, 9)) as pilot:
        await pilot.press("home")
        seen: list[str] = []
        while not app.view.following:
            seen += [text.split()[0] for text in app.texts() if re.match(r"\d+ x", text)]
            await pilot.press("pagedown")
        assert list(dict.fromkeys(seen)) == [str(number) for number in range(50)]


def sort_in(app: Reader, *texts: str, at: int) -> None:
    """Load older lines, all of one moment."""
    insertion = app.buffer.prepend((at, WEB, text, Level.INFO, LineKind.LOG) for text in texts)
    app.view.moved(insertion.index)


async def test_the_reader_goes_on_from_older_lines_as_from_any_other() -> None:
    app = Reader(*numbered(100))
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.press("home")
        sort_in(app, "older 0", "older 1", at=HOUR - 1)
        await pilot.press("up", "up", "down")
        assert app.view.cursor is not None
        assert app.buffer[app.view.cursor].text == "older 1" and not app.view.following


async def test_lines_that_are_sorted_in_push_older_ones_up_and_move_none_that_was_read() -> None:
    app = Reader()
    for text in ("yesterday 0", "yesterday 1", "yesterday 2"):
        app.buffer.append(HOUR - 9, WEB, text, Level.INFO)
    app.write(*numbered(50))
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.press("home", "down", "up")
        marked = app.buffer.first + 1
        app.view.marks.add(marked)
        sort_in(app, *(f"older {number}" for number in range(20)), at=HOUR - 1)
        assert app.texts() == ["older 17", "older 18", "older 19", *numbered(7)]
        assert app.view.cursor is not None and app.buffer[app.view.cursor].text == "older 19"
        assert [app.buffer[index].text for index in app.view.marks] == ["yesterday 1"]


async def test_who_went_to_the_oldest_line_stays_there() -> None:
    app = Reader()
    app.buffer.append(HOUR - 9, WEB, "yesterday", Level.INFO)
    app.write(*numbered(50))
    async with app.run_test(size=(80, 4)) as pilot:
        await pilot.press("home")
        sort_in(app, "older 0", "older 1", "older 2", at=HOUR - 1)
        assert app.texts() == ["yesterday", "older 0", "older 1", "older 2"]


async def test_a_selection_that_is_dragged_beyond_the_screen_takes_more_lines_in() -> None:
    app = Reader(*numbered(100))
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.press("home", *["pagedown"] * 3)
        app.view.post_message(mouse(events.MouseDown, 5))
        app.view.post_message(mouse(events.MouseMove, -1))
        async with asyncio.timeout(60):
            while app.texts()[0] != "line 20":
                await pilot.pause(0.01)
        app.view.post_message(mouse(events.MouseUp, -1))
        await pilot.pause()
        chosen = app.view.selected
        assert chosen is not None and chosen.stop == 33 and chosen.start <= 20


async def test_it_stands_still_while_the_oldest_are_dropped() -> None:
    app = Reader(*numbered(2 * SEGMENT), capacity=2 * SEGMENT)
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.press("pageup")
        before = app.texts()
        app.write(*numbered(SEGMENT, 2 * SEGMENT))
        app.view.update()
        assert app.texts() == before


async def test_going_down_past_the_newest_follows_again() -> None:
    app = Reader(*numbered(50))
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.press("up", "up")
        assert not app.view.following
        await pilot.press("down", "down", "down")
        assert app.view.following


async def test_the_wheel_scrolls_and_ends_in_following() -> None:
    app = Reader(*numbered(50))
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot._post_mouse_events([__import__("textual.events", fromlist=["e"]).MouseScrollUp], app.view)
        assert app.texts()[-1] == "line 46"


@pytest.mark.parametrize("width", [40, 80])
async def test_wrapping_loses_nothing(width: int) -> None:
    text = "".join(f"{number:04}" for number in range(60)) + "中文字" * 9
    app = Reader(text, look=LogLook(times=Detail.NONE, names=Detail.NONE, wrap=True))
    async with app.run_test(size=(width, 30)):
        rows = app.shown()
        assert len(rows) > 1
        joined = "".join(row.removeprefix(" INFO ").strip() for row in rows)
        assert joined == text


async def test_sideways_shows_the_rest_of_a_long_line() -> None:
    app = Reader("a" * 70 + "needle", look=LogLook(times=Detail.NONE, names=Detail.NONE))
    async with app.run_test(size=(60, 5)) as pilot:
        assert "needle" not in app.shown()[0]
        await pilot.press("right", "right")
        assert "needle" in app.shown()[0]


async def test_what_is_searched_for_is_highlighted_across_colours() -> None:
    app = Reader("x \x1b[31mtime\x1b[0mout y")
    async with app.run_test(size=(80, 5)):
        app.view.show(highlight=lambda text: [m.span() for m in re.finditer("timeout", text)])
        match = app.view.tone("match").bgcolor
        lit = "".join(s.text for s in app.view.render_line(0) if s.style and s.style.bgcolor == match)
        assert lit == "timeout"


async def test_a_match_far_away_is_brought_into_view() -> None:
    app = Reader(*numbered(1000))
    async with app.run_test(size=(80, 11)):
        app.view.go_to(300)
        assert app.texts()[5] == "line 300"
        assert app.view.cursor == 300


async def test_json_is_shown_as_message_and_fields_and_enter_opens_it() -> None:
    app = Reader('{"ts":1,"level":"info","msg":"login ok","user":42,"路径":"/login"}')
    async with app.run_test(size=(100, 5)) as pilot:
        assert app.texts() == ["login ok  user=42  路径=/login"]
        await pilot.press("enter")
        await pilot.pause()
    assert [line.text for line in app.opened] == [app.buffer[0].text]


async def test_a_folded_trace_says_how_much_it_hides() -> None:
    app = Reader("folds")
    async with app.run_test(size=(80, 5)):
        assert app.texts() == ["folds  KeyError: 'HOST'  ▸ 14 lines folded"]


async def test_the_streams_own_lines_stand_out() -> None:
    app = Reader()
    app.buffer.append(HOUR, WEB, "crashed: exit 1", Level.ERROR, LineKind.CRASH)
    async with app.run_test(size=(80, 5)):
        assert app.shown() == [" 01:00:00.000 ── web x2kqp crashed: exit 1 ──"]


ATTACKS = [
    "\x1b]0;title\x07", "\x1b]52;c;ZXZpbA==\x07", "\x1b[?1049h", "\x1b[2J\x1b[H", "\x9b31m", "\x1bP1$r\x1b\\",
    "\x1b[6n", "\r\nfake line", "\x08" * 20, "\u202eevil", "[bold red]markup[/]", "\x1b[38;5m", "\x1b[38;2;1m",
]  # fmt: skip


@pytest.mark.parametrize("text", ATTACKS)
async def test_nothing_in_a_line_reaches_the_terminal_but_text_and_colour(text: str) -> None:
    app = Reader(text + "end")
    async with app.run_test(size=(120, 4)):
        shown = "".join(segment.text for y in range(4) for segment in app.view.render_line(y))
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e]", shown)
        assert "end" in shown
        if "markup" in text:
            assert text in shown


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from(["\x1b[", "31", ";", "38;5;", "m", "x", "0m", "K"])).map("".join)
)
def test_colours_never_eat_text(text: str) -> None:
    assert "".join(span for span, _ in ansi_spans(text)) == strip_ansi(text)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('{"a": 1, "b": {"c": [1]}}', {"a": 1, "b": {"c": [1]}}),
        (
            'ts=1 level=info msg="it \\"works\\"" empty=',
            {"ts": "1", "level": "info", "msg": 'it "works"', "empty": ""},
        ),
        ("see a=1 in the docs", None),
        ("a=1", None),
        ("{not json}", None),
        ("[1, 2]", None),
        ("{}", None),
    ],
)
def test_records_are_told_from_prose(text: str, fields: dict[str, object] | None) -> None:
    assert parse_record(text) == fields


def test_one_record_is_read_whole() -> None:
    assert pretty('{"msg": "two\\nlines", "o": {"k": 1}}') == [
        ("msg", "two"), ("", "lines"), ("o", "{"), ("", '  "k": 1'), ("", "}"),
    ]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.sampled_from("ab 拉面e\u0301👩\u200d"), max_size=60), st.integers(8, 20), st.integers(8, 20)
)
def test_breaking_a_line_loses_and_doubles_no_character(text: str, first: int, others: int) -> None:
    rows = broken(text, first, others)
    assert "".join(part for low, high in rows for part, _ in cut([(text, "")], low, high - low)) == text
    assert all(high - low <= (first if number == 0 else others) for number, (low, high) in enumerate(rows))


async def test_a_line_of_a_megabyte_is_shown_by_its_head_and_says_how_much_is_left() -> None:
    app = Reader("x" * 1_048_576, look=LogLook(times=Detail.NONE, names=Detail.NONE, wrap=True))
    async with app.run_test(size=(80, 200)):
        assert "1,040,384 more characters: enter shows all" in " ".join(app.shown())
