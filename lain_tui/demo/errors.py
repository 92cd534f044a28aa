"""What goes wrong, as the Status objects a real API server answers with.

The wordings are those of k8s.io/apimachinery/pkg/api/errors and the registries that use it.
"""

from __future__ import annotations

import json
from typing import Any

from .kinds import Kind

Obj = dict[str, Any]


class ApiError(Exception):
    """One failed request: HTTP code, machine-readable reason, message for people, optional details."""

    def __init__(
        self, code: int, reason: str, message: str, details: Obj | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.retry_after = retry_after
        self.meta: Obj = {}

    def status(self) -> Obj:
        """Give the Status object that is the body of the answer."""
        body: Obj = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": self.meta,
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            body["reason"] = self.reason
        details = dict(self.details or {})
        if self.retry_after is not None:
            details["retryAfterSeconds"] = self.retry_after
        if details or self.details is not None:
            body["details"] = details
        body["code"] = self.code
        return body


def _details(kind: Kind, name: str) -> Obj:
    details: Obj = {"name": name} if name else {}
    if kind.group:
        details["group"] = kind.group
    details["kind"] = kind.plural
    return details


def not_found(kind: Kind, name: str) -> ApiError:
    return ApiError(404, "NotFound", f'{kind.resource} "{name}" not found', _details(kind, name))


def already_exists(kind: Kind, name: str) -> ApiError:
    return ApiError(409, "AlreadyExists", f'{kind.resource} "{name}" already exists', _details(kind, name))


MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


def conflict(kind: Kind, name: str, why: str = MODIFIED) -> ApiError:
    message = f'Operation cannot be fulfilled on {kind.resource} "{name}": {why}'
    return ApiError(409, "Conflict", message, _details(kind, name))


def precondition(kind: Kind, name: str, what: str, wanted: str, found: str) -> ApiError:
    """Refuse, as storage does, when the uid or resourceVersion asked for is not the one that is there."""
    subject = f"{kind.kind}.{kind.group}" if kind.group else kind.kind
    happened = "deleted and then recreated" if what == "UID" else "modified"
    message = (
        f'Operation cannot be fulfilled on {subject} "{name}": the {what} in the precondition ({wanted}) '
        f"does not match the {what} in record ({found}). The object might have been {happened}"
    )
    return ApiError(409, "Conflict", message, {**_details(kind, name), "kind": kind.kind})


def invalid(kind: Kind, name: str, causes: list[tuple[str, str, str]]) -> ApiError:
    """Refuse an object. Causes are (reason, message, field), e.g. ("FieldValueRequired", "Required value", "spec.x")."""
    said = [f"{field}: {message}" if field else message for _, message, field in causes]
    parts = list(dict.fromkeys(said))  # what is said twice is a cause twice, and one part of the sentence
    text = parts[0] if len(parts) == 1 else "[" + ", ".join(parts) + "]"
    qualified = f"{kind.kind}.{kind.group}" if kind.group else kind.kind
    named = {"name": name, "group": kind.group, "kind": kind.kind}
    details: Obj = {key: value for key, value in named.items() if value}
    details["causes"] = [
        {"reason": reason, "message": message, "field": field} for reason, message, field in causes
    ]
    return ApiError(422, "Invalid", f'{qualified} "{name}" is invalid: {text}', details)


def unconditional(kind: Kind, name: str) -> ApiError:
    """Refuse an update that does not say which version it is of, where nobody may do without."""
    cause = (
        "FieldValueInvalid",
        "Invalid value: 0: must be specified for an update",
        "metadata.resourceVersion",
    )
    return invalid(Kind(kind.plural, kind.plural, kind.group), name, [cause])


def unfit_patch(shown: str, why: str) -> ApiError:
    """Refuse a patch that makes no object of its kind. The words hold all of ``shown``, as they really do."""
    cause = ("FieldValueInvalid", f"Invalid value: {json.dumps(shown)}: {why}", "patch")
    return invalid(Kind("", ""), "", [cause])


def too_large(most: int) -> ApiError:
    return ApiError(413, "RequestEntityTooLarge", f"Request entity too large: limit is {most}")


def forbidden(kind: Kind, name: str, why: str) -> ApiError:
    subject = f'{kind.resource} "{name}" is forbidden' if name else f"{kind.resource} is forbidden"
    return ApiError(403, "Forbidden", f"{subject}: {why}", _details(kind, name))


def terminating(kind: Kind, name: str, namespace: str) -> ApiError:
    """Refuse to create anything in a namespace that is being deleted."""
    error = forbidden(
        kind, name, f"unable to create new content in namespace {namespace} because it is being terminated"
    )
    cause = {
        "reason": "NamespaceTerminating",
        "message": f"namespace {namespace} is being terminated",
        "field": "metadata.namespace",
    }
    error.details = {**(error.details or {}), "causes": [cause]}
    return error


def denied(kind: Kind, verb: str, user: str, name: str, namespace: str, subresource: str = "") -> ApiError:
    """Refuse as RBAC does: who may not do what, where."""
    resource = kind.plural + (f"/{subresource}" if subresource else "")
    scope = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    why = f'User "{user}" cannot {verb} resource "{resource}" in API group "{kind.group}" {scope}'
    return forbidden(kind, name, why)


def another_name(given: str, wanted: str) -> ApiError:
    """Refuse an object whose name is not the one in its path, or who has none."""
    if not given:
        return bad_request(
            f"the name of the object ({wanted} based on URL) was undeterminable: name must be provided"
        )
    return bad_request(f"the name of the object ({given}) does not match the name on the URL ({wanted})")


def another_namespace() -> ApiError:
    return bad_request(
        "the namespace of the provided object does not match the namespace sent on the request"
    )


def not_acceptable(available: str) -> ApiError:
    message = f"406: Not Acceptable\n\nAvailable representations: {available}"
    return ApiError(406, "NotAcceptable", message, {})


def bad_request(message: str) -> ApiError:
    return ApiError(400, "BadRequest", message)


def unauthorized() -> ApiError:
    return ApiError(401, "Unauthorized", "Unauthorized")


def expired(message: str) -> ApiError:
    return ApiError(410, "Expired", message)


def too_new(wanted: int, current: int) -> ApiError:
    """Refuse a version that is yet to come."""
    return ApiError(
        504,
        "Timeout",
        f"Timeout: Too large resource version: {wanted}, current: {current}",
        {"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]},
        retry_after=1,
    )


def too_old(wanted: int, oldest: int) -> ApiError:
    return expired(f"too old resource version: {wanted} ({oldest})")


def method_not_allowed() -> ApiError:
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message, {})


def watch_not_supported(kind: Kind) -> ApiError:
    message = f'watch is not supported on resources of kind "{kind.resource}"'
    return ApiError(405, "MethodNotAllowed", message, _details(kind, ""))


def unsupported_media(accepted: str) -> ApiError:
    message = f"the body of the request was in an unknown format - accepted media types include: {accepted}"
    return ApiError(415, "UnsupportedMediaType", message)


def unknown_patch() -> ApiError:
    return ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})


def no_such_resource() -> ApiError:
    message = "the server could not find the requested resource"
    return ApiError(404, "NotFound", message, {})


def internal(message: str) -> ApiError:
    return ApiError(
        500, "InternalError", f"Internal error occurred: {message}", {"causes": [{"message": message}]}
    )
