"""What every command is given before it is used; those beneath another only once they are asked for."""

from __future__ import annotations

import os

import click

from lain_tui.cli.lain_names import understand_lain
from lain_tui.cli.options import take_everywhere

COMPLETE = "_LAIN_TUI_COMPLETE"
"""Set by the shell's script when it wants names for what is typed so far."""


def dress(command: click.Command, name: str) -> click.Command:
    """Let it take lain's options, the common ones, and complete names; `name` is its whole name."""
    understand_lain(command, name)
    take_everywhere(command)
    if COMPLETE in os.environ:
        from lain_tui.cli.completion import complete_names

        complete_names(command)
    return command


class Family(click.Group):
    """A command with others beneath it."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = super().get_command(ctx, cmd_name)
        return None if command is None else dress(command, f"{self.name} {cmd_name}")
