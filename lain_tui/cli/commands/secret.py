"""`lain-tui secret`."""

from __future__ import annotations

from lain_tui.cli.holding.group import make_group

command = make_group(
    "secret",
    "file",
    "Files of the app that are no business of the repository: Secret APP-secret.",
    "Containers see those that the values' volumeMounts name (subPath), from their next start on.",
)
