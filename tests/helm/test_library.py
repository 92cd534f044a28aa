"""Helm's library beside the app: it neither writes on the screen, nor takes the app with it, nor is cut short."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.helm.releases import list_revisions
from lain_tui.core.helm.sdk import SdkHelm
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.target import Target
from tests.embedded import EmbeddedCluster
from tests.helms import write_chart

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata: {a: {{ .Values.a | quote }}}\n"
HOOK = """\
apiVersion: v1
kind: Pod
metadata: {name: "{{ .Release.Name }}-hook", annotations: {helm.sh/hook: pre-install}}
spec: {restartPolicy: Never, containers: [{name: c, image: "lain.test/PROGRAM:1"}]}
"""
RENDER = """\
import asyncio, sys, time
from pathlib import Path
from lain_tui.core.helm.sdk import SdkHelm
text = asyncio.run(SdkHelm().render(Path(sys.argv[1]), {"a": {"b": "c"}}, release="tiny", namespace="default"))
assert "ConfigMap" in text
"""
UPGRADE = """\
import asyncio, sys
from pathlib import Path
from lain_tui.core.helm.sdk import SdkHelm
from lain_tui.core.target import Target
target = Target(namespace="default", cluster="demo", app="tiny", kubeconfig=(Path(sys.argv[2]),))
asyncio.run(SdkHelm().upgrade(Path(sys.argv[1]), {}, on=target, release="tiny", timeout=60))
"""
LIMIT = 60.0


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    return write_chart(tmp_path / "chart", "a: 1\nt: {password: hunter2}\n", MAP)


def workers(of: int) -> set[int]:
    """The processes that run helm's library for this one."""
    found = set()
    for place in Path("/proc").glob("[0-9]*"):
        try:
            command = (place / "cmdline").read_bytes()
            parent = (place / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if b"core/helm/worker.py" in command and int(parent) == of:
            found.add(int(place.name))
    return found


def runs(pid: int) -> bool:
    """It is there, and not only waiting for somebody to read its exit code."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


async def until(holds: object) -> None:
    end = time.monotonic() + LIMIT
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not come to that"
        await asyncio.sleep(0.02)


def on_a_terminal(program: str, *arguments: str) -> tuple[int, bytes]:
    """Run a program of Python's with a terminal for all three; its code, and all that the terminal showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the terminal's other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    return process.wait(), shown


async def test_what_it_warns_of_is_told_and_nothing_reaches_the_terminal(chart: Path) -> None:
    words: list[str] = []
    helm = SdkHelm()
    await helm.render(chart, {"a": {"b": "c"}}, release="tiny", namespace="default", on_word=words.append)
    assert words == ["skipped value for tiny.a: Not a table"]
    await helm.lint(chart, {"t": "hunter3"}, namespace="default", on_word=words.append)
    assert words[1:] == ["cannot overwrite table with non table for t"], "and not what the table held"
    assert on_a_terminal(RENDER, str(chart)) == (0, b"")


async def test_a_warning_before_an_error_is_its_hint(chart: Path) -> None:
    (chart / "templates/all.yaml").write_text(MAP + "# {{ range .Values.a.b }}{{ fail `no` }}{{ end }}\n")
    with pytest.raises(LainError) as caught:
        await SdkHelm().render(chart, {"a": {"b": ["hunter2"]}}, release="tiny", namespace="default")
    assert caught.value.where.endswith("templates/all.yaml:5")
    assert caught.value.hint == "Helm warned before: skipped value for tiny.a: Not a table."
    assert "hunter2" not in str(caught.value)


async def test_it_ends_with_whoever_started_it(chart: Path) -> None:
    """Though that is killed and can say nothing to it any more."""
    program = RENDER + "print('rendered', flush=True)\ntime.sleep(600)\n"
    process = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-c", program, str(chart)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "rendered\n"
    mine = workers(process.pid)
    process.kill()
    process.wait()
    process.stdout.close()
    assert mine
    await until(lambda: not any(map(runs, mine)))


async def test_one_that_is_gone_is_begun_anew(chart: Path) -> None:
    helm = SdkHelm()
    for _ in range(2):
        assert await helm.render(chart, {"a": "x"}, release="tiny", namespace="default")
        mine = workers(os.getpid())
        assert mine
        for pid in mine:
            os.kill(pid, signal.SIGKILL)
        await until(lambda: not workers(os.getpid()))


async def test_a_library_that_is_killed_in_a_change_is_an_error_of_one_sentence(
    chart: Path, target: Target, kube: KubeClient
) -> None:
    (chart / "templates/hook.yaml").write_text(HOOK.replace("PROGRAM", "web"))
    before = workers(os.getpid())
    change = asyncio.create_task(SdkHelm().upgrade(chart, {}, on=target, release="killed", timeout=60))
    while not await list_revisions(kube, "default", "killed"):
        await asyncio.sleep(0.05)
    for pid in workers(os.getpid()) - before:
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(LainError, match="helm was ended by SIGKILL before it was done") as caught:
        await asyncio.wait_for(change, LIMIT)
    assert "rollback" in caught.value.hint


async def test_what_it_has_begun_it_finishes_though_the_app_is_killed(
    chart: Path, target: Target, kube: KubeClient, cluster: EmbeddedCluster
) -> None:
    (chart / "templates/hook.yaml").write_text(HOOK.replace("PROGRAM", "done"))
    process = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-c", UPGRADE, str(chart), str(cluster.kubeconfig)]
    )
    while not (found := await list_revisions(kube, "default", "tiny")):
        await asyncio.sleep(0.02)
    process.kill()
    process.wait()
    while (status := found[0].status) != "deployed":
        assert status == "pending-install", status
        await asyncio.sleep(0.1)
        found = await list_revisions(kube, "default", "tiny")
