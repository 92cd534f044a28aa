"""Releases, events, ingresses and replicas that need somebody."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable
from datetime import datetime, timedelta

from lain_tui.core.model.cluster import Event
from lain_tui.core.model.meta import PartialObject
from lain_tui.core.model.network import Ingress, Service
from lain_tui.core.model.overview import Problem, Topic
from lain_tui.core.model.pod import Pod
from lain_tui.core.model.status import Severity, UrlRow
from lain_tui.core.model.text import LONG_AGO, plain, shortened, since
from lain_tui.core.model.workload import Deployment
from lain_tui.core.turns import batches, drain

RECENT = timedelta(hours=1)
"""Warning events older than this are history."""
STUCK = timedelta(minutes=10)
"""A release that has been pending for longer has nobody at work on it."""
MOST_EVENTS = 30
_APP = "app.kubernetes.io/name"
_KUBE_NAMESPACES = frozenset({"kube-system", "kube-public", "kube-node-lease"})


def release_problems(secrets: Iterable[PartialObject], now: datetime) -> list[Problem]:
    """Releases whose newest revision failed or never ended; from the metadata of helm's Secrets."""
    newest: dict[tuple[str, str], tuple[int, PartialObject]] = {}
    for secret in secrets:
        version = secret.metadata.label("version")
        if not version.isdigit():
            continue
        key = (secret.metadata.namespace, secret.metadata.label("name"))
        if key not in newest or int(version) > newest[key][0]:
            newest[key] = (int(version), secret)
    found = []
    for (namespace, name), (revision, secret) in sorted(newest.items()):
        status = secret.metadata.label("status")
        begun = secret.metadata.creation_timestamp or LONG_AGO
        pending = status.startswith("pending") or status == "uninstalling"
        if not pending and status != "failed":
            continue
        stuck = pending and now - begun > STUCK
        title = f"stuck in {status}" if stuck else status
        hint = (
            "Deploy again, or roll back: lain-tui rollback."
            if stuck or not pending
            else "Somebody is deploying it."
        )
        found.append(
            Problem(
                key=f"releases/{namespace}/{name}",
                topic=Topic.RELEASES,
                severity=Severity.PROGRESS if pending and not stuck else Severity.BROKEN,
                title=plain(title),
                where=plain(f"{namespace}/{name}"),
                since=begun,
                lines=(f"revision {revision}, {since(begun, now)} ago", hint),
                namespace=namespace,
                app=name,
                kind="Secret",
                name=secret.metadata.name,
            )
        )
    return found


def event_problems(events: Iterable[Event], now: datetime) -> list[Problem]:
    """Warnings of the last hour by reason and namespace, the most frequent first."""
    groups: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        seen = event.last_seen
        if event.is_warning and seen is not None and now - seen < RECENT:
            groups.setdefault((event.reason, event.metadata.namespace), []).append(event)
    found = []
    for (reason, namespace), group in groups.items():
        group.sort(key=lambda event: event.last_seen or LONG_AGO, reverse=True)
        newest = group[0]
        lines = [
            f"{since(event.last_seen, now)} ago  {event.involved_object.name}"
            f"{f' ×{event.times}' if event.times > 1 else ''}  {shortened(plain(event.message), 200)}"
            for event in group[:20]
        ]
        found.append(
            Problem(
                key=f"events/{namespace}/{reason}",
                topic=Topic.EVENTS,
                severity=Severity.RISK,
                title=plain(reason),
                where=plain(f"{namespace}, {newest.involved_object.kind}"),
                count=sum(event.times for event in group),
                since=newest.last_seen,
                lines=tuple(map(plain, lines)),
                namespace=namespace,
                kind=newest.involved_object.kind,
                name=newest.involved_object.name,
            )
        )
    found.sort(key=lambda problem: -problem.count)
    return found[:MOST_EVENTS]


