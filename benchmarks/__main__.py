"""Run the benchmarks that are named, or all of them."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys

import benchmarks
from benchmarks.results import Result, table


def main() -> None:
    suites = {
        info.name: module
        for info in pkgutil.iter_modules(benchmarks.__path__)
        if info.name != "__main__"
        and hasattr(module := importlib.import_module(f"benchmarks.{info.name}"), "run")
    }
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=(benchmarks.__doc__ or "").split("\n")[0]
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of {', '.join(suites)}; all when none is given"
    )
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON instead of a table")
    chosen = parser.parse_args()
    if unknown := [name for name in chosen.names if name not in suites]:
        parser.error(f"there is no benchmark called {unknown[0]}: choose from {', '.join(suites)}")

    answers: dict[str, list[Result]] = {}
    for name in chosen.names or suites:
        print(f"{name} …", end="", file=sys.stderr, flush=True)
        answers[name] = suites[name].run()
        print(
            "\r\x1b[K" if sys.stderr.isatty() else " done",
            end="" if sys.stderr.isatty() else "\n",
            file=sys.stderr,
        )
        if not chosen.json:
            print(
                f"{name}: {(suites[name].__doc__ or '').splitlines()[0]}\n{table(answers[name])}\n",
                flush=True,
            )
    if chosen.json:
        print(
            json.dumps({name: [r.as_json() for r in results] for name, results in answers.items()}, indent=2)
        )


if __name__ == "__main__":
    main()
