"""Running a job: made, followed to its end, its exit code told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Any, Self

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.jobs.list import bad_end, fault_words
from lain_tui.core.jobs.manifest import DEADLINE, Size, job_of_cron, job_of_proc, unique_name
from lain_tui.core.jobs.source import find_proc
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import KubeError, NotFound
from lain_tui.core.kube.logs import read_log
from lain_tui.core.kube.resources import CRONJOBS, JOBS, PODS
from lain_tui.core.logs.containers import container_status, has_log
from lain_tui.core.model.plan import Check, Outcome, Plan, Step
from lain_tui.core.model.pod import Pod, StateTerminated
from lain_tui.core.model.text import counted, listed, spell
from lain_tui.core.operations.operation import begun, done, failed, refuse, subject_of, told, typed_name
from lain_tui.core.status.jobs import job_duration, job_failure
from lain_tui.core.status.owners import proc_of
from lain_tui.core.target import Target
from lain_tui.core.triage.podstate import pod_state

_BEAT = 0.5
"""Seconds between two looks at a job that has not started to print."""
_STUCK = frozenset({
    "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError", "CreateContainerError",
})  # fmt: skip

_GOES_ON = "Stopping to follow it does not stop the job."

Show = Callable[[bytes], None]
"""Takes each line that the job prints."""


class JobFailed(LainError):
    """The job ran, and failed."""

    def __init__(self, what: str, *, code: int, hint: str = "") -> None:
        super().__init__(what, hint=hint)
        self.code = code
        """The container's exit code; 1 when it has none."""


