"""`lain-tui init`."""

from __future__ import annotations

import click

from lain_tui.cli.output import output, print_document
from lain_tui.cli.session import session


@click.command(epilog="Example: lain-tui init my-app --lang zh")
@click.argument("name", required=False)
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    help="Of the comments: en by default, or as the chart has them.",
)
@click.option(
    "--template-only", is_flag=True, help="Bring the templates up to date and leave the values alone."
)
@output
def command(name: str | None, lang: str | None, template_only: bool, output: str) -> None:
    """Write a chart for the app NAME, by default named after this folder. Overwrites nothing."""
    from pathlib import Path

    from lain_tui.core.project.init import Language, init_chart, refresh_templates

    language: Language | None = None if lang is None else "zh" if lang == "zh" else "en"
    here = Path.cwd()
    if template_only:
        written = refresh_templates(here, language=language)
    else:
        written = init_chart(here, name or here.name, language=language or "en")
    files = tuple(str(path.relative_to(here)) for path in written)
    if output != "text":
        from lain_tui.cli.documents.configuring import WrittenDocument

        print_document(WrittenDocument(files=files), output)
        return
    for file in files:
        click.echo(file)
    if not files:
        session().say("The templates are up to date.")
    elif not template_only:
        session().say("Next: say in chart/values.yaml how the app is built and run, then: lain-tui lint")
