"""`lain-tui compose`."""

from __future__ import annotations

import click

from lain_tui.cli.building import app_values, registry_of
from lain_tui.cli.output import output, print_document
from lain_tui.cli.session import session


@click.command(epilog="Example: lain-tui compose && docker compose up")
@click.option("--force", is_flag=True, help="Overwrite the file that is there.")
@output
def command(force: bool, output: str) -> None:
    """Write a docker-compose.yaml to begin with, for local development."""
    from lain_tui.core.errors import LainError
    from lain_tui.core.files import write_whole
    from lain_tui.core.image.compose import render_compose

    values, folder = app_values(session())
    path = folder / "docker-compose.yaml"
    text = render_compose(values, registry=registry_of(values))
    try:
        write_whole(path, text, replace=force)
    except FileExistsError:
        raise LainError(
            "it is there already, nothing was written", where=str(path), hint="--force overwrites it."
        ) from None
    except OSError as error:
        raise LainError(f"cannot write it: {error.strerror}", where=str(path)) from error
    if output == "text":
        click.echo(path)
    else:
        from lain_tui.cli.documents.configuring import WrittenDocument

        print_document(WrittenDocument(files=(str(path),)), output)
