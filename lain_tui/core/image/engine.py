"""The docker engine's API, as far as images need it.

Reference: docs.docker.com/reference/api/engine, version 1.24 on; nothing newer is asked of the engine.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp
import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.image.host import DockerHost
from lain_tui.core.image.tunnel import SshTunnel

_LIMIT = 2**20
_CONNECT_SECONDS = 10


class EngineRefusal(LainError):
    """The engine has answered that it could not."""


class ImageInfo(msgspec.Struct, frozen=True, kw_only=True):
    """An image that the engine has."""

    id: str = msgspec.field(name="Id")
    size: int = msgspec.field(name="Size", default=0)
    created: str = msgspec.field(name="Created", default="")
    config: dict[str, Any] | None = msgspec.field(name="Config", default=None)
    names: list[str] | None = msgspec.field(name="RepoTags", default=None)
    digests: list[str] | None = msgspec.field(name="RepoDigests", default=None)

    def has(self, digest: str) -> bool:
        """Whether it came from a registry under that digest."""
        return any(known.endswith(f"@{digest}") for known in self.digests or ())

    @property
    def labels(self) -> dict[str, str]:
        return (self.config or {}).get("Labels") or {}


class StreamPart(msgspec.Struct, frozen=True, kw_only=True):
    """One line of what the engine tells while it builds, pushes or pulls."""

    stream: str = ""
    status: str = ""
    id: str = ""
    error: str = ""
    progress: dict[str, Any] = msgspec.field(name="progressDetail", default={})
    aux: Any = None


class Engine:
    """One engine; use as an async context manager."""

    def __init__(self, host: DockerHost) -> None:
        self.host = host
        self._session: aiohttp.ClientSession | None = None
        self._tunnel: SshTunnel | None = None
        self._base = ""

    async def __aenter__(self) -> Self:
        scheme, _, rest = self.host.url.partition("://")
        tls = self.host.tls()
        if scheme == "unix":
            connector: aiohttp.BaseConnector = aiohttp.UnixConnector(path=rest)
            self._base = "http://docker"
        elif scheme == "ssh":
            self._tunnel = await SshTunnel(self.host.url).__aenter__()
            connector = aiohttp.UnixConnector(path=str(self._tunnel.socket))
            self._base = "http://docker"
        else:
            connector = aiohttp.TCPConnector(ssl=tls if tls is not None else True)
            self._base = f"{'https' if tls is not None or scheme == 'https' else 'http'}://{rest}"
        timeout = aiohttp.ClientTimeout(total=None, connect=_CONNECT_SECONDS)
        self._session = aiohttp.ClientSession(connector=connector, timeout=timeout, read_bufsize=_LIMIT)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
        if self._tunnel is not None:
            await self._tunnel.__aexit__(kind, error, trace)

    async def ping(self) -> str:
        """Ask who it is, such as `docker 28.2.2`; raises LainError when nobody answers, or somebody else."""
        said = ""
        try:
            async with self._request("GET", "/_ping") as answer:
                if (await answer.read()).strip() == b"OK":
                    # Its own word is in the header; /version runs programs to find out about all of its parts.
                    return _engine_name(answer.headers.get("Server", ""))
        except EngineRefusal as error:
            said = f" ({error.what})"
        raise LainError(
            f"what answers there is no docker engine{said}",
            where=f"{self.host.url} ({self.host.source})",
            hint="Name another engine with DOCKER_HOST or --remote-docker.",
        )

    async def takes(self, version: str) -> bool:
        """Whether it still understands this version of its API, such as `1.41`."""
        try:
            async with self._request("GET", f"/v{version}/_ping"):
                return True
        except EngineRefusal:
            return False

    async def image(self, name: str) -> ImageInfo | None:
        """An image by name or id; None when the engine does not have it."""
        async with self._request("GET", f"/images/{quote(name, safe='/:@')}/json", missing=True) as answer:
            if answer.status == 404:
                return None
            return msgspec.json.decode(await answer.read(), type=ImageInfo)

    async def tag(self, image: str, repository: str, tag: str) -> None:
        """Give an image one more name."""
        params = {"repo": repository, "tag": tag}
        async with self._request("POST", f"/images/{quote(image, safe='/:@')}/tag", params=params):
            pass

    async def untag(self, name: str) -> None:
        """Take a name away, and the image with its last one; nothing happens when it is not there."""
        path = f"/images/{quote(name, safe='/:@')}"
        async with self._request("DELETE", path, params={"noprune": "false"}, missing=True):
            pass

    async def remove_container(self, name: str) -> None:
        """End a container and remove it; nothing happens when it is not there."""
        async with self._request("DELETE", f"/containers/{quote(name)}", params={"force": "1"}, missing=True):
            pass

    def build(self, context: AsyncIterator[bytes], params: Mapping[str, str]) -> AsyncIterator[StreamPart]:
        """Build from a tar stream with the classic builder; `params` are the API's own."""
        return self._stream(
            "POST", "/build", params=params, headers={"Content-Type": "application/x-tar"}, data=context
        )

    def push(self, repository: str, tag: str, login: str) -> AsyncIterator[StreamPart]:
        path = f"/images/{quote(repository, safe='/:')}/push"
        return self._stream("POST", path, params={"tag": tag}, headers={"X-Registry-Auth": login})

    def pull(self, repository: str, tag: str, login: str) -> AsyncIterator[StreamPart]:
        params = {"fromImage": repository, "tag": tag}
        return self._stream("POST", "/images/create", params=params, headers={"X-Registry-Auth": login})

    async def export(self, image: str) -> AsyncIterator[bytes]:
        """An image as a tar stream, as `docker save` writes it."""
        async with self._request("GET", f"/images/{quote(image, safe='/:@')}/get") as answer:
            async for chunk in answer.content.iter_chunked(_LIMIT):
                yield chunk

    async def _stream(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        data: AsyncIterator[bytes] | None = None,
    ) -> AsyncIterator[StreamPart]:
        decoder = msgspec.json.Decoder(StreamPart)
        async with self._request(method, path, params=params, headers=headers, data=data) as answer:
            buffer = b""
            async for chunk in answer.content.iter_any():
                *lines, buffer = (buffer + chunk).split(b"\n")
                for line in lines:
                    if line.strip():
                        yield decoder.decode(line)
            if buffer.strip():
                with contextlib.suppress(msgspec.DecodeError):
                    yield decoder.decode(buffer)

    @contextlib.asynccontextmanager
    async def _request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        data: AsyncIterator[bytes] | None = None,
        missing: bool = False,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        assert self._session is not None, "the engine is used outside its context"
        with self._told():
            answer = await self._session.request(
                method, f"{self._base}{path}", params=params, headers=headers, data=data
            )
            try:
                if answer.status >= 400 and not (missing and answer.status == 404):
                    raise EngineRefusal(_message(await answer.read(), answer.status), where=self.host.url)
                yield answer
            finally:
                # Read to its end, it leaves the connection to the next request: over ssh that is another login.
                answer.release()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Failures of the connection as sentences."""
        try:
            yield
        except aiohttp.ClientConnectorError as error:
            raise self._absent(error.os_error) from error
        except msgspec.DecodeError as error:
            what = f"what the docker engine answers cannot be read: {error}"
            raise LainError(what, where=self.host.url) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            if self._tunnel is not None and self._tunnel.trouble:
                raise LainError(f"ssh: {self._tunnel.trouble}", where=self.host.url) from error
            if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError):
                raise LainError("the docker engine went away in mid-answer", where=self.host.url) from error
            cause = str(error) or type(error).__name__
            raise LainError(f"the docker engine cannot be used: {cause}", where=self.host.url) from error

    def _absent(self, error: OSError) -> LainError:
        if isinstance(error, PermissionError):
            hint = "Add yourself to the group docker and sign in again, or run as root."
            return LainError("the docker engine's socket may not be opened", where=self.host.url, hint=hint)
        path = Path(self.host.url.removeprefix("unix://"))
        if isinstance(error, FileNotFoundError) or (
            self.host.url.startswith("unix") and not os.path.lexists(path)
        ):
            reason = "no docker engine runs here"
        else:
            reason = f"no docker engine answers: {error.strerror or error}"
        hint = "Start docker, or name another engine with DOCKER_HOST or --remote-docker."
        return LainError(reason, where=f"{self.host.url} ({self.host.source})", hint=hint)


def _engine_name(server: str) -> str:
    """`docker 28.2.2` for the header's `Docker/28.2.2 (linux)`."""
    return server.partition(" ")[0].replace("/", " ").lower() or "docker"


def _message(body: bytes, status: int) -> str:
    with contextlib.suppress(msgspec.DecodeError, AttributeError):
        return str(msgspec.json.decode(body).get("message") or f"HTTP {status}")
    return body.decode(errors="replace").strip()[:300] or f"HTTP {status}"


async def in_chunks(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Produce chunks in a thread: reading files holds nobody up."""
    while True:
        chunk = await asyncio.to_thread(next, chunks, None)
        if chunk is None:
            return
        yield chunk