class RunJob:
    """One job from its manifest to its end. Made by `of_proc` or `of_cron`."""

    def __init__(
        self,
        kube: KubeClient,
        target: Target,
        manifest: dict[str, Any],
        plan: Plan,
        *,
        wait: bool,
        replaces: bool,
        show: Show | None,
    ) -> None:
        self._kube = kube
        self._target = target
        self._manifest = manifest
        self._plan = plan
        self._wait = wait
        self._replaces = replaces
        self._show = show

    @classmethod
    async def of_proc(
        cls,
        kube: KubeClient,
        target: Target,
        command: Sequence[str],
        *,
        proc: str = "",
        name: str = "",
        size: Size = Size(),  # noqa: B008  (frozen)
        tag: str = "",
        user: int | None = None,
        deadline: int = DEADLINE,
        force: bool = False,
        wait: bool = True,
        show: Show | None = None,
    ) -> Self:
        """Plan to run a command once with a proc's image (of another `tag`), env and mounts, as another `user` id.

        `force` replaces a job of that name. Without `wait` it is over once the job is made. Raises LainError for a
        proc that is not there.
        """
        source = await find_proc(kube, target, proc)
        name = f"{target.release}-{name}" if name else unique_name(f"{target.release}-{source.name}-job")
        manifest = job_of_proc(
            source.workload, name=name, app=target.app, container=source.container,
            command=command, size=size, deadline=deadline, image=source.image_with(tag), user=user,
        )  # fmt: skip
        exists = await _exists(kube, target, name)
        checks: list[Check] = []
        if exists and not force:
            checks.append(Check(what=f"there is no job {name} yet", outcome=Outcome.FAILED,
                                detail="there is one", hint="--force replaces it."))  # fmt: skip
        calls = [f"delete job {name}"] if exists else []
        calls.append(f"create job {name}: {' '.join(command)}")
        plan = Plan(
            verb="job",
            subject=subject_of(target),
            calls=tuple(calls),
            checks=tuple(checks),
            notes=(
                f"{f'Tag {tag}' if tag else 'Image'} and env of {source.name}; limits {size.cpu_limit} CPU and {size.memory_limit}; no second try; "
                f"ended after {spell(deadline)}.",
                *([_GOES_ON] if wait else []),
            ),
            typed=typed_name(target),
        )
        return cls(kube, target, manifest, plan, wait=wait, replaces=exists, show=show)

    @classmethod
    async def of_cron(
        cls, kube: KubeClient, target: Target, proc: str, *, wait: bool = True, show: Show | None = None
    ) -> Self:
        """Plan to run a cronjob now. Raises LainError when the app has no such cronjob."""
        cron = await find_cron(kube, target, proc)
        name = unique_name(f"{cron['metadata']['name']}-manual")
        plan = Plan(
            verb="create-job",
            subject=f"{proc} of {subject_of(target)}",
            calls=(f"create job {name} from cronjob {cron['metadata']['name']}",),
            notes=(_GOES_ON,) if wait else (),
            typed=typed_name(target),
        )
        return cls(kube, target, job_of_cron(cron, name=name), plan, wait=wait, replaces=False, show=show)

    @property
    def plan(self) -> Plan:
        return self._plan

    @property
    def name(self) -> str:
        """The job's."""
        return str(self._manifest["metadata"]["name"])

    async def run(self) -> AsyncIterator[Step]:
        """Make the job, follow it. Raises JobFailed with its exit code, Refused, and KubeError."""
        refuse(self._target, self._plan)
        namespace = self._target.namespace
        if self._replaces:
            yield begun(f"delete job {self.name}")
            await self._delete()
            yield done(f"delete job {self.name}")
        what = f"create job {self.name}"
        yield begun(what)
        await self._kube.create(JOBS, self._manifest, namespace)
        yield done(what)
        if not self._wait:
            return
        what = f"job {self.name}"
        yield begun(what)
        if pod := await self._started():
            yield told(what, f"pod {pod} runs")
            await self._print(pod)
        try:
            words = await self._outcome()
        except JobFailed as error:
            yield failed(what, error.what)
            raise
        yield done(what, words)

    async def _delete(self) -> None:
        with suppress(NotFound):
            await self._kube.delete(JOBS, self.name, self._target.namespace, propagation="Foreground")
        while True:
            if not await _exists(self._kube, self._target, self.name):
                return
            await asyncio.sleep(_BEAT)

    async def _started(self) -> str:
        """Wait for the job's pod to run, or to have run; its name, empty when the job failed without one.

        Raises LainError when it cannot start.
        """
        while True:
            pod = await self._pod()
            if pod is not None:
                name = pod.spec.containers[0].name if pod.spec.containers else ""
                if has_log(container_status(pod, name)):
                    return pod.metadata.name
                state = pod_state(pod)
                if state.word.removeprefix("Init:") in _STUCK:
                    raise LainError(
                        f"job {self.name} cannot start: {state.word}",
                        hint=f"It stays until its deadline; kubectl delete job {self.name} takes it away.",
                    )
            job = await self._kube.get(JOBS, self.name, self._target.namespace)
            if job_failure(job) is not None:
                return ""
            await asyncio.sleep(_BEAT)

    async def _print(self, pod: str) -> None:
        """Hand over the log to its end."""
        found = await self._kube.get(PODS, pod, self._target.namespace)
        container = found.spec.containers[0].name if found.spec.containers else ""
        async for line in read_log(self._kube, self._target.namespace, pod, container, follow=True):
            if self._show is not None:
                self._show(line.text)

    async def _outcome(self) -> str:
        """Wait until the job is over; how long it took. Raises JobFailed."""
        while True:
            job = await self._kube.get(JOBS, self.name, self._target.namespace)
            failure = job_failure(job)
            took = job_duration(job)
            words = f" after {spell(took)}" if took is not None else ""
            if failure is not None:
                end = await self._end()
                how = fault_words(failure, end)
                raise JobFailed(f"job {self.name} failed{words}: {how}", code=end.exit_code if end else 1)
            if job.status.completion_time is not None:
                return f"done{words}"
            await asyncio.sleep(_BEAT)

    async def _end(self) -> StateTerminated | None:
        with suppress(KubeError):
            pod = await self._pod()
            return bad_end(pod) if pod is not None else None
        return None

    async def _pod(self) -> Pod | None:
        pods = await self._kube.list(PODS, self._target.namespace, selector=f"job-name={self.name}")
        return max(pods, key=lambda pod: str(pod.metadata.creation_timestamp), default=None)


async def pods_of(kube: KubeClient, target: Target, job: str) -> list[str]:
    """The names of a job's pods that are still there."""
    pods = await kube.list(PODS, target.namespace, selector=f"job-name={job}")
    return [pod.metadata.name for pod in pods]


async def find_cron(kube: KubeClient, target: Target, proc: str) -> dict[str, Any]:
    """The whole manifest of an app's cronjob. Raises LainError when there is none."""
    crons = await kube.list(CRONJOBS, target.namespace, selector=f"app.kubernetes.io/name={target.app}")
    names = {proc_of(each, target.release): each.metadata.name for each in crons}
    if proc not in names:
        hint = f"It has {listed(sorted(names), most=8)}." if names else f"It has {counted(0, 'cronjob')}."
        raise LainError(f"{target.app} has no cronjob {proc}", hint=hint)
    found: dict[str, Any] = msgspec.json.decode(await kube.get_raw(CRONJOBS, names[proc], target.namespace))
    return found


async def _exists(kube: KubeClient, target: Target, name: str) -> bool:
    try:
        await kube.get(JOBS, name, target.namespace)
    except NotFound:
        return False
    return True
