"""Many containers' lines in one order."""

from hypothesis import given
from hypothesis import strategies as st

from lain_tui.core.logs.merge import MergedLine, Merger
from lain_tui.core.model.logs import LineKind, LogSource

WEB = LogSource("default", "web-1", "web", "web")
WORKER = LogSource("default", "worker-1", "worker", "worker")
QUIET = LogSource("default", "quiet-1", "quiet", "quiet")


def texts(lines: list[MergedLine]) -> list[str]:
    return [line.text for line in lines]


def test_lines_of_two_containers_are_ordered_by_time() -> None:
    merger = Merger()
    for time in (1, 3, 5):
        merger.push(WEB, time, f"web {time}", now=0)
    for time in (2, 4, 6):
        merger.push(WORKER, time, f"worker {time}", now=0.01)
    assert texts(list(merger.ready(0.02))) == ["web 1", "worker 2", "web 3", "worker 4"]
    assert texts(list(merger.ready(1))) == ["web 5", "worker 6"]


def test_a_quiet_container_delays_the_others_by_the_window_at_most() -> None:
    merger = Merger(window=0.4)
    merger.join(QUIET)
    merger.push(WEB, 1, "hello", now=10.0)
    merger.push(WEB, 2, "again", now=10.0)
    assert not list(merger.ready(10.3))
    assert texts(list(merger.ready(10.4))) == ["hello", "again"]


def test_nobody_waits_for_a_container_that_left() -> None:
    merger = Merger()
    merger.join(QUIET)
    merger.push(WEB, 1, "hello", now=0)
    merger.push(WEB, 2, "again", now=0)
    merger.leave(QUIET)
    assert texts(list(merger.ready(0.001))) == ["hello"]


def test_what_comes_too_late_is_marked_and_not_lost() -> None:
    merger = Merger()
    merger.push(WEB, 10, "young", now=0)
    assert [line.late for line in merger.ready(1)] == [False]
    merger.push(WORKER, 5, "old", now=1)
    assert [(line.text, line.late) for line in merger.ready(2)] == [("old", True)]


def test_no_line_falls_into_another_containers_stack_trace() -> None:
    merger = Merger()
    merger.push(WEB, 1, "ERROR it broke", now=0)
    merger.push(WORKER, 2, "worker line", now=0)
    merger.push(WEB, 3, "Traceback (most recent call last):", now=0)
    merger.push(WEB, 4, "KeyError: 'X'", now=0)
    lines = list(merger.ready(1))
    assert texts(lines) == [
        "ERROR it broke",
        "Traceback (most recent call last):",
        "KeyError: 'X'",
        "worker line",
    ]
    assert [line.kind for line in lines] == [
        LineKind.LOG,
        LineKind.CONTINUED,
        LineKind.CONTINUED,
        LineKind.LOG,
    ]


def test_a_notice_stands_where_it_happened() -> None:
    merger = Merger()
    merger.push(WEB, 1, "before", now=0)
    merger.notice(2, "connection lost 2.1 s, resumed", now=0)
    merger.push(WEB, 3, "after", now=0)
    assert texts(list(merger.drain())) == ["before", "connection lost 2.1 s, resumed", "after"]


arrivals = st.lists(
    st.tuples(st.sampled_from([WEB, WORKER, QUIET]), st.integers(0, 50), st.integers(0, 300)), max_size=80
)


@given(arrivals)
def test_every_line_comes_out_once_and_in_its_containers_order(
    arrived: list[tuple[LogSource, int, int]],
) -> None:
    """Whatever the clocks and the network do, set-back clocks included."""
    merger = Merger()
    now, out = 0.0, []
    for number, (source, time, pause) in enumerate(arrived):
        now += pause / 1000
        merger.push(source, time, str(number), now)
        out += merger.ready(now)
    out += merger.drain()
    assert sorted(int(line.text) for line in out) == list(range(len(arrived)))
    for source in (WEB, WORKER, QUIET):
        mine = [int(line.text) for line in out if line.source == source]
        assert mine == sorted(mine)


@given(st.lists(st.tuples(st.sampled_from([WEB, WORKER]), st.integers(1, 50)), max_size=60))
def test_what_waits_together_is_ordered(arrived: list[tuple[LogSource, int]]) -> None:
    merger = Merger()
    in_order = {source: sorted(time for s, time in arrived if s == source) for source in (WEB, WORKER)}
    for source, times in in_order.items():
        for time in times:
            merger.push(source, time, str(time), now=0)
    out = [line.time for line in merger.ready(1)]
    assert out == sorted(time for _, time in arrived)
