"""The commands beneath `env` and `secret`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lain_tui.cli import operate
from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.family import Family
from lain_tui.cli.output import output, print_document, print_table
from lain_tui.cli.paths import PathName
from lain_tui.cli.session import session

if TYPE_CHECKING:
    from pathlib import Path

    from lain_tui.cli.documents.document import Document
    from lain_tui.cli.holding.work import Edit
    from lain_tui.core.model.holder import Holder
    from lain_tui.core.secrets.draft import Draft

F = TypeVar("F", bound=Callable[..., Any])

_FILE = PathName(allow_dash=True)
_of = click.option("--of", "named", metavar="NAME", default="", help="Another one: NAME or configmap/NAME.")
_restart = click.option(
    "--restart",
    is_flag=True,
    help="Then restart the procs that read it, one pod after the other (--auto-pilot).",
)
_format = click.option(
    "--format", "form", type=click.Choice(["env", "yaml", "json"]), help="By default by the name."
)
_overwrite = click.option("--overwrite", is_flag=True, help="Change keys that are there already.")


def _changing(function: F) -> F:
    """The options of what changes something."""
    for option in (output, operate.dry_run, operate.yes, _restart, _of):
        function = option(function)
    return function


class _Kind:
    """What one of the two groups is about."""

    def __init__(self, what: str, noun: str) -> None:
        self.what, self.noun = what, noun

    def change(self, edit: Edit, options: dict[str, Any], *, must_be: bool = False) -> int:
        from lain_tui.cli.holding.work import Options, change

        here = session()
        named = options.pop("named")
        return here.run(change(here, self.what, named, edit, Options(**options), must_be=must_be))

    def protected(self, named: str) -> bool:
        from lain_tui.cli.holding.work import target_of

        return target_of(session(), named).protected


def make_group(what: str, noun: str, summary: str, about: str) -> click.Group:
    """`env` or `secret`; `noun` is what its entries are called."""
    kind = _Kind(what, noun)
    group = Family(
        what, help=f"{summary}\n\n{about}", short_help=summary, epilog=f"Example: lain-tui {what} show"
    )
    for make in (
        _show, _set, _unset, _rename, _edit, _import, _add_pairs if what == "env" else _add_files, _addfile,
        _restore, _diff, *([_apply] if what == "secret" else []),
    ):  # fmt: skip
        group.add_command(make(kind))
    return group


def _show(kind: _Kind) -> click.Command:
    @click.command("show", epilog=f"Example: lain-tui {kind.what} show --reveal")
    @click.argument("keys", nargs=-1)
    @click.option("--reveal", is_flag=True, help="Show the values.")
    @_of
    @output
    def show(keys: tuple[str, ...], reveal: bool, named: str, output: str) -> int:
        """Show the keys, their values masked."""
        import msgspec

        from lain_tui.cli.holding.work import read, ref_of, target_of
        from lain_tui.core.errors import LainError
        from lain_tui.core.secrets.document import to_document

        here = session()
        target = target_of(here, named)
        holder = here.run(read(here, target, ref_of(target, kind.what, named)))
        if missing := [key for key in keys if key not in holder.data]:
            raise LainError(f"there is no key {missing[0]}", where=holder.ref.title)
        if keys:
            holder = msgspec.structs.replace(holder, data={key: holder.data[key] for key in keys})
        if output != "text":
            print_document(_document(holder, reveal=reveal), output)
        else:
            click.echo(to_document(holder, reveal=reveal), nl=False)
        return ExitCode.DONE

    return show


def _document(holder: Holder, *, reveal: bool) -> Document:
    from lain_tui.cli.documents.configuring import ConfigMapDocument, SecretDocument
    from lain_tui.core.secrets.document import texts_and_bytes

    data, binary = texts_and_bytes(holder, reveal=reveal)
    name, namespace = holder.ref.name, holder.ref.namespace
    if holder.ref.kind == "ConfigMap":
        return ConfigMapDocument(
            name=name, namespace=namespace, data=data, binary_data=binary, revealed=reveal
        )
    return SecretDocument(
        name=name, namespace=namespace, type=holder.type, data=data, binary_data=binary, revealed=reveal
    )


def _set(kind: _Kind) -> click.Command:
    @click.command(
        "set", epilog=f"Example: lain-tui {kind.what} set MYSQL_HOST=mysql.internal TOKEN=- <token"
    )
    @click.argument("pairs", metavar="KEY=VALUE…", nargs=-1, required=True)
    @_changing
    def set_(pairs: tuple[str, ...], **options: Any) -> int:
        """Set keys, whether they are there or not.

        KEY=@FILE takes a file's content, KEY=- standard input's, and a bare KEY asks without showing what is typed.
        """
        from lain_tui.cli.holding.given import read_pairs, warn_of_argv

        here = session()
        warn_of_argv(here, pairs, protected=kind.protected(options["named"]))
        values = read_pairs(here, pairs)
        return kind.change(lambda draft: draft.update(values), options)

    return set_


def _add_pairs(kind: _Kind) -> click.Command:
    @click.command("add", epilog=f"Example: lain-tui {kind.what} add FOO=BAR")
    @click.argument("pairs", metavar="KEY=VALUE…", nargs=-1, required=True)
    @_overwrite
    @_changing
    def add(pairs: tuple[str, ...], overwrite: bool, **options: Any) -> int:
        """Add keys; those that are there already are refused unless told. Values are given as to set."""
        from lain_tui.cli.holding.given import read_pairs, warn_of_argv

        here = session()
        warn_of_argv(here, pairs, protected=kind.protected(options["named"]))
        values = read_pairs(here, pairs)
        return kind.change(lambda draft: _add(draft, values, overwrite=overwrite), options)

    return add


def _add_files(kind: _Kind) -> click.Command:
    @click.command("add", epilog=f"Example: lain-tui {kind.what} add config.toml")
    @click.argument("files", metavar="FILE…", nargs=-1, required=True, type=PathName())
    @_overwrite
    @_changing
    def add(files: tuple[Path, ...], overwrite: bool, **options: Any) -> int:
        """Add files under their own names, byte for byte; those that are there already are refused unless told."""
        from lain_tui.core.secrets.importing import read_file

        values = {path.name: read_file(path) for path in files}
        return kind.change(lambda draft: _add(draft, values, overwrite=overwrite), options)

    return add


def _addfile(kind: _Kind) -> click.Command:
    @click.command("addfile", epilog=f"Example: lain-tui {kind.what} addfile more.yaml")
    @click.argument("files", metavar="FILE…", nargs=-1, required=True, type=PathName())
    @_overwrite
    @_changing
    def addfile(files: tuple[Path, ...], overwrite: bool, **options: Any) -> int:
        """Add the keys of files (.yml, .yaml, .json, .env); those that are there already are refused unless told."""
        from lain_tui.cli.holding.given import refuse_masked
        from lain_tui.core.secrets.importing import read_values

        values: dict[str, bytes] = {}
        for path in files:
            found = read_values(path)
            refuse_masked(found, str(path))
            values |= found
        return kind.change(lambda draft: _add(draft, values, overwrite=overwrite), options)

    return addfile


def _add(draft: Draft, values: dict[str, bytes], *, overwrite: bool) -> None:
    from lain_tui.core.errors import Refused
    from lain_tui.core.model.text import listed

    taken = [key for key in values if key in draft.values and draft.values[key] != values[key]]
    if taken and not overwrite:
        raise Refused(
            f"{listed(taken)} {'is' if len(taken) == 1 else 'are'} there already",
            where=draft.ref.title,
            hint="--overwrite changes them.",
        )
    draft.update(values)


def _import(kind: _Kind) -> click.Command:
    @click.command("import", epilog=f"Example: vault read … | lain-tui {kind.what} import - --format json")
    @click.argument("file", type=_FILE)
    @_format
    @_changing
    def import_(file: Path, form: str | None, **options: Any) -> int:
        """Set the keys of a file (or - for standard input); other keys stay."""
        values = _values_of(file, form)
        return kind.change(lambda draft: draft.update(values), options)

    return import_


def _apply(kind: _Kind) -> click.Command:
    """Lain's name for `import`."""

    @click.command("apply", hidden=True)
    @click.option("-f", "--filename", "file", type=_FILE, required=True)
    @_changing
    def apply(file: Path, **options: Any) -> int:
        """Set the keys of a file; other keys stay."""
        values = _values_of(file, None)
        return kind.change(lambda draft: draft.update(values), options)

    return apply


