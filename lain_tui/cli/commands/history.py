"""`lain-tui history`."""

from __future__ import annotations

import click

from lain_tui.cli.operating import cluster, repository_of
from lain_tui.cli.output import age, output, print_document, print_table
from lain_tui.cli.session import Session, session


@click.command(epilog="Example: lain-tui --app dummy history -o json | jq '.revisions[0]'")
@click.option("-l", "--limit", type=click.IntRange(0), default=0, help="Print so many at most; 0: all.")
@output
def command(limit: int, output: str) -> None:
    """List the app's deploys, newest first: when, which image, who, and how it went. Needs no helm."""
    here = session()
    here.run(_history(here, limit, output))


async def _history(here: Session, limit: int, output: str) -> None:
    from lain_tui.core.helm.history import History
    from lain_tui.core.model.text import spell
    from lain_tui.core.project.git import find_commits

    target = here.app_target()
    folder = repository_of(target)
    async with cluster(here, target) as kube:
        history = History(kube, target.namespace, target.release or target.app)
        await history.find()  # says so when there is none
        found = (await history.revisions())[: limit or None]
        revisions = [one async for one in history.details(found)]
    commits = await find_commits(folder, [one.image_tag for one in revisions]) if folder is not None else {}
    if output != "text":
        from lain_tui.cli.documents.releases import HistoryDocument

        subjects = {tag: commit.subject for tag, commit in commits.items()}
        print_document(HistoryDocument(revisions=tuple(revisions), subjects=subjects), output)
        return
    rows = []
    for one in revisions:
        commit = commits.get(one.image_tag)
        rows.append(
            (
                str(one.revision),
                age(one.updated),
                one.status,
                "" if one.ready_after is None else spell(one.ready_after),
                one.image_tag,
                commit.subject if commit is not None else "",
                one.user,
                one.description,
            )
        )
    print_table(("REV", "AGE", "STATUS", "READY IN", "IMAGE TAG", "COMMIT", "WHO", "DESCRIPTION"), rows)
