"""Durations as ``kubectl get`` shows them (k8s.io/apimachinery/pkg/util/duration)."""

from __future__ import annotations

from .clock import parse


def human(seconds: float) -> str:
    """Give ``5m30s``, ``26h``, ``3d4h`` …: two units while they still tell something."""
    s = int(seconds)
    if s < -1:
        return "<invalid>"
    if s < 0:
        return "0s"
    if s < 120:
        return f"{s}s"
    minutes = s // 60
    if minutes < 10:
        return f"{minutes}m{s % 60}s" if s % 60 else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours = s // 3600
    if hours < 8:
        return f"{hours}h{minutes % 60}m" if minutes % 60 else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    days = hours // 24
    if hours < 192:
        return f"{days}d{hours % 24}h" if hours % 24 else f"{days}d"
    if days < 730:
        return f"{days}d"
    years = days // 365
    if years < 8:
        return f"{years}y{days % 365}d" if days % 365 else f"{years}y"
    return f"{years}y"


def since(stamp: str | None, now: float) -> str:
    """Give the age of a timestamp, or ``<unknown>``."""
    return human(now - parse(stamp)) if stamp else "<unknown>"


def go(seconds: float) -> str:
    """Give a duration as Go prints it: ``1.5s``, ``10m0s``, ``2h0m0s``."""
    if seconds < 1:
        return f"{seconds * 1000:.0f}ms" if seconds else "0s"
    if seconds < 60:
        return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}h{minutes}m{secs}s" if hours else f"{minutes}m{secs}s"
