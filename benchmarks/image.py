"""Values of 2,000 lines merge with provenance within 50 ms, a Dockerfile takes 5 ms, a no-change build 10 % over docker's.

The builds need root, Debian's docker.io and docker-registry, and busybox-static; without them that line says so.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.results import Result
from lain_tui.core.image.build import BuildOptions, run_build
from lain_tui.core.image.buildkit import find_client
from lain_tui.core.image.dockerfile import render_dockerfile
from lain_tui.core.image.engine import Engine
from lain_tui.core.image.host import DockerHost
from lain_tui.core.image.plan import plan_build
from lain_tui.core.image.spec import read_spec
from lain_tui.core.model.build import ImageReady
from lain_tui.core.registry.tags import join_commits, newest_first
from lain_tui.core.values.layers import open_values
from lain_tui.core.values.tree import leaves_of, rows_of
from tests.docker_daemon import docker_daemon, why_not
from tests.registry_server import registry_server

RUNS = 9
ROUNDS = 31
"""Builds of each kind: a machine is never so quiet that a few would do."""


def run() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="lain-bench-") as folder:
        root = Path(folder)
        return [*_values(root), _tags(root), *_build(root)]


def _values(root: Path) -> list[Result]:
    chart = root / "app" / "chart"
    chart.mkdir(parents=True)
    files = [chart / "values.yaml", root / "cluster.yaml", chart / "values-prod.yaml", root / "extra.yaml"]
    for number, file in enumerate(files):
        file.write_text(_layer(number))
    lines = sum(file.read_text().count("\n") for file in files)

    def merge() -> None:
        values = open_values(chart, cluster="prod", cluster_values=files[1], extra=files[3:])
        values.as_helm_sees()
        for path, _ in values.leaves():
            values.origin(*path)

    values = open_values(chart, cluster="prod", cluster_values=files[1], extra=files[3:])
    leaves = leaves_of(values)
    spec = read_spec(values)
    return [
        Result(
            "values, 4 layers",
            _best(merge),
            "ms",
            budget=50,
            note=f"{lines:,} lines, every origin asked for",
        ),
        Result(
            "tree of the Values screen", _best(lambda: rows_of(leaves)), "ms", note=f"{len(leaves):,} keys"
        ),
        Result("Dockerfile", _best(lambda: render_dockerfile(spec, registry="r", meta="m")), "ms", budget=5),
    ]


def _layer(number: int) -> str:
    """About 500 lines: procs with their env, each layer overriding a part of those below."""
    lines = [f"appname: shop{number}" if number == 0 else f"layer: l{number}"]
    if number == 0:
        lines += ["build:", "  base: python:3.12", "  script: [make]", "  env:"]
        lines += [f"    V{item}: 'a ${{X{item}}} \"b\"'" for item in range(40)]
    lines.append("deployments:")
    for proc in range(number * 5, number * 5 + 20):
        lines += [f"  proc-{proc}:", f"    replicaCount: {number}", "    env:"]
        lines += [f"      NAME_{item}: value of layer {number}  # a remark" for item in range(18)]
        lines += [
            "    resources:",
            "      limits: {cpu: 1, memory: 80Mi}",
            "      requests: {cpu: 10m, memory: 80Mi}",
        ]
    return "\n".join(lines) + "\n"


def _tags(root: Path) -> Result:
    repository = root / "history"
    repository.mkdir()
    stream = "".join(
        f"commit refs/heads/main\ncommitter Dev <d@example.com> {1_600_000_000 + n * 60} +0000\ndata 8\nchange{n % 100:02}\n"
        for n in range(3000)
    )
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=repository, check=True)
    subprocess.run(["git", "fast-import", "--quiet"], cwd=repository, input=stream.encode(), check=True)
    shown = subprocess.run(
        ["git", "log", "--format=%ct-%H"], cwd=repository, check=True, capture_output=True, text=True
    )
    tags = shown.stdout.split()
    took = _best(lambda: asyncio.run(join_commits(repository, newest_first(tags))), time.perf_counter)
    return Result("tags joined with commits", took, "ms", budget=300, note=f"{len(tags):,} tags")


def _build(root: Path) -> list[Result]:
    if reason := why_not():
        return [Result("no-change build", 0, "s", note=f"not measured: {reason}")]
    folder = root / "app"
    for number in range(400):
        file = folder / "src" / f"module{number}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text("x = 1\n" * 500)
        # Not of this very second: git would read each of them again, to be sure.
        os.utime(file, (1_700_000_000, 1_700_000_000))
    subprocess.run("git init -q -b main && git add -A && git -c user.name=a -c user.email=a@b commit -qm a",
                   shell=True, cwd=folder, check=True)  # fmt: skip
    with docker_daemon() as daemon, registry_server(root) as registry:
        base = f"{registry}/base:1"
        daemon.docker("tag", "base:1", base)
        daemon.docker("push", base)
        (folder / "chart" / "values.yaml").write_text(
            f"appname: shop\nbuild:\n  base: {base}\n  script: ['find . | wc -l > count', 'touch b']\n"
        )
        values = open_values(folder / "chart")
        environment = {**os.environ, **daemon.environment}
        options = BuildOptions(
            host=DockerHost(url=daemon.host, source="benchmark"), network="host", environment=environment
        )
        plan = asyncio.run(plan_build(values, folder))
        dockerfile = root / "Dockerfile"
        dockerfile.write_text(plan.dockerfile.text)
        client = asyncio.run(_client(options))
        if client is None:
            note = "not measured: no docker client here can do BuildKit"
            return [Result("no-change build", 0, "s", note=note)]
        argv = [
            str(client),
            "build",
            "--quiet",
            "--pull",
            "--network=host",
            f"--file={dockerfile}",
            "--tag=peer",
            ".",
        ]

        async def build() -> tuple[float, float]:
            start, busy = time.perf_counter(), time.process_time()
            events = [event async for event in run_build(await plan_build(values, folder), options)]
            assert isinstance(events[-1], ImageReady)
            return time.perf_counter() - start, time.process_time() - busy

        def docker() -> float:
            start = time.perf_counter()
            subprocess.run(
                argv, cwd=folder, env={**environment, "DOCKER_BUILDKIT": "1"}, check=True, capture_output=True
            )
            return time.perf_counter() - start

        rounds = []
        for number in range(ROUNDS + 1):  # the first warms both up
            if number % 2:
                theirs = docker()
                took, busy = asyncio.run(build())
            else:
                took, busy = asyncio.run(build())
                theirs = docker()
            rounds.append((took, theirs, took / theirs, busy))
        took, theirs, ratio, busy = (median(column) for column in zip(*rounds[1:], strict=True))
    note = f"BuildKit, 404 files; medians of {ROUNDS} rounds in turns, of their ratios {ratio:.2f}"
    return [
        Result("no-change build", took, "s", "docker build --pull", theirs, budget=1.1, note=note),
        Result("of it the app's own processor time", busy * 1000, "ms", note="git and docker's client apart"),
    ]


def _best(measured: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Milliseconds of our own processor time (or of another clock); the best run is the least disturbed one."""
    times = []
    for _ in range(RUNS):
        start = clock()
        measured()
        times.append(clock() - start)
    return min(times) * 1000


async def _client(options: BuildOptions) -> Path | None:
    async with Engine(options.host) as engine:
        return await find_client(options.environment, engine)
