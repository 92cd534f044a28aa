"""Which proxy a cluster is reached through."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from lain_tui.core.kube.errors import ProxyFault


def proxy_for(server: str, configured: str | None, environment: Mapping[str, str]) -> str | None:
    """The proxy's URL: the kubeconfig's `proxy-url`, else the environment's; None for none.

    The environment is read as Go reads it, because kubectl is (golang.org/x/net/http/httpproxy): HTTPS_PROXY and
    HTTP_PROXY by the server's scheme, NO_PROXY with names, suffixes, addresses, networks and `*`; never for
    loopback. Raises ProxyFault for a kind of proxy that is not spoken.
    """
    proxy = configured or _from_environment(server, environment)
    if not proxy:
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    scheme = urlsplit(proxy).scheme
    if scheme not in ("http", "https"):
        raise ProxyFault(
            f"a proxy of kind {scheme} is not supported",
            hint="Use an http:// or https:// proxy in proxy-url or in the environment.",
        )
    return proxy


def _from_environment(server: str, environment: Mapping[str, str]) -> str:
    url = urlsplit(server)
    host, port = (url.hostname or "").lower(), url.port
    key = f"{url.scheme}_proxy"
    proxy = environment.get(key.upper()) or environment.get(key) or ""
    if not proxy or _is_loopback(host):
        return ""
    excluded = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
    return "" if any(_excludes(rule.strip().lower(), host, port) for rule in excluded.split(",")) else proxy


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _excludes(rule: str, host: str, port: int | None) -> bool:
    if rule == "*":
        return True
    if not rule:
        return False
    try:
        network = ipaddress.ip_network(rule, strict=False)
    except ValueError:
        name, _, wanted = rule.rpartition(":") if rule.count(":") == 1 else (rule, "", "")
        if wanted and wanted != str(port):
            return False
        if name.startswith("*."):
            name = name[1:]
        return host.endswith(name) if name.startswith(".") else host == name or host.endswith(f".{name}")
    try:
        return ipaddress.ip_address(host) in network
    except ValueError:
        return False
