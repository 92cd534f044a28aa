"""`lain-tui logs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.session import Session, session

if TYPE_CHECKING:
    from lain_tui.cli.log_lines import LogPrinter
    from lain_tui.core.logs.feed import FeedOptions, LogFeed
    from lain_tui.core.logs.merge import Merged
    from lain_tui.core.logs.search import Pattern
    from lain_tui.core.target import Target

LEVELS = ("debug", "info", "warn", "error")


@click.command(epilog="Example: lain-tui logs web -f --since 15m --grep timeout")
@click.argument("names", nargs=-1, metavar="[PROC|POD]…")
@click.option("-f", "--follow", is_flag=True, help="Go on as lines come.")
@click.option("--since", metavar="TIME", help="From then on: 15m or 2h ago, or 10:32.")
@click.option("--until", metavar="TIME", help="Up to then, written alike.")
@click.option(
    "--tail",
    metavar="N",
    type=click.IntRange(-1),
    help="Last lines of each; 200 if no time.",
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
    type=click.Choice(LEVELS),
    help="debug, info, warn or error: this and above.",
)
@click.option(
    "--max-streams", metavar="N", type=click.IntRange(1), default=70, help="Containers followed at once [70]."
)
@click.option("--kibana", is_flag=True, hidden=True)
@click.option("-o", "--output", type=click.Choice(["text", "json", "raw"]), default="text", show_default=True)
@click.option("--no-color", is_flag=True, help="No colours of ours, nor the app's own.")
def command(
    names: tuple[str, ...],
    follow: bool,
    since: str | None,
    until: str | None,
    tail: int | None,
    containers: tuple[str, ...],
    previous: bool,
    grep: tuple[str, ...],
    level: str | None,
    max_streams: int,
    kibana: bool,
    output: str,
    no_color: bool,
) -> int:
    """Print the log of the app's pods in one order.

    With names, only those procs and pods. Restarts, new pods and lost connections are followed, and told of on
    standard error.
    """
    from lain_tui.cli.log_lines import LogPrinter
    from lain_tui.core.logs.feed import FeedOptions
    from lain_tui.core.logs.moments import parse_span
    from lain_tui.core.logs.search import LogFilter
    from lain_tui.core.model.logs import Level

    if follow and until:
        raise click.UsageError("--until ends what --follow goes on with: leave one away.")
    if kibana:
        return _link(session().app_target(), names)
    if tail is None and not (since or until):
        tail = 200
    elif tail == -1:
        tail = None  # all there is
    seconds = parse_span(since) if since else None
    options = FeedOptions(
        tail=tail,
        since_seconds=seconds,
        since=_moment(since, "--since") if since and seconds is None else None,
        until=_moment(until, "--until") if until else None,
        follow=follow and not previous,
        previous=previous,
        max_streams=max_streams,
        # Who asks for neither saves the time.
        levels=bool(level) or output == "json",
    )
    wanted = LogFilter(tuple(map(_pattern, grep)), Level[level.upper()] if level else Level.NONE)
    here = session()
    target = here.target()
    colour = not no_color and click.get_current_context().color is not False
    printer = LogPrinter(output, wanted, here.say, colour=colour)
    return here.run(_print(here, target, names, containers, options, printer))


def _link(target: Target, names: tuple[str, ...]) -> int:
    """Where the logs are kept, as lain's --kibana opens it."""
    from lain_tui.core.errors import LainError
    from lain_tui.core.insight.links import kibana_link

    for name in names or ("",):
        link = kibana_link(target, name)
        if not link.url:
            raise LainError(link.missing)
        click.echo(link.url)
    return ExitCode.DONE


async def _print(
    here: Session,
    target: Target,
    names: tuple[str, ...],
    containers: tuple[str, ...],
    options: FeedOptions,
    printer: LogPrinter,
) -> int:
    import gc

    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.kube.store import Store
    from lain_tui.core.logs.containers import LogScope
    from lain_tui.core.logs.feed import LogFeed

    selector = f"app.kubernetes.io/name={target.app}" if target.app else ""
    scope = LogScope(names=frozenset(names), containers=frozenset(containers))
    came: list[Merged] = []
    # Lines are rows without cycles, by the million: looking for garbage among them costs a sixth of the time.
    gc.set_threshold(200_000, 20, 50)
    async with KubeClient.open(target, on_request=here.on_request) as kube, Store(kube) as store:
        feed = LogFeed(
            kube, store, target.namespace, selector,
            release=target.release, scope=scope, options=options, take=came.append,
        )  # fmt: skip
        async with feed:
            seen, some, told = feed.version, False, False
            while True:
                while came:
                    some = True
                    printer.print(came.pop(0))
                if feed.error is not None:
                    raise feed.error
                if feed.listed and not told:
                    told = True
                    _tell_of_absent(here, target, feed, containers)
                absent = (names or containers) and not feed.met
                if feed.finished or (feed.listed and absent):
                    break
                seen = await feed.changed(seen)
    if options.previous and feed.met and not some:
        here.say("No container of these has run before.")
    return ExitCode.FAILED if feed.unmet or absent else ExitCode.DONE


def _tell_of_absent(here: Session, target: Target, feed: LogFeed, containers: tuple[str, ...]) -> None:
    """Say what was asked for and is not there."""
    app = target.app or target.namespace
    if feed.unmet:
        here.say(f"No proc or pod of {app} is called {' or '.join(sorted(feed.unmet))}.")
    elif not feed.met and containers:
        here.say(f"No container of {app} is called {' or '.join(containers)}.")
    elif not feed.met:
        waits = "; its lines come when one starts" if feed.options.follow else ""
        here.say(f"No pod of {app} is in namespace {target.namespace}{waits}.")


def _pattern(text: str) -> Pattern:
    from lain_tui.core.errors import LainError
    from lain_tui.core.logs.search import Pattern

    try:
        return Pattern.parse(text)
    except LainError as error:
        raise click.BadParameter(f"{text!r} is {error.what}", param_hint="--grep") from None


def _moment(text: str, option: str) -> int:
    from datetime import datetime

    from lain_tui.core.errors import LainError
    from lain_tui.core.logs.moments import parse_moment, to_nanoseconds

    try:
        return to_nanoseconds(parse_moment(text, datetime.now().astimezone()))
    except LainError as error:
        raise click.BadParameter(f"{text!r} is {error.what}: {error.hint}", param_hint=option) from None
