"""A small box over the screen."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.screen import ModalScreen

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer], Generic[Answer]):
    """Its content goes into one Vertical, which is the box; as high as what is in it, as long as it fits."""

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: $background 60%;
        & > Vertical {
            width: 72; max-width: 90%; height: auto; max-height: 90%;
            padding: 1 2;
            background: $surface;
            border: round $foreground 30%;
            border-title-color: $foreground;
        }
    }
    """
