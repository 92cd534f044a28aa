"""Bytes from the network into lines, however they were cut on the way."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

MAX_LINE = 16 * 1024 * 1024
"""Bytes after which a line is handed out in pieces; a watch event is at most some megabytes (etcd: 1.5 MiB)."""


async def line_batches(
    chunks: AsyncIterator[bytes], *, max_line: int = MAX_LINE
) -> AsyncGenerator[tuple[list[bytes], bool], None]:
    """Yield the lines that each network read completed, without their newlines, and whether they are whole.

    Whole lines come with True. What is longer than `max_line`, and the rest after the last newline at the end of
    the stream, comes as a batch of one with False: a watch drops it, a log shows it.
    """
    pieces: list[bytes] = []
    size = 0
    async for chunk in chunks:
        head, newline, rest = chunk.partition(b"\n")
        pieces.append(head)
        size += len(head)
        if newline:
            lines = rest.split(b"\n")
            lines.insert(0, b"".join(pieces))
            tail = lines.pop()
            pieces, size = [tail], len(tail)
            yield lines, True
        if size > max_line:
            yield [b"".join(pieces)], False
            pieces, size = [], 0
    if size:
        yield [b"".join(pieces)], False
