"""Applying: one request that touches what changed, merged with others, told, undone; what is denied is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lain_tui.core.errors import LainError, Refused
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.resources import EVENTS, PODS
from lain_tui.core.model.holder import Holder, Ref
from lain_tui.core.model.plan import Step, StepState
from lain_tui.core.operations.wait import NotReady
from lain_tui.core.secrets.apply import Apply, Conflicted
from lain_tui.core.secrets.audit import CHANGED_AT, CHANGED_BY
from lain_tui.core.secrets.draft import Draft
from lain_tui.core.secrets.holders import list_names, read_holder
from lain_tui.core.secrets.readers import look_usage
from lain_tui.core.target import Target
from tests.embedded import EmbeddedCluster
from tests.secrets.conftest import CANARY, ENV, Make

On = Callable[..., Target]


async def run(operation: Apply) -> list[Step]:
    return [step async for step in operation.run()]


def drafted(base: Holder, **edits: bytes | None) -> Draft:
    return Draft(base, edits)


async def test_only_what_changed_is_touched(kube: KubeClient, on: On, fresh: Make) -> None:
    base = await fresh(
        {"A": b"1", "B": b"\xff", "C": b"3"}, metadata={"name": "touched", "labels": {"keep": "me"}}
    )
    draft = drafted(
        await read_holder(kube, Ref(name="touched", namespace="default")), A=b"one", C=None, D=b""
    )
    operation = Apply(kube, on(), [draft])
    assert operation.plan.calls[1:] == ("  ~ A", "  - C", "  + D")
    steps = await run(operation)
    assert steps[1].detail == "added D, changed A, removed C"
    now = await read_holder(kube, draft.ref)
    assert now.data == {"A": b"one", "B": b"\xff", "D": b""} and now.labels == {"keep": "me"}
    assert now.annotations[CHANGED_BY] and now.annotations[CHANGED_AT]
    assert now == operation.applied[draft.ref].now or now.data == operation.applied[draft.ref].now.data
    assert base.data == {}


async def test_looking_creates_nothing_and_applying_does(kube: KubeClient, on: On) -> None:
    ref = Ref(name="not-yet", namespace="default")
    base = await read_holder(kube, ref)
    assert not base.exists and not (await read_holder(kube, ref)).exists
    await run(Apply(kube, on(), [drafted(base, A=b"\0")]))
    assert (await read_holder(kube, ref)).data == {"A": b"\0"}
    # Somebody else was faster with it: theirs stays.
    late = drafted(base, B=b"2")
    await run(Apply(kube, on(), [late]))
    assert (await read_holder(kube, ref)).data == {"A": b"\0", "B": b"2"}


async def test_a_change_of_other_keys_is_merged(kube: KubeClient, on: On, fresh: Make) -> None:
    base = await fresh({"A": b"1", "B": b"2"})
    await run(Apply(kube, on(), [drafted(base, A=b"theirs")]))
    steps = await run(Apply(kube, on(), [drafted(base, B=b"ours")]))
    assert [step.detail for step in steps if step.state is StepState.TOLD] == [
        "merged with what somebody else changed meanwhile"
    ]
    assert (await read_holder(kube, base.ref)).data == {"A": b"theirs", "B": b"ours"}


async def test_a_change_of_the_same_key_is_a_conflict_and_nothing_is_applied(
    kube: KubeClient, on: On, fresh: Make
) -> None:
    base = await fresh({"A": b"1", "B": b"2"})
    await run(Apply(kube, on(), [drafted(base, A=b"theirs")]))
    draft = drafted(base, A=b"ours", B=b"ours")
    with pytest.raises(
        Conflicted, match="somebody else changed A meanwhile: nothing of yours was applied"
    ) as caught:
        await run(Apply(kube, on(), [draft]))
    assert (await read_holder(kube, base.ref)).data == {"A": b"theirs", "B": b"2"}
    draft.rebase(caught.value.theirs)
    with pytest.raises(Refused, match="nobody else changed the same keys: A"):
        await run(Apply(kube, on(), [draft]))
    draft.resolve("A", ours=True)
    await run(Apply(kube, on(), [draft]))
    assert (await read_holder(kube, base.ref)).data == {"A": b"ours", "B": b"ours"}


async def test_an_applied_change_is_put_back_and_others_stay(kube: KubeClient, on: On, fresh: Make) -> None:
    base = await fresh({"A": b"1", "B": b"2"})
    operation = Apply(kube, on(), [drafted(base, A=None, C=b"3")])
    await run(operation)
    await run(Apply(kube, on(), [drafted(await read_holder(kube, base.ref), B=b"theirs")]))
    undo = operation.applied[base.ref].undone(await read_holder(kube, base.ref))
    await run(Apply(kube, on(), [undo]))
    assert (await read_holder(kube, base.ref)).data == {"A": b"1", "B": b"theirs"}


async def test_an_event_names_the_keys_and_no_value(kube: KubeClient, on: On, fresh: Make) -> None:
    base = await fresh({"GONE": b"1"})
    steps = await run(Apply(kube, on(), [drafted(base, TOKEN=CANARY.encode(), GONE=None)]))
    assert steps[-1].detail == "event left"
    (event,) = [
        one for one in await kube.list(EVENTS, "default") if one.involved_object.name == base.ref.name
    ]
    assert event.reason == "ConfigurationChanged" and event.message.endswith("added TOKEN, removed GONE")
    assert CANARY not in f"{steps!r} {event!r}"


async def test_an_answer_that_is_lost_is_looked_after(
    living: EmbeddedCluster, kube: KubeClient, on: On, fresh: Make
) -> None:
    base = await fresh({"A": b"1"})
    living.fault(action="drop", verb="patch", resource="secrets", count=1)
    with pytest.raises(LainError, match=r"did not get there .*: the draft is kept"):
        await run(Apply(kube, on(), [drafted(base, A=b"2")]))
    assert (await read_holder(kube, base.ref)).data == {"A": b"1"}


async def test_the_procs_that_read_it_are_restarted_and_the_worker_recovers(kube: KubeClient, on: On) -> None:
    base = await read_holder(kube, ENV)
    usage = await look_usage(kube, on(), base)
    draft = drafted(base, MYSQL_HOST=b"mysql.demo.local")
    operation = Apply(kube, on(), [draft], usages={ENV: usage}, restart=True, steady=1)
    assert operation.procs == ["web", "worker"]
    assert operation.plan.notes == ("web and worker will see it after a restart; daily at the next run.",)
    before = {
        pod.metadata.name for pod in await kube.list(PODS, "default", selector="app.kubernetes.io/name=dummy")
    }
    steps = await run(operation)
    assert sum(step.what.startswith("evict") and step.state is StepState.DONE for step in steps) == 4
    after = {
        pod.metadata.name for pod in await kube.list(PODS, "default", selector="app.kubernetes.io/name=dummy")
    }
    assert not before & {name for name in after if "daily" not in name}


async def test_a_restart_that_fails_leaves_the_change_known_and_its_way_back(
    kube: KubeClient, on: On
) -> None:
    base = await read_holder(kube, ENV)
    usage = await look_usage(kube, on(), base)
    operation = Apply(
        kube, on(), [drafted(base, MYSQL_HOST=None)], usages={ENV: usage}, restart=True, steady=1
    )
    with pytest.raises(NotReady):
        await run(operation)
    undo = operation.applied[ENV].undone(await read_holder(kube, ENV))
    assert undo.changes == {"MYSQL_HOST": "added"}
    await run(Apply(kube, on(), [undo]))


async def test_read_only_refuses_and_protected_asks_for_the_name(
    kube: KubeClient, on: On, fresh: Make
) -> None:
    base = await fresh({"A": b"1"})
    with pytest.raises(Refused, match="read-only: apply is off"):
        await run(Apply(kube, on(read_only=True), [drafted(base, A=b"2")]))
    assert Apply(kube, on(protected=True), [drafted(base, A=b"2")]).plan.typed == "dummy"
    assert (await read_holder(kube, base.ref)).data == {"A": b"1"}


async def test_an_immutable_one_is_refused_before_anything_is_sent(
    kube: KubeClient, on: On, fresh: Make
) -> None:
    base = await fresh({"A": b"1"}, immutable=True)
    with pytest.raises(Refused, match="it is immutable"):
        await run(Apply(kube, on(), [drafted(base, A=b"2")]))


# -- permissions


async def test_get_without_list(living: EmbeddedCluster, kube: KubeClient, on: On, fresh: Make) -> None:
    base = await fresh({"A": b"1"})
    living.fault(action="status", code=403, verb="list", resource="secrets")
    with pytest.raises(LainError, match="you may not list secrets in namespace default"):
        await list_names(kube, "default")
    await run(Apply(kube, on(), [drafted(await read_holder(kube, base.ref), A=b"2")]))


async def test_list_without_get(living: EmbeddedCluster, kube: KubeClient) -> None:
    living.fault(action="status", code=403, verb="get", resource="secrets")
    assert ENV in await list_names(kube, "default")
    with pytest.raises(LainError, match=r"you may not read Secret dummy-env.*kubectl auth can-i get secrets"):
        await read_holder(kube, ENV)


async def test_no_update(living: EmbeddedCluster, kube: KubeClient, on: On, fresh: Make) -> None:
    base = await fresh({"A": b"1"})
    living.fault(action="status", code=403, verb="patch", resource="secrets")
    with pytest.raises(LainError, match="you may not patch secrets in namespace default"):
        await run(Apply(kube, on(), [drafted(base, A=b"2")]))


async def test_no_events_and_no_workloads(
    living: EmbeddedCluster, kube: KubeClient, on: On, fresh: Make
) -> None:
    base = await fresh({"A": b"1"})
    living.fault(action="status", code=403, verb="create", resource="events")
    living.fault(action="status", code=403, verb="list", resource="deployments")
    usage = await look_usage(kube, on(), base)
    operation = Apply(kube, on(), [drafted(base, A=b"2")], usages={base.ref: usage})
    assert "It is not known who reads" in operation.plan.notes[0] and "deployments" in operation.plan.notes[0]
    assert (await run(operation))[-1].detail == "no event: you may not create events"
