"""One conversation with a registry's HTTP API: signing in when asked to, paging, and failures in words.

References: the distribution specification (tags, `Link`), and docs.docker.com/registry/spec/auth for the tokens.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import aiohttp
import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.registry.credentials import ANONYMOUS, Login

TIME_OUT = 30.0
"""Seconds for one answer."""

_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*rel="?next"?')


class NotThere(LainError):
    """404: the registry has no such repository or image, or does not show it."""


class NotAllowed(LainError):
    """405: the registry does not do such a thing."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A good answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; raises LainError when it is something else."""
        try:
            decoded = msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            decoded = None
        if not isinstance(decoded, dict):
            raise LainError("the registry's answer is not what a registry answers", where=self.url,
                            hint="Is this the address of a registry, or of something before it?")  # fmt: skip
        return decoded

    def next_page(self) -> str:
        """The address of the next page; "" on the last one."""
        match = _NEXT.search(self.headers.get("Link", ""))
        return urljoin(self.url, match[1]) if match else ""


class Http:
    """A session with one registry; use as an async context manager."""

    def __init__(self, login: Login = ANONYMOUS, *, headers: Mapping[str, str] | None = None) -> None:
        self._login = login
        self._headers = dict(headers or {})
        self._authorization = ""
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=TIME_OUT)
        self._session = aiohttp.ClientSession(timeout=timeout, trust_env=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, url: str, *, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
        """Ask; sign in and ask again when the registry wants that. Raises LainError."""
        answer = await self._send(method, url, headers)
        if answer.status == 401 and (challenge := answer.headers.get("WWW-Authenticate")):
            self._authorization = await self._sign_in(challenge, url)
            answer = await self._send(method, url, headers)
        if answer.status >= 400:
            raise self._refused(answer)
        return answer

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a signed request; raises LainError."""
        answer = await self._send("POST", url, headers, body)
        if answer.status >= 400:
            raise self._refused(answer)
        return answer

    async def _send(
        self, method: str, url: str, headers: Mapping[str, str] | None, body: bytes | None = None
    ) -> Answer:
        assert self._session is not None, "the registry is used outside its context"
        sent = {**self._headers, **(headers or {})}
        if self._authorization:
            sent.setdefault("Authorization", self._authorization)
        try:
            async with self._session.request(method, url, headers=sent, data=body) as got:
                return Answer(
                    status=got.status, headers=got.headers.copy(), body=await got.read(), url=str(got.url)
                )
        except (
            aiohttp.ClientConnectorCertificateError,
            aiohttp.ClientConnectorSSLError,
            ssl.SSLError,
        ) as error:
            raise _tls(error, url) from error
        except aiohttp.ClientConnectorError as error:
            reason = error.os_error.strerror or str(error.os_error)
            raise LainError(f"the registry cannot be reached: {reason}", where=_place(url)) from error
        except TimeoutError as error:
            raise LainError(
                f"the registry did not answer within {TIME_OUT:.0f} s", where=_place(url)
            ) from error
        except (aiohttp.ClientError, ValueError) as error:
            raise LainError(f"the registry cannot be used: {error}", where=_place(url)) from error

    async def _sign_in(self, challenge: str, url: str) -> str:
        scheme, _, rest = challenge.partition(" ")
        if scheme.lower() == "basic":
            return self._login.basic() if self._login.known else ""
        if scheme.lower() != "bearer":
            raise LainError(
                f"the registry asks for a login of a kind unknown here: {scheme}", where=_place(url)
            )
        asked = {key.lower(): quoted or bare for key, quoted, bare in _PARAMETER.findall(rest)}
        realm = urlsplit(asked.get("realm", ""))
        if realm.scheme not in {"http", "https"}:
            raise LainError("the registry does not say where to get a token", where=_place(url))
        if self._login.known and realm.scheme == "http" and urlsplit(url).scheme == "https":
            raise LainError(
                "the registry wants the password sent unencrypted, which was not done", where=_place(url)
            )
        token = await self._token(asked)
        return f"Bearer {token}" if token else ""

    async def _token(self, asked: Mapping[str, str]) -> str:
        query = {key: asked[key] for key in ("service", "scope") if asked.get(key)}
        realm = asked["realm"]
        self._authorization = ""
        if self._login.identity_token:
            form = {**query, "grant_type": "refresh_token", "client_id": "lain-tui",
                    "refresh_token": self._login.identity_token}  # fmt: skip
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = await self._send("POST", realm, headers, _query(form).encode())
        else:
            headers = {"Authorization": self._login.basic()} if self._login.known else {}
            joint = "&" if "?" in realm else "?"
            answer = await self._send("GET", f"{realm}{joint}{_query(query)}", headers)
        if answer.status in {401, 403}:
            raise self._denied(answer.url)
        if answer.status >= 400:
            raise self._refused(answer)
        told = answer.json()
        return str(told.get("token") or told.get("access_token") or "")

    def _refused(self, answer: Answer) -> LainError:
        said = _said(answer.body)
        place = _place(answer.url)
        if answer.status in {401, 403}:
            return self._denied(answer.url, said)
        if answer.status == 404:
            return NotThere("the registry does not have it" + (f": {said}" if said else ""), where=place)
        if answer.status == 405:
            return NotAllowed("the registry does not do that" + (f": {said}" if said else ""), where=place)
        if answer.status == 429:
            after = answer.headers.get("Retry-After", "")
            hint = (
                f"Try again in {after} s."
                if after.isdigit()
                else "Try again later, or log in: limits are higher then."
            )
            return LainError("the registry is asked too often", where=place, hint=hint)
        return LainError(
            f"the registry answers HTTP {answer.status}" + (f": {said}" if said else ""), where=place
        )

    def _denied(self, url: str, said: str = "") -> LainError:
        who = f"the login of {self._login.username}" if self._login.username else "the login"
        if not self._login.known:
            host = urlsplit(url).netloc
            return LainError(
                "the registry wants a login", where=_place(url), hint=f"Log in with: docker login {host}"
            )
        detail = f": {said}" if said else ""
        return LainError(
            f"the registry refuses {who}{detail}", where=_place(url), hint="Log in again, or ask for access."
        )


def _query(values: Mapping[str, str]) -> str:
    from urllib.parse import urlencode

    return urlencode(values)


def _place(url: str) -> str:
    """An address without its query, where tokens may be."""
    return url.partition("?")[0]


def _said(body: bytes) -> str:
    try:
        decoded = msgspec.json.decode(body)
        errors = decoded.get("errors") or [decoded]
        return "; ".join(str(error.get("message") or error.get("code") or "") for error in errors).strip(
            "; "
        )[:200]
    except (msgspec.DecodeError, AttributeError, TypeError):
        return ""


def _tls(error: Exception, url: str) -> LainError:
    text = str(error)
    if "WRONG_VERSION_NUMBER" in text or "record layer" in text:
        hint = "Set registry_http: true in the cluster's values if it shall be used without encryption."
        return LainError("the registry does not speak TLS", where=_place(url), hint=hint)
    cause = getattr(error, "certificate_error", error)
    reason = getattr(cause, "verify_message", "") or str(cause)
    hint = "Add its authority to this machine's, or point SSL_CERT_FILE at it."
    return LainError(f"the registry's certificate cannot be trusted: {reason}", where=_place(url), hint=hint)
