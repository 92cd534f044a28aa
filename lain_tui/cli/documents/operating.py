"""What the commands about running pods, and about merge requests, print."""

from __future__ import annotations

from typing import ClassVar

from lain_tui.cli.documents.document import Document
from lain_tui.core.forge.approval import Verdict
from lain_tui.core.model.jobs import Work


class JobsDocument(Document, frozen=True, kw_only=True):
    """Cronjobs and jobs with the runs that are still kept."""

    of: ClassVar[tuple[str, ...]] = ("jobs",)

    work: tuple[Work, ...]


class WaitDocument(Document, frozen=True, kw_only=True):
    """Whether the app got ready."""

    of: ClassVar[tuple[str, ...]] = ("wait",)

    ready: bool
    reason: str | None = None
    """Why not."""
    proc: str | None = None
    pod: str | None = None
    """The pod that cannot start; null when the time ran out."""


class AssignmentDocument(Document, frozen=True, kw_only=True):
    """Whom a merge request has."""

    of: ClassVar[tuple[str, ...]] = ("assign-mr",)

    changed: bool
    assignee: str | None
    reviewer: str | None
    remark: str | None
    """Why nobody was found, or what else there is to say."""


class ApprovalDocument(Document, frozen=True, kw_only=True):
    """How the waiting for an approval ended."""

    of: ClassVar[tuple[str, ...]] = ("wait-mr-approval",)

    verdict: Verdict
    by: tuple[str, ...]
    """Those who agreed."""
    waiting_for: str | None
    """What was missing when time ran out."""
