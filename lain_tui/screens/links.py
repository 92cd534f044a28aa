"""Pages about the app elsewhere: opened in the browser here, or their address copied where there is none."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from textual.app import App

from lain_tui.core.errors import LainError
from lain_tui.core.target import Target


def has_browser(environment: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether a browser would open where somebody sees it: not at the far end of SSH, and not without a desktop."""
    if any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT")):
        return False
    return platform in ("darwin", "win32") or any(
        environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )


async def ask_for_link(app: App[Any], target: Target, proc: str, urls: Sequence[str]) -> str:
    """Ask which: Grafana, Kibana (of that proc), or a URL of the app; open or copy it.

    Returns what was done, in words; empty when nothing was. Raises LainError for one that needs a setting first.
    """
    from lain_tui.core.insight.links import grafana_link, kibana_link
    from lain_tui.screens.choose import ChooseScreen

    shortcuts = {one.name: one for one in (grafana_link(target), kibana_link(target, proc))}
    about = {name: one.url or one.missing for name, one in shortcuts.items()}
    about |= dict.fromkeys(urls, "")
    chosen = await app.push_screen_wait(ChooseScreen("Open", list(about), about=about))
    if not chosen:
        return ""
    if chosen in shortcuts and shortcuts[chosen].missing:
        raise LainError(shortcuts[chosen].missing)
    url = shortcuts[chosen].url if chosen in shortcuts else chosen
    if has_browser(os.environ):
        app.open_url(url)
        return f"Opened {url}"
    app.copy_to_clipboard(url)
    return f"Copied {url}"
