"""Filters by field and time, moments as people type them, and ways from line to line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lain_tui.core.errors import LainError
from lain_tui.core.logs.buffer import SEGMENT, LogBuffer
from lain_tui.core.logs.events import EventLines
from lain_tui.core.logs.find import MatchCount, among, errors, next_line, with_pattern
from lain_tui.core.logs.moments import parse_moment, parse_span, to_nanoseconds
from lain_tui.core.logs.search import LogFilter, Own, Pattern
from lain_tui.core.logs.selection import LogSelection
from lain_tui.core.logs.timestamps import SECOND
from lain_tui.core.model.cluster import Event
from lain_tui.core.model.logs import Level, LineKind, LogSource
from lain_tui.core.model.meta import ObjectMeta, ObjectReference
from lain_tui.screens.logs.filter_text import field_word, parse_log_filter

WEB = LogSource("default", "web-1", "web", "web", "uid-1")
NOW = datetime(2026, 3, 5, 8, 4, 35, tzinfo=timezone(timedelta(hours=8)))
JSON = '{"msg": "done", "status": 500, "path": "/api/orders", "http": {"code": 404}, "ok": true}'
LOGFMT = 'level=info status=200 path=/api/users msg="all well"'


def selected(buffer: LogBuffer, wanted: LogFilter) -> list[str]:
    selection = LogSelection(buffer, wanted)
    while not selection.complete:
        selection.refresh()
    return [buffer[selection[position]].text for position in range(len(selection))]


def filled(*texts: str) -> LogBuffer:
    buffer = LogBuffer()
    for number, text in enumerate(texts):
        buffer.append(number * SECOND, WEB, text)
    return buffer


@pytest.mark.parametrize(
    ("typed", "matches"),
    [
        ("status:500", [JSON]),
        ("!status:500", [LOGFMT, "plain"]),
        ("status:50", []),  # a number is itself, not its beginning
        ("status:>=400", [JSON]),
        ("status:<400", [LOGFMT]),
        ("path:api", [JSON, LOGFMT]),
        ("path:=/api/users", [LOGFMT]),
        ("http.code:404", [JSON]),
        ("ok:true", [JSON]),
        ('msg:"all well"', [LOGFMT]),
        ("nosuch:1", []),
        ("http://x", []),  # no field: text that nothing has
        ("since:1970-01-01T00:00:01Z", [LOGFMT, "plain"]),
        ("until:1970-01-01T00:00:01Z", [JSON, LOGFMT]),
    ],
)
def test_a_field_is_looked_for_in_json_and_logfmt_alike(typed: str, matches: list[str]) -> None:
    assert selected(filled(JSON, LOGFMT, "plain"), parse_log_filter(typed, NOW)) == matches


@pytest.mark.parametrize("typed", ["since:never", "level:loud", '"open', "("])
def test_what_cannot_be_read_is_told(typed: str) -> None:
    with pytest.raises(LainError):
        parse_log_filter(typed, NOW)


def test_half_a_word_on_its_way_hides_nothing() -> None:
    for typed in ("", "!", "level:", "since:", "proc:", "-"):
        assert parse_log_filter(typed.replace("-", ""), NOW).is_empty


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("15m", NOW - timedelta(minutes=15)),
        ("1h30m", NOW - timedelta(minutes=90)),
        ("08:04", NOW.replace(minute=4, second=0)),
        ("08:04:30.5", NOW.replace(second=30, microsecond=500_000)),
        ("10:32", NOW.replace(hour=10, minute=32, second=0) - timedelta(days=1)),
        ("2026-03-01 10:32", datetime(2026, 3, 1, 10, 32, tzinfo=NOW.tzinfo)),
        ("2026-03-01T10:32:00Z", datetime(2026, 3, 1, 10, 32, tzinfo=UTC)),
    ],
)
def test_moments_are_read_as_people_type_them(typed: str, moment: datetime) -> None:
    assert parse_moment(typed, NOW) == moment


@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)))
def test_nanoseconds_are_exact(moment: datetime) -> None:
    aware = moment.replace(tzinfo=UTC)
    seconds, rest = divmod(to_nanoseconds(aware), SECOND)
    assert datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=rest // 1000) == aware


def test_durations() -> None:
    assert (parse_span("90s"), parse_span("1d2h"), parse_span(""), parse_span("3x")) == (
        90,
        93_600,
        None,
        None,
    )


@given(
    st.lists(st.sampled_from(["hit", "miss", "HIT İ", "a\x1b[31mhit\x1b[0m", ""]), min_size=1, max_size=40),
    st.sampled_from(["hit", "!hit", "Hit", "h.t", "i"]),
)
def test_looking_at_many_lines_at_once_finds_what_looking_at_each_does(texts: list[str], typed: str) -> None:
    pattern = Pattern.parse(typed)
    assert pattern.offsets(texts, 0, len(texts)) == [
        n for n, text in enumerate(texts) if pattern.matches(text)
    ]


def test_next_and_previous_go_round_and_stay_among_the_lines_shown() -> None:
    buffer = LogBuffer()
    for number in range(2 * SEGMENT):
        level = Level.ERROR if number in (5, 4000) else Level.INFO
        buffer.append(number, WEB, f"line {number}", level)
    selection = LogSelection(buffer, LogFilter((Pattern.parse("!line 5$"),)))
    while not selection.complete:
        selection.refresh()
    assert next_line(selection, buffer, None, errors, 1) == 4000
    assert next_line(selection, buffer, 4000, errors, 1) == 4000
    assert next_line(selection, buffer, 10, among({3, 12, 4000}), 1) == 12
    assert next_line(selection, buffer, 3, among({3, 12, 4000}), -1) == 4000
    assert next_line(selection, buffer, None, with_pattern(Pattern.parse("line 77")), -1) == 779
    assert next_line(selection, buffer, 0, with_pattern(Pattern.parse("nothing")), 1) is None


def test_a_match_knows_which_of_all_it_is() -> None:
    buffer = filled("hit", "miss", "hit")
    count = MatchCount(Pattern.parse("hit"))
    count.update(buffer)
    assert (count.count, count.rank(2), count.rank(1)) == (2, 2, 0)
    buffer.prepend([(0, WEB, "an older hit", Level.NONE, LineKind.LOG)])
    count.update(buffer)
    assert (count.count, count.rank(2)) == (3, 3)


def event(name: str, count: int, *, kind: str = "Normal", pod: str = "uid-1", age: float = 5) -> Event:
    return Event(
        metadata=ObjectMeta(name=name, uid=name),
        involved_object=ObjectReference(kind="Pod", uid=pod),
        reason="BackOff",
        message="again",
        type=kind,
        count=count,
        last_timestamp=(NOW - timedelta(seconds=age)).astimezone(UTC),
    )


def test_events_of_pods_in_scope_are_told_once_and_again_when_they_happen_again() -> None:
    lines = EventLines(NOW - timedelta(minutes=10))
    events = [
        event("a", 1),
        event("b", 3, kind="Warning"),
        event("c", 1, pod="other"),
        event("d", 1, age=900),
    ]
    assert [(line.text, line.level) for line in lines.fresh(events, [WEB])] == [
        ("BackOff: again", Level.NONE),
        ("BackOff ×3: again", Level.WARN),
    ]
    assert not list(lines.fresh(events, [WEB]))
    assert [line.text for line in lines.fresh([event("a", 2)], [WEB])] == ["BackOff ×2: again"]


@pytest.mark.parametrize(
    ("own", "shown"),
    [(Own.NOTED, ["warning", "crash"]), (Own.ALL, ["normal", "warning", "crash"]), (Own.NONE, [])],
)
def test_the_streams_own_lines_are_most_all_or_none(own: Own, shown: list[str]) -> None:
    buffer = LogBuffer()
    buffer.append(0, WEB, "normal", Level.NONE, LineKind.EVENT)
    buffer.append(0, WEB, "warning", Level.WARN, LineKind.EVENT)
    buffer.append(0, WEB, "crash", Level.ERROR, LineKind.CRASH)
    assert selected(buffer, LogFilter(own=own)) == shown


@pytest.mark.parametrize(
    "value", ["GET", "/api/a b", 'say "so"', "it's", "C:\\x", "/path", "a:b", "-1", "500"]
)
def test_the_word_made_of_a_field_finds_its_line(value: str) -> None:
    line = json.dumps({"msg": "hello", "field": value})
    wanted = parse_log_filter(f'{field_word("field", value)} "hello"', NOW)
    assert selected(filled(line, json.dumps({"msg": "hello", "field": value + "x"}), "hello"), wanted) == [
        line
    ]


@pytest.mark.parametrize(
    ("key", "value"), [("field", ""), ("a b", "1"), ("field", "two\nlines"), ("field", "//x")]
)
def test_what_no_word_can_say_is_not_offered(key: str, value: str) -> None:
    assert field_word(key, value) == ""
