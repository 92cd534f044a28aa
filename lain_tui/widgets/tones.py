"""What the tones look like: which of the theme's colours, how strongly, and what stands in for them without colour.

A table rather than component classes: Textual styles each component class of each widget before the first frame,
and two hundred of them would cost as much as all the rest of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rich.style import Style
from textual.color import Color


class Tone(NamedTuple):
    """Colours are names of theme variables; shares are per cent over the background."""

    color: str = ""
    share: int = 100
    background: str = ""
    background_share: int = 100
    bold: bool = False
    without_color: str = ""
    """Attributes that tell the same when there is no colour (NO_COLOR)."""


TONES: dict[str, Tone] = {
    "strong": Tone(bold=True),
    "title": Tone("foreground", 78, bold=True),
    "quiet": Tone("foreground", 62),
    "chart": Tone("foreground", 48),
    "faint": Tone("foreground", 34),
    "accent": Tone("accent"),
    "key": Tone("accent", without_color="bold"),
    "ok": Tone("success"),
    "progress": Tone("warning"),
    "risk": Tone("warning"),
    "broken": Tone("error", without_color="bold"),
    "added": Tone("success"),
    "removed": Tone("error"),
    "marked": Tone("accent", bold=True),
    "cursor": Tone(background="primary", background_share=32, without_color="reverse"),
    "cursor-blurred": Tone(background="primary", background_share=18, without_color="underline"),
    "match": Tone(background="warning", background_share=35, without_color="underline"),
    "match-current": Tone("background", background="warning", without_color="reverse"),
    "badge": Tone("accent", background="accent", background_share=20, bold=True, without_color="reverse"),
    "badge-own": Tone("background", background="cluster-colour", bold=True, without_color="reverse"),
    "badge-protected": Tone("background", background="error", bold=True, without_color="reverse"),
}


def style_of(name: str, variables: Mapping[str, str], ground: Color, *, no_color: bool) -> Style:
    """The tone as a style over a background; `variables` are the theme's."""
    tone = TONES[name]
    style = Style(bold=True) if tone.bold else Style.null()
    if no_color:
        dim = Style(dim=True) if tone.share < 50 else Style.null()
        return style + dim + Style.parse(tone.without_color)
    color, faint = _mixed(tone.color, tone.share, variables, ground)
    background, _ = _mixed(tone.background, tone.background_share, variables, ground)
    return style + Style(
        color=color.rich_color if color else None,
        bgcolor=background.rich_color if background else None,
        dim=True if faint else None,
    )


def _mixed(name: str, share: int, variables: Mapping[str, str], ground: Color) -> tuple[Color | None, bool]:
    """The colour at that share over the ground; one of the terminal's own colours cannot be mixed, but dimmed."""
    if not name:
        return None, False
    color = Color.parse(variables[name])
    if color.ansi is not None or ground.ansi is not None:
        return color, share < 50
    return ground.blend(color, share / 100), False


LINK = "link:"


def linked(url: str) -> str:
    """The tone of a text that leads to a page, for terminals that know links (OSC 8); empty for what is no plain URL."""
    plain = url.isascii() and url.isprintable() and " " not in url
    return f"{LINK}{url}" if plain and url.startswith(("http://", "https://")) else ""
