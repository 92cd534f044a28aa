"""Lines out of a stream, however the network cut it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lain_tui.core.kube.lines import line_batches


def split(chunks: list[bytes], *, max_line: int = 1000) -> tuple[list[bytes], list[bytes]]:
    """The whole lines, and what came as pieces."""

    async def source() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    async def run() -> tuple[list[bytes], list[bytes]]:
        whole: list[bytes] = []
        pieces: list[bytes] = []
        async for lines, complete in line_batches(source(), max_line=max_line):
            (whole if complete else pieces).extend(lines)
        return whole, pieces

    return asyncio.run(run())


TEXT = st.text(alphabet="ab\n", max_size=60).map(str.encode)


@given(text=TEXT, cuts=st.lists(st.integers(0, 60)))
def test_cuts_make_no_difference(text: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(text)]
    chunks = [text[start:end] for start, end in pairwise(edges)]
    *whole, rest = text.split(b"\n")
    assert split(chunks) == (whole, [rest] if rest else [])


@given(chunks=st.lists(TEXT, max_size=8), limit=st.integers(1, 5))
def test_nothing_is_lost_when_lines_are_too_long(chunks: list[bytes], limit: int) -> None:
    whole, pieces = split(chunks, max_line=limit)
    assert b"".join(whole + pieces).count(b"a") == b"".join(chunks).count(b"a")


def test_a_line_without_end_does_not_pile_up() -> None:
    whole, pieces = split([b"x" * 600] * 10, max_line=1000)
    assert whole == [] and [len(piece) for piece in pieces] == [1200] * 5
