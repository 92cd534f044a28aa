"""Who wrote which fields of an object last, as the API server keeps it (meta/v1 ManagedFieldsEntry)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from lain_tui.core.model.meta import KubeStruct

_DATA = b'"f:data"'


class ManagedFields(KubeStruct, frozen=True, kw_only=True):
    """One entry of `metadata.managedFields`."""

    manager: str = ""
    operation: str = ""
    """`Apply` or `Update`."""
    subresource: str = ""
    time: datetime | None = None
    fields_v1: msgspec.Raw = msgspec.field(default=msgspec.Raw(b"{}"), name="fieldsV1")

    @property
    def data_keys(self) -> list[str]:
        """The keys of a Secret or ConfigMap among the fields."""
        if _DATA not in bytes(self.fields_v1):
            return []
        written = msgspec.json.decode(self.fields_v1).get("f:data")
        return [key.removeprefix("f:") for key in written if key != "."] if isinstance(written, dict) else []


def data_written(entries: Iterable[ManagedFields], created: datetime | None) -> datetime | None:
    """When the data of a Secret or ConfigMap was written last; at its creation where nobody is on record."""
    times = [entry.time for entry in entries if entry.time is not None and _DATA in bytes(entry.fields_v1)]
    return max(times, default=created)
