"""What helm writes of one revision into its Secret, and how it is packed there.

The key `release` holds base64 of gzip of JSON (helm's pkg/storage/driver/util.go); as with every Secret, the API
gives it in base64 once more.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from datetime import datetime
from typing import Any

import msgspec

from lain_tui.core.errors import LainError

MAX_SIZE = 64 << 20
"""Bytes of an unpacked record: far above what fits into a Secret, far below what would hurt."""

_GZIP = b"\x1f\x8b\x08"
_FRACTION = re.compile(r"(\.\d{6})\d+")


def parse_time(text: str) -> datetime | None:
    """Go's RFC 3339 with nanoseconds; None for helm 3's empty time and for what is no time."""
    try:
        moment = datetime.fromisoformat(_FRACTION.sub(r"\1", text))
    except ValueError:
        return None
    return None if moment.year == 1 else moment


class Info(msgspec.Struct, frozen=True):
    status: str = ""
    description: str = ""
    first_deployed: str = ""
    last_deployed: str = ""
    notes: str = ""


class ChartMetadata(msgspec.Struct, frozen=True, rename="camel"):
    name: str = ""
    version: str = ""
    app_version: str = ""


class Chart(msgspec.Struct, frozen=True):
    metadata: ChartMetadata = ChartMetadata()
    values: dict[str, Any] | None = None
    """The chart's own values.yaml."""


class HookRun(msgspec.Struct, frozen=True):
    started_at: str = ""
    completed_at: str = ""
    phase: str = ""


class Hook(msgspec.Struct, frozen=True):
    """A template that runs beside the release: a test, a migration."""

    name: str = ""
    kind: str = ""
    path: str = ""
    manifest: str = ""
    events: tuple[str, ...] | None = None
    last_run: HookRun = HookRun()


class ReleaseRecord(msgspec.Struct, frozen=True):
    """One revision as helm recorded it. Its values and manifest may hold secrets: never print it whole."""

    name: str = ""
    namespace: str = ""
    version: int = 0
    """The revision."""
    info: Info = Info()
    chart: Chart = Chart()
    config: dict[str, Any] | None = None
    """The values given by `-f` and `--set`, merged."""
    manifest: str = ""
    hooks: tuple[Hook, ...] | None = None

    def __repr__(self) -> str:
        return f"ReleaseRecord({self.name!r}, revision {self.version})"

    def value(self, key: str) -> str:
        """A single top-level value as text: the given one, else the chart's own; empty without."""
        for values in (self.config, self.chart.values):
            value = (values or {}).get(key)
            if value is not None and not isinstance(value, dict | list):
                return str(value)
        return ""

    @property
    def image_tag(self) -> str:
        return self.value("imageTag")

    @property
    def user(self) -> str:
        """Who deployed it; lain records it among the values.

        Empty for a rollback: helm copies the values, and so the name of who had deployed that revision.
        """
        return "" if self.info.description.startswith("Rollback to ") else self.value("user")

    @property
    def updated(self) -> datetime | None:
        return parse_time(self.info.last_deployed)

    @property
    def chart_label(self) -> str:
        """As helm shows it: `dummy-0.1.0`."""
        metadata = self.chart.metadata
        return f"{metadata.name}-{metadata.version}" if metadata.version else metadata.name


class _Secret(msgspec.Struct, frozen=True):
    data: dict[str, str] | None = None


_secret = msgspec.json.Decoder(_Secret)
_record = msgspec.json.Decoder(ReleaseRecord)


def decode_secret(body: bytes, *, where: str) -> ReleaseRecord:
    """The record in a Secret as the API gives it; raises LainError when it is cut short or no record."""
    try:
        packed = (_secret.decode(body).data or {})["release"]
        return decode_record(base64.b64decode(packed, validate=True))
    except KeyError:
        raise LainError("this Secret holds no helm release", where=where) from None
    except (binascii.Error, zlib.error, msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise LainError(
            f"helm's record of this release is damaged ({_reason(error)})",
            where=where,
            hint="Helm cannot read it either; the other revisions are not affected. "
            "Once that Secret is deleted, the revision before it is the newest.",
        ) from None


def decode_record(packed: bytes) -> ReleaseRecord:
    """Unpack helm's own base64 and gzip; raises ValueError and its like when it is damaged."""
    data = base64.b64decode(packed, validate=True)
    if data.startswith(_GZIP):
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        data = unpacker.decompress(data, MAX_SIZE)
        if unpacker.unconsumed_tail:
            raise ValueError("it unpacks to more than any release can be")
        if not unpacker.eof:
            raise ValueError("it ends too early")
    return _record.decode(data)


def _reason(error: Exception) -> str:
    if isinstance(error, binascii.Error):
        return "it is no base64"
    if isinstance(error, zlib.error):
        return "it does not unpack"
    if isinstance(error, msgspec.DecodeError):
        return "it is not the JSON of a release"
    return str(error)
