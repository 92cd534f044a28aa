"""Whether objects that a release would add are there already and somebody else's: helm refuses to take those over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lain_tui.core.diff.keys import keyed
from lain_tui.core.diff.server import read_live
from lain_tui.core.errors import LainError
from lain_tui.core.helm.history import objects_of
from lain_tui.core.helm.record import ReleaseRecord
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.plan import Check, Outcome
from lain_tui.core.operations.candidate import Candidate

_NAME, _NAMESPACE = "meta.helm.sh/release-name", "meta.helm.sh/release-namespace"
_MANAGER = "app.kubernetes.io/managed-by"


async def check_owners(
    kube: KubeClient, namespace: str, candidate: Candidate, current: ReleaseRecord | None
) -> list[Check]:
    """Nothing is said while all is well. What the release has already is its own, as helm sees it."""
    try:
        own = keyed(objects_of(current), namespace) if current is not None else {}
    except LainError:
        return []
    # A Job of the values is deleted before helm makes it anew.
    added = [
        one
        for key, one in keyed(candidate.objects, namespace).items()
        if key not in own and one.kind != "Job"
    ]
    checks = []
    for key, body in (await read_live(kube, namespace, added)).items():
        fault = _fault(body, candidate.release, namespace) if body is not None else ""
        if fault:
            checks.append(
                Check(
                    what=f"{key.kind} {key.name} is free, or the release's own",
                    outcome=Outcome.FAILED,
                    detail=fault,
                    hint=f"Delete it, or give it to {candidate.release}: set its label {_MANAGER}=Helm "
                    f"and its annotations {_NAME}={candidate.release}, {_NAMESPACE}={namespace}.",
                )
            )
    return checks


def _fault(body: Mapping[str, Any], release: str, namespace: str) -> str:
    """Why helm would not take it over; empty when it would."""
    metadata = body.get("metadata") or {}
    annotations, labels = metadata.get("annotations") or {}, metadata.get("labels") or {}
    name, place = annotations.get(_NAME, ""), annotations.get(_NAMESPACE, "")
    if (name, place) == (release, namespace) and labels.get(_MANAGER) == "Helm":
        return ""
    if name and (name, place) != (release, namespace):
        return f"it belongs to release {name}" + (f" of namespace {place}" if place != namespace else "")
    return "it is there already, and no helm release made it"
