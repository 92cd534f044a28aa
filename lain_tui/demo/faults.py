"""Faults on demand: what can go wrong between a client and a real API server, ordered through a door of its own.

POST a JSON object (or a list of them) to ``/demo/faults``; GET shows what is in force; DELETE clears everything. The
door itself never fails. Fields, all optional but one action:

Which requests: ``verb`` (get, list, watch, create, update, patch, delete …; "" any), ``resource`` (``pods``,
``pods/log``; "" any), ``namespace`` ("-": those for no single one), ``count`` (how many requests; 0, the default: until cleared), ``after`` (let that
many pass first).

What happens to them:

- ``{"action": "status", "code": 401|403|409|410|429|500…, "retryAfter": 3, "message": "…"}``
- ``{"action": "drop"}``: the connection is reset without an answer.
- ``{"action": "latency", "seconds": 0.5}``: the answer comes late.
- ``{"action": "hang"}``: no answer ever comes.
- ``{"action": "cut"}``: watches are cut in the middle of a line at their next event.
- ``{"action": "drop-watches"}``: every open watch and log is hung up now.

What happens to the cluster, once:

- ``{"action": "down", "seconds": 5}``: nothing listens on the port, for so long (0: until ``{"action": "up"}``, which
  must then be sent to the control port that start-up printed).
- ``{"action": "clock", "jump": 3600}`` or ``{"action": "clock", "speed": 60}``
- ``{"action": "compact"}``: the history goes; older resourceVersions are answered with 410.
- ``{"action": "churn", "perSecond": 500}``: from now on pods of a ``load`` seed change that often (0: no more).
- ``{"action": "token", "value": "…"}``: from now on only this bearer token is let in ("" lets all in).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from . import errors
from .clock import Clock
from .errors import ApiError
from .kinds import Kind

Obj = dict[str, Any]

_REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    410: "Expired",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}
_ON_REQUESTS = ("status", "drop", "latency", "hang", "cut")


class DropError(Exception):
    """The connection is to be reset without an answer."""


@dataclass
class Rule:
    """One fault in force on requests."""

    action: str
    verb: str = ""
    resource: str = ""
    namespace: str = ""
    count: int = 0
    after: int = 0
    code: int = 500
    retry_after: int | None = None
    message: str = ""
    seconds: float = 0.0
    hits: int = 0

    def fits(self, verb: str, resource: str, namespace: str) -> bool:
        return (
            self.verb in ("", verb)
            and self.resource in ("", resource)
            and self.namespace in ("", namespace or "-")
        )


class Faults:
    """All faults in force."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.rules: list[Rule] = []
        self.token = ""
        self.on_compact: Callable[[], Any] = lambda: None
        self.on_down: Callable[[float], Any] = lambda seconds: None
        self.on_up: Callable[[], Any] = lambda: None
        self.on_hang_up: Callable[[], Any] = lambda: None
        self.on_churn: Callable[[float], Any] = lambda per_second: None

    def clear(self) -> None:
        """Take back every rule; the token and the clock stay as they are."""
        self.rules.clear()

    def shown(self) -> Obj:
        return {"rules": [asdict(rule) for rule in self.rules], "speed": self._clock.speed}

    def order(self, order: Obj) -> None:
        """Put one fault into force. ApiError 400 for an order that makes no sense."""
        action = order.get("action", "")
        if action in _ON_REQUESTS:
            known = {key: order[key] for key in order if key in Rule.__dataclass_fields__}
            if "retryAfter" in order:
                known["retry_after"] = int(order["retryAfter"])
            self.rules.append(Rule(**known))
        elif action == "clock":
            if "speed" in order:
                self._clock.hasten(float(order["speed"]))
            if "jump" in order:
                self._clock.jump(float(order["jump"]))
        elif action == "token":
            self.token = str(order.get("value", ""))
        elif action == "compact":
            self.on_compact()
        elif action == "down":
            self.on_down(float(order.get("seconds", 0)))
        elif action == "up":
            self.on_up()
        elif action == "churn":
            self.on_churn(float(order.get("perSecond", 0)))
        elif action == "drop-watches":
            self.on_hang_up()
        else:
            raise errors.bad_request(f'no such action: "{action}"')

    def _struck(self, action: str, verb: str, resource: str, namespace: str) -> Rule | None:
        for rule in self.rules:
            if rule.action != action or not rule.fits(verb, resource, namespace):
                continue
            rule.hits += 1
            if rule.hits <= rule.after:
                continue
            if rule.count and rule.hits >= rule.after + rule.count:
                self.rules.remove(rule)
            return rule
        return None

    async def strike(self, verb: str, resource: str, namespace: str) -> None:
        """Do to a request what is ordered for it: wait, raise ApiError, or raise DropError."""
        late = self._struck("latency", verb, resource, namespace)
        if late is not None:
            await asyncio.sleep(late.seconds)
        if self._struck("hang", verb, resource, namespace) is not None:
            await asyncio.Event().wait()
        if self._struck("drop", verb, resource, namespace) is not None:
            raise DropError
        rule = self._struck("status", verb, resource, namespace)
        if rule is not None:
            raise _refusal(rule, verb, resource, namespace)

    def cut(self, kind: Kind) -> bool:
        """Tell whether a watch of this kind is to be cut at the event it is about to send."""
        return self._struck("cut", "watch", kind.plural, "") is not None


def _refusal(rule: Rule, verb: str, resource: str, namespace: str) -> ApiError:
    message = rule.message
    if not message and rule.code == 403:
        scope = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
        message = f'{resource} is forbidden: User "demo" cannot {verb} resource "{resource}" in API group "" {scope}'
    elif not message and rule.code == 401:
        message = "Unauthorized"
    elif not message:
        message = {
            409: "Operation cannot be fulfilled: " + errors.MODIFIED,
            410: "The resourceVersion for the provided watch is too old.",
            429: "too many requests, please try again later",
            500: "Internal error occurred: ordered through /demo/faults",
        }.get(rule.code, f"ordered through /demo/faults: {rule.code}")
    retry = rule.retry_after
    if retry is None and rule.code == 429:
        retry = 1
    return ApiError(rule.code, _REASONS.get(rule.code, "Unknown"), message, None, retry)
