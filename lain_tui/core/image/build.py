"""From an app's repository to an image: what will happen, and doing it.

`plan_build` needs neither docker nor network. `run_build` yields what happens; leaving it early (closing the
iterator, cancelling the task) stops the build, and no image is named.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.image.buildkit import build_buildkit, find_client
from lain_tui.core.image.classic import build_classic
from lain_tui.core.image.context import Context, measure
from lain_tui.core.image.dockerfile import Dockerfile, render_dockerfile
from lain_tui.core.image.engine import Engine
from lain_tui.core.image.host import DockerHost
from lain_tui.core.image.names import LATEST, PREPARE, image_name
from lain_tui.core.image.prepare import LABEL, Inputs, changes, read_inputs
from lain_tui.core.image.spec import BuildSpec, Stage, read_spec
from lain_tui.core.image.transfer import ImageMissing, pull, push
from lain_tui.core.model.build import BuildEvent, BuildStep, ImageReady, StepState
from lain_tui.core.project.git import read_facts, why_no_commit
from lain_tui.core.values.layers import Values

DIRTY = "-dirty"
NETWORK = "LAIN_BUILD_NETWORK"
"""The variable that names the network of RUN instructions, where no option does."""


class BuildPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a build will do."""

    spec: BuildSpec
    registry: str
    tag: str
    """The commit's, `prepare`, or `latest` outside git."""
    meta: str
    """LAIN_META: the tag of the commit, with `-dirty` when the work tree is not clean."""
    unnamed: str = ""
    """Why the image is called `latest` and not after a commit, as a clause."""
    dockerfile: Dockerfile
    context: Context
    inputs: Inputs | None
    """What the prepare image is made from; None when the values have no prepare."""

    @property
    def image(self) -> str:
        return image_name(self.registry, self.spec.app, self.tag)

    @property
    def prepare_image(self) -> str:
        return image_name(self.registry, self.spec.app, PREPARE)

    @property
    def dirty(self) -> bool:
        return self.meta.endswith(DIRTY)

    @property
    def labels(self) -> dict[str, str]:
        """What the image says of itself; the commit's are `-dirty` as LAIN_META is."""
        labels = {"org.opencontainers.image.title": self.spec.app, "lain-tui.meta": self.meta}
        if self.meta not in {LATEST, LATEST + DIRTY}:
            labels["org.opencontainers.image.revision"] = self.meta.partition("-")[2]
        if self.dockerfile.stage is Stage.PREPARE and self.inputs is not None:
            labels[LABEL] = self.inputs.label()
        return labels


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


async def image_tag(folder: Path) -> tuple[str, str]:
    """The tag of HEAD (`latest` outside git and before the first commit), and LAIN_META."""
    facts = await read_facts(folder)
    if facts is None:
        return LATEST, LATEST
    return facts.tag, facts.tag + (DIRTY if facts.dirty else "")


async def plan_build(values: Values, folder: Path, *, stage: Stage | None = None) -> BuildPlan:
    """Look at everything that a build will use; `folder` is the app's repository.

    Raises LainError for what is wrong in the values, and when a file of the context cannot be read.
    """
    spec = read_spec(values)
    registry = str(values.get("registry") or "")
    (tag, meta), context, inputs = await asyncio.gather(
        image_tag(folder), asyncio.to_thread(measure, folder), asyncio.to_thread(read_inputs, spec, folder)
    )
    return BuildPlan(
        spec=spec,
        registry=registry,
        tag=PREPARE if stage is Stage.PREPARE else tag,
        meta=meta,
        unnamed=why_no_commit(folder) if tag == LATEST else "",
        dockerfile=render_dockerfile(spec, registry=registry, meta=meta, stage=stage),
        context=context,
        inputs=inputs,
    )


async def run_build(plan: BuildPlan, options: BuildOptions) -> AsyncIterator[BuildEvent]:
    """Build the image of a plan: base images first, then the prepare image where it is missing, then the stages."""
    began = time.monotonic()
    async with Engine(options.host) as engine:
        await engine.info()  # whether there is one
        for base in plan.dockerfile.bases:
            if base == plan.prepare_image and plan.dockerfile.stage is not Stage.PREPARE:
                async for event in _have_prepare(engine, plan, options):
                    yield event
            elif options.pull and base != "scratch":
                async for event in _have_base(engine, base, options):
                    yield event
        async for event in _build(engine, plan, options):
            yield event
        found = await engine.image(plan.image)
        if found is None:
            raise LainError("the engine says that it built the image, and does not have it", where=plan.image)
        seconds = time.monotonic() - began
        yield ImageReady(image=plan.image, image_id=found.id, size=found.size, seconds=seconds)


