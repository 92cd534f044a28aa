"""The ring of lines that are kept."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lain_tui.core.logs.buffer import SEGMENT, LogBuffer
from lain_tui.core.logs.insertion import OldLine
from lain_tui.core.model.logs import Level, LineKind, LogSource

WEB = LogSource("default", "web-1", "web", "web")
QUIET = LogSource("default", "daily-1", "daily", "daily")
CAPACITY = 3 * SEGMENT


def filled(count: int, capacity: int = CAPACITY) -> LogBuffer:
    buffer = LogBuffer(capacity)
    for number in range(count):
        buffer.append(number, WEB, f"line {number}")
    return buffer


def old(time: int, text: str, source: LogSource = WEB, kind: LineKind = LineKind.LOG) -> OldLine:
    return time, source, text, Level.NONE, kind


def test_a_line_comes_back_as_it_went_in() -> None:
    buffer = LogBuffer()
    index = buffer.append(7, WEB, "boom", Level.ERROR, LineKind.CRASH, late=True)
    line = buffer[index]
    assert (line.time, line.source, line.text, line.level, line.kind, line.late) == (
        7, WEB, "boom", Level.ERROR, LineKind.CRASH, True,
    )  # fmt: skip


def test_the_oldest_make_room_and_are_counted() -> None:
    buffer = filled(10 * SEGMENT)
    assert len(buffer) <= CAPACITY
    assert buffer.dropped + len(buffer) == 10 * SEGMENT
    assert buffer[buffer.first].text == f"line {buffer.dropped}"
    assert buffer[buffer.end - 1].text == f"line {10 * SEGMENT - 1}"


def test_an_index_means_the_same_line_for_ever() -> None:
    buffer = filled(SEGMENT)
    marked = buffer.end - 1
    buffer.prepend([old(-2, "older")])
    for number in range(SEGMENT):
        buffer.append(number, WEB, "younger")
    assert buffer[marked].text == f"line {SEGMENT - 1}"


def test_older_history_stands_before_all_others_and_the_oldest_of_it_yields() -> None:
    buffer = filled(CAPACITY - 2)
    older = [old(-3 + n, f"older {n}") for n in range(3)]
    assert len(buffer.prepend(older)) == 2
    assert [line.text for line in buffer.lines(buffer.first, buffer.first + 3)] == [
        "older 1",
        "older 2",
        "line 0",
    ]
    assert not buffer.prepend(older)


def shown(buffer: LogBuffer) -> list[str]:
    return [line.text for line in buffer.lines()]


def test_older_lines_of_a_busy_container_are_sorted_in_behind_a_quiet_ones() -> None:
    buffer = LogBuffer(CAPACITY)
    yesterday, now = buffer.append(100, QUIET, "yesterday"), buffer.append(900, WEB, "now")
    insertion = buffer.prepend([old(50, "long ago"), old(800, "a moment ago"), old(900, "just now")])
    assert shown(buffer) == ["long ago", "yesterday", "a moment ago", "just now", "now"]
    assert not any(line.late for line in buffer.lines())
    assert [buffer[insertion.index(index)].text for index in (yesterday, now)] == ["yesterday", "now"]
    assert insertion.settled == now == insertion.index(now)


def test_no_stack_trace_is_torn_apart_when_older_lines_are_sorted_in() -> None:
    buffer = LogBuffer(CAPACITY)
    buffer.append(100, QUIET, "Traceback")
    buffer.append(300, QUIET, "KeyError", kind=LineKind.CONTINUED)
    buffer.append(310, QUIET, "after")
    buffer.prepend([old(200, "Exception"), old(320, "  at main", kind=LineKind.CONTINUED), old(400, "last")])
    assert shown(buffer) == ["Traceback", "KeyError", "Exception", "  at main", "after", "last"]


def test_what_is_read_elsewhere_meanwhile_stays_as_it_was() -> None:
    buffer = filled(3)
    taken = buffer.snapshot()
    buffer.prepend([old(1, "older")])
    buffer.clear()
    assert shown(taken) == ["line 0", "line 1", "line 2"]


def test_a_moment_is_found() -> None:
    buffer = filled(3 * SEGMENT - 5)
    assert buffer.find_time(SEGMENT + 3) == SEGMENT + 3
    assert buffer.find_time(10**9) == buffer.end


class AgainstAList(RuleBasedStateMachine):
    """Whatever is appended, prepended and cleared: the buffer holds what a list of (index, text) would."""

    def __init__(self) -> None:
        super().__init__()
        self.buffer = LogBuffer(2 * SEGMENT)
        self.lines: dict[int, str] = {}

    @rule(count=st.integers(1, SEGMENT), mark=st.text(max_size=3))
    def append(self, count: int, mark: str) -> None:
        for number in range(count):
            self.lines[self.buffer.append(number, WEB, f"{mark}{number}")] = f"{mark}{number}"

    @rule(times=st.lists(st.integers(0, SEGMENT), min_size=1, max_size=50))
    def prepend(self, times: list[int]) -> None:
        insertion = self.buffer.prepend(old(time, f"old {time}") for time in sorted(times))
        self.lines = {insertion.index(index): text for index, text in self.lines.items()}
        for number, place in enumerate(insertion.places):
            self.lines[place - len(insertion) + number] = insertion.lines[number][2]

    @precondition(lambda self: self.lines)
    @rule()
    def clear(self) -> None:
        self.buffer.clear()
        self.lines.clear()

    @invariant()
    def equal(self) -> None:
        kept = {line.index: line.text for line in self.buffer.lines()}
        assert len(kept) == len(self.buffer) <= self.buffer.capacity
        newest = dict(sorted(self.lines.items())[len(self.lines) - len(kept) :])
        assert kept == newest
        assert list(kept) == list(range(self.buffer.first, self.buffer.end))


TestAgainstAList = AgainstAList.TestCase
TestAgainstAList.settings = settings(max_examples=15, stateful_step_count=8, deadline=None)
