"""One app on several clusters."""

from __future__ import annotations

from datetime import datetime

import msgspec

from lain_tui.core.model.status import Severity


class ProcStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A proc as one cluster has it."""

    name: str
    summary: str
    severity: Severity = Severity.OK
    image_tag: str = ""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How the app stands on one cluster."""

    cluster: str
    namespace: str = ""
    current: bool = False
    """The cluster that one is looking from."""
    protected: bool = False
    read_only: bool = False
    """The settings allow no change there."""
    revision: int = 0
    """Of its helm release; 0 where there is none, or it may not be read."""
    status: str = ""
    image_tag: str = ""
    """The release's, else that of the first proc."""
    user: str = ""
    updated: datetime | None = None
    version: str = ""
    """The API server's."""
    procs: tuple[ProcStanding, ...] = ()
    error: str = ""
    """Why it cannot be asked; everything else is empty then."""

    @property
    def severity(self) -> Severity:
        if self.error:
            return Severity.RISK
        return max((proc.severity for proc in self.procs), default=Severity.OK)

    @property
    def summary(self) -> str:
        """The standing in a few words."""
        if self.error:
            return self.error
        if not self.procs:
            return "not deployed"
        bad = [proc for proc in self.procs if proc.severity > Severity.DONE]
        if bad:
            return ", ".join(f"{proc.name}: {proc.summary}" for proc in bad)
        return "up to date"
