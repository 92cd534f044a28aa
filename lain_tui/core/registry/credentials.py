"""Logins to registries, from where docker keeps them; never shown, never written.

Sources, in docker's own order: the credential helper for the host (`credHelpers`), the store (`credsStore`), the
entries of config.json (`auths`).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
from collections.abc import Mapping
from typing import Any

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.image.host import docker_config_folder
from lain_tui.core.image.names import DOCKER_HUB

_HUB_KEYS = ("https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io")
_HELPER_SECONDS = 20


class Login(msgspec.Struct, frozen=True):
    """A user's name and password, or a token that stands for both."""

    username: str = ""
    password: str = ""
    identity_token: str = ""
    """An OAuth2 refresh token, given by some helpers in place of a password."""

    def __repr__(self) -> str:
        return f"Login({self.username!r}, ***)"

    __str__ = __repr__

    @property
    def known(self) -> bool:
        """False for the anonymous login."""
        return bool(self.identity_token or self.password)

    def basic(self) -> str:
        """The value of an Authorization header."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()

    def engine_header(self, host: str) -> str:
        """The value of X-Registry-Auth: what the docker engine passes on."""
        body = {"serveraddress": host}
        if self.identity_token:
            body["identitytoken"] = self.identity_token
        elif self.password:
            body |= {"username": self.username, "password": self.password}
        return base64.urlsafe_b64encode(msgspec.json.encode(body)).decode()


ANONYMOUS = Login()


async def find_login(host: str, environment: Mapping[str, str] | None = None) -> Login:
    """The login for a registry host (with its port); anonymous when docker knows none.

    Raises LainError when docker's settings cannot be read or a helper that they name is not there.
    """
    environment = os.environ if environment is None else environment
    path = docker_config_folder(environment) / "config.json"
    try:
        config = msgspec.json.decode(path.read_bytes())
    except FileNotFoundError:
        return ANONYMOUS
    except (OSError, msgspec.DecodeError) as error:
        raise LainError(f"cannot read docker's settings: {error}", where=str(path)) from error
    if not isinstance(config, dict):
        return ANONYMOUS
    keys = (
        _HUB_KEYS
        if host == DOCKER_HUB
        else (host, f"https://{host}", f"http://{host}", f"https://{host}/v1/")
    )
    helpers = config.get("credHelpers") or {}
    for key in keys:
        if helper := helpers.get(key):
            return await _ask_helper(helper, key, environment)
    if store := config.get("credsStore"):
        login = await _ask_helper(store, keys[0], environment)
        if login.known:
            return login
    entries = config.get("auths") or {}
    for key in keys:
        if isinstance(entry := entries.get(key), dict) and (login := _from_entry(entry)).known:
            return login
    return ANONYMOUS


def _from_entry(entry: Mapping[str, Any]) -> Login:
    username, password = str(entry.get("username") or ""), str(entry.get("password") or "")
    if encoded := entry.get("auth"):
        with contextlib.suppress(ValueError):
            username, _, password = base64.b64decode(encoded).decode().partition(":")
    return Login(username, password.rstrip("\0"), str(entry.get("identitytoken") or ""))


async def _ask_helper(helper: str, key: str, environment: Mapping[str, str]) -> Login:
    """Ask `docker-credential-HELPER get`: the host on standard input, JSON on standard output."""
    program = f"docker-credential-{helper}"
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            "get",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=dict(environment),
        )
    except OSError as error:
        raise LainError(
            f"docker's settings name the credential helper {program}, which cannot be run: {error.strerror}",
            where=key,
            hint="Install it, or log in again with docker login.",
        ) from error
    try:
        out, _ = await asyncio.wait_for(process.communicate(key.encode()), _HELPER_SECONDS)
    except (TimeoutError, asyncio.CancelledError) as error:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if isinstance(error, asyncio.CancelledError):
            raise
        raise LainError(f"{program} did not answer within {_HELPER_SECONDS} s", where=key) from None
    if process.returncode:
        return ANONYMOUS  # It has none: the helpers say so with an error.
    try:
        answer = msgspec.json.decode(out)
    except msgspec.DecodeError:
        raise LainError(f"{program} answered something that is not JSON", where=key) from None
    username, secret = str(answer.get("Username", "")), str(answer.get("Secret", ""))
    return Login(identity_token=secret) if username == "<token>" else Login(username, secret)
