"""The images that a build stands on: the newest are fetched, and the prepare image is made where nobody has it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.image.engine import Engine
from lain_tui.core.image.names import PREPARE
from lain_tui.core.image.plan import BuildPlan
from lain_tui.core.image.prepare import LABEL, changes
from lain_tui.core.image.spec import Stage
from lain_tui.core.image.transfer import ImageMissing, pull, push
from lain_tui.core.model.build import BuildEvent, BuildStep, ImageReady, LayerProgress, StepState

Build = Callable[[BuildPlan], AsyncIterator[BuildEvent]]


class Bases:
    """The images that one build stands on."""

    def __init__(self, engine: Engine, plan: BuildPlan, environment: Mapping[str, str], build: Build) -> None:
        """`build` makes an image and names it; the prepare image may need it."""
        self._engine, self._plan, self._environment, self._build = engine, plan, environment, build
        self.moved = False
        """Whether they are others than they were when `fetch` began: a build of that time stands on old ones."""

    async def fetch(self, *, newer: bool, push_prepare: bool) -> AsyncIterator[BuildEvent]:
        """Have them all on the engine, with `newer` those that the registry has by now.

        Raises LainError when there is no engine, and when one of them cannot be had.
        """
        await self._engine.ping()
        before = await self._ids()
        for base in self._plan.bases:
            if self._is_prepare(base):
                events = self._have_prepare(newer, push_prepare)
            elif newer:
                events = self._have(base)
            else:
                continue
            self.moved |= not before[base]
            async for event in events:
                # What is downloaded is new, long before it is there.
                self.moved |= isinstance(event, LayerProgress) and event.action == "Downloading"
                yield event
        self.moved |= await self._ids() != before

    async def _ids(self) -> dict[str, str]:
        """What each of them is on the engine; empty for one that it does not have."""
        found = await asyncio.gather(*map(self._engine.image, self._plan.bases))
        return {base: image.id if image else "" for base, image in zip(self._plan.bases, found, strict=True)}

    def _is_prepare(self, base: str) -> bool:
        return base == self._plan.prepare_image and self._plan.dockerfile.stage is not Stage.PREPARE

    async def _have(self, base: str) -> AsyncIterator[BuildEvent]:
        """Fetch one; the one that is here will do when it cannot be fetched."""
        try:
            async for event in pull(self._engine, base, self._environment):
                yield event
        except LainError as error:
            if await self._engine.image(base) is None:
                # Where: the engine when it is the one that is not there, else nothing but the image.
                where = "" if error.where == base else error.where
                hint = error.hint or "It is build.base or release.dest_base of the values."
                raise LainError(
                    f"the base image {base} cannot be had: {error.what}", where=where, hint=hint
                ) from error
            title = f"pull {base}"
            detail = f"the one that is here is used: {error.what}"
            yield BuildStep(id=title, title=title, state=StepState.WARNED, detail=detail)

    async def _have_prepare(self, newer: bool, push_it: bool) -> AsyncIterator[BuildEvent]:
        """The prepare image: pulled; else the one that is here is pushed; else it is built and pushed."""
        plan, image = self._plan, self._plan.prepare_image
        remote = bool(plan.registry)
        try:
            if remote and newer:
                async for event in pull(self._engine, image, self._environment):
                    yield event
                remote = False
        except ImageMissing:
            title = f"pull {image}"
            detail = "the registry does not have it yet"
            yield BuildStep(id=title, title=title, state=StepState.WARNED, detail=detail)
        found = await self._engine.image(image)
        if found is None:
            prepare = plan.of_prepare()
            for base in prepare.bases if newer else ():
                async for event in self._have(base):
                    yield event
            async for event in self._build(prepare):
                if not isinstance(event, ImageReady):
                    yield _of_prepare(event)
        elif plan.inputs is not None and (said := changes(found.labels.get(LABEL, ""), plan.inputs)):
            detail = f"since it was made, {', '.join(said)}: lain-tui prepare makes it anew"
            yield BuildStep(id=image, title=f"use {image}", state=StepState.WARNED, detail=detail)
        if remote and push_it:
            async for event in push(self._engine, image, self._environment, latest=False):
                if not isinstance(event, ImageReady):
                    yield event


_FIRST_OF_TITLE = {f"[{digit}" for digit in range(1, 10)}


def _of_prepare(event: BuildEvent) -> BuildEvent:
    """A step of the prepare image's build, told apart from the same step of the build after it."""
    if isinstance(event, BuildStep):
        title = f"[prepare {event.title[1:]}" if event.title[:2] in _FIRST_OF_TITLE else event.title
        return msgspec.structs.replace(event, id=f"{PREPARE} {event.id}", title=title)
    if isinstance(event, ImageReady):
        return event
    return msgspec.structs.replace(event, step=f"{PREPARE} {event.step}")
