"""Who reads a Secret or ConfigMap, what hides a key of it, and which pods still run older values: from live specs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import Forbidden
from lain_tui.core.kube.resources import CRONJOBS, DAEMONSETS, DEPLOYMENTS, PODS, STATEFULSETS, Kind
from lain_tui.core.model.holder import Absent, Holder, Reader, Ref, Shadow, Usage, Way
from lain_tui.core.model.meta import KubeObject
from lain_tui.core.model.pod import Container, KeyToPath, Pod, PodSpec, Volume
from lain_tui.core.model.workload import CronJob, DaemonSet, Deployment, Job, StatefulSet
from lain_tui.core.secrets.origins import values_origin
from lain_tui.core.status.owners import proc_of
from lain_tui.core.target import Target

Origin = Callable[[str, str], str]
"""Says where values set a variable of a proc: `values.yaml:14 env.DEBUG`; empty when they do not."""

Workload = Deployment | StatefulSet | DaemonSet | CronJob | Job


def usage_of(
    holder: Holder,
    workloads: Iterable[Workload],
    pods: Iterable[Pod] = (),
    *,
    release: str = "",
    origin: Origin | None = None,
) -> Usage:
    """Who reads it; `release` is what procs' names begin with."""
    readers: list[Reader] = []
    shadows: list[Shadow] = []
    for workload in workloads:
        if isinstance(workload, Job) and workload.metadata.owner is not None:
            continue
        proc = proc_of(workload, release)
        spec = _spec(workload)
        readers += read_by(holder.ref, spec, proc=proc, kind=_kind(workload))
        shadows += _shadows(holder, spec, proc, origin)
    absent = tuple(
        dict.fromkeys(
            Absent(key=one.key, proc=one.proc, way=one.way, optional=one.optional)
            for one in readers
            if one.key and one.key not in holder.data
        )
    )
    return Usage(
        readers=tuple(dict.fromkeys(readers)),
        shadows=tuple(dict.fromkeys(shadows)),
        absent=absent,
        outdated=tuple(sorted(_outdated(holder, pods))),
    )


async def look_usage(kube: KubeClient, target: Target, holder: Holder) -> Usage:
    """Who of the app reads it, asked of the cluster now. A permission that is missing is told in `unknown`."""
    app = f"app.kubernetes.io/name={target.app}" if target.app else ""
    kinds: tuple[Kind[Any], ...] = (DEPLOYMENTS, STATEFULSETS, DAEMONSETS, CRONJOBS, PODS)
    try:
        *workloads, pods = await asyncio.gather(
            *(kube.list(kind, target.namespace, selector=app) for kind in kinds)
        )
    except Forbidden as error:
        return Usage(unknown=error.what)
    return usage_of(
        holder,
        [one for some in workloads for one in some],
        pods,
        release=target.release or target.app,
        origin=values_origin(target),
    )


def read_by(ref: Ref, spec: PodSpec, *, proc: str = "", kind: str = "") -> Iterator[Reader]:
    """Every way in which a pod is given the holder."""
    mounted = {
        volume.name: source for volume in spec.volumes or () if (source := _source(ref, volume)) is not None
    }
    for container in (*(spec.init_containers or ()), *(spec.containers or ())):
        plain = Reader(proc=proc, kind=kind, container=container.name, way=Way.ENV)
        yield from _by_env(ref, container, plain)
        for mount in container.volume_mounts or ():
            if mount.name not in mounted:
                continue
            source = mounted[mount.name]
            paths = {item.path: item.key for item in source.items}
            if mount.sub_path:
                key = paths.get(mount.sub_path, mount.sub_path)
                yield msgspec.structs.replace(
                    plain, way=Way.SUB_PATH, key=key, name=mount.mount_path, optional=source.optional
                )
            elif source.items:
                for path, key in paths.items():
                    yield msgspec.structs.replace(
                        plain,
                        way=Way.FILE,
                        key=key,
                        name=f"{mount.mount_path.rstrip('/')}/{path}",
                        optional=source.optional,
                    )
            else:
                yield msgspec.structs.replace(
                    plain, way=Way.FILE, name=mount.mount_path, optional=source.optional
                )


def _by_env(ref: Ref, container: Container, plain: Reader) -> Iterator[Reader]:
    for source in container.env_from or ():
        whole = source.secret_ref if ref.kind == "Secret" else source.config_map_ref
        if whole is not None and whole.name == ref.name:
            yield msgspec.structs.replace(
                plain, way=Way.ENV_FROM, name=source.prefix, optional=whole.optional
            )
    for variable in container.env or ():
        origin = variable.value_from
        if origin is None:
            continue
        selector = origin.secret_key_ref if ref.kind == "Secret" else origin.config_map_key_ref
        if selector is not None and selector.name == ref.name:
            yield msgspec.structs.replace(
                plain, key=selector.key, name=variable.name, optional=selector.optional
            )


class _Source(msgspec.Struct, frozen=True):
    items: tuple[KeyToPath, ...]
    optional: bool


def _source(ref: Ref, volume: Volume) -> _Source | None:
    """How a volume holds it; None when it does not."""
    if ref.kind == "Secret" and volume.secret is not None and volume.secret.secret_name == ref.name:
        return _Source(volume.secret.items or (), volume.secret.optional)
    maps = [volume.config_map] if ref.kind == "ConfigMap" else []
    projected = (volume.projected.sources or ()) if volume.projected is not None else ()
    maps += [one.secret if ref.kind == "Secret" else one.config_map for one in projected]
    for found in maps:
        if found is not None and found.name == ref.name:
            return _Source(found.items or (), found.optional)
    return None


def _shadows(holder: Holder, spec: PodSpec, proc: str, origin: Origin | None) -> Iterator[Shadow]:
    """A container's own env goes over what envFrom brings (the API reference of Container.env)."""
    for container in (*(spec.init_containers or ()), *(spec.containers or ())):
        own = {variable.name for variable in container.env or ()}
        for reader in _by_env(holder.ref, container, Reader(proc=proc, kind="", container="", way=Way.ENV)):
            if reader.way is not Way.ENV_FROM:
                continue
            for key in holder.data:
                variable = f"{reader.name}{key}"
                if variable in own:
                    where = origin(proc, variable) if origin else ""
                    yield Shadow(key=key, proc=proc, by=where or f"env of container {container.name}")


def _outdated(holder: Holder, pods: Iterable[Pod]) -> Iterator[str]:
    if holder.changed is None:
        return
    for pod in pods:
        if pod.metadata.deletion_timestamp is not None:
            continue
        names = {one.container for one in read_by(holder.ref, pod.spec) if one.needs_restart}
        if any(_started(pod, name, holder.changed) for name in names):
            yield pod.metadata.name


def _started(pod: Pod, container: str, before: datetime) -> bool:
    """The container runs, and has since before that moment."""
    for status in pod.status.container_statuses or ():
        running = status.state.running
        if status.name == container and running is not None and running.started_at is not None:
            return running.started_at < before
    return False


def _spec(workload: Workload) -> PodSpec:
    if isinstance(workload, CronJob):
        return workload.spec.job_template.spec.template.spec
    return workload.spec.template.spec


def _kind(workload: KubeObject) -> str:
    return type(workload).__name__
