"""What the commands about releases print."""

from __future__ import annotations

from typing import Any, ClassVar

from lain_tui.cli.documents.document import Document
from lain_tui.core.model.diff import ReleaseDiff
from lain_tui.core.model.release import Revision
from lain_tui.core.model.status import ReleaseHead
from lain_tui.core.project.git import Commit


class HistoryDocument(Document, frozen=True, kw_only=True):
    """An app's deploys, newest first."""

    of: ClassVar[tuple[str, ...]] = ("history",)

    revisions: tuple[Revision, ...]
    subjects: dict[str, str]
    """Of commits, by image tag; only those that the repository here knows."""


class ReleaseDocument(Document, frozen=True, kw_only=True):
    """One revision as it was deployed: what was asked for of it, the rest is null."""

    of: ClassVar[tuple[str, ...]] = ("get-values",)

    revision: int
    values: dict[str, Any] | None = None
    manifest: str | None = None
    notes: str | None = None


class DiffDocument(Document, frozen=True, kw_only=True):
    """What would change, and how it lives otherwise."""

    of: ClassVar[tuple[str, ...]] = ("diff",)

    diff: ReleaseDiff


class CherryDocument(Document, frozen=True, kw_only=True):
    """What is between the deployed commit and HEAD."""

    of: ClassVar[tuple[str, ...]] = ("cherry",)

    deployed: str
    """The deployed image's tag."""
    out: tuple[Commit, ...]
    """In HEAD, and not deployed."""
    back: tuple[Commit, ...]
    """Deployed, and not in HEAD."""


class VersionDocument(Document, frozen=True, kw_only=True):
    """What is deployed."""

    of: ClassVar[tuple[str, ...]] = ("version",)

    release: ReleaseHead
    commit: Commit | None
    """None when the repository here does not know it."""
