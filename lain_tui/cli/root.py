"""`lain-tui`: the options that say where, and the commands, each imported only when it is called."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from lain_tui import __version__
from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.outcome import ends_on_sigterm, outcome
from lain_tui.cli.output import wants_colour
from lain_tui.cli.session import Screens, Session

COMMANDS = {
    "status": "Show the app's live state, and why it is unhealthy.",
    "logs": "Print the log of the app's pods in one order.",
    "apps": "List the apps of the namespace.",
    "values": "Show the values that helm's templates see, and where each comes from.",
    "init": "Write a chart for an app, or renew its templates.",
    "lint": "Find what is wrong in the chart and its values.",
    "template": "Print the objects that the chart renders.",
    "dockerfile": "Print the Dockerfile that the values stand for.",
    "prepare": "Make the prepare image and push it.",
    "build": "Build the app's image.",
    "push": "Push this commit's image.",
    "run": "Run a command in this commit's image.",
    "save": "Write an image to a file.",
    "image": "Print the name of this commit's image.",
    "tags": "List the images in the registry, with their commits.",
    "compose": "Write a docker-compose.yaml to begin with.",
    "use": "List lain's clusters, or make one of them the current one.",
    "demo": "Run the embedded demo cluster alone.",
}
"""What `--help` lists, in this order, without importing a command."""


class Commands(click.Group):
    """A group whose commands live in `lain_tui.cli.commands`, one module each."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"lain_tui.cli.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from lain_tui.core.config.names import known_names

            hint = known_names(args[0], COMMANDS, noun="commands")
            raise click.UsageError(f"There is no command {args[0]!r}. {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _print_version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"lain-tui {__version__}")
        ctx.exit()


_FILE = click.Path(path_type=Path)


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: lain-tui --cluster test status -s",
)
@click.option("--app", metavar="NAME", help="The app; by default the one whose repository this is.")
@click.option("--cluster", metavar="NAME", help="One of lain's clusters, or a kubeconfig context.")
@click.option("--kubeconfig", metavar="FILE", type=_FILE, help="A kubeconfig, in place of KUBECONFIG's.")
@click.option("--context", metavar="NAME", help="A context of the kubeconfig, in place of its current one.")
@click.option("-n", "--namespace", metavar="NAME", help="The namespace.")
@click.option(
    "--values", metavar="FILE", type=_FILE, multiple=True, help="More values, merged last; repeatable."
)
@click.option("--read-only", is_flag=True, help="Refuse every change.")
@click.option("--demo", is_flag=True, help="Look around on an embedded demo cluster.")
@click.option("--verbose", is_flag=True, help="Tell of each request to the API, on standard error.")
@click.option("--quiet", is_flag=True, help="Print results only.")
@click.option("--no-input", is_flag=True, help="Never ask: what would be asked fails.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Print it."
)
@click.pass_context
def root(ctx: click.Context, /, **given: Any) -> int | None:
    """The whole life of an app on Kubernetes and Helm.

    Without a command the full-screen app opens, in an app's repository on that app.
    """
    demo, verbose, quiet, no_input = (given.pop(name) for name in ("demo", "verbose", "quiet", "no_input"))
    if given["cluster"] and (given["kubeconfig"] or given["context"]):
        raise click.UsageError(
            "--cluster names a kubeconfig itself: leave --kubeconfig and --context away.", ctx
        )
    if demo and (given["cluster"] or given["kubeconfig"] or given["context"]):
        raise click.UsageError("--demo brings its own cluster: leave the others away.", ctx)
    ctx.color = wants_colour()
    screens: Screens = ctx.obj
    told = {name: value for name, value in given.items() if value}
    opened = Session(screens=screens, given=told, verbose=verbose, quiet=quiet, no_input=no_input)
    if demo:
        from lain_tui.cli.demo_cluster import DemoCluster

        opened.demo = ctx.with_resource(DemoCluster())
    ctx.obj = opened
    if ctx.invoked_subcommand is None:
        return screens.run_app(opened.target(), opened.settings)
    return None


def run(arguments: Sequence[str], screens: Screens) -> int:
    """Run the command line, and return the exit code."""
    if "_LAIN_TUI_COMPLETE" in os.environ:
        root.main(list(arguments), prog_name="lain-tui")
    with ends_on_sigterm():
        return outcome(lambda: _invoke(arguments, screens))


def _invoke(arguments: Sequence[str], screens: Screens) -> int:
    # Not click's own main(): it has other ideas of interrupts, closed pipes and what a return value means.
    try:
        with ExitStack() as stack:
            ctx = stack.enter_context(root.make_context("lain-tui", list(arguments), obj=screens))
            return int(root.invoke(ctx) or ExitCode.DONE)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.Abort:
        return ExitCode.INTERRUPTED
    except click.NoSuchOption as error:
        if any(error.option_name in option.opts for option in root.params):
            words = f"{error.option_name} goes before the command's name: lain-tui {error.option_name} …"
            click.UsageError(words, error.ctx).show()
        else:
            error.show()
        return ExitCode.USAGE
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE if isinstance(error, click.UsageError) else ExitCode.FAILED
