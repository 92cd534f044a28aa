"""Who owns the fields of an object, as server-side apply counts it (`metadata.managedFields`)."""

from __future__ import annotations

from typing import Any

import msgspec

from lain_tui.core.kube.client import FIELD_MANAGER, KubeClient
from lain_tui.core.kube.errors import Invalid, KubeError
from lain_tui.core.kube.resources import Kind
from lain_tui.core.model.managed import ManagedFields

_ATTEMPTS = 5
"""The controllers write into the same object just after it was changed."""


async def disown(kube: KubeClient, kind: Kind[Any], name: str, namespace: str) -> None:
    """Give up the fields that lain-tui has written in an object that a chart made.

    Helm 4 applies server-side: it would refuse the next upgrade or rollback for a conflict with us. Best effort: what
    cannot be given up stays ours, and helm says so. Raises no KubeError.
    """
    for _ in range(_ATTEMPTS):
        try:
            body = await kube.get_raw(kind, name, namespace)
            entries = msgspec.json.decode(body, type=_Object).metadata.managed_fields or ()
            ours = [
                index
                for index, entry in enumerate(entries)
                if entry.manager == FIELD_MANAGER and entry.operation == "Update" and not entry.subresource
            ]
            if not ours:
                return
            # From behind, so that the indexes hold; each tested, for somebody else may have written meanwhile.
            patch: list[dict[str, Any]] = []
            for index in reversed(ours):
                path = f"/metadata/managedFields/{index}"
                patch.append({"op": "test", "path": f"{path}/manager", "value": FIELD_MANAGER})
                patch.append({"op": "remove", "path": path})
            await kube.patch(kind, name, patch, namespace, type="json")
        except Invalid:
            continue
        except KubeError:
            return
        else:
            return


class _Metadata(msgspec.Struct, frozen=True, rename="camel"):
    managed_fields: tuple[ManagedFields, ...] | None = None


class _Object(msgspec.Struct, frozen=True):
    metadata: _Metadata = _Metadata()
