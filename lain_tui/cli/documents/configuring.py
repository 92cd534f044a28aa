"""What the commands about values, clusters, Secrets and settings print."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import msgspec

from lain_tui.cli.documents.document import Document
from lain_tui.core.config.describe import Setting
from lain_tui.core.model.advice import Report
from lain_tui.core.model.lint import LintFinding
from lain_tui.core.secrets.compare import Compared


class OverrodeRow(msgspec.Struct, frozen=True, kw_only=True):
    """Where a value was set that is not in force."""

    file: str
    line: int
    value: Any


class ProvenanceRow(msgspec.Struct, frozen=True, kw_only=True):
    """Where a value is set."""

    path: tuple[str, ...]
    """Its keys."""
    file: str
    line: int
    value: Any
    overrode: tuple[OverrodeRow, ...]
    """What it took the place of, the latest first."""


class ValuesDocument(Document, frozen=True, kw_only=True):
    """The values that helm's templates see."""

    of: ClassVar[tuple[str, ...]] = ("values",)

    files: tuple[str, ...]
    """In the order in which they are merged."""
    values: dict[str, Any]
    provenance: tuple[ProvenanceRow, ...] | None = None
    """With --provenance."""


class LintDocument(Document, frozen=True, kw_only=True):
    """What is to be mended."""

    of: ClassVar[tuple[str, ...]] = ("lint",)

    findings: tuple[LintFinding, ...]


class AdviceDocument(Document, frozen=True, kw_only=True):
    """Requests and limits beside what is used."""

    of: ClassVar[tuple[str, ...]] = ("advice",)

    report: Report


class TemplateDocument(Document, frozen=True, kw_only=True):
    """The objects that the chart renders."""

    of: ClassVar[tuple[str, ...]] = ("template",)

    release: str
    namespace: str
    objects: tuple[dict[str, Any], ...]


class ClusterRow(msgspec.Struct, frozen=True, kw_only=True):
    """One of lain's clusters."""

    name: str
    current: bool
    kubeconfig: Path | None
    """None when there are values for it only."""
    values: Path | None


class ClustersDocument(Document, frozen=True, kw_only=True):
    """lain's clusters."""

    of: ClassVar[tuple[str, ...]] = ("use",)

    clusters: tuple[ClusterRow, ...]


class WrittenDocument(Document, frozen=True, kw_only=True):
    """The files that were written; none when everything was as it should be."""

    of: ClassVar[tuple[str, ...]] = ("init", "compose")

    files: tuple[str, ...]


class SecretDocument(Document, frozen=True, kw_only=True):
    """A Secret."""

    of: ClassVar[tuple[str, ...]] = ("env show", "secret show")

    name: str
    namespace: str
    type: str
    data: dict[str, str | None]
    """Text by key; null without --reveal."""
    binary_data: dict[str, str]
    """What is no text in UTF-8, in base64."""
    revealed: bool


class ConfigMapDocument(Document, frozen=True, kw_only=True):
    """A ConfigMap, named by --of."""

    of: ClassVar[tuple[str, ...]] = ("env show", "secret show")

    name: str
    namespace: str
    data: dict[str, str | None]
    """Text by key; null without --reveal."""
    binary_data: dict[str, str]
    """What is no text in UTF-8, in base64."""
    revealed: bool


class ComparisonDocument(Document, frozen=True, kw_only=True):
    """The same Secret on two clusters, without a value."""

    of: ClassVar[tuple[str, ...]] = ("env diff", "secret diff")

    here: str
    """The cluster that one looks from."""
    there: str
    keys: tuple[Compared, ...]


class SettingsDocument(Document, frozen=True, kw_only=True):
    """Your settings."""

    of: ClassVar[tuple[str, ...]] = ("config show",)

    settings: tuple[Setting, ...]
