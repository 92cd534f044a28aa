"""`lain-tui config`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from lain_tui.cli.output import print_json
from lain_tui.cli.session import session

if TYPE_CHECKING:
    from lain_tui.core.config.describe import Setting


@click.group(epilog="Example: lain-tui config show --origin")
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
@click.option("-o", "--output", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
def show(origin: bool, about: bool, output: str) -> None:
    """Print the settings in force, as the file would hold them.

    The address of a webhook is a password of its own: only its host is shown.
    """
    from lain_tui.core.config.describe import describe

    here = session()
    flags = {"read_only": True} if here.given.get("read_only") else {}
    found = describe(here.env, flags)
    if output == "json":
        print_json("Settings", {"settings": [_row(setting) for setting in found]})
        return
    click.echo(_yaml(found, origin=origin, about=about), nl=False)


def _row(setting: Setting) -> dict[str, Any]:
    return {
        "name": setting.name,
        "value": setting.value,
        "default": setting.default,
        "origin": setting.origin,
        "about": setting.about,
        "variable": setting.variable,
    }


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
