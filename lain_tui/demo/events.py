"""Events as the components of a cluster record them: counted, and held back when one object has too much to say."""

from __future__ import annotations

from typing import Any

from .clock import Clock, parse, stamp, stamp_micro
from .engine import Engine
from .kinds import EVENT
from .names import Names
from .storage import Key, Obj, Storage, copy

LIFETIME = 3600.0
"""Seconds an event stays after it last happened, as kube-apiserver's --event-ttl."""
BURST = 25
REFILL = 300.0
"""An object may have 25 events of one component at once, and one more every five minutes; what is held back is still
counted (client-go's spam filter)."""


class Recorder:
    """Writes events."""

    def __init__(self, storage: Storage, clock: Clock, names: Names, engine: Engine) -> None:
        self._storage = storage
        self._clock = clock
        self._names = names
        self._engine = engine
        self._known: dict[tuple[str, ...], Key] = {}
        self._counts: dict[tuple[str, ...], tuple[int, float]] = {}
        self._tokens: dict[tuple[str, str], tuple[float, float]] = {}
        self.earliest = 0.0
        """Nothing is recorded before this time: while a seed's distant past is lived through."""
        engine.add("event-ttl", self._expire)

    def record(
        self,
        about: Obj,
        reason: str,
        message: str,
        *,
        component: str,
        warning: bool = False,
        host: str = "",
        field_path: str = "",
    ) -> None:
        """Record one occurrence; the same one again is counted."""
        now = self._clock.now()
        uid = about["metadata"]["uid"]
        identity = (uid, component, host, reason, message, field_path)
        count, first = self._counts.get(identity, (0, now))
        count += 1
        self._counts[identity] = (count, first)
        if not self._allowed(component, uid, now) or now < self.earliest:
            return
        key = self._known.get(identity)
        known = self._storage.get(EVENT, *key) if key else None
        if known is not None:
            event = copy(known)
        else:
            event = self._new(
                about, reason, message, component, "Warning" if warning else "Normal", host, field_path
            )
        _count(event, component == "default-scheduler", count, first, now)
        meta = event["metadata"]
        self._known[identity] = (meta["namespace"], meta["name"])
        self._storage.put(EVENT, event)
        self._engine.soon("event-ttl", (meta["namespace"], meta["name"]), LIFETIME)

    def _new(
        self, about: Obj, reason: str, message: str, component: str, kind: str, host: str, field_path: str
    ) -> Obj:
        meta = about["metadata"]
        involved: dict[str, Any] = {
            "kind": about["kind"],
            "namespace": meta.get("namespace", ""),
            "name": meta["name"],
            "uid": meta["uid"],
            "apiVersion": about["apiVersion"],
            "resourceVersion": meta.get("resourceVersion", ""),
            "fieldPath": field_path,
        }
        involved = {name: value for name, value in involved.items() if value}
        source = {"component": component} if component != "default-scheduler" else {}
        return {
            "kind": "Event",
            "apiVersion": "v1",
            "metadata": {
                "name": f"{meta['name']}.{self._names.hex(16)}",
                "namespace": meta.get("namespace") or "default",
                "uid": self._names.uid(),
                "creationTimestamp": stamp(self._clock.now()),
            },
            "involvedObject": involved,
            "reason": reason,
            "message": message,
            "source": {**source, "host": host} if host else source,
            "type": kind,
            "reportingComponent": component,
            "reportingInstance": host or (f"{component}-demo" if component == "default-scheduler" else ""),
        }

    def _allowed(self, component: str, uid: str, now: float) -> bool:
        tokens, last = self._tokens.get((component, uid), (float(BURST), now))
        tokens = min(float(BURST), tokens + (now - last) / REFILL)
        if tokens < 1:
            self._tokens[component, uid] = (tokens, now)
            return False
        self._tokens[component, uid] = (tokens - 1, now)
        return True

    def _expire(self, key: Key) -> float | None:
        event = self._storage.get(EVENT, *key)
        if event is None:
            return None
        left = self._seen(event) + LIFETIME - self._clock.now()
        if left > 0:
            return left
        self._storage.remove(EVENT, *key)
        return None

    @staticmethod
    def _seen(event: Obj) -> float:
        series = event.get("series") or {}
        text = series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime")
        return parse(text) if text else 0.0


def _count(event: Obj, modern: bool, count: int, first: float, now: float) -> None:
    """Note how often an event has happened, as events.k8s.io does (the scheduler) or as the core API does (all others)."""
    if not modern:
        event |= {
            "count": count,
            "firstTimestamp": stamp(first),
            "lastTimestamp": stamp(now),
            "eventTime": None,
        }
        return
    event |= {
        "eventTime": stamp_micro(first),
        "firstTimestamp": None,
        "lastTimestamp": None,
        "action": "Scheduling",
    }
    if count > 1:
        event["series"] = {"count": count, "lastObservedTime": stamp_micro(now)}
