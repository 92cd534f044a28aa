"""Everything one cluster is made of, put together."""

from __future__ import annotations

from dataclasses import dataclass, field

from .api import Api
from .clock import Clock
from .controllers import start_controllers
from .engine import Engine
from .events import Recorder
from .faults import Faults
from .kubelet import Kubelet
from .metrics import Metrics
from .names import Names
from .repository import Repository
from .storage import Storage

VERSION = "v1.36.3"
"""The Kubernetes release whose behaviour and wordings this cluster follows."""


@dataclass
class Cluster:
    """One cluster, not yet living: `live` runs it."""

    name: str = "demo"
    clock: Clock = field(default_factory=Clock)
    images: dict[str, list[str]] = field(default_factory=dict)
    """What its registry has: tags by repository."""
    source: Repository | None = None
    """Of the app it is about; None when it is about none."""

    def __post_init__(self) -> None:
        self.names = Names(self.name)
        self.storage = Storage()
        self.api = Api(self.storage, self.clock, self.names)
        self.engine = Engine(self.clock)
        self.events = Recorder(self.storage, self.clock, self.names, self.engine)
        self.kubelet = Kubelet(self.storage, self.engine, self.clock, self.events, self.names)
        self.metrics = Metrics(self.storage, self.clock, self.kubelet)
        self.faults = Faults(self.clock)
        self.owners = start_controllers(self)

    async def live(self) -> None:
        """Run controllers, scheduler and kubelets until cancelled."""
        await self.engine.run()
