"""What every command is given: the options that all commands take, and what follows from them."""

from __future__ import annotations

import os
import sys
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

if TYPE_CHECKING:
    from pathlib import Path

    from lain_tui.cli.demo_cluster import DemoCluster
    from lain_tui.core.config.resolve import Options
    from lain_tui.core.config.settings import Settings
    from lain_tui.core.kube.calls import Trace
    from lain_tui.core.target import Target

T = TypeVar("T")


class Screens(Protocol):
    """The full-screen app, as far as a command needs it; given by whoever starts the program."""

    def prepare(self) -> None:
        """Load what running it takes, while something else is under way."""

    def run_app(self, target: Target, settings: Settings) -> int:
        """Run it, and return its exit code."""

    def snapshot(self, target: Target, settings: Settings, path: Path, size: tuple[int, int]) -> None:
        """Draw one frame of the Status screen to a file (.svg or .txt), `size` in columns and rows."""


class Session:
    """One run of the program."""

    def __init__(self, screens: Screens) -> None:
        self.screens = screens
        self.given: dict[str, Any] = {}
        """What was said of app, cluster, namespace …, by the names of `Options`."""
        self.demo: DemoCluster | None = None
        self.verbose = False
        self.quiet = False
        self.no_input = os.environ.get("CI", "").lower() in ("1", "true", "yes")
        """Nothing is asked: said by --no-input, or by CI=true as the machines of GitLab and GitHub have it."""
        self.auto_pilot = False
        self.ignore_lint = False
        self.remote_docker = False
        self._settings: Settings | None = None

    @property
    def options(self) -> Options:
        from lain_tui.core.config.resolve import Options

        given = self.given
        if given.get("cluster") and (given.get("kubeconfig") or given.get("context")):
            raise click.UsageError(
                "--cluster names a kubeconfig itself: leave --kubeconfig and --context away."
            )
        if self.demo is not None and any(given.get(name) for name in ("cluster", "kubeconfig", "context")):
            raise click.UsageError("--demo brings its own cluster: leave the others away.")
        paths: dict[str, Any] = {
            name: _paths(given[name]) for name in ("kubeconfig", "values") if name in given
        }
        options = Options(**{**given, **paths})
        return options if self.demo is None else self.demo.options(options)

    @property
    def settings(self) -> Settings:
        """Those in force, --read-only among them: it goes along to whatever cluster one turns to."""
        import msgspec

        from lain_tui.core.config.settings import load_settings

        if self._settings is None:
            self._settings = load_settings()
            if self.given.get("read_only"):
                self._settings = msgspec.structs.replace(self._settings, read_only=True)
        return self._settings

    @property
    def asks(self) -> bool:
        """Whether a question would reach somebody: a terminal is there, and nobody said --no-input."""
        return not self.no_input and sys.stdin.isatty() and sys.stderr.isatty()

    @property
    def env(self) -> Mapping[str, str]:
        """The environment; with --demo, the demo cluster's values in place of the user's own clusters'."""
        if self.demo is None:
            return os.environ
        return {**os.environ, "LAIN_CLUSTER_VALUES_DIR": str(self.demo.values_folder)}

    @property
    def folder(self) -> Path | None:
        """Where the app's repository is looked for: with --demo the demo's own, else (None) where the user stands."""
        return self.demo.repository if self.demo is not None else None

    def target(self) -> Target:
        """The cluster, and the app when one is named or the folder is one's repository."""
        from lain_tui.core.config.resolve import resolve_target

        return resolve_target(self.options, cwd=self.folder, env=self.env, settings=self.settings)

    def app_target(self) -> Target:
        """As `target`, for commands that are about one app."""
        from lain_tui.core.errors import LainError

        target = self.target()
        if not target.app:
            raise LainError(
                "which app? There is no chart/values.yaml with an appname here",
                hint="Name it with --app before the command; lain-tui apps lists those of the namespace.",
            )
        return target

    def names_or_app(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The procs named; a single name is the app's where it is called so, or where no app is known, as lain has it."""
        if len(names) == 1 and self.target().app in ("", names[0]):
            self.given["app"] = names[0]
            return ()
        return names

    def target_on(self, cluster: str) -> Target:
        """As `target`, on another cluster, or in another context of the kubeconfig that was named."""
        import msgspec

        from lain_tui.core.config.resolve import resolve_target

        options = self.options
        if options.kubeconfig is not None:
            other = msgspec.structs.replace(options, context=cluster)
        else:
            other = msgspec.structs.replace(options, cluster=cluster, context="")
        return resolve_target(other, env=self.env, settings=self.settings)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end; SIGTERM and SIGHUP cancel it, and are told once it has unwound."""
        import asyncio

        return asyncio.run(_until_terminated(work))

    def say(self, sentence: str) -> None:
        """Progress and remarks: on standard error, and not at all with --quiet."""
        if not self.quiet:
            click.echo(sentence, err=True)

    def on_request(self, trace: Trace) -> None:
        """Tell of a request to the API with --verbose: method, address and outcome, never headers or bodies."""
        if self.verbose:
            told = trace.error or str(trace.status)
            click.echo(f"{trace.method} {trace.url} {told} {trace.seconds * 1000:.0f} ms", err=True)


async def _until_terminated(work: Coroutine[Any, Any, T]) -> T:
    # What a signal handler of Python's raises inside an event loop can be swallowed by whatever runs just then.
    import asyncio
    import signal

    from lain_tui.cli.outcome import Terminated

    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    came: list[int] = []

    def end(number: int) -> None:
        came.append(number)
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, end, number)
    try:
        return await work
    except asyncio.CancelledError:
        if came:
            raise Terminated from None
        raise
    finally:
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)


def _paths(given: str | tuple[str, ...]) -> Path | tuple[Path, ...]:
    # Not by click's own type: a command's help does without pathlib.
    from pathlib import Path

    return Path(given) if isinstance(given, str) else tuple(map(Path, given))


def session() -> Session:
    """The running command's session."""
    found = click.get_current_context().find_object(Session)
    assert found is not None
    return found
