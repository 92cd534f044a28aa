"""Certificates made for the tests."""

from __future__ import annotations

import base64
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trustme

AUTHORITY = trustme.CA()
STRANGER = trustme.CA()


def server_context(
    name: str = "127.0.0.1", *, authority: trustme.CA = AUTHORITY, days: float = 10, ask: bool = False
) -> ssl.SSLContext:
    """A server's TLS; with `ask` only clients with a certificate of ours get in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_after=datetime.now(UTC) + timedelta(days=days)).configure_cert(context)
    if ask:
        context.verify_mode = ssl.CERT_REQUIRED
        AUTHORITY.configure_trust(context)
    return context


def client_pair(days: float = 10, *, authority: trustme.CA = AUTHORITY) -> tuple[bytes, bytes]:
    """A client certificate and its key, in PEM."""
    leaf = authority.issue_cert(
        "jane@example.com", common_name="jane", not_after=datetime.now(UTC) + timedelta(days=days)
    )
    return leaf.cert_chain_pems[0].bytes(), leaf.private_key_pem.bytes()


def authority_data() -> dict[str, Any]:
    return {"certificate-authority-data": base64.b64encode(AUTHORITY.cert_pem.bytes()).decode()}


def client_data(days: float = 10) -> dict[str, Any]:
    certificate, key = client_pair(days)
    return {
        "client-certificate-data": base64.b64encode(certificate).decode(),
        "client-key-data": base64.b64encode(key).decode(),
    }


def client_files(folder: Path, days: float = 10) -> dict[str, Any]:
    """The same as files, named relative to the kubeconfig."""
    certificate, key = client_pair(days)
    (folder / "jane.crt").write_bytes(certificate)
    (folder / "jane.key").write_bytes(key)
    return {"client-certificate": "jane.crt", "client-key": "jane.key"}