def url_problems(rows: Iterable[UrlRow], ingresses: Iterable[Ingress]) -> list[Problem]:
    """URLs that fail, and certificates that are about to end."""
    labels = {(one.metadata.namespace, one.metadata.name): one.metadata.label(_APP) for one in ingresses}
    found = []
    for row in rows:
        if row.severity < Severity.RISK or row.checked is None:
            continue
        status = f"{row.status} " if row.status is not None else ""
        found.append(
            Problem(
                key=f"urls/{row.url}",
                topic=Topic.URLS,
                severity=row.severity,
                title=f"{status}{row.cause}".strip(),
                where=row.url,
                since=row.checked,
                lines=(f"ingress {row.namespace}/{row.ingress}",),
                namespace=row.namespace,
                app=labels.get((row.namespace, row.ingress), ""),
                kind="Ingress",
                name=row.ingress,
            )
        )
    return sorted(found, key=lambda problem: (-problem.severity, problem.where))


def unused_ingresses(
    ingresses: Iterable[Ingress], services: Collection[Service], pods: Collection[Pod]
) -> list[Problem]:
    """Ingresses that lead to no service, or to services that no pod stands behind."""
    return drain(ingress_steps(ingresses, services, pods))


def ingress_steps(
    ingresses: Iterable[Ingress], services: Collection[Service], pods: Collection[Pod]
) -> Generator[None, None, list[Problem]]:
    """`unused_ingresses`, pausing every few pods and at each ingress."""
    by_name = {(one.metadata.namespace, one.metadata.name): one for one in services}
    labels: dict[str, list[dict[str, str]]] = {}
    for batch in batches(pods):
        for pod in batch:
            labels.setdefault(pod.metadata.namespace, []).append(pod.metadata.labels or {})
        yield
    found = []
    for ingress in ingresses:
        yield
        namespace = ingress.metadata.namespace
        backends = sorted(
            {
                path.backend.service.name
                for rule in ingress.spec.rules or ()
                for path in (rule.http.paths if rule.http is not None else None) or ()
                if path.backend.service is not None
            }
        )
        reasons = [
            reason
            for name in backends
            if (reason := _dead(name, by_name.get((namespace, name)), labels.get(namespace, [])))
        ]
        if reasons and len(reasons) == len(backends):
            hosts = [rule.host for rule in ingress.spec.rules or ()]
            found.append(
                Problem(
                    key=f"ingresses/{namespace}/{ingress.metadata.name}",
                    topic=Topic.INGRESSES,
                    severity=Severity.RISK,
                    title=reasons[0],
                    where=plain(f"{namespace}/{ingress.metadata.name}"),
                    since=ingress.metadata.creation_timestamp,
                    lines=tuple(map(plain, [*reasons[1:], *hosts])),
                    namespace=namespace,
                    app=ingress.metadata.label(_APP),
                    kind="Ingress",
                    name=ingress.metadata.name,
                    struck=(ingress.metadata.name,),
                )
            )
    return sorted(found, key=lambda problem: problem.where)


def _dead(name: str, service: Service | None, labels: list[dict[str, str]]) -> str:
    if service is None:
        return f"service {name} does not exist"
    selector = service.spec.selector
    if not selector:
        return ""  # its endpoints are somebody else's to keep
    wanted = selector.items()
    return "" if any(wanted <= one.items() for one in labels) else f"no pod behind service {name}"


def singletons(deployments: Iterable[Deployment]) -> list[Problem]:
    """Deployments of one replica: a node's end is their end, too. Told by namespace, and not as a fault."""
    by_namespace: dict[str, list[str]] = {}
    for one in deployments:
        if one.spec.replicas == 1 and one.metadata.namespace not in _KUBE_NAMESPACES:
            by_namespace.setdefault(one.metadata.namespace, []).append(one.metadata.name)
    return [
        Problem(
            key=f"singletons/{namespace}",
            topic=Topic.SINGLETONS,
            severity=Severity.OK,
            title="Deployments with one replica",
            where=plain(namespace),
            count=len(names),
            lines=tuple(map(plain, sorted(names))),
            namespace=namespace,
            kind="Deployment",
            struck=tuple(sorted(names)),
        )
        for namespace, names in sorted(by_namespace.items())
    ]
