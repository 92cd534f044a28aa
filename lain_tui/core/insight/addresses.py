"""The URLs of an app: every host and path of its ingresses, as one reaches them from here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from lain_tui.core.model.network import Ingress
from lain_tui.core.target import Target


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """One URL and the ingress it comes from."""

    url: str
    host: str
    ingress: str = ""
    namespace: str = ""
    """The ingress's."""


def addresses(ingresses: Iterable[Ingress], target: Target) -> tuple[Address, ...]:
    """Each URL once, sorted by host and path.

    A host without dots gets the cluster's domain suffix. The port is the cluster's ingress_external_port or
    ingress_internal_port, whichever kind the ingress' class says it is; with TLS it is that of https.
    """
    found: dict[str, Address] = {}
    for ingress in ingresses:
        secure = {host for tls in ingress.spec.tls or () for host in tls.hosts or ()}
        for rule in ingress.spec.rules or ():
            host = full_host(rule.host, target)
            if not host or "*" in host:
                continue
            tls = rule.host in secure or host in secure or _covered(host, secure)
            base = f"{'https' if tls else 'http'}://{host}{_port(ingress, target, tls=tls)}"
            for path in (rule.http.paths if rule.http is not None else None) or ():
                url = base + _plain_path(path.path, path.path_type)
                found.setdefault(
                    url,
                    Address(
                        url=url,
                        host=host,
                        ingress=ingress.metadata.name,
                        namespace=ingress.metadata.namespace,
                    ),
                )
    return tuple(found[url] for url in sorted(found))


def full_host(host: str, target: Target) -> str:
    """The host as it is asked for: `dummy` becomes `dummy.example.com` where the cluster has that domain."""
    if not host or "." in host:
        return host
    suffix = target.setting("domain_suffix")
    if not suffix and target.setting("domain"):
        suffix = f".{target.setting('domain')}"
    return host + suffix


def _covered(host: str, secure: Iterable[str]) -> bool:
    parent = host.partition(".")[2]
    return f"*.{parent}" in secure


def _port(ingress: Ingress, target: Target, *, tls: bool) -> str:
    if tls:
        return ""
    external = _is_external(ingress, target.settings)
    port = target.setting("ingress_external_port" if external else "ingress_internal_port")
    return f":{port}" if port and port != "80" else ""


def _is_external(ingress: Ingress, settings: Mapping[str, object]) -> bool:
    """Whether the ingress belongs to the class that serves the outside."""
    class_name = ingress.spec.ingress_class_name or ingress.metadata.annotation("kubernetes.io/ingress.class")
    if class_name and class_name == settings.get("externalIngressClass"):
        return True
    if class_name and class_name == settings.get("ingressClass"):
        return False
    return not settings.get("ingress_internal_port")


def _plain_path(path: str, path_type: str) -> str:
    """A path that can be asked for: of a pattern (nginx' regular expressions) what comes before it begins."""
    if path_type in ("Exact", "Prefix"):
        return path or "/"
    for index, character in enumerate(path):
        if character in "(*[\\^$|?+":
            path = path[: path.rfind("/", 0, index + 1) + 1]
            break
    return path or "/"
