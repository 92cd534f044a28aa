"""What a line says: when, how serious, and whether it continues the one above."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lain_tui.core.logs.levels import detect_level
from lain_tui.core.logs.timestamps import SECOND, format_rfc3339, split_timestamp
from lain_tui.core.logs.traces import TraceTracker
from lain_tui.core.model.logs import Level


@given(st.integers(0, 4_102_444_800 * SECOND))
def test_every_nanosecond_survives_writing_and_reading(time: int) -> None:
    assert split_timestamp(format_rfc3339(time).encode() + b" hello") == (time, b"hello")


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)),
    st.integers(-14 * 60, 14 * 60).filter(bool),
    st.binary().filter(lambda text: b"\n" not in text),
)
def test_offsets_mean_what_datetime_says(moment: datetime, minutes: int, text: bytes) -> None:
    aware = moment.replace(microsecond=0, tzinfo=UTC)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    shown = (aware + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S") + f"{sign}{hours:02}:{rest:02}"
    assert split_timestamp(shown.encode() + b" " + text) == (int(aware.timestamp()) * SECOND, text)


@pytest.mark.parametrize(
    "line", [b"", b"plain text", b"2024-13-01T00:00:00Z x", b"2024-01-01T00:00:00", b"\xff\xfe x"]
)
def test_a_line_without_a_timestamp_comes_back_whole(line: bytes) -> None:
    assert split_timestamp(line) == (0, line)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ('{"level":"error","msg":"boom"}', Level.ERROR),
        ('{"time":1,"level":30,"msg":"pino"}', Level.INFO),
        ('{"severity": "WARNING", "message": "x"}', Level.WARN),
        ("ts=1 level=warn msg=slow", Level.WARN),
        ("E0131 10:20:30.123456       1 leader.go:1] lost", Level.ERROR),
        ("2024-01-31 10:20:30,123 ERROR app.views: no such user", Level.ERROR),
        ("2024-01-31 10:20:30 [info] started", Level.INFO),
        ("[E] 连接失败", Level.ERROR),
        ("\x1b[31mERROR\x1b[0m red", Level.ERROR),
        ("warning: unused variable", Level.WARN),
        ("KeyError: 'MYSQL_HOST'", Level.ERROR),
        ("Traceback (most recent call last):", Level.ERROR),
        ("panic: runtime error", Level.FATAL),
        ("GET /errors/error.html 200", Level.NONE),
        ("no errors found", Level.NONE),
        ("the ERRORS table was read", Level.NONE),
        ("request to INFO-service done", Level.NONE),
        ("", Level.NONE),
    ],
)
def test_levels_are_read_as_their_writers_meant_them(text: str, level: Level) -> None:
    assert detect_level(text) is level


TRACES = {
    "python": """\
ERROR request failed
Traceback (most recent call last):
  File "app.py", line 3, in <module>
    main()
KeyError: 'HOST'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "app.py", line 9, in main
    raise RuntimeError("x")
RuntimeError: x
= INFO next request""",
    "python alone": """\
INFO starting
= Traceback (most recent call last):
  File "app.py", line 3, in <module>
KeyError: 'HOST'
= INFO next""",
    "java": """\
ERROR Unhandled
\tat com.example.Main.run(Main.java:10)
\tat com.example.Main.main(Main.java:3)
Caused by: java.io.IOException: disk
\tat com.example.Disk.read(Disk.java:1)
\t... 2 more
= INFO next""",
    "go": """\
INFO serving
= panic: runtime error: index out of range [1] with length 1

goroutine 1 [running]:
main.main()
\t/src/main.go:8 +0x1d
exit status 2
= next""",
    "node": """\
TypeError: Cannot read properties of undefined (reading 'id')
    at handler (/app/server.js:12:9)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
= listening""",
}


@pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES)
def test_a_stack_trace_is_one_entry(trace: str) -> None:
    """Each line but the first and those after `= ` continues the entry above it."""
    tracker = TraceTracker()
    for number, marked in enumerate(trace.split("\n")):
        text = marked.removeprefix("= ")
        begins = number == 0 or marked.startswith("= ")
        assert tracker.continues(text) is not begins, f"line {number}: {text!r}"


@given(st.lists(st.text(st.characters(exclude_characters="\n")), max_size=30))
def test_no_text_upsets_the_readers(lines: list[str]) -> None:
    tracker = TraceTracker()
    for text in lines:
        assert isinstance(tracker.continues(text), bool)


def test_ordinary_lines_are_entries_of_their_own() -> None:
    tracker = TraceTracker()
    lines = ["GET / 200", "POST /login 302", "", "done", "用户登录"]
    assert [tracker.continues(line) for line in lines] == [False] * 5
    assert re.match(r"\w", lines[-1])
