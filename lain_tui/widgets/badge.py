"""The cluster's name, so that nobody overlooks which one it is."""

from __future__ import annotations

from typing import Any

from textual.app import App

from lain_tui.widgets.canvas import Span


def badge(cluster: str, *, protected: bool, colour: bool, own: bool = False) -> Span:
    """On a ground of the cluster's `own` colour, or the one for protected clusters; without colour a word says that."""
    tone = "badge-own" if own else "badge-protected" if protected else "badge"
    words = f"{cluster} protected" if protected and not colour else cluster
    return f" {words} ", tone


def badge_in(app: App[Any], cluster: str, *, protected: bool) -> Span:
    """The badge as this app shows it: with the colour that the settings give the cluster, and for its terminal."""
    own = "cluster-colour" in app.theme_variables
    return badge(cluster, protected=protected, colour=not app.no_color, own=own)
