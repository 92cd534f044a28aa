"""Values as they are given on the command line: `KEY=VALUE`, `KEY=@FILE`, `KEY=-`, or a bare `KEY` to be asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from lain_tui.cli.session import Session
from lain_tui.core.errors import LainError


def read_pairs(here: Session, pairs: Sequence[str]) -> dict[str, bytes]:
    """The keys and their values. Standard input and questions are read once, in the order given."""
    from lain_tui.core.secrets.checks import key_fault
    from lain_tui.core.secrets.importing import read_file

    values: dict[str, bytes] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if fault := key_fault(key):
            # Not the whole word: it may be a value whose key was forgotten.
            raise LainError(
                f"{fault}; values are given as KEY=VALUE", where="an argument" if not equals else key
            )
        if key in values:
            raise LainError("the key is given twice", where=key)
        if not equals:
            values[key] = _ask(here, key)
        elif text == "-":
            if any(other.endswith("=-") and other is not pair for other in pairs):
                raise LainError("only one value can come from standard input", where=key)
            values[key] = sys.stdin.buffer.read()
            if values[key].endswith(b"\n") and values[key].count(b"\n") == 1:
                here.say(f"{key} ends with a line end, as it came: printf %s leaves it away.")
        elif text.startswith("@"):
            values[key] = read_file(Path(text[1:]))
        else:
            values[key] = text.encode("utf-8", "surrogateescape")
    return values


def warn_of_argv(here: Session, pairs: Sequence[str], *, protected: bool) -> None:
    """On a protected cluster: a value among the arguments is in the process table and the shell's history."""
    keys = [key for key, _, text in (pair.partition("=") for pair in pairs) if text and text[0] not in "@-"]
    if protected and keys:
        here.say(
            f"Warning: {', '.join(keys)} came as an argument, which others on this machine and your shell's history "
            f"can see. {keys[0]}=- reads standard input, {keys[0]}=@FILE a file, {keys[0]} alone asks."
        )


def _ask(here: Session, key: str) -> bytes:
    if not here.asks:
        raise LainError("no value is given, and nobody can be asked", where=key, hint=f"Give {key}=VALUE.")
    answer: str = click.prompt(f"{key}", hide_input=True, default="", show_default=False, err=True)
    return answer.encode()


def refuse_masked(values: dict[str, bytes], what: str) -> None:
    """A document that was shown without --reveal holds no values."""
    from lain_tui.core.secrets.document import MASK

    if values and all(value == MASK.encode() for value in values.values()):
        raise LainError("its values are masked", where=what, hint="Show it with --reveal to keep it.")
