"""A history of 50 revisions beside `helm history`, and the diff of 5,000 lines beside `helm template` and `kubectl diff`."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from benchmarks.results import Result, alternately
from lain_tui.core.diff.server import read_live
from lain_tui.core.diff.three import compare
from lain_tui.core.helm.history import History
from lain_tui.core.helm.objects import split_manifest
from lain_tui.core.helm.runner import Helm
from lain_tui.core.helm.sdk import SdkHelm
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.target import Target
from tests.embedded import EmbeddedCluster
from tests.tools import helm, kubectl

REVISIONS, RUNS = 50, 7
SECRETS = "/api/v1/namespaces/default/secrets"
_PROCS, _VARIABLES = 90, 16
"""What 5,000 lines of manifest take."""


def run() -> list[Result]:
    with EmbeddedCluster() as cluster, tempfile.TemporaryDirectory() as folder:
        _fill_history(cluster)
        chart = _chart(Path(folder))
        return asyncio.run(_measure(cluster, chart))


async def _measure(cluster: EmbeddedCluster, chart: Path) -> list[Result]:
    target = Target(namespace="default", cluster="demo", app="dummy", kubeconfig=(cluster.kubeconfig,))
    async with KubeClient.open(target) as kube:
        await kube.server_version()
        return [await _history(cluster, kube), *await _diff(cluster, kube, chart)]


async def _history(cluster: EmbeddedCluster, kube: KubeClient) -> Result:
    """As the screen shows it: the list, and the details of what fits on a screen."""
    argv = [
        str(helm(3)),
        "--kubeconfig",
        str(cluster.kubeconfig),
        "history",
        "dummy",
        "--max",
        str(REVISIONS),
    ]
    ours, theirs = [], []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        history = History(kube, "default", "dummy")
        found = await history.revisions()
        shown = [one async for one in history.details(found)]
        ours.append(time.perf_counter() - start)
        assert len(shown) >= REVISIONS and all(one.image_tag for one in shown)
        theirs.append(await asyncio.to_thread(_seconds, argv))
    return Result(
        f"history, {REVISIONS} revisions, each unpacked",
        sorted(ours[1:])[RUNS // 2] * 1000,
        "ms",
        "helm history",
        sorted(theirs[1:])[RUNS // 2] * 1000,
        budget=0.5,
    )


async def _diff(cluster: EmbeddedCluster, kube: KubeClient, chart: Path) -> list[Result]:
    library: Helm = SdkHelm()
    old = await library.render(chart, {"imageTag": "1"}, release="big", namespace="default")
    await asyncio.to_thread(_apply, cluster, old)
    release = split_manifest(old)
    whole, alone = [], []
    for _ in range(4):
        start, used = time.perf_counter(), time.process_time()
        following = split_manifest(
            await library.render(chart, {"imageTag": "2"}, release="big", namespace="default")
        )
        used = time.process_time() - used
        live = await read_live(kube, "default", release, following)
        answered = time.process_time()
        diff = compare(split_manifest(old), following, live)
        assert len(diff.changes) == _PROCS
        whole.append(time.perf_counter() - start)
        alone.append(used + time.process_time() - answered)
    values = chart.parent / "next.yaml"
    values.write_text("imageTag: '2'\n")
    (peer,) = alternately(2, partial(_peer, cluster, chart, values))
    lines = f"{len(old.splitlines()):,} lines"
    return [
        Result(
            f"three-way diff of {lines}, processor time, the API's apart",
            sorted(alone[1:])[1] * 1000,
            "ms",
            budget=500,
        ),
        Result(
            f"render, read what lives, diff: {lines}",
            sorted(whole[1:])[1] * 1000,
            "ms",
            "helm template | kubectl diff",
            peer * 1000,
            budget=1.0,
        ),
    ]


def _peer(cluster: EmbeddedCluster, chart: Path, values: Path) -> float:
    start = time.perf_counter()
    rendered = subprocess.run(
        [helm(3), "template", "big", chart, "--values", values], check=True, capture_output=True
    )
    subprocess.run(
        [kubectl(), "--kubeconfig", cluster.kubeconfig, "diff", "-f", "-"],
        input=rendered.stdout, check=False, capture_output=True,
    )  # fmt: skip
    return time.perf_counter() - start


def _apply(cluster: EmbeddedCluster, manifest: str) -> None:
    argv = [kubectl(), "--kubeconfig", cluster.kubeconfig, "apply", "-f", "-"]
    subprocess.run(argv, input=manifest.encode(), check=True, capture_output=True)


def _seconds(argv: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def _fill_history(cluster: EmbeddedCluster) -> None:
    """Revisions of some 300 KB each, as a large chart makes them."""
    secret: dict[str, Any] = cluster.get(f"{SECRETS}/sh.helm.release.v1.dummy.v5")
    record = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(secret["data"]["release"]))))
    record["chart"]["files"] = [{"name": "big", "data": base64.b64encode(bytes(range(256)) * 800).decode()}]
    for number in range(6, REVISIONS + 6):
        record["version"] = number
        packed = base64.b64encode(base64.b64encode(gzip.compress(json.dumps(record).encode(), 1))).decode()
        labels = {**secret["metadata"]["labels"], "version": str(number)}
        name = f"sh.helm.release.v1.dummy.v{number}"
        body = {
            "metadata": {"name": name, "labels": labels},
            "type": secret["type"],
            "data": {"release": packed},
        }
        cluster.request("POST", SECRETS, body)


def _chart(folder: Path) -> Path:
    chart = folder / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: big\nversion: 0.1.0\n")
    (chart / "values.yaml").write_text("imageTag: none\n")
    for number in range(_PROCS):
        env = [{"name": f"VARIABLE_{name}", "value": str(name)} for name in range(_VARIABLES)]
        container = {"name": "main", "image": "lain.test/pause:TAG", "env": env}
        labels = {"app": f"big-{number}"}
        template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
        body = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": f"big-{number}"},
            "spec": {"replicas": 0, "selector": {"matchLabels": labels}, "template": template},
        }
        text = yaml.safe_dump(body).replace("TAG", "{{ .Values.imageTag }}")
        (chart / f"templates/{number}.yaml").write_text(text)
    return chart
