"""Helm releases as helm keeps them: a Secret of type helm.sh/release.v1 for each revision."""

from __future__ import annotations

import base64
import gzip
from dataclasses import dataclass, field
from typing import Any

from .clock import stamp_nano
from .storage import Obj, encode


@dataclass(frozen=True)
class Revision:
    """One revision of a release."""

    name: str
    namespace: str
    number: int
    status: str
    first_deployed: float
    last_deployed: float
    chart: Obj
    config: Obj
    """The values the user gave."""
    manifest: str
    notes: str = ""
    description: str = "Upgrade complete"
    labels: dict[str, str] = field(default_factory=dict)


def secret(revision: Revision) -> Obj:
    """Give the Secret helm would have written: JSON, gzipped, in base64, and that once more as Secrets have it."""
    record: dict[str, Any] = {
        "name": revision.name,
        "info": {
            "first_deployed": stamp_nano(revision.first_deployed),
            "last_deployed": stamp_nano(revision.last_deployed),
            "deleted": "",
            "description": revision.description,
            "status": revision.status,
            "notes": revision.notes,
        },
        "chart": revision.chart,
        "config": revision.config,
        "manifest": revision.manifest,
        "version": revision.number,
        "namespace": revision.namespace,
    }
    packed = base64.b64encode(gzip.compress(encode(record), mtime=0))
    return {
        "metadata": {
            "name": f"sh.helm.release.v1.{revision.name}.v{revision.number}",
            "namespace": revision.namespace,
            "labels": {
                **revision.labels,
                "modifiedAt": str(int(revision.last_deployed)),
                "name": revision.name,
                "owner": "helm",
                "status": revision.status,
                "version": str(revision.number),
            },
        },
        "type": "helm.sh/release.v1",
        "data": {"release": base64.b64encode(packed).decode()},
    }
