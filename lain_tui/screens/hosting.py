"""An app that can step aside: it lends its terminal to a guest, a shell or an editor, and takes it back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from textual.app import App, SuspendNotSupported
from textual.driver import Driver

from lain_tui.core.errors import LainError


class HostApp(App[int]):
    """Ends only once its guest has handed the terminal back."""

    guest: asyncio.Task[Any] | None = None
    """What the terminal is lent to just now."""

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver for this platform; on Unix one that notices when the terminal is gone."""
        kind = super().get_driver_class()
        if kind.__name__ != "LinuxDriver":
            return kind
        from lain_tui.screens.driver import TerminalDriver

        return TerminalDriver

    def exit(self, result: int | None = None, return_code: int = 0, message: Any = None) -> None:
        """End the app; a guest has to hand back the terminal first."""
        if self.guest is None or self.guest.done():
            super().exit(result, return_code, message)
            return
        self.guest.add_done_callback(lambda _: self.exit(result, return_code, message))
        self.guest.cancel()


@contextmanager
def stepped_aside(app: HostApp) -> Iterator[None]:
    """Leave the terminal to somebody else; the app goes on behind it, unseen, and takes it back whatever happens.

    Raises LainError where there is no terminal to leave.
    """
    failure: BaseException | None = None
    try:
        # Batched, for the app's own pictures would be painted over the guest's.
        with app.batch_update(), app.suspend():
            try:
                app.guest = asyncio.current_task()
                yield
            except BaseException as error:
                # Textual does not come back from an exception: it is kept until it has.
                failure = error
    except SuspendNotSupported:
        raise LainError("there is no terminal here that could be lent") from None
    if failure is not None:
        raise failure
