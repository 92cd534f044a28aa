"""A pod's status, told from its containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import images
from ..clock import stamp
from ..storage import Obj
from .container import Container, restarts_again

if TYPE_CHECKING:
    from .agent import Agent


def container_status(container: Container, initialising: bool) -> Obj:
    """Give the status of one container."""
    started = container.stage in ("running", "terminated") or bool(container.last)
    status: Obj = {
        "name": container.name,
        "state": _state(container, initialising),
        "lastState": {"terminated": container.last} if _shows_last(container) else {},
        "ready": container.ready
        if container.group != "initContainers"
        else container.succeeded or container.ready,
        "restartCount": container.restarts,
        "image": images.full_name(container.spec["image"]) if started else container.spec["image"],
        "imageID": images.image_id(container.spec["image"]) if started else "",
        "started": container.stage == "running" and container.has_started,
    }
    if container.id:
        status["containerID"] = container.id
    return status


def _shows_last(container: Container) -> bool:
    return container.last is not None and not (
        container.stage == "terminated"
        and container.reason != "CrashLoopBackOff"
        and container.last is container.finished
    )


def _state(container: Container, initialising: bool) -> Obj:
    if container.stage == "running":
        return {"running": {"startedAt": stamp(container.started_at)}}
    if container.stage == "terminated" and container.reason != "CrashLoopBackOff":
        return {"terminated": container.finished}
    reason = container.reason or "ContainerCreating"
    if reason == "ContainerCreating" and initialising:
        reason = "PodInitializing"
    waiting = {"reason": reason}
    if container.message:
        waiting["message"] = container.message
    return {"waiting": waiting}


def phase(agent: Agent, pod: Obj) -> str:
    """Tell Pending, Running, Succeeded or Failed."""
    for container in agent.init:
        if not agent.passed(container):
            failed = container.stage == "terminated" and not restarts_again(container, pod)
            return "Failed" if failed else "Pending"
    stages = [c.stage for c in agent.main]
    fresh = [c for c in agent.main if c.stage in ("waiting", "pulling") and c.last is None]
    if fresh:
        return "Pending"
    finished = all(c.stage == "terminated" and not restarts_again(c, pod) for c in agent.main)
    if finished and stages:
        return "Succeeded" if all(c.succeeded for c in agent.main) else "Failed"
    return "Running"


def _conditions(agent: Agent, pod: Obj, pod_phase: str, now: float) -> list[Obj]:
    unready = [c.name for c in agent.main if not c.ready]
    pending = [c.name for c in agent.init if not agent.passed(c)]
    done = pod_phase in ("Succeeded", "Failed")
    if pod_phase == "Succeeded":
        not_ready = ("PodCompleted", "")
    elif pod_phase == "Failed":
        not_ready = ("PodFailed", "")
    else:
        not_ready = ("ContainersNotReady", f"containers with unready status: [{' '.join(unready)}]")
    ready = not unready and not done
    incomplete = ("ContainersNotInitialized", f"containers with incomplete status: [{' '.join(pending)}]")
    wanted: list[tuple[str, bool, tuple[str, str]]] = [
        ("PodReadyToStartContainers", agent.sandbox and not done, ("", "")),
        ("Initialized", not pending, ("PodCompleted", "") if pod_phase == "Succeeded" else incomplete),
        ("Ready", ready, not_ready),
        ("ContainersReady", ready, not_ready),
    ]
    before = {c["type"]: c for c in (pod.get("status") or {}).get("conditions") or []}
    result = []
    for kind, holds, (reason, message) in wanted:
        condition: Obj = {
            "type": kind,
            "status": "True" if holds else "False",
            "lastProbeTime": None,
            "lastTransitionTime": stamp(now),
            "observedGeneration": pod["metadata"].get("generation", 1),
        }
        if reason and (not holds or (kind == "Initialized" and reason == "PodCompleted")):
            condition["reason"] = reason
            if message:
                condition["message"] = message
        old = before.pop(kind, None)
        if old is not None and old["status"] == condition["status"]:
            condition["lastTransitionTime"] = old["lastTransitionTime"]
        result.append(condition)
    return result + list(before.values())


def pod_status(agent: Agent, pod: Obj, now: float) -> Obj:
    """Give the whole status."""
    old = pod.get("status") or {}
    current = phase(agent, pod)
    initialising = any(not agent.passed(c) for c in agent.init)
    status: Obj = {
        "observedGeneration": pod["metadata"].get("generation", 1),
        "phase": current,
        "conditions": _conditions(agent, pod, current, now),
        "hostIP": agent.node.host_ip,
        "hostIPs": [{"ip": agent.node.host_ip}],
        "startTime": old.get("startTime") or stamp(now),
        "qosClass": old.get("qosClass", "BestEffort"),
    }
    if agent.ip:
        status |= {"podIP": agent.ip, "podIPs": [{"ip": agent.ip}]}
    if agent.init:
        status["initContainerStatuses"] = [container_status(c, initialising) for c in agent.init]
    status["containerStatuses"] = [container_status(c, bool(agent.init) and initialising) for c in agent.main]
    if agent.extra:
        status["ephemeralContainerStatuses"] = [container_status(c, False) for c in agent.extra]
    return status
