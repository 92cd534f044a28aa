"""From the first look to the rollback: checked, compared, deployed by helm, followed, and told truthfully."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import AsyncIterator, Iterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from lain_tui.core.errors import LainError, Refused
from lain_tui.core.helm.history import History
from lain_tui.core.helm.sdk import SdkHelm
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.resources import DEPLOYMENTS, INGRESSES, SECRETS
from lain_tui.core.model.diff import ChangeKind
from lain_tui.core.model.plan import Outcome, Step, StepState
from lain_tui.core.operations.canary import CanaryEnd, CanaryGroup
from lain_tui.core.operations.candidate import Choice
from lain_tui.core.operations.delete import Delete
from lain_tui.core.operations.deploy import Deploy
from lain_tui.core.operations.rollback import Rollback
from lain_tui.core.operations.update_image import UpdateImage
from lain_tui.core.operations.wait import NotReady
from lain_tui.core.target import Target
from tests.contract.objects import custom_kind
from tests.embedded import EmbeddedCluster
from tests.operations.releases import HELM, check, git, history, plan_of, run, tag_of


@pytest.fixture
def demo() -> Iterator[EmbeddedCluster]:
    """The demo, ten times as fast, with its app's repository."""
    with EmbeddedCluster(speed=10, source=True) as cluster:
        yield cluster


class OldHelm(SdkHelm):
    """In its ways with `crds/` like helm 3."""

    renews_crds = False


@pytest.fixture
async def kube(target: Target) -> AsyncIterator[KubeClient]:
    async with KubeClient.open(target) as client:
        yield client


