"""Evicting a pod: a delete that a PodDisruptionBudget may hold up."""

from __future__ import annotations

from . import errors, finalize, identity
from .api import Api
from .errors import ApiError
from .finalize import DeleteOptions
from .kinds import PDB, POD, Kind
from .selectors import of_selector
from .storage import Obj

EVICTION = Kind("Eviction", "evictions", "policy")


def evict(api: Api, namespace: str, name: str, body: Obj, query: dict[str, str]) -> None:
    """Evict one pod. ApiError 429 when that would break its budget, 404 when it is not there."""
    if why := identity.misfit(EVICTION, body):
        raise errors.bad_request(why)
    stored = api.found(POD, namespace, name)
    if (body.get("metadata") or {}).get("name") != name:
        raise errors.bad_request("name in URL does not match name in Eviction object")
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
    given = body.get("deleteOptions") or {}
    finalize.delete(api.storage, api.clock, POD, stored, DeleteOptions.read(given, query))
