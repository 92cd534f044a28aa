"""The network between a client and an API server, so that a test can cut it or let it swallow everything."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import yaml

_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER of no time at all: to close such a socket is to reset the connection."""
_TICK = 0.05


class Relay:
    """Listens on a port of its own and passes every connection on to the API server at `url`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname and parts.port
        self._onward = (parts.hostname, parts.port)
        self._url = parts
        self._swallows = threading.Event()
        self._closed = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._server = socket.create_server((self._onward[0], 0))
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._server.close()
        self.cut()

    @property
    def url(self) -> str:
        return self._url._replace(netloc=f"{self._onward[0]}:{self._server.getsockname()[1]}").geturl()

    def kubeconfig(self, theirs: Path, ours: Path) -> Path:
        """Write a kubeconfig that goes through here, and otherwise is as the other."""
        document = yaml.safe_load(theirs.read_text())
        for cluster in document["clusters"]:
            cluster["cluster"]["server"] = self.url
        ours.write_text(yaml.safe_dump(document))
        return ours

    def cut(self) -> None:
        """Reset every connection; new ones are passed on."""
        with self._lock:
            cut, self._open = self._open, set()
        for each in cut:
            with contextlib.suppress(OSError):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                each.shutdown(socket.SHUT_RD)  # wakes the thread that reads it
            each.close()

    def swallow(self) -> None:
        """From now on nothing gets through, either way, and nobody is told."""
        self._swallows.set()

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                near, _ = self._server.accept()
                far = socket.create_connection(self._onward)
            except OSError:
                continue
            with self._lock:
                self._open |= {near, far}
            self._start(self._pump, near, far)
            self._start(self._pump, far, near)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                while self._swallows.is_set():
                    if self._closed.wait(_TICK):
                        return
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            for each in (source, sink):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _start(work: object, *arguments: object) -> None:
        threading.Thread(target=work, args=arguments, daemon=True).start()  # type: ignore[arg-type]
