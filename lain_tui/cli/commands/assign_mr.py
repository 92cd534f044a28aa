"""`lain-tui assign-mr`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.output import output, print_document
from lain_tui.cli.review import cluster_settings, number, project
from lain_tui.cli.session import Session, session
from lain_tui.core.model.text import plain

if TYPE_CHECKING:
    from lain_tui.core.forge.assign import Assignment


@click.command(epilog="Example: lain-tui assign-mr $CI_PROJECT_PATH $CI_MERGE_REQUEST_IID")
@project
@number
@output
def command(project: str, number: int, output: str) -> int:
    """Give a merge request an assignee and a reviewer: two different active people who wrote code of the project.

    Who was chosen by hand stays. The token is GITLAB_API_TOKEN's, the address that of gitlab in the cluster's values,
    else CI_SERVER_URL.
    """
    here = session()
    done = here.run(_assign(here, project, number))
    names = {
        "assignee": done.assignee.username if done.assignee else None,
        "reviewer": done.reviewer.username if done.reviewer else None,
    }
    if output != "text":
        from lain_tui.cli.documents.operating import AssignmentDocument

        document = AssignmentDocument(
            changed=done.changed,
            assignee=names["assignee"],
            reviewer=names["reviewer"],
            remark=done.remark or None,
        )
        print_document(document, output)
    else:
        for role, name in names.items():
            click.echo(f"{role}: {plain(name or 'nobody')}")
        if done.remark:
            here.say(f"{project}!{number}: {done.remark}.")
    return ExitCode.DONE


async def _assign(here: Session, project: str, number: int) -> Assignment:
    from lain_tui.core.forge.assign import assign
    from lain_tui.core.forge.forge import open_forge

    async with open_forge(cluster_settings(here), here.env, here.on_request) as forge:
        return await assign(forge, project, number)
