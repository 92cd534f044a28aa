"""The proc that a one-off run is made of."""

from __future__ import annotations

from typing import Any

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.image.names import parse_reference
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.resources import DEPLOYMENTS, STATEFULSETS, Kind
from lain_tui.core.model.pod import PodSpec
from lain_tui.core.model.quantity import parse_quantity
from lain_tui.core.model.text import listed
from lain_tui.core.model.workload import Deployment, StatefulSet
from lain_tui.core.status.owners import proc_of
from lain_tui.core.target import Target


class Proc(msgspec.Struct, frozen=True):
    """A proc and its workload's whole manifest."""

    name: str
    container: str
    image: str
    workload: dict[str, Any]

    def image_with(self, tag: str) -> str:
        """Its image with another tag; empty when `tag` is."""
        reference = parse_reference(self.image)
        name = self.image.partition("@")[0].removesuffix(f":{reference.tag}")
        return f"{name}:{tag}" if tag else ""


async def find_proc(kube: KubeClient, target: Target, name: str = "") -> Proc:
    """The proc named, else the deployment with the largest memory limit. Raises LainError when there is none."""
    selector = f"app.kubernetes.io/name={target.app}"
    deployments = await kube.list(DEPLOYMENTS, target.namespace, selector=selector)
    sets = await kube.list(STATEFULSETS, target.namespace, selector=selector)
    found: dict[str, tuple[Kind[Any], Deployment | StatefulSet]] = {
        proc_of(each, target.release): (STATEFULSETS, each) for each in sets
    }
    found |= {proc_of(each, target.release): (DEPLOYMENTS, each) for each in deployments}
    if not found:
        raise LainError(f"{target.app} has no proc to take the image and env of", hint="Deploy it first.")
    if name and name not in found:
        raise LainError(f"{target.app} has no proc {name}", hint=f"It has {listed(sorted(found), most=8)}.")
    if not name:
        preferred = [proc for proc, (kind, _) in found.items() if kind is DEPLOYMENTS] or list(found)
        name = max(preferred, key=lambda proc: (_memory(found[proc][1].spec.template.spec), proc))
    kind, workload = found[name]
    whole = msgspec.json.decode(await kube.get_raw(kind, workload.metadata.name, target.namespace))
    containers = workload.spec.template.spec.containers or ()
    chosen = next((each for each in containers if each.name == name), containers[0])
    return Proc(name, chosen.name, chosen.image, whole)


def _memory(spec: PodSpec) -> float:
    total = 0.0
    for container in spec.containers or ():
        try:
            total += parse_quantity((container.resources.limits or {}).get("memory", "0"))
        except ValueError:
            continue
    return total
