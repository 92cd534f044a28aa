"""`lain-tui image`."""

from __future__ import annotations

import click

from lain_tui.cli.building import app_values, registry_of
from lain_tui.cli.session import session


@click.command(epilog='Example: trivy image "$(lain-tui image)"')
def command() -> None:
    """Print the name of the image that belongs to this commit."""
    from lain_tui.core.image.build import image_tag
    from lain_tui.core.image.names import image_name
    from lain_tui.core.image.spec import app_name

    here = session()
    values, folder = app_values(here)
    tag, _ = here.run(image_tag(folder))
    click.echo(image_name(registry_of(values), app_name(values), tag))
