"""Why no answer came, in words: name resolution, connection, TLS, proxy and time-outs told apart."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit

import aiohttp

from lain_tui.core.kube.access import Settings
from lain_tui.core.kube.errors import KubeError, ProxyFault, Quiet, TLSFault, Unauthorized, Unreachable

FAILURES = (aiohttp.ClientError, OSError, TimeoutError)
"""What asking over the network can raise, beside what a KubeError already tells."""

# OpenSSL's X509_V_ERR_ codes (openssl-verification-options(1), x509_vfy.h).
_NOT_YET_VALID, _EXPIRED = 9, 10
_SELF_SIGNED, _SELF_SIGNED_CHAIN, _NO_LOCAL_ISSUER, _NO_ISSUER = 18, 19, 20, 21
_WRONG_NAME, _WRONG_ADDRESS = 62, 64


def from_failure(error: BaseException, settings: Settings, *, streaming: bool = False) -> KubeError:
    """The KubeError for what a request or an open stream raised."""
    url = urlsplit(settings.server)
    host = url.hostname or settings.server
    address = f"{host}:{url.port or (443 if url.scheme == 'https' else 80)}"
    tls_error = _tls_error(error)
    if tls_error is not None:
        return _from_tls(tls_error, host, settings)
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return ProxyFault(f"the proxy {_without_secret(settings.proxy)} does not answer", hint=_PROXY_HINT)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return ProxyFault(
            f"the proxy {_without_secret(settings.proxy)} refuses the connection ({error.status} {error.message})",
            hint="It wants a login." if error.status == 407 else _PROXY_HINT,
        )
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Unreachable(
            f"the name {host} cannot be resolved",
            hint="Check the VPN and the server address in the kubeconfig.",
        )
    if isinstance(error, aiohttp.ClientConnectorError):
        cause = error.os_error
        if isinstance(cause, ConnectionRefusedError):
            return Unreachable(f"{address} refuses the connection", hint="Is the API server running?")
        return Unreachable(f"{address} cannot be reached: {cause.strerror or cause}", hint=_NETWORK_HINT)
    if isinstance(error, aiohttp.InvalidURL):
        return Unreachable(
            f"the server address {settings.server!r} is no URL", hint="Mend it in the kubeconfig."
        )
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return Unreachable(f"{address} does not answer", hint=_NETWORK_HINT)
    if isinstance(error, TimeoutError):
        if streaming:
            return Quiet(f"{address} has gone quiet", hint=_NETWORK_HINT)
        return Unreachable(f"{address} takes too long to answer", hint=_NETWORK_HINT)
    if isinstance(error, (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, OSError)):
        # A server that checks certificates in a TLS 1.3 handshake refuses ours only after it, by hanging up.
        return expired_certificate(settings) or Unreachable(f"{address} cut the connection")
    return Unreachable(f"{address} cannot be asked: {type(error).__name__}")


_NETWORK_HINT = "Check the network and the VPN."
_PROXY_HINT = "Check proxy-url in the kubeconfig, or HTTPS_PROXY and NO_PROXY."


def _tls_error(error: BaseException | None) -> ssl.SSLError | None:
    """The TLS error behind what aiohttp raised; alerts of TLS 1.3 arrive only with the first read."""
    for _ in range(8):
        # aiohttp's own errors are TLS errors by inheritance, too, but only the wrapped one knows the reason.
        inner = getattr(error, "certificate_error", None) or getattr(error, "os_error", None)
        if isinstance(inner, BaseException):
            error = inner
        elif error is None or isinstance(error, ssl.SSLError):
            return error
        else:
            error = error.__cause__ or error.__context__
    return None


def _from_tls(error: ssl.SSLError, host: str, settings: Settings) -> KubeError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _from_verification(error, settings.server_name or host)
    reason = error.reason or ""
    if "CERTIFICATE_EXPIRED" in reason:
        return expired_certificate(settings) or Unauthorized(
            "the API server says that your client certificate has expired", hint=_SIGN_IN
        )
    if "CERTIFICATE_REQUIRED" in reason:
        return Unauthorized(
            "the API server asks for a client certificate, the kubeconfig has none", hint=_SIGN_IN
        )
    if "ALERT" in reason and ("UNKNOWN_CA" in reason or "BAD_CERTIFICATE" in reason):
        return Unauthorized("the API server does not accept your client certificate", hint=_SIGN_IN)
    if reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"):
        return TLSFault(f"{host} does not speak TLS there", hint="Is it http:// and not https://?")
    words = reason.replace("_", " ").lower() or "unknown reason"
    return TLSFault(f"the encrypted connection to {host} failed: {words}")


_SIGN_IN = "Sign in again, or get a new kubeconfig."


def _from_verification(error: ssl.SSLCertVerificationError, name: str) -> TLSFault:
    code = error.verify_code
    if code == _EXPIRED:
        return TLSFault(
            f"the certificate of {name} has expired",
            hint="Its owner must renew it; check this machine's clock, too.",
        )
    if code == _NOT_YET_VALID:
        return TLSFault(f"the certificate of {name} is not valid yet", hint="Check this machine's clock.")
    if code in (_SELF_SIGNED, _SELF_SIGNED_CHAIN, _NO_LOCAL_ISSUER, _NO_ISSUER):
        return TLSFault(
            f"the certificate of {name} is signed by an authority that is not trusted",
            hint="Set certificate-authority in the kubeconfig to the cluster's own.",
        )
    if code in (_WRONG_NAME, _WRONG_ADDRESS):
        return TLSFault(
            f"the server's certificate is not made for {name}",
            hint="Set tls-server-name in the kubeconfig, or use the address that the certificate names.",
        )
    return TLSFault(f"the certificate of {name} cannot be trusted: {error.verify_message}")


def expired_certificate(settings: Settings) -> Unauthorized | None:
    """The error for a client certificate that has ended; None when it has not.

    kube-apiserver takes any certificate in the handshake and answers 401 afterwards, without a reason.
    """
    end = settings.certificate_expires
    if end is None or end > datetime.now(UTC):
        return None
    return Unauthorized(
        f"your client certificate expired on {end:%Y-%m-%d at %H:%M} UTC", hint=_SIGN_IN, code=401
    )


def _without_secret(url: str | None) -> str:
    parts = urlsplit(url or "")
    return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or ""
