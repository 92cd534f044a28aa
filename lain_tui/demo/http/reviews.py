"""Questions about oneself: may I, what may I, who am I."""

from __future__ import annotations

from typing import Any

from .. import errors
from ..kinds import REVIEWS, Kind
from ..storage import Obj

USER = "demo"


def answer(path: str, body: Any) -> Obj | None:
    """Answer a review posted to ``path``; None when the path is something else."""
    parts = path.strip("/").split("/")
    if len(parts) < 4 or parts[0] != "apis":
        return None
    version = f"{parts[1]}/{parts[2]}"
    review = next((kind for kind, plural, _ in REVIEWS.get(version, ()) if plural == parts[-1]), None)
    if review is None:
        return None
    if not isinstance(body, dict):
        raise errors.bad_request("the body of a review must be an object")
    spec = body.get("spec") or {}
    if review.endswith("SubjectAccessReview") and not _asks_one_thing(spec):
        why = "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified"
        kind = Kind(review, "", parts[1])
        raise errors.invalid(kind, "", [("FieldValueInvalid", why, "spec.resourceAttributes")])
    return {
        "kind": review,
        "apiVersion": version,
        "metadata": {"creationTimestamp": None},
        "spec": spec,
        "status": _status(review),
    }


def _asks_one_thing(spec: Obj) -> bool:
    return bool(spec.get("resourceAttributes")) != bool(spec.get("nonResourceAttributes"))


def _status(review: str) -> Obj:
    if review == "SelfSubjectRulesReview":
        return {
            "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
            "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
            "incomplete": False,
        }
    if review == "SelfSubjectReview":
        return {"userInfo": {"username": USER, "groups": ["system:masters", "system:authenticated"]}}
    if review == "TokenReview":
        return {"authenticated": True, "user": {"username": USER}}
    return {"allowed": True, "reason": "the demo cluster lets everyone do everything"}
