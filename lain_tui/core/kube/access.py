"""How to reach one cluster: its address, encryption, proxy and the credentials, kept fresh.

Credentials are asked for at the first request and not before, so that the app opens whatever state they are in;
once for all requests that find them refused at the same time.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from lain_tui.core.kube.errors import CredentialsFailed, KubeError

TOKEN_FILE_AGE = 10.0
"""Seconds after which a token file is read again; the kubelet rotates projected tokens well before they expire."""
SKEW = timedelta(seconds=30)
"""How long before its end a credential counts as expired."""
ASK_AGAIN = 30.0
"""Seconds within which a plugin that failed is not run again by itself: it may open a browser each time."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a connection needs. Never print it: it holds the token."""

    server: str
    """The API's base URL without a slash at the end; may have a path (Rancher)."""
    tls: ssl.SSLContext | None = None
    """None for plain http."""
    server_name: str | None = None
    """The name to expect in the server's certificate instead of the host's (tls-server-name)."""
    proxy: str | None = None
    authorization: str = ""
    """The value of the Authorization header; empty when a certificate says who we are, or nobody is asked."""
    token_file: Path | None = None
    expires: datetime | None = None
    """When the credential ends, if it said so."""
    certificate_expires: datetime | None = None
    """When the client certificate ends."""
    renewable: bool = False
    """A plugin, an identity provider or a token file can be asked for fresh credentials."""

    def __repr__(self) -> str:
        return f"Settings(server={self.server!r})"


class Access:
    """The settings of one cluster, with fresh credentials.

    `load(renew)` makes settings; with True it must not answer from what it remembers.
    """

    def __init__(self, load: Callable[[bool], Awaitable[Settings]]) -> None:
        self._load = load
        self._lock = asyncio.Lock()
        self._settings: Settings | None = None
        self._token_read = 0.0
        self._failure: KubeError | None = None
        self._failed_at = 0.0

    async def settings(self) -> Settings:
        """The settings to ask with now.

        Raises CredentialsFailed (or another KubeError) when credentials cannot be had.
        """
        async with self._lock:
            current = self._settings
            if current is None:
                current = await self._fresh(renew=False)
            elif current.expires is not None and datetime.now(UTC) >= current.expires - SKEW:
                current = await self._fresh(renew=True)
            elif current.token_file and time.monotonic() - self._token_read > TOKEN_FILE_AGE:
                current = self._read_token(current)
            return current

    async def renew(self, refused: Settings) -> bool:
        """Ask for new credentials after the API refused `refused`; True when there is something new to try."""
        async with self._lock:
            current = self._settings
            if current is not refused:
                return current is not None
            if not refused.renewable:
                return False
            if refused.token_file is not None:
                return self._read_token(refused).authorization != refused.authorization
            await self._fresh(renew=True)
            return True

    def retry(self) -> None:
        """Let the next request ask for credentials even though that failed a moment ago."""
        self._failure = None

    async def _fresh(self, *, renew: bool) -> Settings:
        if self._failure is not None and time.monotonic() - self._failed_at < ASK_AGAIN:
            raise self._failure
        try:
            self._settings = await self._load(renew)
        except KubeError as error:
            self._failure, self._failed_at = error, time.monotonic()
            raise
        self._failure = None
        self._token_read = time.monotonic()
        return self._settings

    def _read_token(self, current: Settings) -> Settings:
        assert current.token_file is not None
        authorization = bearer(read_token_file(current.token_file))
        self._token_read = time.monotonic()
        if authorization != current.authorization:
            current = msgspec.structs.replace(current, authorization=authorization)
            self._settings = current
        return current


def bearer(token: str) -> str:
    return f"Bearer {token}"


def read_token_file(path: Path) -> str:
    """The token in a file.

    Raises CredentialsFailed when there is none.
    """
    try:
        token = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise CredentialsFailed(f"the token file cannot be read: {reason}", where=str(path)) from None
    if not token:
        raise CredentialsFailed("the token file is empty", where=str(path))
    return token
