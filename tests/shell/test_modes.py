"""What a program leaves switched on is switched off, and nothing else is touched."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lain_tui.core.shell.modes import Modes

END_OF_STRING = b"\x1b\\"
AT_REST = b"\x1b[0m\x1b(B\x0f"


def left(*pieces: bytes) -> bytes:
    """What has to be undone after a program printed these."""
    modes = Modes()
    for piece in pieces:
        modes.feed(piece)
    return modes.undo().removeprefix(END_OF_STRING).removesuffix(AT_REST)


@pytest.mark.parametrize(
    ("printed", "undone"),
    [
        pytest.param(b"hello\r\n", b"", id="nothing"),
        pytest.param(b"\x1b[?1049h", b"\x1b[?1049l", id="the alternate screen"),
        pytest.param(b"\x1b[?1049h\x1b[?1049l", b"", id="a screen that was left"),
        pytest.param(b"\x1b[?25l", b"\x1b[?25h", id="a hidden cursor"),
        pytest.param(b"\x1b[?25l\x1b[?25h", b"", id="a cursor shown again"),
        pytest.param(b"\x1b[?1000;1006h", b"\x1b[?1000l\x1b[?1006l", id="mouse reports, two in one"),
        pytest.param(b"\x1b[?2004h", b"\x1b[?2004l", id="bracketed paste, as bash leaves it"),
        pytest.param(b"\x1b[?7l", b"\x1b[?7h", id="no line wrap"),
        pytest.param(b"\x1b[?5h", b"\x1b[?5l", id="reverse video"),
        pytest.param(b"\x1b[4h\x1b[20h", b"\x1b[4l\x1b[20l", id="inserting, and line feeds that return"),
        pytest.param(b"\x1b[2;4h\x1b[4l", b"\x1b[2l", id="a locked keyboard"),
        pytest.param(b"\x1b[>1u\x1b[>5u", b"\x1b[<2u", id="kitty's keys, pushed twice"),
        pytest.param(b"\x1b[>1u\x1b[<u", b"", id="kitty's keys, popped"),
        pytest.param(b"\x1b[>4;2m", b"\x1b[>4;0m", id="xterm's modified keys"),
        pytest.param(b"\x1b=", b"\x1b>", id="the application keypad"),
        pytest.param(b"\x1b[2;20r", b"\x1b7\x1b[r\x1b8", id="a scroll region"),
        pytest.param(
            b"\x1b[?1049h\x1b[2;20r", b"\x1b[r\x1b[?1049l", id="a scroll region of the other screen"
        ),
        pytest.param(b"\x1b[4 q", b"\x1b[0 q", id="another shape of cursor"),
        pytest.param(b"\x1b[?1049h\x1b[?25l\x1bc", b"", id="a full reset"),
        pytest.param(b"\x1b[?99999999999999h\x1b[?h\x1b[?;;h", b"", id="nonsense"),
    ],
)
def test_what_is_left_is_undone(printed: bytes, undone: bytes) -> None:
    assert left(printed) == undone


def test_the_screen_is_left_last() -> None:
    assert left(b"\x1b[?1049h\x1b[?25l\x1b[?1000h").endswith(b"\x1b[?1049l")


def test_once_undone_it_is_forgotten() -> None:
    modes = Modes()
    modes.feed(b"\x1b[?1049h")
    modes.undo()
    assert modes.undo() == END_OF_STRING + AT_REST


_VIM = b"\x1b[?1049h\x1b[22;0;0t\x1b[>4;2m\x1b[?1h\x1b=\x1b[?2004h\x1b[1;24r\x1b[?12h\x1b[?25l~\x1b[2 q"


@given(st.lists(st.integers(0, len(_VIM)), max_size=6))
def test_it_does_not_matter_where_output_is_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(_VIM)]
    pieces = [_VIM[start:end] for start, end in pairwise(edges)]
    assert left(*pieces) == left(_VIM)


@given(st.binary(max_size=400))
def test_binary_output_does_no_harm(data: bytes) -> None:
    left(data)
