"""What can go wrong between lain-tui and a Kubernetes API, each told as one sentence and what to do next.

An answer with an error status becomes an error by `from_answer`; how a connection fails is told in
`lain_tui.core.kube.faults`. No error ever holds a token, a password or a header.
"""

from __future__ import annotations

import email.utils
import time
from typing import Any

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.kube.calls import Call


class KubeError(LainError):
    """Something the Kubernetes API refused, or could not be asked."""

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        hint: str = "",
        code: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(what, where=where, hint=hint)
        self.code = code
        """The HTTP status; None when no answer came."""
        self.retry_after = retry_after
        """Seconds after which the server wants to be asked again; None when it did not say."""


class Unreachable(KubeError):
    """No answer came: name resolution, connection, time-out, or a connection cut while in use."""


class Quiet(Unreachable):
    """An open stream brought not a byte for longer than it should."""


class TLSFault(Unreachable):
    """The TLS handshake failed: whom the certificate was made for, by whom, or until when."""


class ProxyFault(Unreachable):
    """The proxy named by the kubeconfig or the environment did not let us through."""


class Unauthorized(KubeError):
    """401: the API does not know who asks, even after the credentials were asked for again."""


class CredentialsFailed(Unauthorized):
    """The credentials could not be had at all: a plugin, an identity provider or a token file failed."""


class Forbidden(KubeError):
    """403: known, but not allowed; says which verb on which resource."""

    def __init__(self, what: str, *, call: Call, hint: str = "") -> None:
        super().__init__(what, hint=hint, code=403)
        self.verb = call.verb
        self.resource = call.resource
        self.namespace = call.namespace


class NotFound(KubeError):
    """404: the object is not there."""


class ApiAbsent(KubeError):
    """404: the cluster does not serve this kind at all (no metrics API, an older Kubernetes …)."""


class Conflict(KubeError):
    """409: the object changed since it was read, or a precondition does not hold."""


class AlreadyExists(Conflict):
    """409: an object of that name is there already."""


class Gone(KubeError):
    """410: the resourceVersion or the continue token is too old; list again."""


class Invalid(KubeError):
    """400 or 422: the API does not accept the object or the parameters."""


class TooManyRequests(KubeError):
    """429: the API asks for fewer requests, or a disruption budget forbids an eviction."""


class ServerFault(KubeError):
    """5xx: the API server, or something between us and it, failed."""


class BadAnswer(KubeError):
    """What came back is not what a Kubernetes API answers."""


class Status(msgspec.Struct, frozen=True, rename="camel"):
    """The API's own account of a failure (meta/v1 Status), as far as it is used."""

    class Cause(msgspec.Struct, frozen=True):
        reason: str = ""
        message: str = ""
        field: str = ""

    class Details(msgspec.Struct, frozen=True, rename="camel"):
        name: str = ""
        kind: str = ""
        retry_after_seconds: int = 0
        causes: list[Status.Cause] | None = None

    kind: str = ""
    message: str = ""
    reason: str = ""
    code: int = 0
    details: Details | None = None


_ON_THE_NODE = {"pods/exec", "pods/attach", "pods/portforward", "pods/log"}
"""Answered by the pod's kubelet, whose 404 says nothing of what the cluster serves."""


def read_status(body: bytes) -> Status:
    """The Status in a body; a body that is none (a proxy's page) becomes a Status with its first line."""
    try:
        status = msgspec.json.decode(body, type=Status)
    except msgspec.DecodeError:
        status = Status()
    if status.kind == "Status":
        return status
    line = body.decode("utf-8", "replace").strip().partition("\n")[0]
    return Status(message="" if line.startswith("<") else line[:200])


def retry_after_seconds(value: str) -> float | None:
    """Read a Retry-After header (RFC 9110 §10.2.3: seconds or a date) as seconds from now."""
    if value.strip().isdigit():
        return float(value)
    try:
        when = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, when.timestamp() - time.time())


def from_answer(code: int, body: bytes, call: Call, *, retry_after: str = "") -> KubeError:
    """The error for an HTTP answer of 300 or more."""
    return from_status(code, read_status(body), call, retry_after=retry_after_seconds(retry_after))


def from_status(code: int, status: Status, call: Call, *, retry_after: float | None = None) -> KubeError:
    """The error for a Status, whether it came as an answer or as an ERROR event of a watch."""
    details = status.details or Status.Details()
    if retry_after is None and details.retry_after_seconds:
        retry_after = float(details.retry_after_seconds)
    message = status.message.strip().rstrip(".")
    known: dict[str, Any] = {"where": call.subject, "code": code, "retry_after": retry_after}
    if code == 401:
        return Unauthorized(
            "your credentials are not accepted",
            hint="Sign in again, then retry.",
            code=code,
        )
    if code == 403:
        return _forbidden(message, call)
    if code == 404:
        return _not_found(message, details, call)
    if code == 409:
        kind = AlreadyExists if status.reason == "AlreadyExists" else Conflict
        hint = "" if kind is AlreadyExists else "Somebody changed it meanwhile: read it again."
        return kind(message or "the object was changed meanwhile", hint=hint, **known)
    if code == 410:
        return Gone(message or "that version is no longer kept", **known)
    if code == 429:
        return TooManyRequests(_with_causes(message, details) or "the API asks for fewer requests", **known)
    if code in (400, 405, 406, 413, 415, 422):
        return Invalid(_with_causes(message, details) or f"the API refuses the request ({code})", **known)
    if code >= 500:
        return ServerFault(f"the Kubernetes API failed ({code}{': ' + message if message else ''})", **known)
    if 300 <= code < 400:
        return BadAnswer(
            f"the server answers with a redirect ({code}), as no Kubernetes API does",
            hint="Check the cluster's server address in the kubeconfig.",
            code=code,
        )
    return KubeError(message or f"the Kubernetes API answers {code}", **known)


def _forbidden(message: str, call: Call) -> Forbidden:
    marker = " is forbidden: "
    if call.verb in ("create", "update", "patch", "delete") and marker in message:
        # Admission (quota, pod security …) refuses with 403 too; then its words matter, not the permission.
        cause = message.partition(marker)[2]
        if not cause.startswith("User "):
            return Forbidden(f"{call.subject}: {cause}", call=call)
    where = f"in namespace {call.namespace}" if call.namespace else "in the whole cluster"
    scope = f"-n {call.namespace}" if call.namespace else "-A"
    command = f"kubectl auth can-i {call.verb} {call.resource} {scope}"
    return Forbidden(
        f"you may not {call.verb} {call.resource} {where}",
        call=call,
        hint=f"Ask for a role that allows it; to check: {command}",
    )


def _not_found(message: str, details: Status.Details, call: Call) -> KubeError:
    if details.name:
        return NotFound(message or f"{call.subject} not found", code=404)
    if call.resource in _ON_THE_NODE:
        return NotFound(
            f"the node does not know pod {call.name}",
            hint="Its kubelet has just started, or the pod is gone: try again.",
            code=404,
        )
    return ApiAbsent(
        f"this cluster does not serve {call.resource}",
        hint="Install metrics-server to see CPU and memory." if call.group == "metrics.k8s.io" else "",
        code=404,
    )


def _with_causes(message: str, details: Status.Details) -> str:
    causes = [
        cause.message for cause in details.causes or () if cause.message and cause.message not in message
    ]
    return ": ".join([message, "; ".join(causes)]) if causes and message else message or "; ".join(causes)
