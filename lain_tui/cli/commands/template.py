"""`lain-tui template`."""

from __future__ import annotations

import click

from lain_tui.cli.building import app_values
from lain_tui.cli.session import Session, session


@click.command(epilog="Example: lain-tui --cluster test template")
def command() -> None:
    """Print the objects that the chart renders with the app's values, hooks too. Needs helm, and no cluster."""
    here = session()
    click.echo(here.run(_render(here)), nl=False)


async def _render(here: Session) -> str:
    from lain_tui.core.helm.given import given_values, release_name
    from lain_tui.core.helm.runner import find_helm
    from lain_tui.core.image.build import image_tag

    values, folder = app_values(here)
    namespace = here.options.namespace or str(values.get("namespace") or "default")
    tag, _ = await image_tag(folder)
    given = given_values(values, namespace=namespace)
    if here.options.cluster:
        given["cluster"] = here.options.cluster
    given.setdefault("imageTag", tag)
    helm = await find_helm(fast=True)
    return await helm.render(
        folder / "chart", given, release=release_name(values) or "app", namespace=namespace
    )
