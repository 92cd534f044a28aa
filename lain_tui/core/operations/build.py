"""Building an image, and pushing it, as a change that screens and commands follow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from lain_tui.core.errors import LainError
from lain_tui.core.image.build import BuildOptions, run_build
from lain_tui.core.image.engine import Engine
from lain_tui.core.image.names import LATEST
from lain_tui.core.image.plan import BuildPlan
from lain_tui.core.image.progress import BuildProgress, first_words
from lain_tui.core.image.spec import Stage
from lain_tui.core.image.transfer import push
from lain_tui.core.model.build import BuildEvent, BuildStep
from lain_tui.core.model.build import StepState as BuildState
from lain_tui.core.model.plan import Plan, Step
from lain_tui.core.operations.operation import begun, done, failed, told

_STEPS = {
    BuildState.RUNNING: begun,
    BuildState.DONE: done,
    BuildState.CACHED: done,
    BuildState.WARNED: told,
    BuildState.FAILED: failed,
}


class ImageBuild:
    """One build; `progress` has all of it while it runs and afterwards."""

    def __init__(self, build: BuildPlan, options: BuildOptions, *, push: bool = False) -> None:
        self.build, self.options, self._push = build, options, push
        self.progress = BuildProgress(self.plan.verb, build.image)

    @property
    def plan(self) -> Plan:
        return plan_of(self.build, push=self._push)

    async def run(self) -> AsyncIterator[Step]:
        """Build, then push. Stopped at any time, no image is named and nothing half pushed has a tag."""
        try:
            async for event in self._events():
                self.progress.take(event)
                if isinstance(event, BuildStep):
                    yield step_of(event)
        except LainError as error:
            self.progress.end(error)
            raise first_words(error) from error
        except BaseException as error:
            self.progress.end(error)
            raise
        self.progress.end()

    async def _events(self) -> AsyncIterator[BuildEvent]:
        async for event in run_build(self.build, self.options):
            yield event
        if self._push:
            latest = self.build.dockerfile.stage is not Stage.PREPARE
            async with Engine(self.options.host) as engine:
                async for event in push(engine, self.build.image, self.options.environment, latest=latest):
                    yield event


def step_of(event: BuildStep) -> Step:
    """A build's step as those of other changes are told."""
    return _STEPS[event.state](event.title, event.detail)


def plan_of(build: BuildPlan, *, push: bool, others: Sequence[str] = ()) -> Plan:
    """What a build will do; `others` are more names that it is pushed under."""
    verb = "prepare" if build.dockerfile.stage is Stage.PREPARE else "build"
    notes = [f"The image is called {LATEST}: {build.unnamed}."] if build.unnamed else []
    notes += ["The work tree has uncommitted changes: the image is marked -dirty."] if build.dirty else []
    return Plan(
        verb=f"{verb} and push" if push else verb,
        subject=build.image,
        calls=tuple(calls(build, push=push, others=others)),
        notes=tuple(notes),
    )


def calls(build: BuildPlan, *, push: bool, others: Sequence[str] = ()) -> list[str]:
    """What will be called, in order, in words."""
    stage = build.dockerfile.stage
    lines = [
        f"use {base}, or make it when nobody has it"
        if base == build.prepare_image and stage is not Stage.PREPARE
        else f"pull {base} when there is a newer one"
        for base in build.dockerfile.bases
        if base != "scratch"
    ]
    lines.append(f"docker build --target={stage.value} --tag={build.image}")
    if push:
        latest = "" if stage is Stage.PREPARE or build.tag == LATEST else f", and the same as {LATEST}"
        lines += [f"docker push {name}{latest}" for name in (build.image, *others)]
    return lines
