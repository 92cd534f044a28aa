"""Containers that write exactly what a test wants, and a kubelet that loses exactly what it says.

Logs are served as a kubelet does: `sinceTime` by the whole second, a followed log until its container ends.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.store import Store
from lain_tui.core.logs.feed import FeedOptions, LogFeed
from lain_tui.core.logs.timestamps import SECOND, format_rfc3339, split_timestamp
from lain_tui.core.target import Target
from tests.kube.api import PODS_PATH, Api, serve

START = 1_772_697_600 * SECOND
"""When every container begins: 2026-03-05 08:00:00 UTC."""


class Container:
    """One container's log, and who reads it."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        """With their timestamps and newlines."""
        self.ended = False
        self.removed = False
        """The node has thrown it away, and says so in place of the log, with status 200."""
        self.before: Container | None = None
        """The instance before."""
        self.readers = 0
        self._news = asyncio.Condition()
        self._cut_after: int | None = None

    def write(self, *texts: bytes, at: int = START, step: int = 1, end: bytes = b"\n") -> None:
        """Write lines, the first at a moment, each further one `step` nanoseconds later."""
        for number, text in enumerate(texts):
            self.lines.append(format_rfc3339(at + number * step).encode() + b" " + text + end)

    def rotate(self, kept: int) -> None:
        """Throw all but the last lines away, as a kubelet does with the older file."""
        del self.lines[: len(self.lines) - kept]

    async def told(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def end(self) -> None:
        self.ended = True
        await self.told()

    async def cut(self, more: int = 0) -> None:
        """Cut every reader's connection, after so many bytes of the lines that it has not had yet."""
        self._cut_after = more
        await self.told()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if "previous" in request.query:
            if self.before is None:
                raise web.HTTPBadRequest(text="previous terminated container not found")
            return await self.before.serve(
                request.clone(rel_url=request.rel_url.without_query_params("previous"))
            )
        since = request.query.get("sinceTime")
        first = split_timestamp(since.encode() + b" ")[0] // SECOND * SECOND if since else 0
        lines = [line for line in self.lines if split_timestamp(line)[0] >= first]
        lines = lines[-int(request.query.get("tailLines", len(lines) or 1)) :]
        response = web.StreamResponse()
        await response.prepare(request)
        if self.removed:
            await response.write(b"unable to retrieve container logs for containerd://0123456789abcdef")
            return response
        self.readers += 1
        try:
            await response.write(b"".join(lines))
            sent = len(self.lines)
            while "follow" in request.query:
                if self._cut_after is not None:
                    rest, self._cut_after = b"".join(self.lines[sent:])[: self._cut_after], None
                    await response.write(rest)
                    await asyncio.sleep(0.05)
                    assert request.transport is not None
                    request.transport.abort()
                    return response
                await response.write(b"".join(self.lines[sent:]))
                sent = len(self.lines)
                if self.ended:
                    break
                async with self._news:
                    await self._news.wait()
        finally:
            self.readers -= 1
        return response


class Kubelet:
    """Pods with one container each."""

    def __init__(self, api: Api, kube: KubeClient) -> None:
        self.api, self.kube = api, kube
        self.containers: dict[str, Container] = {}

    def run(self, name: str, *, uid: str = "", restarts: int = 0) -> Container:
        """Start a pod."""
        container = self.containers[name] = Container()
        self.api.put_raw(uid or f"uid-{name}", _pod(name, restarts=restarts))
        self.api.always["GET", f"{PODS_PATH}/{name}/log"] = container.serve
        return container

    async def end(self, name: str, *, uid: str = "") -> None:
        """Let a pod succeed."""
        self.api.put_raw(uid or f"uid-{name}", _pod(name, phase="Succeeded"))
        await self.containers[name].end()

    def begin(self, name: str, *, restarts: int = 0) -> Container:
        """Begin another instance of a pod's container, of which the API does not tell yet unless it `restarts`."""
        before = self.containers[name]
        container = self.run(name, restarts=restarts)
        container.before = before
        return container

    async def replace(self, name: str, *, uid: str) -> Container:
        """Another pod of the same name, as a StatefulSet makes one."""
        await self.containers[name].end()
        self.api.remove(name)
        return self.run(name, uid=uid)

    @asynccontextmanager
    async def read(self, **options: Any) -> AsyncIterator[LogFeed]:
        settings = FeedOptions(**{"tail": None, "marks": True, **options})
        async with Store(self.kube) as store, LogFeed(self.kube, store, "dummy", options=settings) as feed:
            yield feed


@asynccontextmanager
async def kubelet(folder: Path) -> AsyncIterator[Kubelet]:
    async with serve() as api:
        file = folder / "kubeconfig"
        file.write_text(
            json.dumps({
                "current-context": "scripted",
                "clusters": [{"name": "scripted", "cluster": {"server": api.url}}],
                "users": [{"name": "scripted", "user": {}}],
                "contexts": [{"name": "scripted", "context": {"cluster": "scripted", "user": "scripted"}}],
            })
        )  # fmt: skip
        async with KubeClient.open(Target(namespace="dummy", cluster="scripted", kubeconfig=(file,))) as kube:
            yield Kubelet(api, kube)


def _pod(name: str, phase: str = "Running", restarts: int = 0) -> dict[str, Any]:
    over = phase != "Running"
    state = {"terminated": {"exitCode": 0}} if over else {"running": {"startedAt": "2026-03-05T08:00:00Z"}}
    status = {
        "name": "main",
        "ready": not over,
        "restartCount": restarts,
        "image": "",
        "imageID": "",
        "state": state,
    }
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {"name": name, "namespace": "dummy"},
        "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "x"}]},
        "status": {"phase": phase, "containerStatuses": [status]},
    }