def _restore(kind: _Kind) -> click.Command:
    @click.command("restore", epilog=f"Example: lain-tui {kind.what} restore saved.yaml")
    @click.argument("file", type=_FILE)
    @_format
    @_changing
    def restore(file: Path, form: str | None, **options: Any) -> int:
        """Make it hold exactly what a file does, as `show --reveal` wrote it: keys that are not there are removed."""
        values = _values_of(file, form)
        return kind.change(lambda draft: draft.replace(values), options)

    return restore


def _values_of(file: Path, form: str | None) -> dict[str, bytes]:
    from lain_tui.cli.holding.given import refuse_masked
    from lain_tui.core.errors import LainError
    from lain_tui.core.secrets.importing import parse_text, read_file

    suffix = f".{form}" if form else file.suffix.lower()
    named = "standard input" if str(file) == "-" else str(file)
    body = sys.stdin.buffer.read() if str(file) == "-" else read_file(file)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LainError("it is no text in UTF-8", where=named) from None
    values = parse_text(text, suffix, what=named)
    refuse_masked(values, named)
    return values


def _unset(kind: _Kind) -> click.Command:
    @click.command("unset", epilog=f"Example: lain-tui {kind.what} unset FOO")
    @click.argument("keys", metavar="KEY…", nargs=-1, required=True)
    @_changing
    def unset(keys: tuple[str, ...], **options: Any) -> int:
        """Remove keys."""

        def edit(draft: Draft) -> None:
            for key in keys:
                draft.remove(key)

        return kind.change(edit, options, must_be=True)

    return unset


