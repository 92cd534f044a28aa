"""The full-screen app: opens the right screen first, and leaves the terminal as it found it, whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from textual import events, work
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.filter import LineFilter
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from lain_tui.core.config.settings import for_cluster
from lain_tui.core.errors import LainError
from lain_tui.core.target import Target
from lain_tui.screens.base import LainScreen
from lain_tui.screens.hosting import HostApp
from lain_tui.screens.operations import Operations, Running
from lain_tui.screens.session import Session
from lain_tui.screens.themes import DARK, OWN, check_looks
from lain_tui.widgets.keys import aim, missed, pass_on

if TYPE_CHECKING:
    from lain_tui.core.config.settings import Settings
    from lain_tui.core.operations.journal import Journal

_SIGNALS = {name: 128 + getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)}
"""Signals that end the app in good order, and the exit codes that shells give them."""


def _palette() -> type[Provider]:
    from lain_tui.screens.palette import Verbs

    return Verbs


class LainApp(HostApp):
    """Holds the session; the screens do the rest."""

    TITLE = "lain-tui"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q,ctrl+c", "quit", "quit", id="app.quit", tooltip="Leave lain-tui at once", show=False),
        Binding("ctrl+p", "command_palette", "palette", id="app.palette", show=False, priority=True,
                tooltip="Everything that can be done here, with its key"),
    ]  # fmt: skip
    DEFAULT_CSS = """
    LainApp Toast { background: $panel; }
    """

    def __init__(self, target: Target, settings: Settings, journal: Journal | None = None) -> None:
        """In the `journal` changes are written down while they are made, and those are found that were cut off."""
        super().__init__()
        self.target = target
        self.settings = settings
        self._journal = journal
        self.session = Session(target, Operations(self._operation_over, journal))
        self.failure: BaseException | None = None
        """The bug that ended the app."""
        self._ending = 0
        """The exit code that a signal asked for, maybe before there was anything to end."""
        self.next_target: Target | None = None
        """Where the user wants to go from here: another cluster, with everything of this one closed first."""
        for theme in OWN:
            self.register_theme(theme)
        check_looks(settings, self.available_themes)
        self._colour = for_cluster(settings.colours, target.cluster, target.context)
        # Without colour the terminal's own two are better than greys of ours.
        self.theme = settings.theme or ("ansi-dark" if self.no_color else DARK.name)
        self._ascii = settings.ascii or not _speaks_utf8()

    async def run_async(self, **options: Any) -> int | None:
        """Run; signals end it in good order from its first moment on, and not only once there is a screen."""
        loop = asyncio.get_running_loop()
        for name, code in _SIGNALS.items():
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(getattr(signal, name), self._end, code)
        return await super().run_async(**options)

    def _end(self, code: int) -> None:
        self._ending = code
        # A shell that goes sends SIGCONT after SIGHUP: a terminal that is gone is not to be taken up again.
        signal.signal(signal.SIGCONT, signal.SIG_IGN)
        self.exit(code, code)

    def get_default_screen(self) -> Screen[Any]:
        return self.status_screen(self.target) if self.target.app else self._picker()

    def status_screen(self, target: Target, *, back: bool = False) -> Screen[Any]:
        from lain_tui.screens.status.screen import StatusScreen
        from lain_tui.screens.status.source import ClusterSource

        kind = StatusScreen
        if self.settings.plugins:
            from lain_tui.screens.status.plugged import plugged

            kind = plugged(self.settings.plugins)
        return kind(ClusterSource(self.session, target, self.settings), back=back)

    def _picker(self) -> Screen[Any]:
        from lain_tui.screens.picker import PickerScreen

        return PickerScreen(self.session, self.target, self._open_app)

    def _open_app(self, app: str, release: str) -> None:
        target = msgspec.structs.replace(self.target, app=app, release=release)
        self.push_screen(self.status_screen(target, back=True))

    def on_mount(self) -> None:
        if self.settings.keymap:
            self.set_keymap(self.settings.keymap)
            self._check_keymap()
        if self._journal is not None:
            self.call_after_refresh(self._tell_of_cut_off, self._journal)
        if self._ending:
            self._end(self._ending)

    def on_ready(self) -> None:
        # The first frame is there. Those that follow it wait for their beats: time to load what the connection needs.
        self._open_session()

    @work(group="keymap", exit_on_error=False)
    async def _check_keymap(self) -> None:
        from lain_tui.screens.keymap import unknown_actions

        for sentence in await asyncio.to_thread(unknown_actions, self.settings.keymap):
            self.notify(sentence, severity="warning", timeout=15, markup=False)

    @work(group="session", exclusive=True, exit_on_error=False)
    async def _open_session(self) -> None:
        self.run_worker(self._settle(), group="settle", exit_on_error=False)
        await self.session.run()

    async def _settle(self) -> None:
        """Once everything is loaded: what is there stays, so that no garbage collection need look through it again.

        Under a flood of log lines each would otherwise hold a key up for a tenth of a second.
        """
        await self.session.opened()
        gc.freeze()

    # Keys

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            aim(event, self.focused)
        await super().on_event(event)

    async def _on_key(self, event: events.Key) -> None:
        # What was typed behind a key that moved the focus is meant for what has it now: over a slow connection `/timeout`
        # and enter arrive at once, and must not be taken for keys of the screen.
        focused = self.focused
        if focused is not None and missed(event, focused):
            pass_on(event, focused)
            event.prevent_default()  # Textual's own handler would take it for a key of the screen

    # Changes under way

    def _operation_over(self, running: Running) -> None:
        """Tell of a change's end wherever the user is by then."""
        if running.error is not None and not isinstance(running.error, LainError):
            self.notify(bug_sentence(running.error), severity="error", timeout=20, markup=False)
        elif isinstance(self.screen, LainScreen) and self.screen.shows(running):
            pass  # it stands before the user already
        elif running.error is not None:
            self.notify(
                f"{running.plan.verb} failed: {running.error}", severity="error", timeout=20, markup=False
            )
        elif not running.cancelled:
            self.notify(f"{running.title}: done", markup=False)

    @work(group="cut-off", exit_on_error=False)
    async def _tell_of_cut_off(self, journal: Journal) -> None:
        """Tell of changes that nobody saw the end of."""
        from lain_tui.screens.cut_off import sentences

        async for sentence in sentences(journal, self.session):
            self.notify(sentence, title="Cut off", severity="warning", timeout=60, markup=False)

    def switch_to(self, target: Target) -> None:
        """Close everything here and open the target; while a change is under way, only after asking."""
        self.next_target = target
        self._leave()

    async def action_quit(self) -> None:
        """Leave; while a change is under way or a draft is not applied, only after asking."""
        self.next_target = None
        self._leave()

    def _leave(self) -> None:
        under_way = [running.title for running in self.session.operations.under_way]
        drafts, kept = self.session.unapplied()
        if under_way:
            self._ask_to_quit(
                "Leave, and stop what is under way?", [*under_way, *drafts], "What is done stays done."
            )
        elif drafts:
            fate = "It is kept in the kernel's memory for three days." if kept else "It will be lost."
            self._ask_to_quit("Leave with a draft that is not applied?", drafts, fate)
        else:
            self.exit(0)

    @work(group="quit", exclusive=True, exit_on_error=False)
    async def _ask_to_quit(self, title: str, words: list[str], warning: str) -> None:
        from lain_tui.screens.confirm import ConfirmScreen

        question = ConfirmScreen(title, words, warning=warning)
        if await self.push_screen_wait(question):
            self.exit(0)
        else:
            self.next_target = None

    async def on_unmount(self) -> None:
        words = {128 + signal.SIGHUP: "the terminal went away", 128 + signal.SIGTERM: "SIGTERM came"}
        bug = "lain-tui had a bug" if self.failure is not None else "you left lain-tui"
        await self.session.operations.close(words.get(self._ending, bug))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        own = {"cluster-colour": self._colour} if getattr(self, "_colour", "") else {}
        return {**super().get_theme_variable_defaults(), **own}

    def copy_to_clipboard(self, text: str) -> None:
        """Copy; bytes that are no UTF-8 (of a log, a file) become replacement characters."""
        super().copy_to_clipboard(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Nothing blinks: over SSH each blink is traffic, for hours."""
        if getattr(event.widget, "cursor_blink", False):
            event.widget.cursor_blink = False  # type: ignore[attr-defined]

    def get_line_filters(self) -> list[LineFilter]:
        filters = list(super().get_line_filters())
        if self._ascii:
            from lain_tui.widgets.ascii import AsciiGlyphs

            filters.append(AsciiGlyphs(strict=not _speaks_utf8()))
        return filters

    # What goes wrong

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A bug in the background: the app stays up, and says so."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.notify(bug_sentence(event.worker.error), severity="error", timeout=20, markup=False)

    def _handle_exception(self, error: Exception) -> None:
        self.failure = self.failure or error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        # Textual would print a traceback with the values of local variables: there may be secrets among them.
        self._close_messages_no_wait()


def run_app(target: Target, settings: Settings) -> int:
    """Run the app; returns the process's exit code."""
    if not _speaks_utf8():
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                stream.reconfigure(errors="replace")
    from lain_tui.core.operations.journal import Journal

    while True:
        app = LainApp(target, settings, Journal())
        code = app.run(mouse=settings.mouse)
        if app.next_target is None or app.failure is not None:
            break
        target = app.next_target
    if app.failure is not None:
        print(bug_sentence(app.failure), file=sys.stderr)
        return 1
    return code or 0


def bug_sentence(error: BaseException) -> str:
    """What the user is told of a bug, with the place of its report."""
    from lain_tui.core.report import write_report

    path = write_report(error)
    where = f" What is known, without any of your data, is in {path}." if path else ""
    return f"lain-tui has a bug ({type(error).__name__}).{where}"


def snapshot(target: Target, settings: Settings, path: Path, size: tuple[int, int]) -> None:
    """Draw one frame without a terminal, to an .svg or (any other suffix) a text file.

    Waits until the app is pictured; raises LainError when it cannot be within a few seconds.
    """
    from lain_tui.screens.frame import draw

    picture = asyncio.run(draw(LainApp(target, settings), size, svg=path.suffix == ".svg"))
    try:
        path.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise LainError(error.strerror or "cannot be written", where=str(path)) from None


def _speaks_utf8() -> bool:
    encoding = getattr(sys.__stderr__, "encoding", None) or "utf-8"
    return encoding.lower().replace("-", "") == "utf8"
