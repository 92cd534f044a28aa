"""lain-tui's own colours: a quiet ground, and colour kept for what needs someone."""

from __future__ import annotations

from textual.theme import Theme

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
