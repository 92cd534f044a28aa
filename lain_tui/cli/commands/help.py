"""`lain-tui help`."""

from __future__ import annotations

import click

from lain_tui.cli.exit_codes import ExitCode


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from lain_tui.cli.root import COMMANDS

    return [name for name in COMMANDS if name.startswith(incomplete)]


@click.command(epilog="Example: lain-tui help build")
@click.argument("names", nargs=-1, metavar="[COMMAND]...", shell_complete=_complete)
@click.pass_context
def command(ctx: click.Context, names: tuple[str, ...]) -> int:
    """Tell of every command and option in one line each, or of one COMMAND all there is."""
    from lain_tui.cli.options import everywhere
    from lain_tui.cli.root import COMMANDS, SECTIONS

    above: click.Context = ctx.find_root()
    if names:
        for name in names:
            group = above.command
            assert isinstance(group, click.Group)
            found = group.resolve_command(above, [name])[1]
            if found is None:
                raise click.UsageError(f"There is no command {name!r}.", above)
            above = click.Context(found, info_name=name, parent=above)
        click.echo(above.get_help())
        return ExitCode.DONE
    formatter = above.make_formatter()
    for section, listed in SECTIONS.items():
        with formatter.section(section):
            formatter.write_dl([(name, COMMANDS[name]) for name in listed])
    with formatter.section("Options, before a command's name or after it"):
        formatter.write_dl([record for option in everywhere() if (record := option.get_help_record(above))])
    with formatter.section("Exit codes"):
        formatter.write_dl([(str(int(code)), meaning) for code, meaning in MEANINGS.items()])
    click.echo(formatter.getvalue().rstrip("\n"))
    return ExitCode.DONE


MEANINGS = {
    ExitCode.DONE: "done",
    ExitCode.FAILED: "failed; standard error says why",
    ExitCode.USAGE: "the command line is not understood",
    ExitCode.NOT_READY: "looked at, and it differs, is broken or is not ready",
    ExitCode.REFUSED: "refused: read-only, a check failed, or nobody agreed",
    ExitCode.INTERRUPTED: "interrupted by ctrl+c",
    ExitCode.TERMINATED: "ended by SIGTERM",
}
