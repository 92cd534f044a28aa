"""`lain-tui image`."""

from __future__ import annotations

import click

from lain_tui.cli.building import app_values, registry_of
from lain_tui.cli.output import output, print_document
from lain_tui.cli.session import session


@click.command(epilog='Example: trivy image "$(lain-tui image)"')
@output
def command(output: str) -> None:
    """Print the name of the image that belongs to this commit."""
    from lain_tui.core.image.names import LATEST, image_name
    from lain_tui.core.image.plan import image_tag
    from lain_tui.core.image.spec import app_name
    from lain_tui.core.project.git import why_no_commit

    here = session()
    values, folder = app_values(here)
    tag, meta = here.run(image_tag(folder))
    if tag == LATEST:
        here.say(f"The image is called {LATEST}: {why_no_commit(folder)}.")
    registry, app = registry_of(values), app_name(values)
    image = image_name(registry, app, tag)
    if output == "text":
        click.echo(image)
        return
    from lain_tui.cli.documents.imaging import ImageDocument

    document = ImageDocument(image=image, registry=registry or None, app=app, tag=tag, dirty=meta != tag)
    print_document(document, output)
