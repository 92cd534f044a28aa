"""The images that a build stands on: the newest are used, and the prepare image is made where nobody has it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.image.engine import Engine, ImageInfo
from lain_tui.core.image.names import LATEST, PREPARE, parse_reference
from lain_tui.core.image.plan import BuildPlan
from lain_tui.core.image.prepare import LABEL, changes
from lain_tui.core.image.reasons import BaseUnavailable
from lain_tui.core.image.spec import Stage
from lain_tui.core.image.transfer import ImageMissing, pull, push
from lain_tui.core.model.build import BuildEvent, BuildStep, ImageReady, StepState

_FROM = re.compile(r"\] FROM ([^@\s]+)@(sha256:[0-9a-f]{64})")
"""The title of a step in which BuildKit takes what a registry has."""


class Bases:
    """The images that one build stands on."""

    def __init__(
        self,
        engine: Engine,
        plan: BuildPlan,
        environment: Mapping[str, str],
        build: Callable[[BuildPlan], AsyncIterator[BuildEvent]],
    ) -> None:
        """`build` makes an image and names it; the prepare image may need it."""
        self._engine, self._plan, self._environment, self._build = engine, plan, environment, build
        self._had: set[str] = set()
        """What has been fetched, for the prepare image or for the build after it."""

    @property
    def plain(self) -> bool:
        """Whether none of them is the app's own prepare image."""
        return not any(map(self._is_prepare, self._plan.bases))

    async def fetch(self, *, newer: bool, push_prepare: bool) -> AsyncIterator[BuildEvent]:
        """Have them all on the engine, with `newer` those that the registry has by now.

        Raises LainError when there is no engine, and when one of them cannot be had.
        """
        await self._engine.ping()
        for base in self._plan.bases:
            if self._is_prepare(base):
                events = self._have_prepare(newer, push_prepare)
            elif newer:
                events = self._have(base)
            else:
                continue
            async for event in events:
                yield event

    async def while_building(
        self, build: Callable[[bool], AsyncIterator[BuildEvent]]
    ) -> AsyncIterator[BuildEvent]:
        """BuildKit asks the registries by itself as it goes; where one gives nothing, those that are here will do.

        `build` is told whether to ask. Raises LainError as `fetch` does.
        """
        used: dict[str, str] = {}
        here = asyncio.create_task(self._here())
        try:
            async for event in build(True):
                if isinstance(event, BuildStep) and (match := _FROM.search(event.title)):
                    used[_whole_name(match[1])] = match[2]
                if isinstance(event, ImageReady):
                    async for kept in self._keep(await here, used):
                        yield kept
                yield event
            return
        except BaseUnavailable as error:
            written = {_whole_name(base): base for base in self._plan.bases}
            unavailable = BaseUnavailable(written.get(_whole_name(error.base), error.base), error.why)
            if await self._engine.image(unavailable.base) is None:
                raise unavailable from error
            yield _as_here(unavailable)
        finally:
            here.cancel()
            await asyncio.gather(here, return_exceptions=True)
        async for event in build(False):
            yield event

    async def _here(self) -> dict[str, ImageInfo | None]:
        found = await asyncio.gather(*map(self._engine.image, self._plan.bases))
        return dict(zip(self._plan.bases, found, strict=True))

    async def _keep(
        self, here: Mapping[str, ImageInfo | None], used: Mapping[str, str]
    ) -> AsyncIterator[BuildEvent]:
        """Give the engine by name what BuildKit used: the next build may have to do without the registry."""
        for base, image in here.items():
            digest = used.get(_whole_name(base), "")
            if image is None or not digest or not image.has(digest):
                try:
                    async for event in pull(self._engine, base, self._environment):
                        yield event
                except LainError as error:
                    yield _warned(
                        f"pull {base}", f"a later build cannot do without the registry: {error.what}"
                    )

    def _is_prepare(self, base: str) -> bool:
        return base == self._plan.prepare_image and self._plan.dockerfile.stage is not Stage.PREPARE

    async def _have(self, base: str) -> AsyncIterator[BuildEvent]:
        """Fetch one, once; the one that is here will do when it cannot be fetched."""
        if base in self._had:
            return
        self._had.add(base)
        try:
            async for event in pull(self._engine, base, self._environment):
                yield event
        except LainError as error:
            unavailable = BaseUnavailable(base, error)
            if await self._engine.image(base) is None:
                raise unavailable from error
            yield _as_here(unavailable)

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
            yield _warned(f"pull {image}", "the registry does not have it yet")
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


def _as_here(error: BaseUnavailable) -> BuildStep:
    return _warned(f"pull {error.base}", f"the one that is here is used: {error.why.what}")


def _warned(title: str, detail: str) -> BuildStep:
    return BuildStep(id=title, title=title, state=StepState.WARNED, detail=detail)


def _whole_name(image: str) -> str:
    """`docker.io/library/python:latest` for `python`, as BuildKit calls it."""
    reference = parse_reference(image.partition("@")[0])
    return f"{reference.repository}:{reference.tag or LATEST}"


_FIRST_OF_TITLE = {f"[{digit}" for digit in range(1, 10)}


def _of_prepare(event: BuildEvent) -> BuildEvent:
    """A step of the prepare image's build, told apart from the same step of the build after it."""
    if isinstance(event, BuildStep):
        title = f"[prepare {event.title[1:]}" if event.title[:2] in _FIRST_OF_TITLE else event.title
        return msgspec.structs.replace(event, id=f"{PREPARE} {event.id}", title=title)
    if isinstance(event, ImageReady):
        return event
    return msgspec.structs.replace(event, step=f"{PREPARE} {event.step}")
