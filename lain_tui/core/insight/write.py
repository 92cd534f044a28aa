"""Writing an advice into the file that sets the value, in place; comments stay where they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.model.advice import Advice
from lain_tui.core.values.edit import Edit, set_value, written_value
from lain_tui.core.values.layers import ALIASES, Values


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """One advice on its way into a file."""

    advice: Advice
    edit: Edit
    line: int
    """Where the value stands, counted from 1."""

    @property
    def where(self) -> str:
        return f"{self.edit.path}:{self.line}"


def plan_edit(values: Values, advice: Advice) -> Written:
    """Plan to write it where the value in force was set. Raises LainError when it stands nowhere."""
    origin = values.origin(*advice.keys)
    if origin is None:
        raise LainError(f"no file sets {'.'.join(advice.keys)}")
    path = Path(origin.file)
    group, *below = advice.keys
    for name in (group, *ALIASES.get(group, ())):
        keys = (name, *below)
        if written_value(path, keys):
            return Written(advice=advice, edit=set_value(path, keys, advice.advised), line=origin.line)
    raise LainError(
        "the value is not written on a line of its own", where=f"{origin.file}:{origin.line}",
        hint=f"Write {advice.advised} there by hand.",
    )  # fmt: skip


def diff_lines(written: Sequence[Written]) -> list[str]:
    """What changes, file by file."""
    lines = []
    for each in written:
        lines += [each.where, *each.edit.changed_lines]
    return lines
