"""Rules on ingresses, canary groups and host aliases."""

from __future__ import annotations

import ipaddress

from lain_tui.core.lint.report import Place, Report

_NGINX = "nginx.ingress.kubernetes.io/"
CANARY_ANNOTATIONS = frozenset(
    _NGINX + name
    for name in (
        "canary-by-header",
        "canary-by-header-value",
        "canary-by-header-pattern",
        "canary-by-cookie",
        "canary-weight",
    )
)


def check_ingresses(report: Report, values: Place) -> None:
    """host, deployName and paths; the proc that it leads to is there and has a port."""
    procs: dict[str, Place] = {}
    for kind in ("statefulSets", "deployments"):
        found = values.get(kind)
        if found is not None:
            procs |= {name: proc for name, proc in found.entries() if proc.value is not None}
    for kind in ("ingresses", "externalIngresses"):
        ingresses = values.get(kind)
        if ingresses is None or not report.sequence(ingresses):
            continue
        for ingress in ingresses.items():
            if not report.table(ingress):
                continue
            _check_host(report, ingress, external=kind == "externalIngresses")
            _check_backend(report, ingress, procs)
            _check_paths(report, ingress)
            report.table(ingress.get("annotations"))


def _check_host(report: Report, ingress: Place, *, external: bool) -> None:
    host = ingress.get("host")
    if host is None:
        report.missing(ingress, "host")
    elif report.text(host):
        if "/" in host.value or ":" in host.value:
            what = f"{host.value!r} is no host name"
            report.error(host, "host", what, "Leave out http://, the port and the path.")
        elif external and "." not in host.value:
            what = f"{host.value} is no full domain name"
            report.error(host, "host", what, "Nothing is added to the hosts of externalIngresses.")


def _check_backend(report: Report, ingress: Place, procs: dict[str, Place]) -> None:
    target = ingress.get("deployName")
    if target is None:
        report.missing(ingress, "deployName", "The proc that answers.")
    elif report.text(target):
        proc = procs.get(target.value)
        if proc is None:
            known = ", ".join(sorted(procs)) or "none"
            what = f"there is no proc named {target.value}"
            report.error(target, "ingress-backend", what, f"deployName must be one of the procs: {known}.")
        elif proc.get("containerPort") is None and proc.get("nodePort") is None:
            what = f"{target.value} has no containerPort, so it gets no Service to lead to"
            report.error(target, "ingress-backend", what, f"Add containerPort to {proc.key}.")


def _check_paths(report: Report, ingress: Place) -> None:
    paths = ingress.get("paths")
    if paths is None:
        report.missing(ingress, "paths", 'Such as paths: ["/"].')
    elif report.texts(paths):
        if not paths.value:
            report.error(paths, "paths", "paths is an empty list", 'Such as paths: ["/"].')
        for path in paths.items():
            if not path.value.startswith("/"):
                report.error(path, "paths", f"{path.value!r} must begin with /")


def check_canary_groups(report: Report, values: Place) -> None:
    """Only ingress-nginx's canary annotations, values as text."""
    groups = values.get("canaryGroups")
    if groups is None or not report.table(groups):
        return
    for _, group in groups.entries():
        if not report.table(group):
            continue
        for key, value in group.entries():
            if key not in CANARY_ANNOTATIONS:
                known = ", ".join(sorted(name.removeprefix(_NGINX) for name in CANARY_ANNOTATIONS))
                what = f"{key} is no canary annotation of ingress-nginx"
                report.error(value, "canary-annotation", what, f"{_NGINX} followed by one of {known}.")
            elif report.text(value) and key.endswith("canary-weight") and not _is_weight(value.value):
                report.error(value, "canary-annotation", f"a weight is 0 to 100, this is {value.value!r}")


def _is_weight(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) <= 100


def check_host_aliases(report: Report, values: Place) -> None:
    """Entries of ip and hostnames, and nothing else."""
    for kind in ("hostAliases", "clusterHostAliases"):
        aliases = values.get(kind)
        if aliases is None or not report.sequence(aliases):
            continue
        for alias in aliases.items():
            if not report.table(alias):
                continue
            for key, entry in alias.entries():
                if key not in {"ip", "hostnames"}:
                    report.error(
                        entry, "unknown-key", f"{key} is not known here", "Only ip and hostnames are."
                    )
            address, names = alias.get("ip"), alias.get("hostnames")
            if address is None:
                report.missing(alias, "ip")
            elif report.text(address):
                _check_address(report, address)
            if names is None:
                report.missing(alias, "hostnames")
            else:
                report.texts(names)


def _check_address(report: Report, place: Place) -> None:
    try:
        ipaddress.ip_address(place.value)
    except ValueError:
        report.error(place, "ip", f"{place.value!r} is no IP address")
