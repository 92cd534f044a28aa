"""One frame of a screen without a terminal, as a picture or as text."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from lain_tui.core.errors import LainError
from lain_tui.screens.status.screen import StatusScreen

if TYPE_CHECKING:
    from textual.app import App

PATIENCE = 10.0
"""Seconds that the cluster has to answer."""
_SETTLE = 1.5
"""Seconds more for what comes after the pods: evidence, URLs, metrics."""


async def draw(app: App[int], size: tuple[int, int], *, svg: bool) -> str:
    """Run the app headless until its cluster is pictured, and return the frame as SVG or as text.

    Raises LainError when the cluster does not answer in time.
    """
    async with app.run_test(size=size) as pilot:
        screen = app.screen
        deadline = time.monotonic() + PATIENCE
        while isinstance(screen, StatusScreen) and not screen.picture.synced:
            if time.monotonic() > deadline:
                link = screen.picture.link
                raise LainError(
                    f"{screen.target.cluster} did not answer within {PATIENCE:.0f} s",
                    hint=link.reason,
                )
            await asyncio.sleep(0.05)
        await asyncio.sleep(_SETTLE)
        await pilot.pause()
        return app.export_screenshot(title="lain-tui") if svg else as_text(app)


def as_text(app: App[int]) -> str:
    """What is on the screen, line by line, without colour."""
    strips = app.screen._compositor.render_strips()  # the frame as a terminal would get it
    return "\n".join(strip.text.rstrip() for strip in strips) + "\n"
