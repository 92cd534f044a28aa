"""A picture of an app as lines of text, and as a document: what `status` prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import msgspec

from lain_tui.cli.documents.looking import StatusDocument
from lain_tui.cli.remedies import command_for
from lain_tui.core.insight.links import Shortcut
from lain_tui.core.model.finding import Finding
from lain_tui.core.model.quantity import format_bytes, format_millicores
from lain_tui.core.model.status import PodRow, ProcRow, Severity, StatusView, UrlRow, Usage
from lain_tui.core.model.text import plain, since, spell

MANY = 13
"""A proc with more pods than this shows only those that need a look."""
LOG_LINES = 20
"""Of a finding's evidence, at most."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All that is printed of one moment."""

    view: StatusView
    findings: tuple[Finding, ...] = ()
    links: tuple[Shortcut, ...] = ()
    """The app's pages elsewhere."""
    now: datetime

    @property
    def severity(self) -> Severity:
        """The worst of all; an app with nothing in the cluster counts as broken."""
        if not self.view.procs:
            return Severity.BROKEN
        return max(self.view.severity, *(url.severity for url in self.view.urls), Severity.OK)

    @property
    def is_broken(self) -> bool:
        return self.severity is Severity.BROKEN


def report_lines(report: Report) -> Iterator[tuple[str, Severity]]:
    """The lines, each with the severity of what it tells (OK for what is no verdict)."""
    view, now = report.view, report.now
    yield f"{view.app} on {view.cluster}, namespace {view.namespace}", Severity.OK
    if view.release is not None:
        yield _release(view, now), Severity.OK
    if not view.link.live:
        stale = since(view.link.stale_since, now)
        yield f"not live{f', {stale} old' if stale else ''}: {plain(view.link.reason)}", Severity.RISK
    for gap in view.gaps:
        yield plain(f"no {gap.pane}: {gap.reason}" + (f". {gap.hint}" if gap.hint else "")), Severity.RISK
    yield "", Severity.OK
    yield from _procs(view, now)
    for finding in report.findings:
        yield "", Severity.OK
        yield from _finding(finding, view.app, now)
    if view.urls:
        yield "", Severity.OK
        yield from _urls(view.urls)
    if report.links:
        yield "", Severity.OK
        for link in report.links:
            yield plain(f"{link.name}: {link.url}" if link.url else link.missing), Severity.OK


def _release(view: StatusView, now: datetime) -> str:
    release = view.release
    assert release is not None
    parts = [f"release {release.name}, revision {release.revision} {release.status}"]
    if release.updated is not None:
        parts.append(f"{since(release.updated, now)} ago")
    if release.user:
        parts.append(f"by {release.user}")
    text = " ".join(parts)
    if release.image_tag:
        text += f": {release.image_tag}"
    return plain(f'{text} "{release.subject}"' if release.subject else text)


