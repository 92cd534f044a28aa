"""A relay in front of an API server that notes each request and when its answer's last byte passed.

It carries plain HTTP/1.1 (the embedded cluster, or `kubectl proxy` before a real one), so that programs which
know nothing of each other can be counted alike.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

_REQUEST = re.compile(rb"^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (\S+) HTTP/1\.[01]\r\n")


@dataclass
class Passed:
    """One request that passed."""

    time: float
    method: str
    path: str
    """With its query."""
    last_byte: float = 0.0
    size: int = 0
    """Bytes of the answer, its head included."""

    @property
    def is_watch(self) -> bool:
        return "watch=" in self.path or "follow=" in self.path


class Gate:
    """A context manager; `kubeconfig` points through it. Times are `time.perf_counter()`'s."""

    def __init__(self, url: str) -> None:
        self._host, self._port = urlsplit(url).hostname, urlsplit(url).port
        self.requests: list[Passed] = []

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="lain-bench-")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        started = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(started, self._loop).result()
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self.kubeconfig = Path(self._folder.name) / "kubeconfig"
        self.kubeconfig.write_text(json.dumps(kubeconfig(self.url)))
        return self

    def __exit__(self, *_: object) -> None:
        async def close() -> None:
            self._server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        self._folder.cleanup()

    @property
    def received(self) -> int:
        """Bytes of all answers so far, those of watches too."""
        return sum(request.size for request in self.requests)

    def since(self, moment: float) -> list[Passed]:
        """The requests that came after that moment."""
        return [request for request in self.requests if request.time >= moment]

    def lists(self, plural: str) -> list[Passed]:
        """The list requests (not watches) for a kind: `pods`."""
        return [r for r in self.requests if urlsplit(r.path).path.endswith(f"/{plural}") and not r.is_watch]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        current: list[Passed] = []

        def asked(data: bytes) -> None:
            if match := _REQUEST.match(data):
                current[:] = [Passed(time.perf_counter(), match[1].decode(), match[2].decode())]
                self.requests.extend(current)

        def answered(data: bytes) -> None:
            for request in current:
                request.last_byte = time.perf_counter()
                request.size += len(data)

        with contextlib.suppress(OSError):
            onward_reader, onward_writer = await asyncio.open_connection(self._host, self._port)
            try:
                await asyncio.gather(
                    _relay(reader, onward_writer, asked), _relay(onward_reader, writer, answered)
                )
            finally:
                onward_writer.close()
                writer.close()


async def _relay(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, note: Callable[[bytes], None]
) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 18):
            note(data)
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof()


def kubeconfig(url: str) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "gate",
        "clusters": [{"name": "gate", "cluster": {"server": url}}],
        "users": [{"name": "gate", "user": {}}],
        "contexts": [
            {"name": "gate", "context": {"cluster": "gate", "user": "gate", "namespace": "default"}}
        ],
    }
