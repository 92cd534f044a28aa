"""Advice from a real Prometheus, from what answers in its place, and from the metrics API."""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from lain_tui.core.errors import LainError
from lain_tui.core.insight.appetite import report, window_seconds
from lain_tui.core.insight.prometheus import Prometheus
from lain_tui.core.insight.write import plan_edit
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.advice import Report
from lain_tui.core.target import Target
from lain_tui.core.values.edit import apply_edit
from lain_tui.core.values.layers import Values, read_layers
from tests.cluster.binary import Unavailable
from tests.embedded import EmbeddedCluster
from tests.prometheus import RealPrometheus

MI = 2**20
VALUES = """\
appname: dummy
prometheus_query_range: 3h
deployments:
  web:
    replicaCount: 2
    resources:
      requests:
        cpu: 2  # a guess
        memory: 4Gi
      limits: {cpu: 500m, memory: 8Gi}  # another
  quiet:
    resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1, memory: 1Gi}}
cronjobs:
  nightly:
    resources: {requests: {cpu: 1, memory: 4Gi}, limits: {cpu: 2, memory: 1Gi}}
"""


@pytest.fixture
def values(tmp_path: Path) -> Values:
    (tmp_path / "values.yaml").write_text(VALUES)
    return read_layers(tmp_path)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealPrometheus]:
    """Three hours of two pods of web: 200m CPU and 300Mi each, one held back in a tenth of its periods."""
    now = time.time()
    times = [now - 3 * 3600 + 60 * minute for minute in range(180)]
    history = {}
    for pod in ("dummy-web-7c9f8d6b5-x2kqp", "dummy-web-7c9f8d6b5-8d9zt"):
        labels = f'namespace="default",pod="{pod}",container="web"'
        history[f"container_cpu_usage_seconds_total{{{labels}}}"] = [
            (at, 0.2 * 60 * n) for n, at in enumerate(times)
        ]
        history[f"container_memory_working_set_bytes{{{labels}}}"] = [(at, 300.0 * MI) for at in times]
        history[f"container_cpu_cfs_periods_total{{{labels}}}"] = [
            (at, 600.0 * n) for n, at in enumerate(times)
        ]
        history[f"container_cpu_cfs_throttled_periods_total{{{labels}}}"] = [
            (at, 60.0 * n) for n, at in enumerate(times)
        ]
    # A cronjob is measured while it runs: twenty minutes of the three hours.
    run = 'namespace="default",pod="dummy-nightly-29926337-lmw4n",container="nightly"'
    history[f"container_cpu_usage_seconds_total{{{run}}}"] = [
        (at, 0.9 * 60 * n) for n, at in enumerate(times[60:80])
    ]
    history[f"container_memory_working_set_bytes{{{run}}}"] = [(at, 500.0 * MI) for at in times[60:80]]
    # Another proc, whose name begins with this one's, must not be counted.
    other = 'namespace="default",pod="dummy-web-admin-7c9f8d6b5-aaaaa",container="web-admin"'
    history[f"container_memory_working_set_bytes{{{other}}}"] = [(at, 9000.0 * MI) for at in times]
    try:
        running = RealPrometheus(tmp_path_factory.mktemp("prometheus"), history).__enter__()
    except Unavailable as reason:
        pytest.skip(f"no real Prometheus: {reason}")
    yield running
    running.__exit__(None, None, None)


@pytest.fixture(scope="module")
def demo() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster() as cluster:
        yield cluster


@pytest.fixture
def on(demo: EmbeddedCluster) -> Callable[..., Target]:
    def make(**settings: object) -> Target:
        return Target(
            namespace="default", cluster="demo", app="dummy", release="dummy", kubeconfig=(demo.kubeconfig,),
            settings=settings,
        )  # fmt: skip

    return make


async def ask(target: Target, values: Values, *procs: str) -> Report:
    async with KubeClient.open(target) as kube:
        return await report(kube, target, values, procs)


async def test_a_real_prometheus(
    prometheus: RealPrometheus, on: Callable[..., Target], values: Values
) -> None:
    found = await ask(on(prometheus=prometheus.url), values)
    web, quiet, nightly = found.procs
    assert web.cpu.top == pytest.approx(200, rel=0.02)
    assert web.memory.top == 300 * MI
    assert web.throttled == pytest.approx(0.1, rel=0.02)
    assert len(web.cpu.samples) > 100 and len(web.memory.samples) > 100
    advice = {f"{each.bound}.{each.resource}": each.advised for each in web.advice}
    assert advice.keys() == {"requests.cpu", "requests.memory", "limits.cpu", "limits.memory"}
    assert advice["requests.memory"] == "300Mi" and advice["limits.memory"] == "750Mi"
    assert (quiet.cpu.skipped, quiet.memory.skipped, quiet.advice) == ("no samples", "no samples", ())
    assert nightly.cpu.top == pytest.approx(900, rel=0.02) and nightly.memory.top == 500 * MI
    assert [(each.keys, each.advised) for each in nightly.advice] == [
        (("cronjobs", "nightly", "resources", "requests", "memory"), "500Mi")
    ]
    assert found.source == "Prometheus, the last 3h" and not found.weak


async def test_a_prometheus_that_does_not_go_back_so_far_is_told(
    prometheus: RealPrometheus, on: Callable[..., Target], tmp_path: Path
) -> None:
    (tmp_path / "values.yaml").write_text(VALUES.replace("range: 3h", "range: 7d"))
    found = await ask(on(prometheus=prometheus.url), read_layers(tmp_path))
    assert re.match(r"Prometheus, the last 7d, of which it has [23] h", found.source)


