"""From an app's repository to an image.

`run_build` yields what happens; leaving it early (closing the iterator, cancelling the task) stops the build, and no
image is named.
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.image.bases import Bases
from lain_tui.core.image.buildkit import build_buildkit, find_client
from lain_tui.core.image.classic import build_classic
from lain_tui.core.image.engine import Engine
from lain_tui.core.image.host import DockerHost
from lain_tui.core.image.plan import BuildPlan
from lain_tui.core.model.build import BuildEvent, ImageReady

NETWORK = "LAIN_BUILD_NETWORK"
"""The variable that names the network of RUN instructions, where no option does."""


class BuildOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a build is done."""

    host: DockerHost
    pull: bool = True
    """Fetch newer base images first; one that cannot be fetched is used as it is here."""
    push_prepare: bool = True
    """Push a prepare image that the registry does not have."""
    network: str = ""
    """The network of RUN instructions, such as `host`; the engine's own choice when empty."""
    environment: Mapping[str, str] = msgspec.field(default_factory=lambda: dict(os.environ))
    """Where build arguments, docker's settings and the client come from."""


async def run_build(plan: BuildPlan, options: BuildOptions) -> AsyncIterator[BuildEvent]:
    """Build the image of a plan: base images first, then the prepare image where it is missing, then the stages.

    The image gets its name at the end, at once: whatever happens, no name is ever given to half of one.
    """
    async with Engine(options.host) as engine:
        client = await find_client(options.environment, engine)
        build = partial(_build, engine, client, options)
        bases = Bases(engine, plan, options.environment, lambda part: _named(engine, part, build(part)))
        if client is not None and options.pull and bases.plain:
            stages = bases.while_building(partial(build, plan))
        else:
            fetch = bases.fetch(newer=options.pull, push_prepare=options.push_prepare)
            stages = _one_after_another(fetch, build(plan))
        async for event in _named(engine, plan, stages):
            yield event


async def _named(
    engine: Engine, plan: BuildPlan, events: AsyncIterator[BuildEvent]
) -> AsyncIterator[BuildEvent]:
    """A build's events, and the plan's name for the image that it made."""
    began = time.monotonic()
    async for event in events:
        if not isinstance(event, ImageReady):
            yield event
            continue
        found = await engine.image(event.image_id)
        if found is None:
            raise LainError("the engine says that it built the image, and does not have it", where=plan.image)
        if plan.image not in (found.names or ()):
            repository, _, tag = plan.image.rpartition(":")
            await engine.tag(found.id, repository, tag)
        seconds = time.monotonic() - began
        yield ImageReady(image=plan.image, image_id=found.id, size=found.size, seconds=seconds)


async def _one_after_another(*parts: AsyncIterator[BuildEvent]) -> AsyncIterator[BuildEvent]:
    for events in parts:
        async for event in events:
            yield event


async def _build(
    engine: Engine, client: Path | None, options: BuildOptions, plan: BuildPlan, newer: bool = False
) -> AsyncIterator[BuildEvent]:
    """The stages of a plan; the last event is of an image that has no name yet.

    With `newer`, BuildKit asks the registries for the base images.
    """
    arguments = plan.dockerfile.argument_values(options.environment)
    text, target = plan.dockerfile.text, plan.dockerfile.stage.value
    if client is not None:
        events = build_buildkit(
            client,
            options.host,
            plan.context,
            text,
            target=target,
            arguments=arguments,
            labels=plan.labels,
            environment=options.environment,
            network=options.network,
            newer=newer,
        )
    else:
        events = build_classic(
            engine,
            plan.context,
            text,
            target=target,
            arguments=arguments,
            labels=plan.labels,
            network=options.network,
        )
    begun = False
    try:
        async for event in events:
            begun = True
            yield event
    except LainError as error:
        try:
            await engine.ping()
        except LainError as gone:
            if not begun:
                raise gone from error
            raise LainError("the docker engine went away in mid-build", where=options.host.url) from error
        raise
