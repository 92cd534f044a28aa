"""What stands in a deploy's way in the cluster: objects of somebody else, records that cannot be kept or read."""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import pytest

from lain_tui.core.errors import LainError, Refused
from lain_tui.core.helm.history import History
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.resources import SECRETS
from lain_tui.core.model.plan import Outcome
from lain_tui.core.operations.deploy import Deploy
from lain_tui.core.target import Target
from tests.embedded import EmbeddedCluster
from tests.operations.releases import HELM, check, git, plan_of, run

OTHER = "/api/v1/namespaces/other"


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster(source=True) as cluster:
        cluster.request("POST", "/api/v1/namespaces", {"metadata": {"name": "other"}})
        for name, key in (("dummy-env", "FOO"), ("dummy-secret", "topsecret.txt")):
            cluster.request(
                "POST", f"{OTHER}/secrets", {"metadata": {"name": name}, "stringData": {key: "x"}}
            )
        yield cluster


@pytest.fixture
def demo(running: EmbeddedCluster) -> Iterator[EmbeddedCluster]:
    yield running
    git(running, "clean", "-fdq")


@pytest.fixture
async def kube(target: Target) -> AsyncIterator[KubeClient]:
    async with KubeClient.open(target) as client:
        yield client


@pytest.fixture
def elsewhere(target: Target) -> Target:
    """Another namespace, where the app is not deployed yet."""
    return msgspec.structs.replace(target, namespace="other")


@pytest.fixture
def service(demo: EmbeddedCluster) -> Iterator[Any]:
    """Makes a Service of the name that the release would give its own."""

    def make(**metadata: Any) -> None:
        body = {"metadata": {"name": "dummy-web", **metadata}, "spec": {"ports": [{"port": 80}]}}
        demo.request("POST", f"{OTHER}/services", body)

    yield make
    demo.request("DELETE", f"{OTHER}/services/dummy-web")


async def test_an_object_that_no_helm_made_is_not_taken_over(
    kube: KubeClient, elsewhere: Target, service: Any
) -> None:
    service()
    deploy = await Deploy.prepare(kube, elsewhere, helm=HELM)
    outcome, said = check(deploy.plan, "Service dummy-web is free")
    assert outcome is Outcome.FAILED and said.startswith("it is there already, and no helm release made it")
    assert "meta.helm.sh/release-name=dummy" in said, "the next step"
    with pytest.raises(Refused, match="no helm release made it"):
        await run(deploy)


async def test_an_object_of_another_namespaces_release_of_the_same_name_is_told_by_both(
    kube: KubeClient, elsewhere: Target, service: Any
) -> None:
    service(
        labels={"app.kubernetes.io/managed-by": "Helm"},
        annotations={"meta.helm.sh/release-name": "dummy", "meta.helm.sh/release-namespace": "default"},
    )
    _, said = check(await plan_of(kube, elsewhere), "Service dummy-web is free")
    assert said.startswith("it belongs to release dummy of namespace default")


async def test_another_namespaces_release_of_the_same_name_is_another_release(
    kube: KubeClient, target: Target, elsewhere: Target
) -> None:
    assert await History(kube, "default", "dummy").revisions()
    assert await History(kube, "other", "dummy").revisions() == []
    plan = await plan_of(kube, elsewhere)
    assert plan.refusal is None and plan.notes[0] == "dummy-web starts 3 pods; dummy-worker starts 1 pod."
    assert not any("is free" in one.what for one in (await plan_of(kube, target)).checks)


async def test_a_release_too_large_for_its_secret_is_refused_before_helm_tries(
    kube: KubeClient, target: Target, demo: EmbeddedCluster
) -> None:
    (demo.repository / "chart" / "dump.bin").write_bytes(os.urandom(1_200_000))
    outcome, said = check(await plan_of(kube, target), "fits into a Secret")
    assert outcome is Outcome.FAILED and "KiB of 1024" in said and ".helmignore" in said
    (demo.repository / "chart" / ".helmignore").write_text("*.bin\n")
    assert not any("fits into a Secret" in one.what for one in (await plan_of(kube, target)).checks)


async def test_a_newest_record_that_is_cut_short_stops_a_deploy_and_names_the_way_out(
    kube: KubeClient, target: Target
) -> None:
    name = "sh.helm.release.v1.dummy.v5"
    whole = msgspec.json.decode(await kube.get_raw(SECRETS, name, "default"))["data"]["release"]
    cut = base64.b64encode(base64.b64decode(whole)[:400]).decode()
    await kube.patch(SECRETS, name, {"data": {"release": cut}}, "default")
    try:
        with pytest.raises(LainError) as caught:
            await plan_of(kube, target)
    finally:
        await kube.patch(SECRETS, name, {"data": {"release": whole}}, "default")
    assert str(caught.value).startswith(f"Secret default/{name}: helm's record of this release is damaged")
    assert "Once that Secret is deleted, the revision before it is the newest." in str(caught.value)
