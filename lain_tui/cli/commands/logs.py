"""`lain-tui logs`."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.session import Session, session

if TYPE_CHECKING:
    from collections.abc import Callable

    from lain_tui.core.logs.feed import FeedOptions
    from lain_tui.core.logs.search import LogFilter
    from lain_tui.core.model.logs import LogLine
    from lain_tui.core.target import Target

_BATCH = 2000
"""Lines written at once at the most; each write is flushed, so that a pipe sees lines as they come."""


@click.command(epilog="Example: lain-tui logs web -f --since 15m --grep timeout")
@click.argument("names", nargs=-1, metavar="[PROC|POD]…")
@click.option("-f", "--follow", is_flag=True, help="Go on as lines come.")
@click.option("--since", metavar="TIME", help="Only lines younger than this: 90s, 15m, 2h, 1d.")
@click.option(
    "--tail",
    metavar="N",
    type=click.IntRange(0),
    help="Last lines of each [200; all with --since].",
)
@click.option(
    "-c", "--container", "containers", metavar="NAME", multiple=True, help="Only this container; repeatable."
)
@click.option("-p", "--previous", is_flag=True, help="The runs before the last restarts.")
@click.option(
    "--grep", metavar="REGEX", multiple=True, help="Only lines with it; !REGEX without it; repeatable."
)
@click.option(
    "--level",
    metavar="LEVEL",
    type=click.Choice(["debug", "info", "warn", "error"]),
    help="debug, info, warn or error: this and above.",
)
@click.option("-o", "--output", type=click.Choice(["text", "json", "raw"]), default="text", show_default=True)
@click.option("--no-color", is_flag=True, help="No colours of ours, nor the app's own.")
def command(
    names: tuple[str, ...],
    follow: bool,
    since: str | None,
    tail: int | None,
    containers: tuple[str, ...],
    previous: bool,
    grep: tuple[str, ...],
    level: str | None,
    output: str,
    no_color: bool,
) -> int:
    """Print the log of the app's pods in one order.

    With names, only those procs and pods. Restarts, new pods and lost connections are followed; what happened to
    the stream is told on standard error.
    """
    from lain_tui.core.logs.feed import FeedOptions
    from lain_tui.core.logs.search import LogFilter, Pattern
    from lain_tui.core.model.logs import Level

    seconds = _seconds(since)
    if tail is None and seconds is None:
        tail = 200
    options = FeedOptions(tail=tail, since_seconds=seconds, follow=follow and not previous, previous=previous)
    wanted = LogFilter(
        tuple(Pattern.parse(text) for text in grep), Level[level.upper()] if level else Level.NONE
    )
    here = session()
    target = here.target()
    write = _writer(output, colour=not no_color and click.get_current_context().color is not False)
    return here.run(_print(here, target, names, containers, options, wanted, write))


async def _print(
    here: Session,
    target: Target,
    names: tuple[str, ...],
    containers: tuple[str, ...],
    options: FeedOptions,
    wanted: LogFilter,
    write: Callable[[list[LogLine]], None],
) -> int:
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.kube.store import Store
    from lain_tui.core.logs.buffer import SEGMENT, LogBuffer
    from lain_tui.core.logs.containers import LogScope
    from lain_tui.core.logs.feed import LogFeed
    from lain_tui.core.model.logs import LineKind

    selector = f"app.kubernetes.io/name={target.app}" if target.app else ""
    scope = LogScope(names=frozenset(names), containers=frozenset(containers))
    buffer = LogBuffer(100 * SEGMENT)
    async with KubeClient.open(target, on_request=here.on_request) as kube, Store(kube) as store:
        feed = LogFeed(
            kube, store, target.namespace, selector,
            release=target.release, scope=scope, options=options, buffer=buffer,
        )  # fmt: skip
        printed = 0
        async with feed:
            seen = feed.version
            while True:
                lines = list(buffer.lines(printed, printed + _BATCH))
                for line in lines:
                    if line.kind > LineKind.CONTINUED:
                        here.say(f"-- {line.text}")
                write([line for line in lines if line.kind <= LineKind.CONTINUED and wanted.lets(line)])
                printed = lines[-1].index + 1 if lines else max(printed, buffer.first)
                if lines:
                    continue
                if feed.error is not None:
                    raise feed.error
                if feed.finished:
                    break
                seen = await feed.changed(seen)
    if names and not buffer.sources:
        here.say(f"No proc or pod of {target.app or target.namespace} is called {' or '.join(names)}.")
        return ExitCode.FAILED
    return ExitCode.DONE


def _writer(output: str, *, colour: bool) -> Callable[[list[LogLine]], None]:
    from lain_tui.core.logs.save import as_json, as_text, without_colours

    terminal = sys.stdout.isatty()

    def text(line: LogLine) -> bytes:
        source = line.source
        if not (colour and terminal) or source is None:
            return as_text(line).encode("utf-8", "backslashreplace")
        tint = sum(source.pod.encode()) % 6 + 31
        who = f"\x1b[{tint}m{source.proc} {source.pod.rpartition('-')[2]}\x1b[0m"
        return f"{who} {harmless(line.text)}\x1b[0m".encode("utf-8", "backslashreplace")

    def raw(line: LogLine) -> bytes:
        shown = (
            line.text
            if colour and not terminal
            else harmless(line.text)
            if colour
            else without_colours(line.text)
        )
        return shown.encode("utf-8", "backslashreplace")

    format_line = {"json": as_json, "raw": raw, "text": text}[output]
    stream = sys.stdout.buffer

    def write(lines: list[LogLine]) -> None:
        if lines:
            stream.write(b"".join(format_line(line) + b"\n" for line in lines))
            stream.flush()

    return write


def harmless(text: str) -> str:
    """The app's colours, and pictures of every other control sequence."""
    from lain_tui.core.model.text import plain

    parts = re.split(r"(\x1b\[[0-9;:]*m)", text)
    return "".join(part if number % 2 else plain(part) for number, part in enumerate(parts))


def _seconds(since: str | None) -> int | None:
    if since is None:
        return None
    match = re.fullmatch(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", since)
    if not since or match is None:
        raise click.BadParameter(f"{since!r} is no duration: write 90s, 15m, 2h or 1d", param_hint="--since")
    return sum(
        int(amount or 0) * unit for amount, unit in zip(match.groups(), (86_400, 3600, 60, 1), strict=True)
    )
