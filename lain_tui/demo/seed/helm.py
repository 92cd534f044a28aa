"""Deploying as helm does: every object applied, every revision kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..api import Options
from ..cluster import Cluster
from ..kinds import SECRET, kind_of
from ..releases import Revision, secret
from ..storage import Obj, copy
from . import basics, chart
from .manifest import manifest


@dataclass
class Release:
    """One release in the making."""

    cluster: Cluster
    name: str
    namespace: str
    values: Obj
    revisions: list[Revision] = field(default_factory=list)

    def deploy(self, given: Obj) -> None:
        """Install or upgrade: now, and with success."""
        now = self.cluster.clock.now()
        values = chart.merged(self.values, given)
        objects = chart.render(values, self.name, self.namespace)
        for _, obj in objects:
            self._apply(copy(obj))
        number = len(self.revisions) + 1
        self.revisions.append(
            Revision(
                name=self.name,
                namespace=self.namespace,
                number=number,
                status="deployed",
                first_deployed=self.revisions[0].first_deployed if self.revisions else now,
                last_deployed=now,
                chart=chart.record(self.values),
                config=given,
                manifest=manifest(values["appname"], objects),
                notes=f"{values['appname']} {values['imageTag']} is on its way to {values['cluster']}.\n",
                description="Install complete" if number == 1 else "Upgrade complete",
            )
        )

    def _apply(self, obj: Obj) -> None:
        kind = kind_of(obj)
        assert kind is not None
        meta = obj["metadata"]
        meta["annotations"] = {
            "meta.helm.sh/release-name": self.name,
            "meta.helm.sh/release-namespace": self.namespace,
        }
        options = Options(manager="helm")
        old = self.cluster.storage.get(kind, self.namespace, meta["name"])
        if old is None:
            self.cluster.api.create(kind, self.namespace, obj, options)
            return
        fresh = copy(old)
        fresh["spec"] |= obj["spec"]
        self.cluster.api.update(kind, self.namespace, meta["name"], fresh, options)

    def store(self) -> None:
        """Write the Secrets of all revisions."""
        for revision in self.revisions:
            last = revision is self.revisions[-1]
            fields = {**revision.__dict__, "status": "deployed" if last else "superseded"}
            basics.put(self.cluster, SECRET, self.namespace, secret(Revision(**fields)))
