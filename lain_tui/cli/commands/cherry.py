"""`lain-tui cherry`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.operating import cluster
from lain_tui.cli.output import age, output, print_document, print_table
from lain_tui.cli.session import Session, session

if TYPE_CHECKING:
    from lain_tui.core.project.git import Commit


@click.command(epilog="Example: lain-tui --cluster prod cherry")
@output
def command(output: str) -> None:
    """List the commits between what is deployed and HEAD, merges left out."""
    here = session()
    tag, out, back = here.run(_cherry(here))
    if output != "text":
        from lain_tui.cli.documents.releases import CherryDocument

        print_document(CherryDocument(deployed=tag, out=tuple(out), back=tuple(back)), output)
        return
    if out:
        print_table(("COMMIT", "AGE", "AUTHOR", "SUBJECT"), _rows(out))
    else:
        here.say("HEAD has nothing that is not deployed.")
    if back:
        here.say("Deployed, and not in HEAD:")
        print_table(("COMMIT", "AGE", "AUTHOR", "SUBJECT"), _rows(back))


def _rows(commits: list[Commit]) -> list[tuple[str, ...]]:
    return [(commit.sha[:12], age(commit.time), commit.author, commit.subject) for commit in commits]


async def _cherry(here: Session) -> tuple[str, list[Commit], list[Commit]]:
    from lain_tui.core.errors import LainError
    from lain_tui.core.helm.history import History
    from lain_tui.core.operations.candidate import chart_of
    from lain_tui.core.project.git import commit_of_tag, commits_between

    target = here.app_target()
    folder = chart_of(target).parent
    async with cluster(here, target) as kube:
        history = History(kube, target.namespace, target.release or target.app)
        tag = (await history.record(await history.find())).image_tag
    if not commit_of_tag(tag):
        raise LainError(f"the deployed tag {tag!r} does not say which commit it is of")
    return tag, await commits_between(folder, tag), await commits_between(folder, "HEAD", tag)
