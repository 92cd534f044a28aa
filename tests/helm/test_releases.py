"""Releases read from a cluster: listed by metadata, unpacked one at a time, and the apps they belong to."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lain_tui.core.config.resolve import Options, resolve_target
from lain_tui.core.errors import LainError
from lain_tui.core.helm.releases import current_head, find_apps, list_revisions, read_revision
from lain_tui.core.kube.calls import Trace
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import Forbidden, Unreachable
from lain_tui.core.kube.resources import SECRETS
from tests.embedded import EmbeddedCluster
from tests.tools import Unavailable, helm


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster("demo") as cluster:
        yield cluster


@pytest.fixture
def embedded(running: EmbeddedCluster) -> Iterator[EmbeddedCluster]:
    yield running
    running.clear_faults()


@asynccontextmanager
async def client(embedded: EmbeddedCluster, seen: list[Trace] | None = None) -> AsyncIterator[KubeClient]:
    target = resolve_target(
        Options(kubeconfig=embedded.kubeconfig), env={"HOME": str(embedded.kubeconfig.parent)}
    )
    async with KubeClient.open(target, on_request=None if seen is None else seen.append) as kube:
        yield kube


async def test_revisions_newest_first_from_one_list_of_metadata(embedded: EmbeddedCluster) -> None:
    seen: list[Trace] = []
    async with client(embedded, seen) as kube:
        revisions = await list_revisions(kube, "default", "dummy")
    assert [(known.revision, known.status) for known in revisions] == [
        (5, "deployed"),
        (4, "superseded"),
        (3, "superseded"),
        (2, "superseded"),
        (1, "superseded"),
    ]
    assert all(known.updated is not None and known.release == "dummy" for known in revisions)
    assert len(seen) == 1


async def test_one_revision_is_read_whole(embedded: EmbeddedCluster) -> None:
    async with client(embedded) as kube:
        record = await read_revision(kube, "default", "dummy", 4)
    assert (record.name, record.version, record.value("appname")) == ("dummy", 4, "dummy")
    assert "kind: Deployment" in record.manifest
    assert record.image_tag.count("-") == 1 and record.user


async def test_the_head_is_the_newest_revision(embedded: EmbeddedCluster) -> None:
    async with client(embedded) as kube:
        head = await current_head(kube, "default", "dummy")
        record = await read_revision(kube, "default", "dummy", 5)
        nobody = await current_head(kube, "default", "nobody")
    assert head is not None
    assert (head.revision, head.status, head.image_tag, head.user) == (
        5,
        "deployed",
        record.image_tag,
        record.user,
    )
    assert nobody is None


async def test_apps_are_workloads_and_releases_together(embedded: EmbeddedCluster) -> None:
    async with client(embedded) as kube:
        dummy, hello = await find_apps(kube, "default")
    assert (dummy.name, dummy.release, dummy.revision, dummy.status) == ("dummy", "dummy", 5, "deployed")
    assert set(dummy.procs) == {"dummy-web", "dummy-worker", "dummy-daily"}
    assert (hello.name, hello.revision) == ("hello", 1)


async def test_without_the_right_to_list_secrets_the_workloads_still_tell(embedded: EmbeddedCluster) -> None:
    embedded.fault(action="status", code=403, verb="list", resource="secrets")
    async with client(embedded) as kube:
        dummy, _ = await find_apps(kube, "default")
        assert (dummy.name, dummy.revision) == ("dummy", 0)
        with pytest.raises(Forbidden, match="you may not list secrets"):
            await list_revisions(kube, "default")


async def test_without_any_right_the_refusal_is_told(embedded: EmbeddedCluster) -> None:
    embedded.fault(action="status", code=403, verb="list")
    async with client(embedded) as kube:
        with pytest.raises(Forbidden):
            await find_apps(kube, "default")


async def test_a_cluster_that_is_away_is_told_as_one_error() -> None:
    with EmbeddedCluster("empty") as other:
        async with client(other) as kube:
            other.stop()
            with pytest.raises(Unreachable):
                await find_apps(kube, "default")


async def test_a_damaged_record_is_told_and_the_others_are_not_affected(embedded: EmbeddedCluster) -> None:
    name = "sh.helm.release.v1.dummy.v2"
    async with client(embedded) as kube:
        secret = json.loads(await kube.get_raw(SECRETS, name, "default"))
        whole = secret["data"]["release"]
        await kube.patch(SECRETS, name, {"data": {"release": whole[: len(whole) // 8 * 4]}}, "default")
        try:
            with pytest.raises(
                LainError, match=rf"Secret default/{name}: helm's record of this release is damaged"
            ):
                await read_revision(kube, "default", "dummy", 2)
            assert (await read_revision(kube, "default", "dummy", 3)).version == 3
        finally:
            await kube.patch(SECRETS, name, {"data": {"release": whole}}, "default")


def ask(binary: Path, embedded: EmbeddedCluster, *arguments: str) -> str:
    argv = [str(binary), "--kubeconfig", str(embedded.kubeconfig), *arguments]
    return subprocess.check_output(argv, text=True)


@pytest.mark.parametrize("major", [3, 4])
async def test_helm_itself_reads_the_same(embedded: EmbeddedCluster, major: int) -> None:
    try:
        binary = helm(major)
    except Unavailable as reason:
        pytest.skip(str(reason))
    history = json.loads(ask(binary, embedded, "history", "dummy", "-o", "json"))
    values = json.loads(ask(binary, embedded, "get", "values", "dummy", "-o", "json"))
    manifest = ask(binary, embedded, "get", "manifest", "dummy")
    async with client(embedded) as kube:
        revisions = await list_revisions(kube, "default", "dummy")
        record = await read_revision(kube, "default", "dummy", 5)
    assert [(row["revision"], row["status"]) for row in reversed(history)] == [
        (known.revision, known.status) for known in revisions
    ]
    assert record.config == values
    assert record.manifest.strip() == manifest.strip()
    assert record.chart_label == history[-1]["chart"]
