"""A container's log, as lines with the time at which the kubelet took each."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import NamedTuple

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import NotFound
from lain_tui.core.kube.lines import line_batches
from lain_tui.core.kube.resources import PODS
from lain_tui.core.logs.timestamps import split_timestamp

MAX_LINE = 1024 * 1024
"""Bytes after which a line is handed out in pieces."""
_GONE = b"unable to retrieve container logs for "
"""What a kubelet sends, with status 200 and in place of a log, of an instance that it has removed."""


class LogLine(NamedTuple):
    """One line as the container wrote it."""

    time: int
    """Nanoseconds since 1970 in UTC; 0 where the kubelet gave none."""
    text: bytes


async def log_batches(
    kube: KubeClient,
    namespace: str,
    pod: str,
    container: str,
    *,
    previous: bool = False,
    tail: int | None = None,
    since: datetime | str | None = None,
    since_seconds: int | None = None,
    limit_bytes: int | None = None,
    follow: bool = False,
    opened: Callable[[], None] | None = None,
) -> AsyncGenerator[tuple[list[bytes], bool], None]:
    """Yield the lines of each network read, each with its RFC 3339 timestamp and a space before it.

    With them comes whether they are whole: an overlong line comes in pieces (only the first has the timestamp), and
    so does what stands after the last newline when the stream ends.

    `since` is a time (RFC 3339 if a string), `since_seconds` an age; `tail` counts from the end. `previous` reads the
    instance before the last restart. Following ends when the container does. `opened` is called once the server
    answers, which for a silent container is long before its first line. Raises KubeError: NotFound (also when the node
    has removed that instance), Forbidden, or Invalid while the container has not started and when there is no
    previous one.
    """
    params = {"container": container, "timestamps": "true"}
    if previous:
        params["previous"] = "true"
    if tail is not None:
        params["tailLines"] = str(tail)
    if since is not None:
        params["sinceTime"] = since if isinstance(since, str) else since.astimezone(UTC).isoformat()
    if since_seconds is not None:
        params["sinceSeconds"] = str(since_seconds)
    if limit_bytes is not None:
        params["limitBytes"] = str(limit_bytes)
    if follow:
        params["follow"] = "true"
    # A followed log may be silent for days: only the kernel's keep-alive tells whether anyone is there.
    idle = None if follow else 60.0
    async with (
        kube.stream(PODS.path(namespace, pod, "log"), params=params, idle=idle) as chunks,
        aclosing(line_batches(chunks, max_line=MAX_LINE)) as batches,
    ):
        if opened is not None:
            opened()
        first = True
        async for batch in batches:
            if first and batch[0][0].startswith(_GONE):
                raise NotFound("the node no longer has this log", where=f"{pod} {container}")
            first = False
            yield batch


async def read_log(
    kube: KubeClient,
    namespace: str,
    pod: str,
    container: str,
    *,
    previous: bool = False,
    tail: int | None = None,
    since: datetime | str | None = None,
    follow: bool = False,
) -> AsyncGenerator[LogLine, None]:
    """Yield a log line by line; see `log_batches`."""
    batches = log_batches(
        kube, namespace, pod, container, previous=previous, tail=tail, since=since, follow=follow
    )
    async with aclosing(batches):
        async for lines, _ in batches:
            for line in lines:
                yield LogLine(*split_timestamp(line))
