"""OpenID Connect logins of a kubeconfig (`auth-provider: oidc`): renew the token before it ends.

The official loader renews without checking the identity provider's certificate unless the kubeconfig carries its
authority; a refresh token is too good to hand to whoever answers, so it is done here, always verified.
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from lain_tui.core.kube.errors import CredentialsFailed

_TIMEOUT = aiohttp.ClientTimeout(total=20)


class _Discovery(msgspec.Struct, frozen=True):
    token_endpoint: str


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str
    refresh_token: str = ""


class _Claims(msgspec.Struct, frozen=True):
    exp: float | None = None


def token_expiry(token: str) -> datetime | None:
    """When a JWT ends (RFC 7519 §4.1.4); None when it does not say or is no JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = msgspec.json.decode(base64.urlsafe_b64decode(padded), type=_Claims)
        return None if claims.exp is None else datetime.fromtimestamp(claims.exp, UTC)
    except (ValueError, OverflowError, OSError):
        return None


async def refresh(config: MutableMapping[str, Any], *, folder: Path) -> None:
    """Put a new `id-token` (and refresh token, if the provider rotates it) into an auth-provider's `config`.

    OpenID Connect Core 1.0 §12, Discovery 1.0 §4. Raises CredentialsFailed.
    """
    token = str(config.get("refresh-token") or "")
    issuer = str(config.get("idp-issuer-url") or "").rstrip("/")
    if not token or not issuer:
        raise CredentialsFailed(
            "the login has expired and cannot be renewed", hint="Sign in again, then retry."
        )
    secret = f"{config.get('client-id') or ''}:{config.get('client-secret') or ''}"
    headers = {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()}
    form = {"grant_type": "refresh_token", "refresh_token": token}
    try:
        connector = aiohttp.TCPConnector(ssl=_context(config, folder))
        async with aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT) as session:
            async with session.get(f"{issuer}/.well-known/openid-configuration") as answer:
                discovery = msgspec.json.decode(await answer.read(), type=_Discovery)
            async with session.post(discovery.token_endpoint, data=form, headers=headers) as answer:
                body = await answer.read()
                if answer.status >= 400:
                    raise CredentialsFailed(
                        f"the identity provider does not renew the login ({answer.status})",
                        where=issuer,
                        hint="Sign in again, then retry.",
                    )
                tokens = msgspec.json.decode(body, type=_Tokens)
    except (aiohttp.ClientError, OSError, TimeoutError, msgspec.DecodeError) as error:
        raise CredentialsFailed(
            f"the identity provider could not be asked to renew the login ({type(error).__name__})",
            where=issuer,
        ) from None
    config["id-token"] = tokens.id_token
    if tokens.refresh_token:
        config["refresh-token"] = tokens.refresh_token


def _context(config: MutableMapping[str, Any], folder: Path) -> ssl.SSLContext:
    data = config.get("idp-certificate-authority-data")
    if data:
        return ssl.create_default_context(cadata=base64.b64decode(data).decode("ascii"))
    file = config.get("idp-certificate-authority")
    return ssl.create_default_context(cafile=str(folder / file) if file else None)