def _rename(kind: _Kind) -> click.Command:
    @click.command("rename", epilog=f"Example: lain-tui {kind.what} rename DB_HOST MYSQL_HOST")
    @click.argument("key")
    @click.argument("new")
    @_changing
    def rename(key: str, new: str, **options: Any) -> int:
        """Give a key another name; its value stays."""
        return kind.change(lambda draft: draft.rename(key, new), options, must_be=True)

    return rename


def _edit(kind: _Kind) -> click.Command:
    @click.command("edit", epilog=f"Example: EDITOR=nano lain-tui --auto-pilot {kind.what} edit")
    @_changing
    def edit(**options: Any) -> int:
        """Edit the whole of it as YAML in your editor; the file is in memory, and gone afterwards."""
        return kind.change(_edit_document, options)

    return edit


async def _edit_document(draft: Draft) -> None:
    """Let the user edit until it can be read, or gives up."""
    from lain_tui.cli.holding.given import refuse_masked
    from lain_tui.core.errors import LainError
    from lain_tui.core.secrets.document import parse_document, to_edit
    from lain_tui.core.secrets.editor import edit_text

    here = session()
    before = text = to_edit(draft.base, draft.values)
    while True:
        text = await edit_text(text, name=f"{draft.ref.name}.yaml")
        if text == before:
            return
        try:
            values = dict(parse_document(text, what=draft.ref.name).data)
            refuse_masked(values, draft.ref.name)
        except LainError as error:
            if not (here.asks and click.confirm(f"{error} Edit it again?", default=True, err=True)):
                raise
        else:
            draft.replace(values)
            return


def _diff(kind: _Kind) -> click.Command:
    @click.command("diff", epilog=f"Example: lain-tui --cluster test {kind.what} diff prod")
    @click.argument("other", metavar="OTHER-CLUSTER")
    @_of
    @output
    def diff(other: str, named: str, output: str) -> int:
        """Compare the keys with another cluster's: equal or not, by hash, without a value. 3 when they differ."""
        from lain_tui.cli.holding.work import both, ref_of, target_of
        from lain_tui.core.secrets.compare import Sameness, compare

        here = session()
        target = target_of(here, named)
        far = here.target_on(other)
        found = here.run(
            both(here, target, ref_of(target, kind.what, named), far, ref_of(far, kind.what, named))
        )
        compared = compare(*found)
        if output != "text":
            from lain_tui.cli.documents.configuring import ComparisonDocument

            keys = tuple(compared)
            print_document(ComparisonDocument(here=target.cluster, there=far.cluster, keys=keys), output)
        else:
            rows = [(one.key, one.verdict.value) for one in compared]
            print_table(("KEY", f"{target.cluster} / {far.cluster}"), rows)
        differs = any(one.verdict is not Sameness.EQUAL for one in compared)
        return ExitCode.NOT_READY if differs else ExitCode.DONE

    return diff
