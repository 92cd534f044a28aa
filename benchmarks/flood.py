"""An API server whose containers log as fast, or exactly as fast, as a measurement wants.

`python -m benchmarks.flood PODS (LINES | RATE/s | LINES@RATE/s)` prints its address, and ends when its standard input
does. It has nothing but the pods of the app `flood`: each has LINES lines of history, or they go on with RATE lines a
second in all (0/s: they are silent), until LINES have been sent. A process of its own, and made of prepared bytes, so
that it takes little from what is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

from benchmarks.gate import kubeconfig

PODS_PATH = "/api/v1/namespaces/default/pods"
BEAT = 0.02
"""Seconds between two portions of a steady stream."""
BLOCK = 1000


def pod(number: int) -> dict[str, object]:
    name = f"flood-web-5d4f8c7b9-{number:05d}"
    since = "2026-01-02T03:04:05Z"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name, "namespace": "default", "uid": f"uid-{number}", "resourceVersion": "1",
            "creationTimestamp": since,
            "labels": {"app.kubernetes.io/name": "flood", "app.kubernetes.io/instance": "flood-web", "pod-template-hash": "5d4f8c7b9"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "flood-web-5d4f8c7b9", "uid": "u", "controller": True}],
        },
        "spec": {"nodeName": "node-1", "containers": [{"name": "web", "image": "flood"}]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{
                "name": "web", "ready": True, "restartCount": 0, "image": "flood", "imageID": "",
                "containerID": "containerd://x", "state": {"running": {"startedAt": since}},
            }],
        },
    }  # fmt: skip


class Flood:
    def __init__(self, pods: int, lines: int, rate: int) -> None:
        self.pods = pods
        self.lines = lines
        """Of each container's history; 0 when it is a steady stream."""
        self.rate = rate
        """Lines a second in all."""
        self.sent = 0
        self.opened = 0
        self.ended = 0.0
        """When the last line of a limited stream was sent."""

    def block(self, start: int, count: int, moment: float, span: float) -> bytes:
        """Lines, their times spread over `span` seconds from `moment` on."""
        second = int(moment)
        stamp = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()
        fraction = int((moment - second) * 1e9)
        step = max(1, int(span * 1e9 / max(1, count)))
        return b"".join(
            b"%b.%09dZ INFO request %d GET /api/orders/1042 served in 12.4 ms for user 42 from 10.244.0.17\n"
            % (stamp, min(999_999_999, fraction + number * step), start + number)
            for number in range(count)
        )

    async def history(self, writer: asyncio.StreamWriter) -> None:
        """All the lines, made anew by the second only: the same bytes but for the time."""
        begin = int(time.time()) - self.lines // BLOCK - 1
        body = self.block(0, BLOCK, 0, 1)
        old = datetime.fromtimestamp(0, UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()
        for number in range(self.lines // BLOCK):
            stamp = datetime.fromtimestamp(begin + number, UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()
            await chunk(writer, body.replace(old, stamp))

    async def stream(self, writer: asyncio.StreamWriter) -> None:
        share = self.rate / self.pods
        limit = self.lines // self.pods if self.lines else 1 << 60
        began = time.time()
        number = 0
        while True:
            now = time.time()
            due = min(limit, int((now - began) * share)) - number
            if due:
                await chunk(writer, self.block(number, due, now, BEAT / 2))
                number += due
                self.sent += due
                self.ended = time.time()
            await asyncio.sleep(BEAT)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                target = head.split(b" ", 2)[1].decode()
                url, query = urlsplit(target), parse_qs(urlsplit(target).query)
                await reader.readexactly(_length(head))
                if url.path.endswith("/selfsubjectaccessreviews"):
                    await answer(writer, REVIEW)
                elif url.path == "/flood":
                    await answer(writer, {"sent": self.sent, "opened": self.opened, "ended": self.ended})
                elif url.path.endswith("/log"):
                    await self.log(writer, follow="follow" in query)
                elif url.path == PODS_PATH and "watch" in query:
                    await start(writer)
                    for number in range(
                        self.pods if query.get("resourceVersion", ["0"])[0] in ("", "0") else 0
                    ):
                        await chunk(
                            writer, json.dumps({"type": "ADDED", "object": pod(number)}).encode() + b"\n"
                        )
                    await reader.read()
                elif url.path == PODS_PATH:
                    items = [pod(number) for number in range(self.pods)]
                    await answer(writer, {
                        "kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": items,
                    })  # fmt: skip
                elif url.path.startswith(PODS_PATH + "/"):
                    await answer(writer, pod(int(url.path.rpartition("-")[2])))
                elif "watch" in query:
                    await start(writer)
                    await reader.read()
                else:
                    await answer(writer, EMPTY.get(url.path, {
                        "kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": [],
                    }))  # fmt: skip
        writer.close()

    async def log(self, writer: asyncio.StreamWriter, *, follow: bool) -> None:
        self.opened += 1
        await start(writer)
        if self.lines and not self.rate:
            await self.history(writer)
        elif self.rate and follow:
            await self.stream(writer)
        if follow:
            await asyncio.Event().wait()
        writer.write(b"0\r\n\r\n")
        await writer.drain()


REVIEW = {
    "kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "spec": {}, "status": {"allowed": True},
}  # fmt: skip
"""k9s asks before it looks."""
EMPTY: dict[str, dict[str, object]] = {
    "/version": {"major": "1", "minor": "33", "gitVersion": "v1.33.0"},
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {
        "kind": "APIResourceList", "groupVersion": "v1", "resources": [
            {"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod", "verbs": ["get", "list", "watch"], "shortNames": ["po"]},
            {"name": "pods/log", "singularName": "", "namespaced": True, "kind": "Pod", "verbs": ["get"]},
        ],
    },
}  # fmt: skip


def _length(head: bytes) -> int:
    found = re.search(rb"(?i)content-length: (\d+)", head)
    return int(found[1]) if found else 0


async def start(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    await writer.drain()


async def chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(b"%x\r\n%b\r\n" % (len(data), data))
    await writer.drain()


async def answer(writer: asyncio.StreamWriter, body: object) -> None:
    data = json.dumps(body).encode()
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(data) + data
    )
    await writer.drain()


class FloodServer:
    """The server as a process; a context manager with a kubeconfig that points to it."""

    def __init__(self, pods: int, amount: str) -> None:
        self._arguments = [str(pods), amount]

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "benchmarks.flood", *self._arguments]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().decode().strip()
        self._folder = tempfile.TemporaryDirectory(prefix="lain-bench-")
        self.kubeconfig = Path(self._folder.name) / "kubeconfig"
        self.kubeconfig.write_text(json.dumps(kubeconfig(self.url)))
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        self._folder.cleanup()

    def state(self) -> dict[str, float]:
        """How many lines were sent, how many logs opened, and when the last line went."""
        with urllib.request.urlopen(f"{self.url}/flood", timeout=10) as response:
            return dict(json.loads(response.read()))


async def main(pods: int, amount: str) -> None:
    lines, _, rate = amount.removesuffix("/s").rpartition("@") if amount.endswith("/s") else (amount, "", "0")
    flood = Flood(pods, int(lines or 0), int(rate))
    server = await asyncio.start_server(flood.serve, "127.0.0.1", 0, limit=1 << 20)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