async def _build(engine: Engine, plan: BuildPlan, options: BuildOptions) -> AsyncIterator[BuildEvent]:
    client = await find_client(options.environment)
    arguments = plan.dockerfile.argument_values(options.environment)
    text, target = plan.dockerfile.text, plan.dockerfile.stage.value
    if client is not None:
        events = build_buildkit(
            client,
            options.host,
            plan.context,
            text,
            target=target,
            image=plan.image,
            arguments=arguments,
            labels=plan.labels,
            environment=options.environment,
            network=options.network,
        )
    else:
        events = build_classic(
            engine,
            plan.context,
            text,
            target=target,
            image=plan.image,
            arguments=arguments,
            labels=plan.labels,
            network=options.network,
        )
    async for event in events:
        yield event


async def _have_base(engine: Engine, base: str, options: BuildOptions) -> AsyncIterator[BuildEvent]:
    """Fetch a base image; one that is here already will do when it cannot be fetched."""
    try:
        async for event in pull(engine, base, options.environment):
            yield event
    except LainError as error:
        if await engine.image(base) is None:
            # Where: the engine when it is the one that is not there, else nothing but the image.
            where = "" if error.where == base else error.where
            hint = error.hint or "It is build.base or release.dest_base of the values."
            raise LainError(
                f"the base image {base} cannot be had: {error.what}", where=where, hint=hint
            ) from error
        title = f"pull {base}"
        detail = f"the one that is here is used: {error.what}"
        yield BuildStep(id=title, title=title, state=StepState.WARNED, detail=detail)


async def _have_prepare(engine: Engine, plan: BuildPlan, options: BuildOptions) -> AsyncIterator[BuildEvent]:
    """The prepare image: pulled; else the one that is here is pushed; else it is built and pushed."""
    image = plan.prepare_image
    remote = bool(plan.registry)
    try:
        if remote and options.pull:
            async for event in pull(engine, image, options.environment):
                yield event
            remote = False
    except ImageMissing:
        title = f"pull {image}"
        yield BuildStep(
            id=title, title=title, state=StepState.WARNED, detail="the registry does not have it yet"
        )
    found = await engine.image(image)
    if found is None:
        prepare = msgspec.structs.replace(
            plan, tag=PREPARE, dockerfile=render_dockerfile(plan.spec, meta=plan.meta, stage=Stage.PREPARE)
        )
        for base in prepare.dockerfile.bases if options.pull else ():
            async for event in _have_base(engine, base, options):
                yield event
        async for event in _build(engine, prepare, options):
            yield _of_prepare(event)
    elif plan.inputs is not None and (said := changes(found.labels.get(LABEL, ""), plan.inputs)):
        detail = f"since it was made, {', '.join(said)}: lain-tui prepare makes it anew"
        yield BuildStep(id=image, title=f"use {image}", state=StepState.WARNED, detail=detail)
    if remote and options.push_prepare:
        async for event in push(engine, image, options.environment, latest=False):
            if not isinstance(event, ImageReady):
                yield event


def _of_prepare(event: BuildEvent) -> BuildEvent:
    """A step of the prepare image's build, told apart from the same step of the build after it."""
    if isinstance(event, BuildStep):
        title = f"[prepare {event.title[1:]}" if event.title[:2] in _FIRST_OF_TITLE else event.title
        return msgspec.structs.replace(event, id=f"{PREPARE} {event.id}", title=title)
    if isinstance(event, ImageReady):
        return event
    return msgspec.structs.replace(event, step=f"{PREPARE} {event.step}")


def keep(plan: BuildPlan, folder: Path) -> str:
    """Write the plan's Dockerfile into the app's folder; returns what became of it. One that is there stays."""
    path = folder / "Dockerfile"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(plan.dockerfile.text)
    except FileExistsError:
        return f"{path} is there already: it stays as it is."
    except OSError as error:
        raise LainError(f"cannot write it: {error.strerror}", where=str(path)) from error
    return f"{path} is written."


_FIRST_OF_TITLE = {f"[{digit}" for digit in range(1, 10)}
