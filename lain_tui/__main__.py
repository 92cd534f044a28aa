"""The program: joins the commands to the screens, which know nothing of each other."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from lain_tui.core.config.settings import Settings
    from lain_tui.core.target import Target


class _Screens:
    """The full-screen app, loaded when it is wanted."""

    def prepare(self) -> None:
        from lain_tui import app  # noqa: F401 - loaded, not called yet

    def run_app(self, target: Target, settings: Settings) -> int:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            from lain_tui.cli.outcome import tell

            tell("the full-screen app needs a terminal. Without one: lain-tui status --once")
            return 2
        from lain_tui.app import run_app

        return run_app(target, settings)

    def snapshot(self, target: Target, settings: Settings, path: Path, size: tuple[int, int]) -> None:
        from lain_tui.app import snapshot

        snapshot(target, settings, path, size)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `lain-tui ARGUMENTS` and return its exit code."""
    # A start only loads, and loads much: the collector's usual steps would look through all of it again and again.
    gc.set_threshold(50_000, 20, 100)
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments or "_LAIN_TUI_COMPLETE" in os.environ:
        from lain_tui.cli.root import run

        return run(arguments, _Screens())
    # The plain start, the one people wait for, without a look at the command line.
    from lain_tui.cli.outcome import outcome

    return outcome(_open_here)


def _open_here() -> int:
    from lain_tui.core.config.resolve import resolve_target
    from lain_tui.core.config.settings import load_settings

    settings = load_settings()
    return _Screens().run_app(resolve_target(settings=settings), settings)


if __name__ == "__main__":
    sys.exit(main())
