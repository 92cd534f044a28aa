"""What the commands about releases share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import click

from lain_tui.cli.operate import perform
from lain_tui.cli.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.model.diff import ReleaseDiff
    from lain_tui.core.operations.operation import Operation
    from lain_tui.core.target import Target

revision = click.option(
    "--revision", "-r", type=click.IntRange(1), default=None, metavar="N", help="By default the newest one."
)


@asynccontextmanager
async def cluster(here: Session, target: Target) -> AsyncIterator[KubeClient]:
    """The target's cluster."""
    from lain_tui.core.kube.client import KubeClient

    async with KubeClient.open(target, on_request=here.on_request) as kube:
        yield kube


async def change(
    here: Session,
    prepare: Callable[[KubeClient, Target], Awaitable[Any]],
    *,
    yes: bool,
    dry_run: bool,
    output: str,
) -> int:
    """Prepare an operation on the app that is meant, show its diff where it has one, and perform it."""
    target = here.app_target()
    async with cluster(here, target) as kube:
        operation: Operation = await prepare(kube, target)
        diff = getattr(operation, "diff", None)
        if diff is not None and output == "text":
            tell_diff(here, diff)
        return await perform(here, operation, yes=yes, dry_run=dry_run, output=output)


def tell_diff(here: Session, diff: ReleaseDiff) -> None:
    """The diff as lines on standard error: the result of a change is the change."""
    from lain_tui.core.diff.report import text_of
    from lain_tui.core.model.text import plain

    for line in text_of(diff, summed_up=False):
        here.say(coloured(plain(line)))


def coloured(line: str) -> str:
    """Red for what goes, green for what comes; click leaves it out where there is no terminal."""
    mark = line.lstrip()[:1] if line.startswith("  ") else ""
    colours = {"-": "red", "+": "green", "@": "cyan"}
    if mark in colours and line[2:3] == mark:
        return click.style(line, fg=colours[mark])
    return click.style(line, bold=True) if line[:2] in ("~ ", "+ ", "- ") else line


def repository_of(target: Target) -> Path | None:
    """The app's repository, for the subjects of commits; None when it is not here."""
    return target.chart.parent if target.chart is not None else None
