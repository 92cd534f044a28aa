"""Names asked of the cluster and the registry, each with a word about it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.resources import NAMESPACES, PODS
from lain_tui.core.model.text import shortened
from lain_tui.core.target import Target

PATIENCE = 3.0
"""Seconds; nobody waits longer for a name."""


class Name(msgspec.Struct, frozen=True):
    """One name."""

    text: str
    about: str = ""


async def ask(kind: str, target: Target, env: Mapping[str, str]) -> list[Name]:
    """The names of a kind (see `ASKED`); raises LainError, and TimeoutError after `PATIENCE`."""
    async with asyncio.timeout(PATIENCE):
        if kind == "tag":
            return await _tags(target, env)
        async with KubeClient.open(target) as kube:
            return await ASKED[kind](kube, target)


async def _apps(kube: KubeClient, target: Target) -> list[Name]:
    from lain_tui.core.helm.releases import find_apps

    return [Name(app.name, app.image_tag[:23]) for app in await find_apps(kube, target.namespace)]


async def _procs(kube: KubeClient, target: Target) -> list[Name]:
    from lain_tui.core.helm.releases import find_apps
    from lain_tui.core.status.owners import proc_name

    apps = [app for app in await find_apps(kube, target.namespace) if app.name == target.app]
    return [
        Name(proc_name(proc, app.release or target.release), "proc") for app in apps for proc in app.procs
    ]


async def _pods(kube: KubeClient, target: Target) -> list[Name]:
    selector = f"app.kubernetes.io/name={target.app}" if target.app else ""
    pods = await kube.list(PODS, target.namespace, selector=selector)
    return [Name(pod.metadata.name, pod.status.phase.lower()) for pod in pods]


async def _procs_and_pods(kube: KubeClient, target: Target) -> list[Name]:
    procs, pods = await asyncio.gather(_procs(kube, target), _pods(kube, target))
    return [*procs, *pods]


async def _revisions(kube: KubeClient, target: Target) -> list[Name]:
    from lain_tui.core.helm.releases import list_revisions

    return [
        Name(str(revision.revision), revision.status)
        for revision in await list_revisions(kube, target.namespace, target.release or target.app)
    ]


async def _namespaces(kube: KubeClient, target: Target) -> list[Name]:
    return [Name(namespace.metadata.name) for namespace in await kube.list(NAMESPACES)]


async def _tags(target: Target, env: Mapping[str, str]) -> list[Name]:
    from lain_tui.core.registry.tags import list_tags

    if target.chart is None:
        raise LainError("tags are those of an app's repository")
    tags = await list_tags(target.settings, target.app, target.chart.parent, env)
    return [Name(tag.name, shortened(tag.commit.subject, 50) if tag.commit else "") for tag in tags[:100]]


ASKED: dict[str, Callable[[KubeClient, Target], Awaitable[list[Name]]]] = {
    "app": _apps,
    "proc": _procs,
    "pod": _pods,
    "proc|pod": _procs_and_pods,
    "revision": _revisions,
    "namespace": _namespaces,
}
"""The kinds of names that the cluster knows; `tag` is the registry's."""
