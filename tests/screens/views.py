"""The dummy app of the design's sketches as a picture, for screens and widgets without a cluster."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from textual.app import App

from lain_tui.core.model.finding import Evidence, EvidenceKind, Finding, Remedy
from lain_tui.core.model.status import (
    CronRow,
    Link,
    PodRow,
    ProcRow,
    ReleaseHead,
    Severity,
    StatusView,
    UrlRow,
    Usage,
)
from lain_tui.core.target import Target
from lain_tui.screens.detail import DetailScreen
from lain_tui.screens.palette import Verbs
from lain_tui.screens.status.screen import StatusScreen
from lain_tui.screens.themes import DARK, OWN
from lain_tui.widgets.canvas import Line
from lain_tui.widgets.pod_rows import Row

NOW = datetime(2026, 3, 5, 8, 4, 35, tzinfo=UTC)
MI = 2.0**20
TAG = "1634699031-11766623e0c5a6cd4dc5a4ff0eb3e0e2a9d4f1b7"


def ago(**parts: float) -> datetime:
    return NOW - timedelta(**parts)


def pod(name: str, proc: str, **changes: object) -> PodRow:
    row: dict[str, object] = {
        "uid": name,
        "name": name,
        "namespace": "default",
        "proc": proc,
        "ready": 1,
        "containers": 1,
        "state": "Running",
        "created": ago(hours=3),
        "node": "node-1",
        "image_tag": TAG,
        "labels": {"app.kubernetes.io/name": "dummy", "app.kubernetes.io/instance": f"dummy-{proc}"},
        "container_names": (proc,),
    }
    return PodRow(**{**row, **changes})  # type: ignore[arg-type]


def cpu(used: float, *trend: float, limit: float = 1000) -> Usage:
    return Usage(used=used, request=100, limit=limit, trend=trend)


def memory(used: float, *trend: float, limit: float = 80) -> Usage:
    samples = tuple(sample * MI for sample in trend)
    return Usage(used=used * MI, request=limit * MI / 2, limit=limit * MI, trend=samples)


def web() -> ProcRow:
    pods = (
        pod("dummy-web-7c9f8d6b5-x2kqp", "web", cpu=cpu(120, 80, 90, 200, 120), memory=memory(61, 60, 61, 61, 61)),
        pod(
            "dummy-web-7c9f8d6b5-8d9zt", "web", restarts=1, last_restart=ago(days=2), node="node-2",
            cpu=cpu(110, 90, 100, 95, 110), memory=memory(73, 66, 69, 71, 73),
        ),
        pod(
            "dummy-web-7c9f8d6b5-mm4tc", "web", node="node-3",
            cpu=cpu(95, 220, 140, 90, 95), memory=memory(58, 55, 57, 58, 58),
        ),
    )  # fmt: skip
    return ProcRow(
        name="web", kind="Deployment", resource="dummy-web", uid="proc-web", summary="3 of 3, up to date",
        desired=3, updated=3, ready=3, available=3, hpa=(2, 10), image_tag=TAG, created=ago(days=40),
        cpu=cpu(325, 390, 330, 385, 325, limit=3000), memory=memory(192, 181, 187, 190, 192, limit=240), pods=pods,
    )  # fmt: skip


def worker(*, healthy: bool = False) -> ProcRow:
    crashing = pod(
        "dummy-worker-6d4f5c7b9-q9f7c", "worker", ready=0, state="CrashLoopBackOff", detail="exit 1",
        severity=Severity.BROKEN, restarts=14, last_restart=ago(seconds=38), created=ago(minutes=4),
    )  # fmt: skip
    running = pod("dummy-worker-6d4f5c7b9-q9f7c", "worker", created=ago(minutes=4), cpu=cpu(9, 10, 9, 9, 9))
    return ProcRow(
        name="worker", kind="Deployment", resource="dummy-worker", uid="proc-worker",
        severity=Severity.OK if healthy else Severity.BROKEN,
        summary="1 of 1, up to date" if healthy else "0 of 1, unavailable for 4 m", desired=1, updated=1,
        image_tag=TAG, created=ago(days=40), pods=(running if healthy else crashing,),
    )  # fmt: skip


def daily() -> ProcRow:
    return ProcRow(
        name="daily", kind="CronJob", resource="dummy-daily", uid="proc-daily", image_tag=TAG, created=ago(days=40),
        cron=CronRow(
            schedule="0 17 * * *", last_scheduled=ago(hours=9, minutes=5), last_successful=ago(hours=9),
            last_duration=133, next_run=NOW + timedelta(hours=15),
        ),
    )  # fmt: skip


URLS = (
    UrlRow(url="http://dummy.info/", severity=Severity.OK, status=200, latency=0.034, checked=NOW, ingress="dummy"),
    UrlRow(
        url="https://www.dummy.info/", severity=Severity.OK, status=301, latency=0.051, checked=NOW,
        redirect="https://dummy.info/", expires=NOW + timedelta(days=71), ingress="dummy",
    ),
    UrlRow(
        url="https://dummy.example.com/", severity=Severity.BROKEN, checked=NOW, ingress="dummy-ext",
        cause="certificate expired 2 d ago (CN=dummy.example.com)",
    ),
)  # fmt: skip

HEAD = ReleaseHead(
    name="dummy", revision=15, status="deployed", updated=ago(hours=3), image_tag=TAG, user="timfei",
    subject="fix login redirect",
)  # fmt: skip


def view(*, healthy: bool = False, link: Link | None = None, cluster: str = "staging") -> StatusView:
    return StatusView(
        app="dummy",
        cluster=cluster,
        namespace="default",
        release=HEAD,
        procs=(web(), worker(healthy=healthy), daily()),
        urls=URLS[:1] if healthy else URLS,
        link=link or Link(live=True),
        synced=True,
    )


def empty(*, link: Link | None = None) -> StatusView:
    return StatusView(app="dummy", cluster="staging", namespace="default", link=link or Link(live=False))


def crash() -> Finding:
    return Finding(
        code="crash-loop",
        title="worker crashes 2 s after start",
        explanation=(
            "exit 1, 14 times in 4 m.  KeyError: 'MYSQL_HOST'",
            "MYSQL_HOST is in none of: Secret dummy-env, values env.",
        ),
        subject="Pod/dummy-worker-6d4f5c7b9-q9f7c",
        pod="dummy-worker-6d4f5c7b9-q9f7c",
        container="worker",
        evidence=(
            Evidence(
                kind=EvidenceKind.EVENT, label="BackOff", count=14, time=ago(seconds=4), warning=True,
                text="Back-off restarting failed container worker in pod dummy-worker-6d4f5c7b9-q9f7c",
            ),
            Evidence(
                kind=EvidenceKind.PREVIOUS_LOG, time=ago(seconds=6), text="Traceback (most recent call last):"
            ),
            Evidence(
                kind=EvidenceKind.PREVIOUS_LOG, time=ago(seconds=6),
                text='  File "/lain/app/worker.py", line 12, in <module>',
            ),
            Evidence(kind=EvidenceKind.PREVIOUS_LOG, time=ago(seconds=6), text="KeyError: 'MYSQL_HOST'"),
        ),
        remedies=(
            Remedy(text="Add MYSQL_HOST to Secret dummy-env, or to env in values.yaml"),
            Remedy(text="Read the whole log of the last run", verb="logs"),
        ),
    )  # fmt: skip


def crowd(pods: int) -> StatusView:
    """An app of many pods, for speed."""
    rows = tuple(
        pod(f"load-{index % 7}-7c9f8d6b5-{index:05d}", f"p{index % 7}", uid=f"uid-{index}")
        for index in range(pods)
    )
    procs = tuple(
        ProcRow(
            name=f"p{proc}",
            kind="Deployment",
            resource=f"load-{proc}",
            uid=f"proc-{proc}",
            pods=rows[proc::7],
        )
        for proc in range(7)
    )
    return StatusView(
        app="load", cluster="staging", namespace="load", procs=procs, link=Link(live=True), synced=True
    )


class FixedBoard:
    """A picture that a test draws, and may draw anew."""

    def __init__(self, view: StatusView, findings: dict[str, Finding] | None = None) -> None:
        self._view = view
        self._findings = findings or {}
        self._news = asyncio.Condition()
        self.version = 0
        self.asked_again = 0

    def view(self) -> StatusView:
        return self._view

    def worst(self) -> str:
        return next(iter(self._findings), "")

    def finding(self, uid: str = "") -> Finding | None:
        return self._findings.get(uid or self.worst())

    async def changed(self, seen: int) -> int:
        async with self._news:
            await self._news.wait_for(lambda: self.version > seen)
        return self.version

    async def draw(self, view: StatusView, findings: dict[str, Finding] | None = None) -> None:
        self._view = view
        self._findings = self._findings if findings is None else findings
        async with self._news:
            self.version += 1
            self._news.notify_all()

    def retry_now(self) -> None:
        self.asked_again += 1


class FixedSource:
    """What the Status screen asks, answered from memory; notes the deeds asked of it."""

    def __init__(
        self,
        board: FixedBoard | None,
        *,
        protected: bool = False,
        read_only: bool = False,
        link: Link | None = None,
    ) -> None:
        cluster = board.view().cluster if board is not None else "staging"
        self.target = Target(
            namespace="default", cluster=cluster, app="dummy", release="dummy", protected=protected,
            read_only=read_only,
        )  # fmt: skip
        self._board = board
        self._link = link or Link(live=False)
        self.deleted: list[str] = []
        self.restarted: list[str] = []
        self.retried = 0

    @asynccontextmanager
    async def board(self) -> AsyncIterator[FixedBoard]:
        if self._board is None:
            await asyncio.Event().wait()
        assert self._board is not None
        yield self._board

    def link(self) -> Link:
        return self._link

    async def link_changed(self) -> None:
        await asyncio.Event().wait()

    def retry_now(self) -> None:
        self.retried += 1

    async def describe(self, row: Row) -> list[Line]:
        name = row.pod.name if row.pod else row.proc.resource
        return [[("Pod", "accent strong")], [("  Name      ", "quiet"), (name, "")]]

    async def yaml(self, row: Row) -> str:
        return "apiVersion: v1\nkind: Pod\nmetadata:\n  # a remark\n  name: dummy\n" + "\n".join(
            f"  key-{number}: {'long ' * 40}value" for number in range(200)
        )

    def logs_screen(self, row: Row, pods: Collection[str] = (), *, previous: bool) -> DetailScreen:
        async def load() -> str:
            return "line of the run before" if previous else "line of this run"

        return DetailScreen("log", ", ".join(pods) or (row.pod.name if row.pod else row.proc.name), load)

    def place(self, id: str, row: Row | None, remedy: Remedy | None = None) -> DetailScreen:
        return DetailScreen(id, row.proc.name if row else "", self._nothing)

    @staticmethod
    async def _nothing() -> str:
        return ""

    async def delete(self, pod: PodRow) -> None:
        self.deleted.append(pod.name)

    async def open_shell(self, app: App[Any], name: str) -> str:
        return f"The shell in {name} ended"

    async def copy(self, app: App[Any], name: str) -> None:
        pass

    async def restart(self, app: App[Any], *, procs: Collection[str], pods: Collection[str]) -> None:
        self.restarted += [*procs, *pods]


class StatusApp(App[int]):
    """The Status screen on a fixed picture, with lain-tui's own colours."""

    COMMANDS = {lambda: Verbs}

    def __init__(self, source: FixedSource) -> None:
        super().__init__()
        self.source = source
        for theme in OWN:
            self.register_theme(theme)
        self.theme = DARK.name

    def get_default_screen(self) -> StatusScreen:
        return StatusScreen(self.source, clock=lambda: NOW)


WORKER = "dummy-worker-6d4f5c7b9-q9f7c"


def dummy_app(*, healthy: bool = False, link: Link | None = None, **options: bool) -> StatusApp:
    findings = {} if healthy else {WORKER: crash()}
    return StatusApp(FixedSource(FixedBoard(view(healthy=healthy, link=link), findings), **options))
