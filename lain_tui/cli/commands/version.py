"""`lain-tui version`."""

from __future__ import annotations

import click

from lain_tui.cli.operating import cluster, repository_of
from lain_tui.cli.output import output, print_document
from lain_tui.cli.session import Session, session


@click.command(epilog="Example: lain-tui --cluster prod version")
@output
@click.option("--images-count", type=click.IntRange(0), default=0, hidden=True)
def command(output: str, images_count: int) -> None:
    """Print the image tag that is deployed; its commit, and whose deploy it was, on standard error."""
    here = session()
    here.run(_version(here, output))
    if images_count and output == "text":
        here.run(_tell_tags(here, images_count))


async def _version(here: Session, output: str) -> None:
    from lain_tui.core.helm.releases import current_head
    from lain_tui.core.project.git import find_commit

    target = here.app_target()
    folder = repository_of(target)
    async with cluster(here, target) as kube:
        head = await current_head(kube, target.namespace, target.release or target.app)
    if head is None:
        from lain_tui.core.errors import LainError

        raise LainError(f"{target.app} is not deployed in namespace {target.namespace}")
    commit = await find_commit(folder, head.image_tag) if folder is not None else None
    if output != "text":
        from lain_tui.cli.documents.releases import VersionDocument

        print_document(VersionDocument(release=head, commit=commit), output)
        return
    click.echo(head.image_tag)
    subject = f', "{commit.subject}"' if commit is not None else ""
    by = f", by {head.user}" if head.user else ""
    here.say(f"revision {head.revision} of {head.name}, {head.status}{by}{subject}")


async def _tell_tags(here: Session, count: int) -> None:
    """The newest images, as lain's version lists them."""
    from lain_tui.cli.building import app_values
    from lain_tui.core.image.spec import app_name
    from lain_tui.core.registry.tags import list_tags

    values, folder = app_values(here)
    for tag in (await list_tags(values.effective(), app_name(values), folder, here.env))[:count]:
        here.say(tag.name)
