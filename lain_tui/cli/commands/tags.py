"""`lain-tui tags`."""

from __future__ import annotations

import click

from lain_tui.cli.building import app_values
from lain_tui.cli.output import age, output, print_document, print_table
from lain_tui.cli.session import session


@click.command(epilog="Example: lain-tui --cluster test tags -l 20")
@click.option("-l", "--limit", type=click.IntRange(0), default=0, help="Print so many at most; 0: all.")
@output
def command(limit: int, output: str) -> None:
    """List the app's images in the cluster's registry, newest first, with their commits."""
    from lain_tui.core.image.spec import app_name
    from lain_tui.core.registry.tags import list_tags

    here = session()
    values, folder = app_values(here)
    settings = values.effective()
    found = here.run(list_tags(settings, app_name(values), folder, here.env))
    found = found[: limit or None]
    if output != "text":
        from lain_tui.cli.documents.imaging import TagsDocument

        print_document(TagsDocument(tags=tuple(found)), output)
        return
    rows = [
        (
            tag.name,
            age(tag.commit.time) if tag.commit else "",
            tag.commit.author if tag.commit else "",
            ("" if tag.in_branch else "(other branch) ") + tag.commit.subject if tag.commit else "",
        )
        for tag in found
    ]
    if rows:
        print_table(("TAG", "AGE", "AUTHOR", "SUBJECT"), rows)
    else:
        here.say("The registry has no images of this app yet.")
