"""What a filter shows of the lines that are kept."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lain_tui.core.errors import LainError
from lain_tui.core.logs.buffer import SEGMENT, LogBuffer
from lain_tui.core.logs.search import LogFilter, Own, Pattern
from lain_tui.core.logs.selection import LogSelection
from lain_tui.core.model.logs import Level, LineKind, LogSource

WEB = LogSource("default", "web-1", "web", "web")
WORKER = LogSource("default", "worker-1", "worker", "worker")


def shown(buffer: LogBuffer, selection: LogSelection) -> list[str]:
    while selection.refresh() or not selection.complete:
        pass
    return [buffer[selection[position]].text for position in range(len(selection))]


def stream(*lines: tuple[str, Level, LogSource] | str) -> LogBuffer:
    buffer = LogBuffer()
    for time, line in enumerate(lines):
        text, level, source = (line, Level.NONE, WEB) if isinstance(line, str) else line
        buffer.append(time, source, text, level)
    return buffer


def test_a_filter_shows_the_lines_that_match() -> None:
    buffer = stream("GET /login", "timeout on db", "GET /", "Timeout again")
    assert shown(buffer, LogSelection(buffer, LogFilter((Pattern.parse("timeout"),)))) == [
        "timeout on db",
        "Timeout again",
    ]


def test_a_capital_letter_makes_case_count() -> None:
    buffer = stream("timeout", "Timeout")
    assert shown(buffer, LogSelection(buffer, LogFilter((Pattern.parse("Timeout"),)))) == ["Timeout"]


def test_several_patterns_must_all_hold_and_an_exclamation_mark_inverts() -> None:
    buffer = stream("GET /login 200", "GET /health 200", "POST /login 500")
    wanted = LogFilter((Pattern.parse("GET"), Pattern.parse("!health")))
    assert shown(buffer, LogSelection(buffer, wanted)) == ["GET /login 200"]


def test_level_and_proc_narrow_the_stream() -> None:
    buffer = stream(("a", Level.ERROR, WEB), ("b", Level.INFO, WEB), ("c", Level.FATAL, WORKER))
    assert shown(buffer, LogSelection(buffer, LogFilter(level=Level.WARN))) == ["a", "c"]
    assert shown(buffer, LogSelection(buffer, LogFilter(procs=frozenset({"worker"})))) == ["c"]


def test_the_streams_own_lines_stay_unless_unwanted() -> None:
    buffer = stream("one", "two")
    buffer.append(2, None, "connection lost", kind=LineKind.NOTICE)
    wanted = LogFilter((Pattern.parse("one"),))
    assert shown(buffer, LogSelection(buffer, wanted)) == ["one", "connection lost"]
    assert shown(buffer, LogSelection(buffer, LogFilter(wanted.patterns, own=Own.NONE))) == ["one"]


def test_stack_traces_are_folded_under_their_first_line_and_unfold() -> None:
    buffer = stream("boom")
    buffer.append(1, WEB, "  at x", kind=LineKind.CONTINUED)
    selection = LogSelection(buffer)
    assert shown(buffer, selection) == ["boom"]
    selection.change(LogFilter(), folded=False)
    assert shown(buffer, selection) == ["boom", "  at x"]


def test_a_match_inside_a_folded_trace_is_found() -> None:
    buffer = stream("boom")
    buffer.append(1, WEB, "  at needle", kind=LineKind.CONTINUED)
    assert shown(buffer, LogSelection(buffer, LogFilter((Pattern.parse("needle"),)))) == ["  at needle"]


def test_colours_in_a_line_do_not_hide_it() -> None:
    buffer = stream("\x1b[31mtime\x1b[0mout")
    assert len(shown(buffer, LogSelection(buffer, LogFilter((Pattern.parse("timeout"),))))) == 1


def test_the_youngest_lines_are_shown_before_the_old_ones_are_looked_at() -> None:
    buffer = LogBuffer(100 * SEGMENT)
    for number in range(50 * SEGMENT):
        buffer.append(number, WEB, f"line {number}")
    selection = LogSelection(buffer, LogFilter((Pattern.parse("9$"),)))
    selection.refresh(budget=SEGMENT)
    assert not selection.complete
    assert buffer[selection[len(selection) - 1]].text.endswith("9")
    assert buffer.end - selection[0] <= SEGMENT


@pytest.mark.parametrize("typed", ["(", "!*x", "[a", "(?P<n>"])
def test_what_is_no_expression_is_said_with_the_plain_way_out(typed: str) -> None:
    with pytest.raises(LainError) as error:
        Pattern.parse(typed)
    assert "not a regular expression" in error.value.what
    way_out = error.value.hint.split("type /")[1]
    assert Pattern.parse(way_out).matches(typed.removeprefix("!")) is not typed.startswith("!")


texts = st.text("abcAB \x1b[3m.*", max_size=6)


@given(st.lists(texts, max_size=40), st.sampled_from(["a", "A", "ab", "[ab]c", "a.*b", "!b", "!A"]))
def test_a_pattern_agrees_with_re(lines: list[str], typed: str) -> None:
    pattern = Pattern.parse(typed)
    plain = typed.removeprefix("!")
    flags = 0 if plain != plain.lower() else re.IGNORECASE
    for line in lines:
        bare = re.sub(r"\x1b\[[0-9;]*m", "", line)
        assert pattern.matches(line) is ((re.search(plain, bare, flags) is None) is typed.startswith("!"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(st.lists(st.sampled_from(["hit", "miss"]), min_size=1, max_size=9), st.integers(1, 12)),
        max_size=12,
    ),
    st.integers(0, 3),
)
def test_context_is_what_grep_shows_however_the_lines_come(
    steps: list[list[str] | int], context: int
) -> None:
    """Lines arrive in any portions, and are looked at in any slices."""
    buffer = stream(*["hit", "miss", "miss", "miss", "hit", "miss"])
    selection = LogSelection(buffer, LogFilter((Pattern.parse("hit"),), context=context))
    for step in steps:
        if isinstance(step, int):
            selection.refresh(budget=step)
        else:
            for text in step:
                buffer.append(0, WEB, text)
    shown(buffer, selection)
    hits = [line.index for line in buffer.lines() if line.text == "hit"]
    expected = [index for index in range(buffer.end) if any(abs(index - hit) <= context for hit in hits)]
    assert [selection[position] for position in range(len(selection))] == expected


@given(
    kept=st.lists(st.integers(0, 50), min_size=1, max_size=30),
    older=st.lists(st.integers(0, 50), max_size=30),
    context=st.integers(0, 2),
    seen=st.integers(1, 40),
)
def test_after_older_lines_were_sorted_in_it_shows_what_a_new_look_would(
    kept: list[int], older: list[int], context: int, seen: int
) -> None:
    buffer = LogBuffer()
    for time in sorted(kept):
        buffer.append(time, WEB, f"{time}")
    wanted = LogFilter((Pattern.parse("[05]$"),), context=context)
    selection = LogSelection(buffer, wanted)
    selection.refresh(seen)
    insertion = buffer.prepend((time, WORKER, f"{time}", Level.NONE, LineKind.LOG) for time in sorted(older))
    selection.moved(insertion)
    assert shown(buffer, selection) == shown(buffer, LogSelection(buffer, wanted))
