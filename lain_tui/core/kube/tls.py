"""Encrypted connections: what is trusted, what we show of ourselves, and until when."""

from __future__ import annotations

import base64
import re
import ssl
from datetime import UTC, datetime
from pathlib import Path

from lain_tui.core.kube.errors import CredentialsFailed, TLSFault

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)


def client_context(
    *, ca_file: Path | None, cert_file: Path | None, key_file: Path | None, verify: bool
) -> ssl.SSLContext:
    """The TLS settings of a cluster; the system's authorities are trusted when `ca_file` is None.

    Raises TLSFault for an unreadable authority, CredentialsFailed for an unreadable client certificate or key.
    """
    try:
        context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except (ssl.SSLError, OSError) as error:
        raise TLSFault(f"the cluster's certificate authority cannot be read: {_words(error)}") from None
    # A cluster's own authority may lack the key usage that Python 3.13's strict mode asks for; Go does not ask.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if cert_file is not None:
        try:
            # An encrypted key would be asked for on the terminal; an empty password makes it an error instead.
            context.load_cert_chain(cert_file, key_file or cert_file, password="")
        except (ssl.SSLError, OSError, ValueError) as error:
            raise CredentialsFailed(
                f"the client certificate or its key cannot be read: {_words(error)}",
                hint="Check client-certificate and client-key in the kubeconfig.",
            ) from None
    return context


def expiry(pem: bytes) -> datetime | None:
    """When the first certificate of a PEM ends; None when it cannot be read.

    X.509 (RFC 5280 §4.1): Certificate > TBSCertificate > version?, serial, algorithm, issuer, Validity > two times.
    """
    match = _PEM.search(pem)
    if match is None:
        return None
    try:
        der = base64.b64decode(match[1])
        start, _ = _enter(der, 0)
        position, _ = _enter(der, start)
        if der[position] == 0xA0:  # the explicit version
            position = _end(der, position)
        for _ in range(3):
            position = _end(der, position)
        position, _ = _enter(der, position)
        position = _end(der, position)  # notBefore
        begin, end = _enter(der, position)
        return _time(der[position], der[begin:end].decode("ascii"))
    except (ValueError, IndexError):
        return None


def _enter(der: bytes, position: int) -> tuple[int, int]:
    """Where the contents of the element at `position` begin and end."""
    length = der[position + 1]
    begin = position + 2
    if length & 0x80:
        size = length & 0x7F
        length = int.from_bytes(der[begin : begin + size], "big")
        begin += size
    return begin, begin + length


def _end(der: bytes, position: int) -> int:
    return _enter(der, position)[1]


def _time(tag: int, text: str) -> datetime:
    if tag == 0x17:  # UTCTime: two digits of the year, 50-99 are 19xx (RFC 5280 §4.1.2.5.1)
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.replace("_", " ").lower()
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}{f': {error.filename}' if error.filename else ''}"
    return str(error)
