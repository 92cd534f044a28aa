"""The same changes through every helm: 3 and 4 as a process, and helm's own library."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.helm.binary import BinaryHelm
from lain_tui.core.helm.releases import list_revisions, read_revision
from lain_tui.core.helm.runner import Helm
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.target import Target
from tests.helms import HELMS, open_helm, write_chart

CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-map}
data: {tag: {{ .Values.imageTag | quote }}}
"""
TEST = """\
apiVersion: v1
kind: Pod
metadata: {name: "{{ .Release.Name }}-PROGRAM", annotations: {helm.sh/hook: test}}
spec: {restartPolicy: Never, containers: [{name: c, image: "lain.test/PROGRAM:1"}]}
"""


@pytest.fixture(params=HELMS)
async def runner(request: pytest.FixtureRequest) -> Helm:
    return await open_helm(request.param)


@pytest.fixture
def release(request: pytest.FixtureRequest) -> str:
    return "tiny-" + request.node.callspec.params["runner"].replace(" ", "")


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    return write_chart(tmp_path / "chart", "imageTag: none\n", CONFIG_MAP)


async def tags(kube: KubeClient, release: str) -> list[str]:
    """The imageTag of each revision, oldest first."""
    found = await list_revisions(kube, "default", release)
    records = [await read_revision(kube, "default", release, one.revision) for one in reversed(found)]
    return [record.image_tag for record in records]


async def test_install_upgrade_roll_back_and_remove(
    runner: Helm, target: Target, kube: KubeClient, chart: Path, release: str
) -> None:
    # A long number in quotes stays text on every way: that is what a tag looks like.
    await runner.upgrade(chart, {"imageTag": "1634699031"}, on=target, release=release, timeout=30)
    await runner.upgrade(chart, {"imageTag": "two"}, on=target, release=release, timeout=30)
    await runner.rollback(on=target, release=release, revision=1, timeout=30)
    assert await tags(kube, release) == ["1634699031", "two", "1634699031"]
    newest = await read_revision(kube, "default", release, 3)
    assert (newest.info.status, newest.info.description) == ("deployed", "Rollback to 1")
    assert '"1634699031"' in newest.manifest
    await runner.uninstall(on=target, release=release, timeout=30)
    assert await tags(kube, release) == []


async def test_a_template_that_fails_is_told_with_its_line_and_nothing_is_recorded(
    runner: Helm, target: Target, kube: KubeClient, chart: Path, release: str
) -> None:
    (chart / "templates/bad.yaml").write_text('a: 1\nb: {{ fail "no host" }}\n')
    with pytest.raises(LainError, match="no host") as caught:
        await runner.upgrade(chart, {}, on=target, release=release, timeout=30)
    assert caught.value.where.endswith("templates/bad.yaml:2")
    assert await tags(kube, release) == []


async def test_an_error_deep_in_the_chart_is_told_with_the_innermost_line_and_its_reason(
    runner: Helm, chart: Path, release: str
) -> None:
    """Each template between has its own line in helm 4, and all are one line in helm 3."""
    helpers = '{{ define "inner" }}\n{{ range .Values.imageTag }}{{ end }}\n{{ end }}\n'
    helpers += '{{ define "outer" }}{{ include "inner" . }}{{ end }}\n'
    (chart / "templates/_helpers.tpl").write_text(helpers)
    (chart / "templates/all.yaml").write_text('a: {{ include "outer" . }}\n')
    with pytest.raises(LainError) as caught:
        await runner.render(chart, {"imageTag": "x"}, release=release, namespace="default")
    assert caught.value.where.endswith("templates/_helpers.tpl:2")
    assert caught.value.what == "range can't iterate over x"


async def test_what_it_warns_of_is_told_beside_its_answer(runner: Helm, chart: Path, release: str) -> None:
    words: list[str] = []
    given = {"imageTag": {"secret": "hunter2"}}
    await runner.render(chart, given, release=release, namespace="default", on_word=words.append)
    assert words == ["skipped value for tiny.imageTag: Not a table"]


@pytest.mark.parametrize("program", ["done", "crash"])
async def test_its_tests_are_run_and_their_logs_kept(
    runner: Helm, target: Target, chart: Path, release: str, program: str
) -> None:
    (chart / "templates/test.yaml").write_text(TEST.replace("PROGRAM", program))
    await runner.upgrade(chart, {}, on=target, release=release, timeout=30)
    if program == "done":
        assert await runner.test(on=target, release=release, timeout=60)
    else:
        with pytest.raises(LainError):
            await runner.test(on=target, release=release, timeout=60)


async def test_what_the_server_refuses_is_told(
    runner: Helm, target: Target, kube: KubeClient, chart: Path, release: str
) -> None:
    (chart / "templates/all.yaml").write_text(CONFIG_MAP.replace("-map", "_MAP"))
    with pytest.raises(LainError, match=r"invalid|Invalid"):
        await runner.upgrade(chart, {}, on=target, release=release, timeout=30)


async def test_a_helm_that_is_killed_is_an_error(target: Target, chart: Path, tmp_path: Path) -> None:
    broken = tmp_path / "helm"
    broken.write_text("#!/bin/sh\nkill -9 $$\n")
    broken.chmod(0o755)
    with pytest.raises(LainError, match="helm was ended by SIGKILL"):
        await BinaryHelm(broken, "3.0.0").upgrade(chart, {}, on=target, release="tiny", timeout=5)


async def test_values_are_in_no_argument(target: Target, chart: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    fake = tmp_path / "helm"
    fake.write_text(f'#!{shutil.which("sh")}\necho "$@" >{seen}; env >>{seen}; cat >{seen}.in\n')
    fake.chmod(0o755)
    await BinaryHelm(fake, "3.0.0").upgrade(chart, {"a": "s3cret"}, on=target, release="tiny", timeout=5)
    assert "s3cret" not in seen.read_text() and "s3cret" in (tmp_path / "seen.in").read_text()