async def test_the_clusters_own_queries(
    prometheus: RealPrometheus, on: Callable[..., Target], values: Values
) -> None:
    template = {
        "memory_quantile": "vector(1073741824)",
        "cpu": 'label_replace(vector(77), "a", "{proc_name}", "", "")',
    }
    found = await ask(on(prometheus=prometheus.url, pql_template=template), values, "web")
    assert found.procs[0].memory.top == 1024 * MI
    assert found.procs[0].cpu.top == 77


async def test_an_advice_is_written_where_the_value_stands_and_comments_stay(
    prometheus: RealPrometheus, on: Callable[..., Target], values: Values
) -> None:
    found = await ask(on(prometheus=prometheus.url), values, "web")
    path = values.layers[0].path
    for each in found.procs[0].advice:
        written = plan_edit(values, each)
        assert written.edit.path == path and written.edit.changed_lines
        apply_edit(written.edit)
    text = path.read_text()
    assert "# a guess" in text and "limits: {cpu: 1000m, memory: 750Mi}  # another" in text
    assert "memory: 300Mi" in text


async def test_a_query_that_is_none_is_told_in_prometheus_own_words(
    prometheus: RealPrometheus, on: Callable[..., Target], values: Values
) -> None:
    with pytest.raises(LainError, match=r"Prometheus cannot answer: .*parse error"):
        await ask(on(prometheus=prometheus.url, pql_template={"cpu": "sum("}), values)
    with pytest.raises(LainError, match="a query cannot be filled in"):
        await ask(on(prometheus=prometheus.url, pql_template={"cpu": "up{namespace='x'}"}), values)


# What answers in its place


@asynccontextmanager
async def answering(respond: Callable[[web.Request], web.StreamResponse | None]) -> AsyncIterator[str]:
    async def handle(request: web.Request) -> web.StreamResponse:
        answer = respond(request)
        if answer is None:
            await asyncio.sleep(3600)
        assert answer is not None
        return answer

    app = web.Application()
    app.router.add_post("/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/prom"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda: web.Response(status=401), "Prometheus does not let us in"),
        (lambda: web.Response(status=502, text="<html>"), "answers 502 and something else"),
        (lambda: web.Response(text="null"), "something else than Prometheus does"),
        (lambda: web.json_response({"status": "error", "error": "too many samples"}, status=422), "too many samples"),
        (lambda: None, "gave no answer within 300 ms"),
    ],
)  # fmt: skip
async def test_faults_are_sentences(answer: Callable[[], web.Response | None], words: str) -> None:
    patience = 0.3 if "300 ms" in words else 20.0
    async with answering(lambda _: answer()) as url, Prometheus(url, patience=patience) as prometheus:
        with pytest.raises(LainError, match=words):
            await prometheus.instant("up")


async def test_nobody_there() -> None:
    async with Prometheus("http://user:secret@127.0.0.1:1/") as prometheus:
        with pytest.raises(LainError, match="Prometheus cannot be reached") as caught:
            await prometheus.instant("up")
    assert "secret" not in str(caught.value)


async def test_nan_gaps_and_nothing_are_left_out() -> None:
    points = [[1, "1"], [2, "NaN"], [3, "+Inf"], [9, "2"]]
    body = {
        "status": "success",
        "data": {"result": [{"metric": {}, "values": points}, {"value": [1, "NaN"]}]},
    }
    async with answering(lambda _: web.json_response(body)) as url, Prometheus(url) as prometheus:
        series = await prometheus.range("up", start=0, end=10, step=1)
        assert series == [[(1.0, 1.0), (9.0, 2.0)], []]
        assert await prometheus.instant("up") == []


async def test_a_prometheus_that_knows_nothing_of_the_app_is_said_to(
    on: Callable[..., Target], values: Values
) -> None:
    nothing = {"status": "success", "data": {"result": []}}
    async with answering(lambda _: web.json_response(nothing)) as url:
        found = await ask(on(prometheus=url), values)
    assert found.weak.startswith("It has no sample of any of them")


def test_no_url() -> None:
    with pytest.raises(LainError, match="is no URL of a Prometheus"):
        Prometheus("prometheus:9090")


# Without one


async def test_the_metrics_api_is_asked_instead_and_said_to_be_weak(
    on: Callable[..., Target], values: Values, demo: EmbeddedCluster
) -> None:
    demo.wait_for("/apis/metrics.k8s.io/v1beta1/namespaces/default/pods", lambda found: found["items"])
    found = await ask(on(), values, "web")
    assert found.source == "metrics API, now" and "One reading" in found.weak
    assert found.procs[0].memory.top is not None and found.procs[0].memory.top > MI


async def test_with_neither_the_sentence_says_what_to_name(values: Values) -> None:
    with EmbeddedCluster() as bare:
        bare.fault(action="status", code=404, resource="pods", verb="list")
        target = Target(
            namespace="default", cluster="bare", app="dummy", release="dummy", kubeconfig=(bare.kubeconfig,)
        )
        with pytest.raises(LainError, match="nothing measures the app") as caught:
            await ask(target, values)
    assert caught.value.hint == "Name it: prometheus: http://…"


async def test_a_proc_that_is_not_there(on: Callable[..., Target], values: Values) -> None:
    with pytest.raises(LainError, match="the values have no proc nope"):
        await ask(on(), values, "nope")


def test_ranges() -> None:
    assert window_seconds("7d") == 7 * 86400 and window_seconds("1h30m") == 5400
    assert math.isfinite(window_seconds("1w"))
    with pytest.raises(LainError, match="is no range"):
        window_seconds("a week")
