"""`lain-tui schema`."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from lain_tui.cli.output import print_table


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from lain_tui.cli.documents.schema import documents

    return [CompletionItem(kind) for kind in documents() if kind.startswith(incomplete)]


@click.command(epilog="Example: lain-tui schema status > status.schema.json")
@click.argument("names", metavar="[KIND|COMMAND]…", nargs=-1, shell_complete=_complete)
def command(names: tuple[str, ...]) -> None:
    """Print the JSON schema of a KIND, or of what a COMMAND prints with -o json; without one, list the kinds."""
    import msgspec

    from lain_tui.cli.documents.schema import documents, printed_by, schema_of

    if not names:
        print_table(("KIND", "OF"), [(kind, _of(one.of)) for kind, one in documents().items()])
        return
    words = " ".join(names)
    kinds = [words] if words in documents() else printed_by(words)
    if not kinds:
        from lain_tui.core.config.names import known_names

        known = {**documents(), **{name: None for one in documents().values() for name in one.of}}
        hint = known_names(words, known, noun="kinds and commands")
        raise click.UsageError(f"Nothing prints {words!r} as JSON. {hint}")
    click.echo(msgspec.json.format(msgspec.json.encode(schema_of(*kinds)), indent=2).decode())


def _of(commands: tuple[str, ...]) -> str:
    return ", ".join(commands) if len(commands) < 5 else "every change"
