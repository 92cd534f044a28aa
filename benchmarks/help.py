"""`--help` of a command costs at most one and a half times what importing click does: it loads no engine."""

from __future__ import annotations

import subprocess
import sys
import time
from functools import partial

from benchmarks.results import Result, alternately

COMMANDS = ("", "status", "logs", "values", "build", "apps", "help")
RUNS = 7


def run() -> list[Result]:
    results = []
    for command in COMMANDS:
        argv = [sys.executable, "-m", "lain_tui", *([command] if command else []), "--help"]
        ours, bare = alternately(
            RUNS, partial(_seconds, argv), partial(_seconds, [sys.executable, "-c", "import click"])
        )
        name = f"lain-tui {command} --help".replace("  ", " ")
        results.append(Result(name, ours * 1000, "ms", "import click", bare * 1000, budget=1.5))
    return results


def _seconds(argv: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
