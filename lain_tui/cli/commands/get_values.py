"""`lain-tui get-values`."""

from __future__ import annotations

import click

from lain_tui.cli.operating import cluster, revision
from lain_tui.cli.output import output, print_document
from lain_tui.cli.session import Session, session


@click.command(epilog="Example: lain-tui get-values --revision 15 | grep '^user:'")
@revision
@click.option("--all", "whole", is_flag=True, help="The chart's own values, too, beneath the given ones.")
@click.option("--manifest", is_flag=True, help="The objects instead.")
@click.option("--notes", is_flag=True, help="The chart's notes instead.")
@output
@click.argument("name", metavar="[APP]", required=False)
def command(
    name: str | None, revision: int | None, whole: bool, manifest: bool, notes: bool, output: str
) -> None:
    """Print the values that a revision was deployed with: image tag, user and whatever was given. Needs no helm."""
    if whole + manifest + notes > 1:
        raise click.UsageError("--all, --manifest and --notes exclude each other.")
    here = session()
    if name:
        here.given["app"] = name
    here.run(_get(here, revision or 0, whole, manifest, notes, output))


async def _get(here: Session, number: int, whole: bool, manifest: bool, notes: bool, output: str) -> None:
    from lain_tui.core.helm.history import History
    from lain_tui.core.helm.values import values_yaml, whole_values

    target = here.app_target()
    async with cluster(here, target) as kube:
        history = History(kube, target.namespace, target.release or target.app)
        record = await history.record(await history.find(number))
    given = whole_values(record) if whole else record.config or {}
    if output != "text":
        from lain_tui.cli.documents.releases import ReleaseDocument

        document = ReleaseDocument(
            revision=record.version,
            values=None if manifest or notes else given,
            manifest=record.manifest if manifest else None,
            notes=record.info.notes if notes else None,
        )
        print_document(document, output)
    elif manifest or notes:
        text = record.manifest if manifest else record.info.notes
        click.echo(text, nl=not text.endswith("\n"))
    else:
        click.echo(values_yaml(given), nl=False)
