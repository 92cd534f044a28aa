"""`lain-tui config`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.family import Family
from lain_tui.cli.output import output, print_document
from lain_tui.cli.session import session

if TYPE_CHECKING:
    from lain_tui.core.config.describe import Setting


@click.group("config", cls=Family, epilog="Example: lain-tui config show --origin")
def command() -> None:
    """Your own settings: one file, then variables of the environment, then options."""


@command.command(epilog="Example: lain-tui config path")
def path() -> None:
    """Print where the settings' file is looked for."""
    from lain_tui.core.config.settings import settings_file

    click.echo(settings_file(session().env))


@command.command(epilog="Example: lain-tui config show --origin")
@click.option(
    "--origin", is_flag=True, help="Tell where each was said: FILE:LINE, $VARIABLE, --option or default."
)
@click.option("--about", is_flag=True, help="Tell what each is for.")
@output
def show(origin: bool, about: bool, output: str) -> None:
    """Print the settings in force, as the file would hold them.

    The address of a webhook is a password of its own: only its host is shown.
    """
    from lain_tui.core.config.describe import describe

    here = session()
    flags = {"read_only": True} if here.given.get("read_only") else {}
    found = describe(here.env, flags)
    if output != "text":
        from lain_tui.cli.documents.configuring import SettingsDocument

        print_document(SettingsDocument(settings=tuple(found)), output)
        return
    click.echo(_yaml(found, origin=origin, about=about), nl=False)


def _yaml(settings: list[Setting], *, origin: bool, about: bool) -> str:
    from lain_tui.core.values.writer import to_yaml

    lines: list[str] = []
    above = ""
    for setting in settings:
        group, _, name = setting.name.rpartition(".")
        indent = "  " if group else ""
        if about:
            lines.append("")
        if group and group != above:
            lines.append(f"{group}:")
        above = group
        if about:
            lines.append(f"{indent}# {setting.about}")
        first, *rest = to_yaml({name: setting.value}).splitlines()
        lines.append(f"{indent}{first}{f'  # {setting.origin}' if origin else ''}")
        lines += [f"{indent}{line}" for line in rest]
    return "\n".join(lines).lstrip("\n") + "\n"
