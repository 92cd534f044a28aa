"""What is known to be wrong before a deploy, each told with what to do; nothing here changes the cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import msgspec
import pytest

from lain_tui.core.errors import LainError, Refused
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.plan import Outcome
from lain_tui.core.operations.candidate import Choice, parse_sets
from lain_tui.core.operations.deploy import Deploy
from lain_tui.core.target import Target
from tests.embedded import EmbeddedCluster
from tests.operations.releases import HELM, check, git, plan_of, run, tag_of


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster(source=True) as cluster:
        yield cluster


@pytest.fixture
def demo(running: EmbeddedCluster) -> Iterator[EmbeddedCluster]:
    yield running
    running.clear_faults()
    git(running, "checkout", "--quiet", ".")
    git(running, "clean", "-fdq")


@pytest.fixture
async def kube(target: Target) -> AsyncIterator[KubeClient]:
    async with KubeClient.open(target) as client:
        yield client


async def test_an_image_that_is_not_there_is_refused_with_the_newest_ones(
    kube: KubeClient, target: Target
) -> None:
    plan = await plan_of(kube, target, tag="1634699031-" + "a" * 40)
    outcome, said = check(plan, "is in the registry")
    assert outcome is Outcome.FAILED and said.startswith("it is not there The newest are ")
    with pytest.raises(Refused, match="is in the registry: it is not there"):
        await run(await Deploy.prepare(kube, target, Choice(tag="1634699031-" + "a" * 40), helm=HELM))


async def test_a_dirty_tree_and_commits_that_go_back_are_told(
    kube: KubeClient, target: Target, demo: EmbeddedCluster
) -> None:
    (demo.repository / "run.py").write_text("print('hm')\n")
    older = await tag_of(kube, 3)
    plan = await plan_of(kube, target, tag=older)
    assert check(plan, "the work tree is clean")[0] is Outcome.WARNED
    outcome, said = check(plan, "commits go out only")
    assert outcome is Outcome.WARNED and said.startswith(
        "2 commits of what runs is not in it: Fix login redirect"
    )


async def test_the_image_that_runs_already_restarts_nothing_by_itself(
    kube: KubeClient, target: Target
) -> None:
    tag = await tag_of(kube)
    outcome, said = check(await plan_of(kube, target, tag=tag), "the image is another one")
    assert outcome is Outcome.WARNED and "no pod restarts for it" in said


async def test_what_the_api_server_would_refuse_is_known_before(kube: KubeClient, target: Target) -> None:
    deploy = await Deploy.prepare(
        kube, target, Choice(sets=("deployments.web.containerPort=700000",), ignore_lint=True), helm=HELM
    )
    refused = {one.title for one in deploy.diff.refusals}
    assert "Deployment dummy-web" in refused
    assert deploy.plan.refusal is not None and "accepts every object" in deploy.plan.refusal.what


async def test_lint_stops_a_deploy_unless_it_is_ignored(
    kube: KubeClient, target: Target, demo: EmbeddedCluster
) -> None:
    values = demo.repository / "chart/values.yaml"
    values.write_text(values.read_text().replace('cpu: "100m"', "cpu: lots", 1))
    with pytest.raises(Refused, match=r"lint: chart/values.yaml:\d+"):
        await run(await Deploy.prepare(kube, target, helm=HELM))
    assert check(await plan_of(kube, target, ignore_lint=True), "lint")[0] is Outcome.WARNED


async def test_a_chart_that_does_not_render_says_file_and_line(
    kube: KubeClient, target: Target, demo: EmbeddedCluster
) -> None:
    template = demo.repository / "chart/templates/bad.yaml"
    template.write_text('a: 1\nb: {{ fail "no host" }}\n')
    with pytest.raises(LainError, match="no host") as caught:
        await Deploy.prepare(kube, target, helm=HELM)
    assert caught.value.where == f"{template}:2"


async def test_read_only_refuses_and_protected_asks_for_the_name(kube: KubeClient, target: Target) -> None:
    deploy = await Deploy.prepare(kube, msgspec.structs.replace(target, read_only=True), helm=HELM)
    with pytest.raises(Refused, match="read-only: deploy is off"):
        await run(deploy)
    protected = msgspec.structs.replace(target, protected=True)
    assert (await Deploy.prepare(kube, protected, helm=HELM)).plan.typed == "dummy"


async def test_a_namespace_that_is_missing_is_told(kube: KubeClient, target: Target) -> None:
    plan = await plan_of(kube, msgspec.structs.replace(target, namespace="nowhere"))
    assert check(plan, "namespace nowhere exists")[0] is Outcome.FAILED


async def test_who_may_not_change_things_is_told_before(
    kube: KubeClient, target: Target, demo: EmbeddedCluster
) -> None:
    demo.fault(action="status", code=403, verb="patch", resource="deployments")
    plan = await plan_of(kube, target)
    outcome, said = check(plan, "accepts every object")
    assert outcome is Outcome.FAILED and "you may not patch deployments" in said


@pytest.mark.parametrize(
    ("given", "table"),
    [
        (("a.b=1", "a.c=true"), {"a": {"b": 1, "c": True}}),
        (("imageTag=1634699031",), {"imageTag": "1634699031"}),
        (('name="a,b=c"',), {"name": "a,b=c"}),
        (("list=[1, two]",), {"list": [1, "two"]}),
    ],
)
def test_settings_are_typed(given: tuple[str, ...], table: dict[str, object]) -> None:
    assert parse_sets(given) == table


@pytest.mark.parametrize("given", ["a", "=1", "a=[", "a=1,a.b=2"])
def test_a_setting_that_is_none_is_told(given: str) -> None:
    with pytest.raises(LainError):
        parse_sets(given.split(","))


async def test_a_canary_that_would_take_traffic_at_once_is_refused(
    kube: KubeClient, target: Target, demo: EmbeddedCluster
) -> None:
    template = demo.repository / "chart/templates/ingresses.yaml"
    template.write_text(template.read_text().replace("ingressAnnotations", "others"))
    outcome, said = check(await plan_of(kube, target, canary=True), "takes no traffic yet")
    assert outcome is Outcome.FAILED and "no ingressAnnotations" in said
