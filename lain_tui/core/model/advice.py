"""What a proc really uses beside what it asks for, and what would be better."""

from __future__ import annotations

from typing import Literal

import msgspec


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One resource of one proc, per pod: CPU in millicores, memory in bytes."""

    samples: tuple[float, ...] = ()
    """Over the window, oldest first."""
    top: float | None = None
    """What the rules compare with: the 95th percentile; None when there is nothing to go by."""
    skipped: str = ""
    """Why there is nothing to go by."""


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """One value to write down in place of another."""

    proc: str
    group: str
    """Where the proc stands in the values: `deployments`, `statefulSets` or `cronjobs`."""
    bound: Literal["requests", "limits"]
    resource: Literal["cpu", "memory"]
    present: str
    """As it is in force; empty when it is not set."""
    advised: str
    rule: str
    """The rule in words, with its numbers."""
    meaning: str = ""
    """What following it frees or prevents."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The path in the values."""
        return (self.group, self.proc, "resources", self.bound, self.resource)


class ProcAdvice(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is known of one proc's appetite."""

    proc: str
    cpu: Measured = Measured()
    memory: Measured = Measured()
    advice: tuple[Advice, ...] = ()
    oom_kills: int = 0
    """Within the window."""
    throttled: float | None = None
    """The share of its periods in which the CPU limit held it back; None when it is not known."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The advice on an app, and what it rests on."""

    procs: tuple[ProcAdvice, ...]
    source: str
    """`Prometheus, 7d` …"""
    weak: str = ""
    """Why it must not be relied on; empty when it may."""
