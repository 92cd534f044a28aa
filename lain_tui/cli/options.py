"""The options that every command takes, before its name or after it, and how they reach the Session.

A command's own option of the same name wins after the command's name. Commands that hand their words on to another
program (`run`, `x` …) take these before their name only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.core import ParameterSource

from lain_tui.cli.session import Session

_GIVEN = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)


def _tell(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Note in the Session what was said on the command line."""
    name = str(param.name)
    if ctx.get_parameter_source(name) not in _GIVEN:
        return
    here = ctx.find_object(Session)
    assert here is not None
    if name in WHERE:
        before = here.given.get(name)
        here.given[name] = (*before, *value) if before and isinstance(value, tuple) else value
    else:
        setattr(here, name, value)


def _open_demo(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    here = ctx.find_object(Session)
    if wanted and not ctx.resilient_parsing and here is not None and here.demo is None:
        from lain_tui.cli.demo_cluster import DemoCluster

        here.demo = ctx.find_root().with_resource(DemoCluster())


def _option(*names: str, callback: Callable[..., None] = _tell, **more: Any) -> click.Option:
    return click.Option(names, expose_value=False, callback=callback, **more)


WHERE = frozenset({"app", "cluster", "kubeconfig", "context", "namespace", "values", "read_only"})
"""Those that say what is meant: they become `Session.options`."""


def everywhere() -> list[click.Option]:
    """The options, made anew: in the order in which `lain-tui help` tells of them.

    The second names of some are those of lain.
    """
    return [
        _option("--app", metavar="NAME", help="The app; by default the one whose repository this is."),
        _option("--cluster", "--use", metavar="NAME", help="One of lain's clusters, or a kubeconfig context."),
        _option("--kubeconfig", metavar="FILE", help="A kubeconfig, in place of KUBECONFIG's."),
        _option("--context", metavar="NAME", help="A context of the kubeconfig, in place of its current one."),
        _option("-n", "--namespace", metavar="NAME", help="The namespace."),
        _option("-f", "--values", metavar="FILE", multiple=True,
                help="More values, merged last; repeatable."),
        _option("--read-only", is_flag=True, help="Refuse every change."),
        _option("--demo", is_flag=True, callback=_open_demo,
                help="Look around on an embedded demo cluster."),
        _option("-a", "--auto-pilot", is_flag=True,
                help="Do what follows by itself: build before a deploy, restart after an edit."),
        _option("--ignore-lint", is_flag=True, envvar="LAIN_IGNORE_LINT", help="Deploy whatever lint finds."),
        _option("--remote-docker", is_flag=True, envvar="LAIN_REMOTE_DOCKER",
                help="Use the cluster's remote_docker engine."),
        _option("-v", "--verbose", is_flag=True, help="Tell of each request, without what is in it, on standard error."),
        _option("-s", "--quiet", "--silent", is_flag=True, help="Print results only."),
        _option("--no-input", is_flag=True, help="Never ask: what would be asked fails. CI=true means it too."),
    ]  # fmt: skip


def take_everywhere(command: click.Command) -> click.Command:
    """Let a command take them after its name; its help does not repeat them."""
    settings = command.context_settings
    if settings.get("ignore_unknown_options") and settings.get("allow_interspersed_args", True):
        return command
    taken = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
    fields = {param.name for param in command.params}
    for option in everywhere():
        # Single letters mean something else in many a command; -n is one that hands know.
        option.opts = [name for name in option.opts if name.startswith("--") or name == "-n"]
        option.opts = [name for name in option.opts if name not in taken]
        if option.opts and option.name not in fields:
            option.hidden = True
            command.params.append(option)
    return command
