"""The ring of lines that are kept."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lain_tui.core.logs.buffer import SEGMENT, LogBuffer
from lain_tui.core.model.logs import Level, LineKind, LogSource

WEB = LogSource("default", "web-1", "web", "web")
CAPACITY = 3 * SEGMENT


def filled(count: int, capacity: int = CAPACITY) -> LogBuffer:
    buffer = LogBuffer(capacity)
    for number in range(count):
        buffer.append(number, WEB, f"line {number}")
    return buffer


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
    buffer.prepend([(-2, WEB, "older", Level.NONE, LineKind.LOG)])
    for number in range(SEGMENT):
        buffer.append(number, WEB, "younger")
    assert buffer[marked].text == f"line {SEGMENT - 1}"


def test_older_history_stands_before_all_others_and_the_oldest_of_it_yields() -> None:
    buffer = filled(CAPACITY - 2)
    older = [(-3 + n, WEB, f"older {n}", Level.NONE, LineKind.LOG) for n in range(3)]
    assert buffer.prepend(older) == 2
    assert [line.text for line in buffer.lines(buffer.first, buffer.first + 3)] == [
        "older 1",
        "older 2",
        "line 0",
    ]
    assert buffer.prepend(older) == 0


def test_older_history_that_is_out_of_order_is_marked() -> None:
    quiet = LogSource("default", "daily-1", "daily", "daily")
    buffer = LogBuffer(CAPACITY)
    buffer.append(100, quiet, "a day ago")
    buffer.append(900, WEB, "now")
    buffer.prepend([(time, WEB, "older", Level.NONE, LineKind.LOG) for time in (50, 800)])
    assert [line.late for line in buffer.lines()] == [False, True, False, False]


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

    @rule(count=st.integers(1, SEGMENT))
    def prepend(self, count: int) -> None:
        texts = [f"old {number}" for number in range(count)]
        fitted = self.buffer.prepend((0, WEB, text, Level.NONE, LineKind.LOG) for text in texts)
        first = self.buffer.first
        self.lines |= {first + n: text for n, text in enumerate(texts[count - fitted :])} if fitted else {}

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
