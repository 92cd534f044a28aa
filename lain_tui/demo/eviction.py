"""Evicting a pod: a delete that a PodDisruptionBudget may hold up."""

from __future__ import annotations

from typing import Any

from . import errors, finalize
from .api import Api
from .errors import ApiError
from .finalize import DeleteOptions
from .kinds import PDB, POD
from .selectors import of_selector


def evict(api: Api, namespace: str, name: str, body: Any, query: dict[str, str]) -> None:
    """Evict one pod. ApiError 429 when that would break its budget, 404 when it is not there."""
    stored = api.found(POD, namespace, name)
    for budget in api.storage.objects(PDB, namespace):
        if not of_selector(budget["spec"].get("selector"))(stored.obj):
            continue
        status = budget.get("status") or {}
        if status.get("disruptionsAllowed", 0) < 1:
            needed, healthy = status.get("desiredHealthy", 0), status.get("currentHealthy", 0)
            budget_name = budget["metadata"]["name"]
            why = (
                f"The disruption budget {budget_name} needs {needed} healthy pods and has {healthy} currently"
            )
            raise ApiError(
                429,
                "TooManyRequests",
                "Cannot evict pod as it would violate the pod's disruption budget.",
                {"causes": [{"reason": "DisruptionBudget", "message": why}]},
            )
    given = body.get("deleteOptions") or {} if isinstance(body, dict) else {}
    if not isinstance(body, dict) or body.get("kind", "Eviction") != "Eviction":
        raise errors.bad_request("the body of an eviction must be an Eviction")
    finalize.delete(api.storage, api.clock, POD, stored, DeleteOptions.read(given, query))
