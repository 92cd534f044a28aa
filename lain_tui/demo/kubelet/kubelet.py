"""All nodes' kubelets in one: an agent for each pod that has a node."""

from __future__ import annotations

from ..clock import Clock, stamp
from ..engine import Engine
from ..events import Recorder
from ..finalize import DeleteOptions, delete
from ..kinds import CONFIG_MAP, NODE, POD, SECRET
from ..names import Names
from ..storage import Change, Key, Obj, Storage, copy
from .agent import Agent
from .container import Container
from .node import Node
from .status import pod_status

_NAME = "kubelet"


class Kubelet:
    """Runs pods."""

    def __init__(
        self, storage: Storage, engine: Engine, clock: Clock, events: Recorder, names: Names
    ) -> None:
        self._storage = storage
        self._engine = engine
        self._clock = clock
        self._events = events
        self._agents: dict[Key, Agent] = {}
        self._nodes: dict[str, Node] = {}
        self.silent: set[str] = set()
        """Nodes whose kubelet has stopped: their pods stay as they are."""
        self.unmanaged: set[str] = set()
        """Nodes whose pods someone else simulates."""
        engine.add(_NAME, self._reconcile)
        storage.listen(self._changed)

    def node(self, name: str) -> Node:
        if name not in self._nodes:
            self._nodes[name] = Node(name, len(self._nodes), self._storage, self._events)
        return self._nodes[name]

    def agent(self, namespace: str, name: str) -> Agent | None:
        return self._agents.get((namespace, name))

    def container(self, namespace: str, pod: str, name: str) -> Container | None:
        agent = self.agent(namespace, pod)
        return agent.find(name) if agent else None

    def look(self, namespace: str, name: str) -> None:
        """Something happened inside a pod that no object tells: look at it now."""
        self._engine.soon(_NAME, (namespace, name))

    def _changed(self, change: Change) -> None:
        if change.kind is POD:
            if change.type == "DELETED":
                self._agents.pop(change.stored.key, None)
                return
            node = change.stored.obj["spec"].get("nodeName")
            known = change.previous.obj if change.previous else None
            same = known is not None and (
                known["spec"] == change.stored.obj["spec"]
                and known["metadata"].get("deletionTimestamp")
                == change.stored.obj["metadata"].get("deletionTimestamp")
                and known["metadata"].get("deletionGracePeriodSeconds")
                == change.stored.obj["metadata"].get("deletionGracePeriodSeconds")
            )
            if node and not same and node not in self.unmanaged:
                self._engine.soon(_NAME, change.stored.key)
        elif change.kind in (SECRET, CONFIG_MAP) and change.type != "DELETED":
            for key, agent in self._agents.items():
                if key[0] == change.stored.key[0] and not agent.sandbox:
                    self._engine.soon(_NAME, key, 1.0)

    def _reconcile(self, key: Key) -> float | None:
        pod = self._storage.get(POD, *key)
        if pod is None:
            self._agents.pop(key, None)
            return None
        node = pod["spec"].get("nodeName")
        if not node or node in self.silent or node in self.unmanaged:
            return None
        now = self._clock.now()
        agent = self._agents.get(key)
        if agent is None or agent.uid != pod["metadata"]["uid"]:
            if (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
                return self._remove(key, pod) if pod["metadata"].get("deletionTimestamp") else None
            agent = self._agents[key] = Agent(pod, self.node(node), now)
        elif agent.stopping and (pod.get("status") or {}).get("phase") == "Failed" and agent.gone_at is None:
            agent.gone_at = now
        again = agent.tick(pod, now)
        if (pod.get("status") or {}).get("reason") != "Evicted":
            self._tell(pod, agent, now)
        if agent.gone_at is not None and now >= agent.gone_at:
            return self._remove(key, pod)
        return None if again is None else max(0.0, again - now)

    def _tell(self, pod: Obj, agent: Agent, now: float) -> None:
        status = pod_status(agent, pod, now)
        if status != pod.get("status"):
            fresh = {**pod, "metadata": dict(pod["metadata"]), "status": copy(status)}
            self._storage.put(POD, fresh)

    def _remove(self, key: Key, pod: Obj) -> float | None:
        """Let go of a pod that has stopped; its finalizers may still hold it."""
        stored = self._storage.stored(POD, *key)
        if stored is None:
            return None
        meta = stored.obj["metadata"]
        if meta.get("finalizers") and meta.get("deletionGracePeriodSeconds") == 0:
            return None
        delete(self._storage, self._clock, POD, stored, DeleteOptions(grace=0))
        return None

    def evict(self, namespace: str, name: str, message: str) -> None:
        """Fail a pod for the good of its node, as a kubelet under pressure does."""
        pod = self._storage.get(POD, namespace, name)
        if pod is None:
            return
        agent = self._agents.get((namespace, name))
        if agent is not None:
            agent.node.record(pod, "Evicted", message, warning=True)
            for container in agent.containers():
                if container.stage == "running" and container.run is not None:
                    container.run.exit_after, container.run.exit_code = (
                        self._clock.now() - container.started_at,
                        137,
                    )
            self._tell_evicted(pod, agent, message)

    def _tell_evicted(self, pod: Obj, agent: Agent, message: str) -> None:
        now = self._clock.now()
        agent.tick({**pod, "spec": {**pod["spec"], "restartPolicy": "Never"}}, now)
        status = pod_status(agent, {**pod, "spec": {**pod["spec"], "restartPolicy": "Never"}}, now)
        disruption = {
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "TerminationByKubelet",
            "message": message,
            "lastProbeTime": None,
            "lastTransitionTime": stamp(now),
        }
        status |= {"phase": "Failed", "reason": "Evicted", "message": message}
        status["conditions"] = [*status["conditions"], disruption]
        self._storage.put(POD, {**pod, "metadata": dict(pod["metadata"]), "status": copy(status)})

    def lost(self, name: str) -> None:
        """Stop the kubelet of a node."""
        self.silent.add(name)

    def nodes(self) -> list[Obj]:
        return self._storage.objects(NODE)
