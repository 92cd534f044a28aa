"""Jobs on a living cluster: made, followed, their exit codes told; cronjobs by hand, suspended and resumed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lain_tui.core.errors import LainError, Refused
from lain_tui.core.jobs.list import list_work
from lain_tui.core.jobs.run import JobFailed, RunJob
from lain_tui.core.jobs.suspend import Suspend
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.resources import JOBS
from lain_tui.core.model.jobs import RunState
from lain_tui.core.model.plan import Step, StepState
from lain_tui.core.target import Target

On = Callable[..., Target]


async def run(operation: RunJob | Suspend) -> list[Step]:
    return [step async for step in operation.run()]


async def test_the_log_of_a_job_is_followed_to_its_end(kube: KubeClient, on: On) -> None:
    lines: list[bytes] = []
    job = await RunJob.of_proc(kube, on("dummy"), ["sh", "-c", "echo one; echo two"], show=lines.append)
    steps = await run(job)
    assert lines == [b"one", b"two"]
    assert steps[-1].state is StepState.DONE and steps[-1].detail.startswith("done after")


async def test_a_failure_has_the_exit_code_of_the_command(kube: KubeClient, on: On) -> None:
    job = await RunJob.of_proc(kube, on("dummy"), ["sh", "-c", "exit 4"])
    with pytest.raises(JobFailed, match=r"job dummy-\S+ failed after .*: exit 4$") as caught:
        await run(job)
    assert caught.value.code == 4


async def test_planning_makes_nothing_and_names_every_call(kube: KubeClient, on: On) -> None:
    before = len(await kube.list(JOBS, "default"))
    job = await RunJob.of_proc(kube, on("dummy"), ["true"], proc="web", name="migrate")
    assert job.plan.calls == ("create job dummy-migrate: true",)
    assert len(await kube.list(JOBS, "default")) == before


async def test_a_job_of_that_name_is_replaced_only_by_force(kube: KubeClient, on: On) -> None:
    await run(await RunJob.of_proc(kube, on("dummy"), ["true"], name="once", wait=False))
    with pytest.raises(Refused, match="there is no job dummy-once yet: there is one"):
        await run(await RunJob.of_proc(kube, on("dummy"), ["true"], name="once"))
    forced = await RunJob.of_proc(kube, on("dummy"), ["echo", "again"], name="once", force=True)
    assert forced.plan.calls[0] == "delete job dummy-once"
    await run(forced)


async def test_a_cronjob_runs_now(kube: KubeClient, on: On) -> None:
    job = await RunJob.of_cron(kube, on("dummy"), "daily", wait=False)
    await run(job)
    daily = next(work for work in await list_work(kube, on("dummy")) if work.name == "daily")
    assert job.name in [each.name for each in daily.runs if each.by_hand]


async def test_suspended_and_resumed(kube: KubeClient, on: On) -> None:
    target = on("dummy")
    await run(await Suspend.prepare(kube, target, "daily", suspend=True))
    (daily,) = [work for work in await list_work(kube, target) if work.kind == "CronJob"]
    assert daily.suspended and daily.next_run is None
    with pytest.raises(Refused, match="daily is suspended already"):
        await run(await Suspend.prepare(kube, target, "daily", suspend=True))
    await run(await Suspend.prepare(kube, target, "daily", suspend=False))
    (daily,) = [work for work in await list_work(kube, target) if work.kind == "CronJob"]
    assert not daily.suspended and daily.next_run is not None


async def test_the_list_tells_how_runs_ended(kube: KubeClient, on: On) -> None:
    target = on("dummy")
    with pytest.raises(JobFailed):
        await run(await RunJob.of_proc(kube, target, ["false"], name="bad"))
    bad = next(work for work in await list_work(kube, target) if work.resource == "dummy-bad")
    assert bad.last is not None and bad.last.state is RunState.FAILED
    assert (bad.last.reason, bad.last.fault) == ("BackoffLimitExceeded", "exit 1")


@pytest.mark.parametrize("name", ["nope", ""])
async def test_what_is_not_there_is_told(kube: KubeClient, on: On, name: str) -> None:
    with pytest.raises(LainError, match="dummy has no cronjob"):
        await RunJob.of_cron(kube, on("dummy"), name)
    with pytest.raises(LainError, match=r"dummy has no proc nope. It has"):
        await RunJob.of_proc(kube, on("dummy"), ["true"], proc="nope")


async def test_a_read_only_target_refuses(kube: KubeClient, on: On) -> None:
    with pytest.raises(Refused, match="read-only: job is off"):
        await run(await RunJob.of_proc(kube, on("dummy", read_only=True), ["true"]))
