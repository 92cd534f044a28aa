"""lain's names for what is here under another, so that a script written for lain runs: understood, and not in any help."""

from __future__ import annotations

from typing import Any

import click

COMMANDS = {"set-canary": "set-canary-group"}
"""lain's name of a command, and ours."""

_OPTIONS = {
    "compose": {"force": ("-f",)},
    "init": {"name": ("--appname",)},
    "run": {"user": ("-u",)},
    "save": {"force": ("-f",), "to": ("--dir",)},
    "status": {"links": ("--simple",)},
}
"""More names for a command's parameters."""

_ALWAYS = {"deploy": ("--wait",), "restart": ("--wait",), "logs": ("--stern",)}
"""Options of lain's that say what is done here anyway."""


def understand_lain(command: click.Command, name: str) -> None:
    """Let a command take the options that lain's has."""
    params = {str(param.name): param for param in command.params}
    for field, more in _OPTIONS.get(name, {}).items():
        param = params[field]
        if any(option in known.opts for known in command.params for option in more):
            continue  # understood already
        if isinstance(param, click.Option):
            param.opts += [option for option in more if option not in param.opts]
        else:
            command.params.append(click.Option(more, hidden=True, expose_value=False, callback=_into(field)))
    for option in _ALWAYS.get(name, ()):
        if not any(option in param.opts for param in command.params):
            command.params.append(click.Option((option,), is_flag=True, hidden=True, expose_value=False))


def _into(field: str) -> Any:
    def put(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        if value is not None:
            ctx.params[field] = value

    return put
