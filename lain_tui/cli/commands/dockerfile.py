"""`lain-tui dockerfile`."""

from __future__ import annotations

import click

from lain_tui.cli.building import app_values, registry_of
from lain_tui.cli.output import output, print_document
from lain_tui.cli.session import session


@click.command(epilog="Example: lain-tui --cluster test dockerfile --stage prepare")
@click.option(
    "--stage", type=click.Choice(["prepare", "build", "release"]), help="By default the last there is."
)
@output
def command(stage: str | None, output: str) -> None:
    """Print the Dockerfile that the values stand for."""
    from lain_tui.core.image.dockerfile import render_dockerfile
    from lain_tui.core.image.plan import image_tag
    from lain_tui.core.image.spec import Stage, read_spec

    here = session()
    values, folder = app_values(here)
    _, meta = here.run(image_tag(folder))
    wanted = Stage(stage) if stage else None
    dockerfile = render_dockerfile(read_spec(values), registry=registry_of(values), meta=meta, stage=wanted)
    if output == "text":
        click.echo(dockerfile.text, nl=False)
        return
    from lain_tui.cli.documents.imaging import DockerfileDocument

    document = DockerfileDocument(
        stage=dockerfile.stage.value,
        text=dockerfile.text,
        bases=dockerfile.bases,
        arguments=dockerfile.arguments,
    )
    print_document(document, output)
