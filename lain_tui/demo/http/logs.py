"""The log subresource, with every flag, and refused in the words of API server and kubelet."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import web

from .. import errors, times
from ..clock import parse, stamp_nano
from ..cluster import Cluster
from ..containerlog import ContainerLog, Entry
from ..kinds import POD, Kind
from ..kubelet.container import Container
from ..storage import Obj
from .options import flag
from .route import Route

_OPTIONS = Kind("PodLogOptions", "podlogoptions")
POLL = 0.1
"""Seconds between looks at a log that is followed."""


def _count(query: dict[str, str], pod: str, name: str, least: int) -> int | None:
    if name not in query:
        return None
    try:
        number = int(query[name])
    except ValueError:
        raise errors.bad_request(f'strconv.ParseInt: parsing "{query[name]}": invalid syntax') from None
    if number < least:
        word = "greater than 0" if least else "greater than or equal to 0"
        message = f"Invalid value: {number}: must be {word}"
        raise errors.invalid(_OPTIONS, pod, [("FieldValueInvalid", message, name)])
    return number


def choose(pod: Obj, wanted: str) -> str:
    """Name the container to read. ApiError 400 when it must be said, or is not there."""
    spec, name = pod["spec"], pod["metadata"]["name"]
    groups = {
        g: [c["name"] for c in spec.get(g) or []]
        for g in ("containers", "initContainers", "ephemeralContainers")
    }
    if wanted:
        if not any(wanted in names for names in groups.values()):
            raise errors.bad_request(f"container {wanted} is not valid for pod {name}")
        return wanted
    if len(groups["containers"]) == 1:
        return str(groups["containers"][0])
    message = f"a container name must be specified for pod {name}, choose one of: [{' '.join(groups['containers'])}]"
    if groups["initContainers"]:
        message += f" or one of the init containers: [{' '.join(groups['initContainers'])}]"
    raise errors.bad_request(message)


def find(cluster: Cluster, pod: Obj, name: str, previous: bool) -> ContainerLog:
    """Find the log of a container, or of the run before. ApiError 400 when there is none."""
    meta = pod["metadata"]
    container = cluster.kubelet.container(meta["namespace"], meta["name"], name)
    if previous:
        log = _previous(container)
        if log is None:
            raise errors.bad_request(
                f'previous terminated container "{name}" in pod "{meta["name"]}" not found'
            )
        return log
    if container is None or container.log is None:
        reason = container.reason if container else "ContainerCreating"
        waiting = {
            "ErrImagePull": "trying and failing to pull image",
            "ImagePullBackOff": "trying and failing to pull image",
        }.get(reason, reason)
        if container is not None and container.group == "containers" and reason == "ContainerCreating":
            waiting = "PodInitializing" if pod["spec"].get("initContainers") else reason
        raise errors.bad_request(f'container "{name}" in pod "{meta["name"]}" is waiting to start: {waiting}')
    return container.log


def _previous(container: Container | None) -> ContainerLog | None:
    """Give the log of the last run that has ended while another may have begun."""
    if container is None or container.last is None:
        return None
    if container.stage == "terminated":
        return container.log
    return container.previous_log


async def serve(
    request: web.BaseRequest, cluster: Cluster, route: Route, query: dict[str, str]
) -> web.StreamResponse:
    """Send a log, and go on sending when it is followed."""
    pod = cluster.api.found(POD, route.namespace, route.name).obj
    tail = _count(query, route.name, "tailLines", 0)
    limit = _count(query, route.name, "limitBytes", 1)
    since_seconds = _count(query, route.name, "sinceSeconds", 1)
    if since_seconds is not None and "sinceTime" in query:
        why = "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"
        raise errors.invalid(_OPTIONS, route.name, [("FieldValueForbidden", why, "[]")])
    if "stream" in query:  # a feature gate that is off by default
        why = "Forbidden: may not be specified"
        raise errors.invalid(_OPTIONS, route.name, [("FieldValueForbidden", why, "stream")])
    now = cluster.clock.now()
    after = 0.0
    if "sinceTime" in query:
        if why := times.complaint(query["sinceTime"]):
            raise errors.bad_request(why)
        after = parse(query["sinceTime"])
    if since_seconds is not None:
        after = now - since_seconds
    name = choose(pod, query.get("container", ""))
    if not pod["spec"].get("nodeName"):
        return web.Response(status=204)
    log = find(cluster, pod, name, flag(query, "previous"))
    stamped = flag(query, "timestamps")
    log.advance(now)
    entries = [entry for entry in log.since(0) if entry.when >= after]
    if tail is not None:
        entries = entries[len(entries) - tail :] if tail else []
    payload = b"".join(_line(entry, stamped) for entry in entries)
    if not flag(query, "follow"):
        return web.Response(
            body=payload[:limit] if limit else payload, headers={"Content-Type": "text/plain"}
        )
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    with contextlib.suppress(ConnectionResetError):
        await _follow(response, cluster, log, payload, stamped, limit)
        await response.write_eof()
    return response


async def _follow(
    response: web.StreamResponse,
    cluster: Cluster,
    log: ContainerLog,
    payload: bytes,
    stamped: bool,
    limit: int | None,
) -> None:
    """Send what is there, then every new line, until the container has ended or the limit is reached."""
    left = limit if limit is not None else 1 << 62
    number = log.entries[-1].number + 1 if log.entries else 0
    while True:
        if payload:
            await response.write(payload[:left])
            left -= len(payload)
        if left <= 0:
            return
        log.advance(cluster.clock.now())
        fresh = log.since(number)
        if fresh:
            number = fresh[-1].number + 1
        elif log.ended is not None:
            return
        else:
            await asyncio.sleep(POLL)
        payload = b"".join(_line(entry, stamped) for entry in fresh)


def _line(entry: Entry, stamped: bool) -> bytes:
    text = f"{stamp_nano(entry.when)} {entry.text}\n" if stamped else f"{entry.text}\n"
    return text.encode("utf-8", "surrogateescape")
