"""lain's names for what is here under another, so that a script written for lain runs: understood, and not in any help.

What lain has and lain-tui has not is told with the reason, and what to do instead.
"""

from __future__ import annotations

from typing import Any

import click

COMMANDS = {"set-canary": "set-canary-group"}
"""lain's name of a command, and ours."""

_OPTIONS = {
    "compose": {"force": ("-f",)},
    "init": {"name": ("--appname",)},
    "run": {"user": ("-u",), "proc": ("-c",)},
    "save": {"force": ("-f",), "to": ("--dir",)},
    "status": {"links": ("--simple",)},
}
"""More names for a command's parameters."""

_ALWAYS = {
    "deploy": ("--wait",),
    "restart": ("--wait",),
    "logs": ("--stern",),
    "template": ("--debug",),
    "admin status": ("--simple", "-s"),
}
"""Options of lain's that say what is done here anyway."""

_AFTER = "a deletion that waits lives in nobody's sight: sleep 5h && lain-tui delete --yes"
REASONS = {
    "use": {"--turn": "the machines of a cluster are booted by the cloud's own tool"},
    "init": {
        "--force": "nothing that is there is overwritten: remove chart/ first",
        "-f": "nothing that is there is overwritten: remove chart/ first",
        "--commit": "what is committed is yours to say: git add chart && git commit",
    },
    "deploy": {"--delete-after": _AFTER},
    "delete": {"--after": _AFTER},
    "admin list-unused-ingress": {
        "--count-below": "how often an ingress is asked is Prometheus' to tell; those that lead to no pod are listed",
        "--period": "how often an ingress is asked is Prometheus' to tell; those that lead to no pod are listed",
    },
}
"""Options of lain's that are not here, and what to do instead."""


def understand_lain(command: click.Command, name: str) -> None:
    """Let a command take the options that lain's has; `name` is its whole name."""
    params = {str(param.name): param for param in command.params}
    for field, more in _OPTIONS.get(name, {}).items():
        param = params[field]
        if any(option in known.opts for known in command.params for option in more):
            continue  # understood already
        if isinstance(param, click.Option):
            param.opts += [option for option in more if option not in param.opts]
        else:
            command.params.append(click.Option(more, hidden=True, expose_value=False, callback=_into(field)))
    taken = {option for param in command.params for option in param.opts}
    for option in _ALWAYS.get(name, ()):
        if option not in taken:
            command.params.append(click.Option((option,), is_flag=True, hidden=True, expose_value=False))
    for option, reason in REASONS.get(name, {}).items():
        if option not in taken:
            command.params.append(
                click.Option(
                    ("reason" + option.replace("-", "_"), option), hidden=True, expose_value=False,
                    is_flag=False, flag_value="", callback=_refuse(option, reason),
                )
            )  # fmt: skip


def _into(field: str) -> Any:
    def put(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        if value is not None:
            ctx.params[field] = value

    return put


def _refuse(option: str, reason: str) -> Any:
    def refuse(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
        if value is not None and not ctx.resilient_parsing:
            raise click.UsageError(f"lain's {option} is not here: {reason}.", ctx)

    return refuse
