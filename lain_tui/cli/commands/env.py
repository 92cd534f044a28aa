"""`lain-tui env`."""

from __future__ import annotations

from lain_tui.cli.holding.group import make_group

command = make_group(
    "env",
    "variable",
    "Variables of the app that are no business of the repository: Secret APP-env.",
    "Every container of the app gets them (envFrom), from its next start on.",
)
