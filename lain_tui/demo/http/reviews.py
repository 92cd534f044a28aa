"""Questions about oneself: may I, what may I, who am I."""

from __future__ import annotations

from typing import Any

from .. import errors
from ..kinds import REVIEWS, Kind
from ..storage import Obj

USER = "demo"


_RESOURCES = [
    {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
    {
        "verbs": ["create"],
        "apiGroups": ["authorization.k8s.io"],
        "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
    },
    {"verbs": ["create"], "apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"]},
]
"""What one may do: all, and by the roles that everybody has what everybody may."""
_BASIC = ("/healthz", "/livez", "/readyz", "/version", "/version/")
_DISCOVERY = ("/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*")
_URLS = [
    {"verbs": ["*"], "nonResourceURLs": ["*"]},
    {"verbs": ["get"], "nonResourceURLs": sorted((*_BASIC, *_DISCOVERY))},
    {"verbs": ["get"], "nonResourceURLs": list(_BASIC)},
]


def serves(path: str) -> bool:
    """Whether reviews are posted to ``path``."""
    return _review(path) != ""


def _review(path: str) -> str:
    parts = path.strip("/").split("/")
    if len(parts) < 4 or parts[0] != "apis":
        return ""
    listed = REVIEWS.get(f"{parts[1]}/{parts[2]}", ())
    return next((kind for kind, plural, _ in listed if plural == parts[-1]), "")


def answer(path: str, body: Any) -> Obj | None:
    """Answer a review posted to ``path``; None when the path is something else."""
    review = _review(path)
    if not review:
        return None
    group, name = path.strip("/").split("/")[1:3]
    if not isinstance(body, dict):
        raise errors.bad_request("the body of a review must be an object")
    spec = body.get("spec") or {}
    if review.endswith("SubjectAccessReview") and not _asks_one_thing(spec):
        why = "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified"
        kind = Kind("", "", group)
        raise errors.invalid(kind, "", [("FieldValueInvalid", why, "spec.resourceAttributes")])
    return {
        "kind": review,
        "apiVersion": f"{group}/{name}",
        "metadata": {"creationTimestamp": None},
        "spec": spec,
        "status": _status(review),
    }


def _asks_one_thing(spec: Obj) -> bool:
    return bool(spec.get("resourceAttributes")) != bool(spec.get("nonResourceAttributes"))


def _status(review: str) -> Obj:
    if review == "SelfSubjectRulesReview":
        return {"resourceRules": _RESOURCES, "nonResourceRules": _URLS, "incomplete": False}
    if review == "SelfSubjectReview":
        return {"userInfo": {"username": USER, "groups": ["system:masters", "system:authenticated"]}}
    if review == "TokenReview":
        return {"authenticated": True, "user": {"username": USER}}
    return {"allowed": True, "reason": "the demo cluster lets everyone do everything"}