async def test_the_next_image_is_deployed_and_rolled_back(
    kube: KubeClient, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USER", "somebody")
    deploy = await Deploy.prepare(kube, target, helm=HELM)
    assert deploy.plan.refusal is None
    assert {one.title: one.restarts for one in deploy.diff.changes} == {
        "Deployment dummy-web": "restarts 3 pods: image and env",
        "Deployment dummy-worker": "restarts 1 pod: image and env",
        "CronJob dummy-daily": "the next run is new: image and env",
        "Ingress dummy-dummy-admin-localhost": "",
    }
    assert not deploy.diff.drifted and deploy.diff.asked_server == "accepts it (dry run)"
    assert deploy.plan.notes == (
        "dummy-web restarts 3 pods: image and env; dummy-worker restarts 1 pod: image and env; "
        "dummy-daily the next run is new: image and env.",
    )
    steps = await run(deploy)
    ends = {step.what: step for step in steps}
    assert all(step.state is StepState.DONE for step in ends.values())
    assert ends["web"].detail == "3 of 3, up to date" and ends["helm upgrade"].detail == "revision 6"
    assert (await history(kube))[:2] == [(6, "deployed", "somebody"), (5, "superseded", "timfeirg")]
    ready = {one.revision: one.ready_after for one in await History(kube, "default", "dummy").revisions()}
    assert ready[6] is not None and ready[5] is None, (
        "noted by us, and nothing is made up for what others deployed"
    )

    back = await Rollback.prepare(kube, target, helm=HELM, timeout=60)
    assert back.plan.subject.endswith("from revision 6 to 5")
    assert any("not part of this" in note for note in back.plan.notes)
    with pytest.raises(NotReady) as caught:
        # Revision 5 wants a key that somebody took out of the Secret: a rollback does not bring it back.
        await run(back)
    assert caught.value.proc == "worker"
    assert (await history(kube))[0][:2] == (7, "deployed")
    failed, earlier, *_ = await History(kube, "default", "dummy").revisions()
    assert failed.ready_after is None, "helm gives it the label of the one before"
    assert earlier.ready_after == ready[6]
    again = await Rollback.prepare(kube, target, helm=HELM)
    assert again.plan.refusal is not None and "no rollback itself" in again.plan.refusal.what


async def test_a_rollbacks_diff_has_the_hooks_that_a_rollback_runs_and_no_others(
    kube: KubeClient, target: Target, demo: EmbeddedCluster
) -> None:
    for event in ("pre-upgrade", "post-rollback"):
        hook = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": event}}
        hook["metadata"]["annotations"] = {"helm.sh/hook": event}  # type: ignore[index]
        (demo.repository / f"chart/templates/{event}.yaml").write_text(json.dumps(hook))
    deploy = await Deploy.prepare(kube, target, helm=HELM)
    assert {one.name for one in deploy.diff.changes if one.hook} == {"pre-upgrade", "post-rollback"}
    await run(deploy)
    back = await Rollback.prepare(kube, target, helm=HELM)
    assert [one.name for one in back.diff.changes if one.hook] == ["post-rollback"]


async def test_what_becomes_of_crds_is_said_and_a_kind_that_helm_is_about_to_make_is_no_obstacle(
    kube: KubeClient, target: Target, demo: EmbeddedCluster
) -> None:
    body = custom_kind("demo.example.com")
    crds = demo.repository / "chart/crds"
    crds.mkdir()
    (crds / "widgets.json").write_text(json.dumps(body))
    one = {
        "apiVersion": "demo.example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "one"},
        "spec": {"size": 3},
    }
    (demo.repository / "chart/templates/one.yaml").write_text(json.dumps(one))
    called = "CustomResourceDefinition widgets.demo.example.com"

    # An upgrade makes none, and so not what is of its kind either.
    late = await Deploy.prepare(kube, target, helm=HELM)
    assert late.plan.notes[1] == (
        f"{called} of crds/ is not in the cluster, and helm makes it with a first deploy only: "
        "kubectl apply --server-side -f chart/crds/ does."
    )
    assert late.plan.refusal is not None and "Widget" in late.plan.refusal.detail

    await HELM.uninstall(on=target, release="dummy", timeout=60)
    first = await Deploy.prepare(kube, target, helm=HELM)
    assert first.plan.refusal is None
    assert (
        first.plan.notes[1]
        == f"Of crds/, {called} is made before all else. No later deploy changes what is there."
    )
    assert "Widget one" in [one.title for one in first.diff.changes]
    await run(first)
    assert await kube.get_raw(await kube.kind_of("demo.example.com/v1", "Widget"), "one", "default")

    same = await Deploy.prepare(kube, target, helm=HELM)
    assert not any("crds/" in note for note in same.plan.notes)
    body["spec"]["versions"][0]["additionalPrinterColumns"] = []
    (crds / "widgets.json").write_text(json.dumps(body))
    other = await Deploy.prepare(kube, target, helm=HELM)
    stays = (
        f"{called} of crds/ stays as the cluster has it, though the chart's differs: helm changes none. "
        "kubectl apply --server-side -f chart/crds/ does."
    )
    assert other.plan.notes[1] == stays
    await HELM.uninstall(on=target, release="dummy", timeout=60)
    anew = await Deploy.prepare(kube, target, helm=HELM)
    assert f"{called} of crds/ is changed before all else" in anew.plan.notes[1], "as helm 4 does"
    assert stays in (await Deploy.prepare(kube, target, helm=OldHelm())).plan.notes, "as helm 3 does"


async def test_helm_records_what_lain_records_and_no_password(
    kube: KubeClient, target: Target, demo: EmbeddedCluster
) -> None:
    url = "https://me:t0ken@git.example.com/dev/dummy"
    git(demo, "remote", "set-url", "origin", url)
    await run(await Deploy.prepare(kube, target, helm=HELM))
    kept = History(kube, "default", "dummy")
    config = (await kept.record(await kept.find())).config or {}
    assert config["repo_url"] == "https://git.example.com/dev/dummy"
    assert config["cluster"] == "demo" and str(config["imageTag"]).endswith(git(demo, "rev-parse", "HEAD"))


async def test_secrets_and_their_keys_must_exist(kube: KubeClient, target: Target) -> None:
    await kube.patch(SECRETS, "dummy-secret", {"data": {"topsecret.txt": None, "other": ""}}, "default")
    await kube.delete(SECRETS, "dummy-env", "default")
    plan = await plan_of(kube, target)
    assert check(plan, "Secret dummy-env exists") == (
        Outcome.FAILED,
        "there is none, and daily, web and worker cannot start without it Make it: lain-tui env edit.",
    )
    outcome, said = check(plan, "Secret dummy-secret has topsecret.txt")
    assert outcome is Outcome.FAILED and "topsecret.txt is not in it" in said


async def test_an_env_of_the_values_that_hides_a_key_is_told(kube: KubeClient, target: Target) -> None:
    hidden = base64.b64encode(b"x").decode()
    await kube.patch(SECRETS, "dummy-env", {"data": {"LOG_LEVEL": hidden}}, "default")
    outcome, said = check(await plan_of(kube, target), "do not overlap")
    assert outcome is Outcome.WARNED and said.startswith("LOG_LEVEL of dummy-env is hidden")


async def test_keys_that_changed_since_the_last_deploy_are_told_for_no_deploy_carries_them(
    kube: KubeClient, target: Target
) -> None:
    value = base64.b64encode(b"x").decode()
    await kube.patch(SECRETS, "dummy-env", {"data": {"SENTRY_DSN": value}}, "default")
    note = next(note for note in (await plan_of(kube, target)).notes if note.startswith("Secret dummy-env"))
    assert "after this release (" in note and "wrote SENTRY_DSN)" in note
    assert note.endswith("no deploy carries that, and pods that started before do not have it.")


async def test_a_release_that_moved_since_the_diff_is_not_overwritten(
    kube: KubeClient, target: Target
) -> None:
    first = await Deploy.prepare(kube, target, helm=HELM)
    second = await Deploy.prepare(kube, target, helm=HELM)
    await run(first)
    with pytest.raises(Refused, match=r"dummy has changed since the diff was made: it is revision 6"):
        await run(second)


async def test_a_stuck_release_is_told_and_rolled_back_by_auto_pilot(
    kube: KubeClient, target: Target, demo: EmbeddedCluster
) -> None:
    await _leave_pending(demo)
    plan = await plan_of(kube, target)
    outcome, said = check(plan, "no other helm is at work")
    assert outcome is Outcome.FAILED and said.startswith("revision 6 is pending-upgrade since ")
    assert "by lili" in said
    piloted = await Deploy.prepare(kube, target, Choice(auto_pilot=True), helm=HELM)
    assert piloted.plan.calls[0] == "helm rollback dummy 5"
    # What was on its way when it was killed is not what helm goes from.
    assert piloted.diff.notes[0].startswith("Revision 6 is pending-upgrade: helm goes from revision 5")
    assert {one.change for one in piloted.diff.changes} == {ChangeKind.CHANGED} and piloted.before == 5
    steps = await run(piloted)
    assert steps[0].what == "helm rollback dummy 5" and steps[-1].state is StepState.DONE


async def _leave_pending(demo: EmbeddedCluster) -> None:
    """As a helm that was killed leaves a release: a revision that is on its way for ever."""
    path = "/api/v1/namespaces/default/secrets"
    secret = demo.get(f"{path}/sh.helm.release.v1.dummy.v5")
    packed = base64.b64decode(base64.b64decode(secret["data"]["release"]))
    record = json.loads(gzip.decompress(packed))
    record["version"], record["info"]["status"], record["config"]["user"] = 6, "pending-upgrade", "lili"
    record["manifest"] = ""
    repacked = base64.b64encode(base64.b64encode(gzip.compress(json.dumps(record).encode())))
    labels = {**secret["metadata"]["labels"], "version": "6", "status": "pending-upgrade"}
    body = {
        "metadata": {"name": "sh.helm.release.v1.dummy.v6", "labels": labels},
        "type": "helm.sh/release.v1",
        "data": {"release": repacked.decode()},
    }
    demo.request("POST", path, body)


async def test_a_failed_rollout_is_an_error_that_says_why(kube: KubeClient, target: Target) -> None:
    deploy = await Deploy.prepare(kube, target, helm=HELM)
    # What the pods need goes away between check and rollout.
    await kube.delete(SECRETS, "dummy-env", "default")
    seen: list[Step] = []
    with pytest.raises(NotReady, match="dummy-env"):
        async for step in deploy.run():
            seen.append(step)  # noqa: PERF401 - what was told before it fails
    assert any(step.what == "helm upgrade" and step.state is StepState.DONE for step in seen)
    assert seen[-1].state is StepState.FAILED


async def test_drift_is_told_apart(kube: KubeClient, target: Target) -> None:
    image = {
        "spec": {
            "template": {"spec": {"containers": [{"name": "web", "image": "registry.demo.local/dummy:hot"}]}}
        }
    }
    await kube.patch(DEPLOYMENTS, "dummy-web", image, "default", type="strategic")
    deploy = await Deploy.prepare(kube, target, helm=HELM)
    assert [one.title for one in deploy.diff.drifted] == ["Deployment dummy-web"]
    drift = [line.text.strip() for line in deploy.diff.drifted[0].drift if line.mark.value == "+"]
    assert drift == ["image: registry.demo.local/dummy:hot"]


async def test_one_proc_gets_another_image(kube: KubeClient, target: Target) -> None:
    tag = await tag_of(kube, 4)
    update = await UpdateImage.prepare(kube, target, ["web", "daily"], tag)
    assert len(update.plan.calls) == 2 and update.plan.refusal is None
    await run(update)
    web = await kube.get(DEPLOYMENTS, "dummy-web", "default")
    assert (web.spec.template.spec.containers or ())[0].image == f"registry.demo.local/dummy:{tag}"
    with pytest.raises(LainError, match=r"dummy has no proc wbe\. It has daily, web and worker"):
        await UpdateImage.prepare(kube, target, ["wbe"], tag)


async def test_helm_goes_on_from_an_image_that_was_set_for_one_proc(kube: KubeClient, target: Target) -> None:
    """Helm 4 applies what it has installed itself server-side, and is refused where somebody else owns a field."""
    older = await tag_of(kube, 4)
    await HELM.uninstall(on=target, release="dummy", timeout=60)
    await run(await Deploy.prepare(kube, target, helm=HELM))
    await run(await UpdateImage.prepare(kube, target, ["web", "daily"], older))
    again = await Deploy.prepare(kube, target, helm=HELM)
    assert again.plan.refusal is None
    assert (await run(again))[-1].state is StepState.DONE


async def test_a_canary_from_its_deploy_to_its_end(
    kube: KubeClient, target: Target, demo: EmbeddedCluster
) -> None:
    values = demo.repository / "chart/values.yaml"
    groups = 'canaryGroups:\n  small:\n    nginx.ingress.kubernetes.io/canary-weight: "10"\n'
    values.write_text(values.read_text() + groups)
    await run(await Deploy.prepare(kube, target, Choice(canary=True), helm=HELM))
    name = "dummy-canary-dummy-localhost"

    async def weight() -> str:
        found = await kube.get(INGRESSES, name, "default")
        return found.metadata.annotation("nginx.ingress.kubernetes.io/canary-weight")

    assert await weight() == "0"
    outcome, said = check(await plan_of(kube, target), "no canary is out")
    assert outcome is Outcome.FAILED and "set-canary-group --final" in said
    await run(await CanaryGroup.prepare(kube, target, "small"))
    assert await weight() == "10"
    header = "nginx.ingress.kubernetes.io/canary-by-header"
    await kube.patch(INGRESSES, name, {"metadata": {"annotations": {header: "X-Canary"}}}, "default")
    again = await Deploy.prepare(kube, target, Choice(canary=True), helm=HELM)
    assert f"annotate ingress {name} weight=0" in again.plan.calls, "the next one takes no traffic either"
    await run(again)
    found = await kube.get(INGRESSES, name, "default")
    assert (await weight(), found.metadata.annotation(header)) == ("0", "")
    with pytest.raises(LainError, match=r"there is no canary group big\. The values have small"):
        await CanaryGroup.prepare(kube, target, "big")
    end = await CanaryEnd.prepare(kube, target, final=True, helm=HELM)
    assert [call.split()[0] for call in end.plan.calls] == ["helm", "annotate", "helm"]
    await run(end)
    assert await History(kube, "default", "dummy-canary").revisions() == []
    assert (await history(kube))[0][:2] == (6, "deployed")


async def test_delete_lists_everything_and_purge_takes_the_secrets(kube: KubeClient, target: Target) -> None:
    delete = await Delete.prepare(kube, target, purge=True, helm=HELM)
    assert delete.plan.typed == "dummy"
    assert {"  removes Deployment dummy-web", "delete Secret dummy-env"} <= set(delete.plan.calls)
    await run(delete)
    assert await History(kube, "default", "dummy").revisions() == []
    with pytest.raises(LainError, match="there is nothing of dummy to remove"):
        await Delete.prepare(kube, target, purge=True, helm=HELM)


async def test_a_helm_that_fails_half_way_tells_the_state_and_the_way_back(
    kube: KubeClient, target: Target, demo: EmbeddedCluster
) -> None:
    deploy = await Deploy.prepare(kube, target, helm=HELM)
    demo.fault(action="status", code=500, verb="patch", resource="deployments")
    with pytest.raises(LainError) as caught:
        await run(deploy)
    assert caught.value.hint == (
        "Revision 6 is recorded as failed. lain-tui rollback 5 brings revision 5 back."
    )
    demo.clear_faults()
    assert (await history(kube))[0][:2] == (6, "failed")
    back = await Rollback.prepare(kube, target, helm=HELM)
    assert back.plan.subject.endswith("from revision 6 to 5")


async def test_the_team_is_told_of_the_new_image_and_the_one_it_replaces(
    kube: KubeClient, target: Target, demo: EmbeddedCluster
) -> None:
    told: list[dict[str, str]] = []

    async def take(request: web.Request) -> web.Response:
        told.append(await request.json())
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/hook", take)
    async with TestServer(app) as server:
        values = demo.repository / "chart/values.yaml"
        values.write_text(values.read_text() + f"webhook:\n  url: {server.make_url('/hook')}\n")
        before = await tag_of(kube)
        await run(await Deploy.prepare(kube, target, helm=HELM))
        after = await tag_of(kube)
    (message,) = told
    assert message["text"].startswith("deployed dummy\ncluster: demo\n")
    assert f"version: {after}\nbefore: {before}\n" in message["text"]
    assert "lili: Worker: a default for MYSQL_HOST" in message["text"]
