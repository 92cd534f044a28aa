"""What every command is given: the options before its name, and what follows from them."""

from __future__ import annotations

import os
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

if TYPE_CHECKING:
    from lain_tui.cli.demo_cluster import DemoCluster
    from lain_tui.core.config.resolve import Options
    from lain_tui.core.config.settings import Settings
    from lain_tui.core.kube.calls import Trace
    from lain_tui.core.target import Target

T = TypeVar("T")


class Screens(Protocol):
    """The full-screen app, as far as a command needs it; given by whoever starts the program."""

    def run_app(self, target: Target, settings: Settings) -> int:
        """Run it, and return its exit code."""

    def snapshot(self, target: Target, settings: Settings, path: Path, size: tuple[int, int]) -> None:
        """Draw one frame of the Status screen to a file (.svg or .txt), `size` in columns and rows."""


@dataclass
class Session:
    """One run of the program."""

    screens: Screens
    given: dict[str, Any]
    """The options before the command's name that were given, by name."""
    demo: DemoCluster | None = None
    verbose: bool = False
    quiet: bool = False
    no_input: bool = False
    _settings: Settings | None = field(default=None, init=False)

    @property
    def options(self) -> Options:
        from lain_tui.core.config.resolve import Options

        options = Options(**self.given)
        return options if self.demo is None else self.demo.options(options)

    @property
    def settings(self) -> Settings:
        from lain_tui.core.config.settings import load_settings

        if self._settings is None:
            self._settings = load_settings()
        return self._settings

    @property
    def env(self) -> Mapping[str, str]:
        """The environment; with --demo, the demo cluster's values in place of the user's own clusters'."""
        if self.demo is None:
            return os.environ
        return {**os.environ, "LAIN_CLUSTER_VALUES_DIR": str(self.demo.values_folder)}

    def target(self) -> Target:
        """The cluster, and the app when one is named or the folder is one's repository."""
        from lain_tui.core.config.resolve import resolve_target

        return resolve_target(self.options, env=self.env, settings=self.settings)

    def app_target(self) -> Target:
        """As `target`, for commands that are about one app."""
        from lain_tui.core.errors import LainError

        target = self.target()
        if not target.app:
            raise LainError(
                "which app? There is no chart/values.yaml here",
                hint="Name it with --app before the command; lain-tui apps lists those of the namespace.",
            )
        return target

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end."""
        import asyncio

        return asyncio.run(work)

    def say(self, sentence: str) -> None:
        """Progress and remarks: on standard error, and not at all with --quiet."""
        if not self.quiet:
            click.echo(sentence, err=True)

    def on_request(self, trace: Trace) -> None:
        """Tell of a request to the API with --verbose: method, address and outcome, never headers or bodies."""
        if self.verbose:
            told = trace.error or str(trace.status)
            click.echo(f"{trace.method} {trace.url} {told} {trace.seconds * 1000:.0f} ms", err=True)


def session() -> Session:
    """The running command's session."""
    found = click.get_current_context().find_object(Session)
    assert found is not None
    return found
