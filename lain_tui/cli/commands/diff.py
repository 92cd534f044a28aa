"""`lain-tui diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import click

from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.operating import cluster, coloured
from lain_tui.cli.output import output, print_document
from lain_tui.cli.session import Session, session

if TYPE_CHECKING:
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.model.diff import ReleaseDiff
    from lain_tui.core.target import Target


@click.command(epilog="Example: lain-tui --cluster prod diff --exit-code")
@click.argument("revisions", metavar="[REVISION [REVISION]]", nargs=-1, type=click.IntRange(1))
@click.option(
    "--set", "sets", multiple=True, metavar="KEY=VALUE", help="As for deploy, such as imageTag=TAG."
)
@click.option("--live", is_flag=True, help="Against what lives: what somebody changed past helm counts, too.")
@click.option(
    "--context",
    type=click.IntRange(0),
    default=3,
    metavar="LINES",
    help="Equal lines around each difference; 3 by default.",
)
@click.option("--reveal", is_flag=True, help="Show what Secrets hold, and not only whether it changed.")
@click.option("--exit-code", is_flag=True, help="End with 3 when something differs.")
@output
def command(
    revisions: tuple[int, ...],
    sets: tuple[str, ...],
    live: bool,
    context: int,
    reveal: bool,
    exit_code: bool,
    output: str,
) -> int:
    """Show what a deploy would change, which pods restart and why, and what the API server says to it.

    With one revision: what a rollback to it would change; with two: how they differ.
    """
    if len(revisions) > 2:
        raise click.UsageError("Two revisions at most.")
    if revisions and sets:
        raise click.UsageError("--set is about a deploy: leave the revisions away.")
    here = session()
    found = here.run(_diff(here, revisions, sets, _Telling(context=context, reveal=reveal)))
    if output == "text":
        from lain_tui.core.diff.report import text_of
        from lain_tui.core.model.text import plain

        for line in text_of(found, against_live=live):
            click.echo(coloured(plain(line)))
    else:
        from lain_tui.cli.documents.releases import DiffDocument

        print_document(DiffDocument(diff=found), output)
    return ExitCode.NOT_READY if exit_code and (found.changes or (live and found.drifted)) else ExitCode.DONE


class _Telling(TypedDict):
    """How the differences are told."""

    context: int
    reveal: bool


async def _diff(
    here: Session, revisions: tuple[int, ...], sets: tuple[str, ...], telling: _Telling
) -> ReleaseDiff:
    target = here.app_target()
    async with cluster(here, target) as kube:
        if revisions:
            return await _of_revisions(kube, target, revisions, telling)
        from lain_tui.core.helm.find import find_helm
        from lain_tui.core.operations.candidate import Choice, make_candidate
        from lain_tui.core.operations.release import look_up, make_diff

        candidate = await make_candidate(target, Choice(sets=sets), await find_helm(fast=True))
        known = await look_up(kube, target, candidate.release)
        return await make_diff(
            kube,
            target,
            known.base,
            candidate.objects,
            crds=candidate.crds,
            # A deploy goes by helm on PATH, where there is one.
            renews_crds=bool(candidate.crds) and (await find_helm()).renews_crds,
            said=candidate.said,
            first=known.unfinished,
            **telling,
        )


async def _of_revisions(
    kube: KubeClient, target: Target, revisions: tuple[int, ...], telling: _Telling
) -> ReleaseDiff:
    from lain_tui.core.diff.three import compare
    from lain_tui.core.helm.history import History, objects_of
    from lain_tui.core.operations.release import make_diff

    history = History(kube, target.namespace, target.release or target.app)
    records = [await history.record(await history.find(number)) for number in revisions]
    if len(records) == 2:
        first, second = map(objects_of, records)
        return compare(first, second, namespace=target.namespace, **telling)
    newest = await history.record(await history.find())
    return await make_diff(kube, target, newest, objects_of(records[0]), change="rollback", **telling)
