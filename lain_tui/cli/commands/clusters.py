"""`lain-tui clusters`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.output import age, output, print_document, print_table
from lain_tui.cli.session import Session, session

if TYPE_CHECKING:
    from lain_tui.core.model.fleet import Standing
    from lain_tui.core.target import Target


@click.command(epilog="Example: lain-tui --app dummy clusters")
@output
def command(output: str) -> int:
    """Show how the app stands on every cluster: image, revision, health.

    Exit code 3 when it is broken on one of them.
    """
    here = session()
    target = here.app_target()
    from lain_tui.core.model.status import Severity

    found = sorted(here.run(_survey(here, target)), key=lambda one: one.cluster)
    broken = [one.cluster for one in found if one.severity is Severity.BROKEN]
    if output != "text":
        from lain_tui.cli.documents.looking import FleetDocument

        print_document(FleetDocument(app=target.app, clusters=tuple(found), broken=tuple(broken)), output)
    else:
        print_table(
            ("", "CLUSTER", "NAMESPACE", "REVISION", "IMAGE TAG", "UPDATED", "BY", "VERSION", "STATE"),
            [_row(one) for one in found],
        )
        from lain_tui.core.fleet.skew import skews

        for name, words in skews(found).items():
            here.say(f"{name}: Kubernetes is {words}")
    return ExitCode.NOT_READY if broken else ExitCode.DONE


async def _survey(here: Session, target: Target) -> list[Standing]:
    from lain_tui.core.fleet.survey import survey
    from lain_tui.core.fleet.targets import fleet

    targets = fleet(target, env=here.env, settings=here.settings)
    return [standing async for standing in survey(targets, target)]


def _row(one: Standing) -> tuple[str, ...]:
    return (
        "*" if one.current else "",
        one.cluster,
        one.namespace,
        f"{one.revision} {one.status}" if one.revision else "",
        one.image_tag[:23],
        age(one.updated),
        one.user,
        one.version,
        one.summary,
    )