def _procs(view: StatusView, now: datetime) -> Iterator[tuple[str, Severity]]:
    if not view.procs:
        yield f"nothing of {plain(view.app)} is in the cluster", Severity.BROKEN
        return
    cells = {pod.uid: _cells(pod, now) for proc in view.procs for pod in proc.pods}
    headers = ("PROC / POD", "READY", "STATE", "RESTARTS", "AGE", "CPU", "MEMORY", "NODE")
    shown = [(proc, _shown(proc)) for proc in view.procs]
    listed = [headers, *(cells[pod.uid] for _, pods in shown for pod in pods)]
    widths = [max(len(row[column]) for row in listed) for column in range(len(headers))]

    def line(row: Sequence[str]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()

    yield line(headers), Severity.OK
    for proc, pods in shown:
        yield _proc(proc, now), proc.severity
        for pod in pods:
            yield line(cells[pod.uid]), pod.severity
        if hidden := len(proc.pods) - len(pods):
            yield f"  … and {hidden} more that are well", Severity.OK


def _shown(proc: ProcRow) -> tuple[PodRow, ...]:
    if len(proc.pods) <= MANY:
        return proc.pods
    return tuple(pod for pod in proc.pods if pod.severity > Severity.DONE)


def _proc(proc: ProcRow, now: datetime) -> str:
    parts = [proc.summary] if proc.summary else []
    if proc.cron is not None:
        cron = proc.cron
        parts.append(f"{proc.kind} {cron.schedule}{' (suspended)' if cron.suspended else ''}")
        if cron.last_successful is not None:
            parts.append(f"last ok {since(cron.last_successful, now)} ago")
        if cron.next_run is not None:
            parts.append(f"next in {spell((cron.next_run - now).total_seconds())}")
    if proc.hpa is not None:
        parts.append(f"autoscaled {proc.hpa[0]} to {proc.hpa[1]}")
    if proc.drift:
        parts.append(proc.drift)
    return plain(f"{_mark(proc.severity)} {proc.name}: {'; '.join(parts) or proc.kind}")


def _cells(pod: PodRow, now: datetime) -> tuple[str, ...]:
    state = f"{pod.state}, {pod.detail}" if pod.detail else pod.state
    restarts = str(pod.restarts)
    if pod.last_restart is not None:
        restarts += f" ({since(pod.last_restart, now)} ago)"
    cells = (
        f"{_mark(pod.severity)}   {pod.name}",
        f"{pod.ready}/{pod.containers}",
        state,
        restarts,
        since(pod.created, now),
        _usage(pod.cpu, format_millicores),
        _usage(pod.memory, format_bytes),
        pod.node,
    )
    return tuple(plain(cell) for cell in cells)


def _usage(usage: Usage, spelled: Callable[[float], str]) -> str:
    if usage.used is None:
        return ""
    return f"{spelled(usage.used)}/{spelled(usage.limit)}" if usage.limit else spelled(usage.used)


def _finding(finding: Finding, app: str, now: datetime) -> Iterator[tuple[str, Severity]]:
    yield plain(f"{_mark(finding.severity)} {finding.title}"), finding.severity
    for sentence in finding.explanation:
        yield f"    {plain(sentence)}", Severity.OK
    for piece in finding.evidence[-LOG_LINES:]:
        times = f" ×{piece.count}" if piece.count > 1 else ""
        when = f"{since(piece.time, now)} ago  " if piece.time is not None else ""
        yield (
            f"    {when}{plain(piece.label or piece.kind)}{times}  {plain(piece.text)}".rstrip(),
            Severity.OK,
        )
    for remedy in finding.remedies:
        command = command_for(remedy, app)
        how = f": lain-tui {plain(command)}" if command else ""
        yield f"    → {plain(remedy.text)}{how}", Severity.OK


def _urls(urls: Sequence[UrlRow]) -> Iterator[tuple[str, Severity]]:
    width = max(len(plain(url.url)) for url in urls)
    for url in urls:
        parts = [str(url.status) if url.status is not None else "", url.cause]
        if url.latency is not None:
            parts.append(spell(url.latency))
        if url.redirect:
            parts.append(f"→ {url.redirect}")
        answer = "  ".join(part for part in parts if part) or "not asked yet"
        yield f"{_mark(url.severity)} {plain(url.url):<{width}}  {plain(answer)}", url.severity


def _mark(severity: Severity) -> str:
    return {Severity.BROKEN: "x", Severity.RISK: "!"}.get(severity, " ")


def document_of(report: Report) -> StatusDocument:
    """What `-o json` prints."""
    view = report.view
    return StatusDocument(
        app=view.app,
        cluster=view.cluster,
        namespace=view.namespace,
        severity=report.severity,
        live=view.link.live,
        release=view.release,
        procs=view.procs,
        findings=report.findings,
        urls=view.urls,
        gaps=view.gaps,
        links=report.links,
        time=report.now,
    )
