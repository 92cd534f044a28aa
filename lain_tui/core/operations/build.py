"""Building an image, and pushing it, as a change that screens and commands follow."""

from __future__ import annotations

from collections.abc import AsyncIterator

from lain_tui.core.errors import LainError
from lain_tui.core.image.build import BuildOptions, BuildPlan, run_build
from lain_tui.core.image.engine import Engine
from lain_tui.core.image.names import LATEST
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
        verb = "prepare" if build.dockerfile.stage is Stage.PREPARE else "build"
        self._verb = f"{verb} and push" if push else verb
        self.progress = BuildProgress(self._verb, build.image)

    @property
    def plan(self) -> Plan:
        notes = (
            ("The work tree has uncommitted changes: the image is marked -dirty.",)
            if self.build.dirty
            else ()
        )
        return Plan(
            verb=self._verb,
            subject=self.build.image,
            calls=tuple(calls(self.build, push=self._push)),
            notes=notes,
        )

    async def run(self) -> AsyncIterator[Step]:
        """Build, then push. Stopped at any time, no image is named and nothing half pushed has a tag."""
        try:
            async for event in self._events():
                self.progress.take(event)
                if isinstance(event, BuildStep):
                    yield _STEPS[event.state](event.title, event.detail)
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


def calls(build: BuildPlan, *, push: bool) -> list[str]:
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
        lines.append(f"docker push {build.image}{latest}")
    return lines
