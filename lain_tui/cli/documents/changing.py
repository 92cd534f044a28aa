"""What every change prints: its plan, and what came of it."""

from __future__ import annotations

from typing import ClassVar

from lain_tui.cli.documents.document import Document
from lain_tui.core.model.copy import CopyOutcome
from lain_tui.core.model.plan import Plan, Step

CHANGES = (
    "restart", "job", "create-job", "suspend", "resume", "deploy", "rollback", "redeploy", "update-image",
    "set-canary-group", "delete", "env set", "env unset", "env rename", "env edit", "env import", "env add",
    "env addfile", "env restore", "secret set", "secret unset", "secret rename", "secret edit", "secret import",
    "secret add", "secret addfile", "secret restore", "prepare", "build", "push", "save", "admin delete-bad-pod",
    "admin delete-bad-ing", "admin cleanup-registry", "cp",
)  # fmt: skip
"""The commands that change something by a plan."""


class PlanDocument(Document, frozen=True, kw_only=True):
    """With --dry-run: what a change would do."""

    of: ClassVar[tuple[str, ...]] = (*CHANGES, "run")

    plan: Plan
    refused: bool
    """A check forbids it."""


class OperationDocument(Document, frozen=True, kw_only=True):
    """A change at its end, whether it went well or not."""

    of: ClassVar[tuple[str, ...]] = CHANGES

    plan: Plan | None
    """None when there was nothing to change."""
    steps: tuple[Step, ...]
    """What was done, in order: what is DONE is done, whatever came after it."""
    error: str
    """Why it failed; empty when it did not."""
    result: str | None = None
    """What it made, where that has a name: the image, the file."""
    copied: CopyOutcome | None = None
    """What `cp` came to."""
