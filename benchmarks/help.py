"""`--help` of every command costs at most one and a half times what importing click does: it loads no engine.

In processor time of the whole process, a bare import beside each help, so that a busy machine disturbs both alike; what is
over is looked at once more, longer, for with eighty commands one is always disturbed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from benchmarks.results import Result
from lain_tui.cli.root import root

RUNS, MORE_RUNS = 5, 25
BUDGET = 1.5
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""As for users: what was compiled once is kept."""


def run() -> list[Result]:
    """The first screen's, the dearest of the others, and each that is over the budget."""
    rows = []
    for words in _commands(root):
        row = _measured(words, RUNS)
        rows.append(row if row.within else _measured(words, MORE_RUNS))
    first, *others = rows
    dearest = max(others, key=lambda row: row.ratio or 0)
    over = [row for row in others if row is not dearest and not row.within]
    return [first, Result(**{**vars(dearest), "note": f"the dearest of {len(others)}"}), *over]


def _measured(words: tuple[str, ...], runs: int) -> Result:
    """One command's help beside a bare import: of each the least disturbed run."""
    program = str(Path(sys.executable).with_name("lain-tui"))
    help_, bare = [program, *words, "--help"], ["-c", "import click"]
    rounds = [(_seconds(help_), _seconds(bare)) for _ in range(runs + 1)][1:]
    ours, theirs = (min(column) * 1000 for column in zip(*rounds, strict=True))
    name = " ".join(["lain-tui", *words, "--help"])
    return Result(name, ours, "ms CPU", "import click", theirs, budget=BUDGET)


def _commands(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command by its words, those beneath others too; the program itself first."""
    yield words
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from _commands(below, (*words, name))


def _seconds(arguments: list[str]) -> float:
    """The processor time of one run of Python."""
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, *arguments],
        _ENVIRONMENT,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, arguments
    return usage.ru_utime + usage.ru_stime
