"""lain-tui's own colours: a quiet ground, and colour kept for what needs someone."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from textual.theme import Theme

if TYPE_CHECKING:
    from lain_tui.core.config.settings import Settings

DARK = Theme(
    name="lain",
    primary="#5b8dd6",
    secondary="#7d8ca3",
    accent="#7cb7ff",
    warning="#e5b567",
    error="#f2706b",
    success="#7fbf8e",
    foreground="#d5dae2",
    background="#11151b",
    surface="#1a2029",
    panel="#222a35",
)
LIGHT = Theme(
    name="lain-light",
    primary="#2f6fc4",
    secondary="#66758c",
    accent="#1f62b8",
    warning="#9a6200",
    error="#c4322d",
    success="#2c7a43",
    foreground="#22272e",
    background="#fafbfc",
    surface="#eef1f5",
    panel="#e2e7ee",
    dark=False,
)
OWN = (DARK, LIGHT)


def check_looks(settings: Settings, themes: Collection[str]) -> None:
    """Raise LainError for a theme or a colour that does not exist."""
    from textual.color import Color, ColorParseError

    from lain_tui.core.config.names import known_names
    from lain_tui.core.errors import LainError

    if settings.theme and settings.theme not in themes:
        hint = known_names(settings.theme, themes, noun="themes")
        raise LainError(f"there is no theme {settings.theme!r}", where="the setting theme", hint=hint)
    for pattern, colour in settings.colours.items():
        try:
            Color.parse(colour)
        except ColorParseError:
            hint = "Write a name of CSS, such as red, or #rrggbb."
            raise LainError(
                f"there is no colour {colour!r}", where=f"the setting colours: {pattern}", hint=hint
            ) from None
