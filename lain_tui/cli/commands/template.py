"""`lain-tui template`."""

from __future__ import annotations

import click

from lain_tui.cli.building import app_values
from lain_tui.cli.output import output, print_document
from lain_tui.cli.session import Session, session


@click.command(epilog="Example: lain-tui --cluster test template")
@click.option(
    "--set", "sets", multiple=True, metavar="KEY=VALUE", help="A value, above all files; repeatable."
)
@output
def command(sets: tuple[str, ...], output: str) -> None:
    """Print the objects that the chart renders with the app's values, hooks too. Needs helm, and no cluster."""
    here = session()
    release, namespace, manifest = here.run(_render(here, sets))
    if output == "text":
        click.echo(manifest, nl=False)
        return
    from lain_tui.cli.documents.configuring import TemplateDocument
    from lain_tui.core.helm.objects import split_manifest

    objects = tuple(one.body for one in split_manifest(manifest))
    print_document(TemplateDocument(release=release, namespace=namespace, objects=objects), output)


async def _render(here: Session, sets: tuple[str, ...]) -> tuple[str, str, str]:
    """The release's name, its namespace, and the manifest."""
    from lain_tui.core.helm.find import find_helm
    from lain_tui.core.helm.given import given_values, release_name
    from lain_tui.core.image.plan import image_tag
    from lain_tui.core.operations.candidate import merge_over, parse_sets

    values, folder = app_values(here)
    namespace = here.options.namespace or str(values.get("namespace") or "default")
    tag, _ = await image_tag(folder)
    given = given_values(values, namespace=namespace)
    if here.options.cluster:
        given["cluster"] = here.options.cluster
    given.setdefault("imageTag", tag)
    merge_over(given, parse_sets(sets))
    release = release_name(values) or "app"
    helm = await find_helm(fast=True)
    return (
        release,
        namespace,
        await helm.render(
            folder / "chart",
            given,
            release=release,
            namespace=namespace,
            on_word=lambda word: here.say(f"Helm warns: {word}."),
        ),
    )
