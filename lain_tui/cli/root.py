"""`lain-tui`: the commands, each imported only when it is called, and the options that all of them take."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from importlib import import_module

import click

from lain_tui import __version__
from lain_tui.cli import lain_names
from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.family import COMPLETE, dress
from lain_tui.cli.options import everywhere
from lain_tui.cli.outcome import ends_on_sigterm, outcome
from lain_tui.cli.output import wants_colour
from lain_tui.cli.session import Screens, Session

COMMANDS = {
    "status": "Show the app's live state, and why it is unhealthy.",
    "logs": "Print the log of the app's pods in one order.",
    "restart": "Replace the app's pods, one by one or at once.",
    "wait": "Wait until the app is rolled out and ready.",
    "x": "Open a shell, or run a command, in a pod.",
    "cp": "Copy files into a pod, or out of one.",
    "port-forward": "Bring a pod's port to this machine.",
    "job": "Run a command once, with a proc's image and env.",
    "jobs": "List cronjobs and jobs with their runs.",
    "create-job": "Run a cronjob now.",
    "suspend": "Let a cronjob run no more.",
    "resume": "Let a suspended cronjob run again.",
    "apps": "List the apps of the namespace.",
    "env": "Show and change the app's variables: Secret APP-env.",
    "secret": "Show and change the app's files: Secret APP-secret.",
    "history": "List the app's deploys: when, which image, who.",
    "get-values": "Print the values that a revision was deployed with.",
    "diff": "Show what a deploy would change, and which pods restart.",
    "deploy": "Deploy the app, and follow until it is ready.",
    "rollback": "Go back to an earlier revision.",
    "redeploy": "Deploy the image that runs once more.",
    "update-image": "Give single procs another image.",
    "set-canary-group": "Let a group through to the canary, or end it.",
    "delete": "Remove the app from the cluster.",
    "cherry": "List the commits between what is deployed and HEAD.",
    "version": "Print the image tag that is deployed.",
    "values": "Show the values that helm's templates see, and where each comes from.",
    "init": "Write a chart for an app, or renew its templates.",
    "lint": "Find what is wrong in the chart and its values.",
    "advice": "Hold requests and limits to what is really used.",
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
    "clusters": "Show how the app stands on every cluster.",
    "admin": "Look at all namespaces: what is broken, what is unused.",
    "use": "List lain's clusters, or make one of them the current one.",
    "assign-mr": "Give a merge request an assignee and a reviewer.",
    "wait-mr-approval": "Wait until a merge request is approved.",
    "send-msg": "Send a message to the app's webhook.",
    "config": "Show your settings, and where each was said.",
    "completion": "Print the script that completes names in bash, zsh or fish.",
    "schema": "Print the JSON schema of what a command prints.",
    "demo": "Run the embedded demo cluster alone.",
    "help": "Tell of every command and option in one line each.",
}
"""What there is, told without importing a command; `SECTIONS` says where `--help` lists it."""

SECTIONS = {
    "Look": ("status", "logs", "apps", "clusters", "admin"),
    "Release": (
        "history", "get-values", "diff", "deploy", "rollback", "redeploy", "update-image", "set-canary-group", "delete",
        "cherry", "version",
    ),
    "Configure": ("env", "secret", "values", "init", "lint", "advice", "template", "use"),
    "Image": ("prepare", "build", "push", "run", "save", "image", "tags", "dockerfile", "compose"),
    "Operate": ("restart", "wait", "x", "cp", "port-forward", "job", "jobs", "create-job", "suspend", "resume"),
    "Team": ("assign-mr", "wait-mr-approval", "send-msg"),
    "lain-tui": ("config", "completion", "schema", "demo", "help"),
}  # fmt: skip
"""The commands by what one is about to do."""


WIDEST = 100
"""Columns that a help takes at most."""


class Commands(click.Group):
    """A group whose commands live in `lain_tui.cli.commands`, one module each: `assign-mr` in `assign_mr.py`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"lain_tui.cli.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        command.name = cmd_name
        return dress(command, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args:
            args = [lain_names.COMMANDS.get(args[0], args[0]), *args[1:]]
        if not ctx.resilient_parsing and args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from lain_tui.core.config.names import known_names

            hint = known_names(args[0], COMMANDS, noun="commands")
            raise click.UsageError(f"There is no command {args[0]!r}. {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """On one screen of 80x24: names only; `lain-tui help` tells of each."""
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        with formatter.section("Commands"):
            widest = max(map(len, SECTIONS)) + 2
            for name, names in SECTIONS.items():
                for place, line in enumerate(_filled(list(names), formatter.width - widest - 2)):
                    formatter.write(f"  {(name if place == 0 else '').ljust(widest)}{line}\n")
        with formatter.section("Options, before a command's name or after it"):
            for line in _filled([_spelled(option) for option in everywhere()], formatter.width - 4):
                formatter.write(f"  {line}\n")
        self.format_epilog(ctx, formatter)


def _spelled(option: click.Option) -> str:
    """`-n,--namespace NAME`, without lain's own name for it."""
    names = ",".join(name for name in option.opts if name not in ("--use", "--silent"))
    return f"{names} {option.metavar}" if option.metavar else names


def _filled(words: list[str], width: int) -> list[str]:
    """The words on as few lines as they need, none broken."""
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + 2 + len(word) > width:
            lines.append("")
        lines[-1] += f"  {word}" if lines[-1] else word
    return lines


def _print_version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"lain-tui {__version__}")
        ctx.exit()


@click.group(
    cls=Commands,
    params=everywhere(),
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nlain-tui help tells of each command, lain-tui COMMAND --help of one.\n"
    "Example: lain-tui --cluster test status -s",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Print it."
)
@click.pass_context
def root(ctx: click.Context, /) -> int | None:
    """The whole life of an app on Kubernetes and Helm; without a command, full-screen."""
    ctx.color = wants_colour()
    here: Session = ctx.obj
    if ctx.invoked_subcommand is None:
        if here.demo is not None:
            here.screens.prepare()  # its cluster is coming up meanwhile
        return here.screens.run_app(here.target(), here.settings)
    return None


def run(arguments: Sequence[str], screens: Screens) -> int:
    """Run the command line, and return the exit code."""
    if COMPLETE in os.environ:
        from lain_tui.cli.completion import complete_names

        complete_names(root)
        root.main(list(arguments), prog_name="lain-tui", complete_var=COMPLETE, obj=Session(screens))
    with ends_on_sigterm():
        return outcome(lambda: _invoke(arguments, screens))


def _width() -> int:
    """The columns of help, chosen as click does, but without what `shutil` brings along: 4 % of a help's time."""
    try:
        columns = int(os.environ.get("COLUMNS", "")) or 80
    except ValueError:
        try:
            columns = os.get_terminal_size().columns
        except OSError:
            columns = 80
    return max(min(columns, WIDEST) - 2, 50)


def _invoke(arguments: Sequence[str], screens: Screens) -> int:
    # Not click's own main(): it has other ideas of interrupts, closed pipes and what a return value means.
    try:
        with ExitStack() as stack:
            here = Session(screens)
            ctx = stack.enter_context(
                root.make_context("lain-tui", list(arguments), obj=here, terminal_width=_width())
            )
            return int(root.invoke(ctx) or ExitCode.DONE)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.Abort:
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE if isinstance(error, click.UsageError) else ExitCode.FAILED
