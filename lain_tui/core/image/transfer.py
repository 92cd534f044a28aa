"""Pushing, pulling and saving images."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from lain_tui.core.errors import LainError
from lain_tui.core.files import whole_file
from lain_tui.core.image.engine import Engine, EngineRefusal, StreamPart
from lain_tui.core.image.names import DOCKER_HUB, LATEST, archive_name, parse_reference
from lain_tui.core.image.reasons import reason
from lain_tui.core.model.build import BuildEvent, BuildLine, BuildStep, ImageReady, LayerProgress, StepState
from lain_tui.core.registry.credentials import find_login

_MISSING = ("not found", "manifest unknown", "does not exist", "pull access denied", "name unknown")


class ImageMissing(LainError):
    """The registry, or the engine, does not have the image."""


def moved(step: str, part: StreamPart) -> BuildEvent:
    """What the engine says of a layer, or of the whole."""
    if part.id and part.status:
        current, total = part.progress.get("current") or 0, part.progress.get("total") or 0
        return LayerProgress(step=step, layer=part.id, action=part.status, current=current, total=total)
    return BuildLine(step=step, text=part.status)


async def pull(
    engine: Engine, image: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[BuildEvent]:
    """Fetch an image; raises ImageMissing when its registry does not have it."""
    reference = parse_reference(image)
    login = await find_login(reference.host, environment)
    step, began = f"pull {image}", time.monotonic()
    yield BuildStep(id=step, title=step, state=StepState.RUNNING)
    name = (
        image.partition("@")[0].removesuffix(f":{reference.tag}")
        if reference.tag
        else image.partition("@")[0]
    )
    tag = reference.digest or reference.tag or LATEST
    try:
        async for part in engine.pull(name, tag, login.engine_header(reference.host)):
            if part.error:
                raise EngineRefusal(part.error)
            yield moved(step, part)
    except EngineRefusal as error:
        why = reason(error.what, image)
        said = error.what.lower()
        if "no basic auth" not in said and any(sign in said for sign in _MISSING):
            what = f"the registry has no {image}, or does not show it to you"
            hint = why.hint if "denied" in said else ""
            raise ImageMissing(what, hint=hint) from error
        raise LainError(why.what, where=image, hint=why.hint) from error
    yield BuildStep(id=step, title=step, state=StepState.DONE, seconds=time.monotonic() - began)


async def retag(engine: Engine, image: str, name: str) -> AsyncIterator[BuildEvent]:
    """Give an image one more name; raises ImageMissing when the engine does not have it."""
    reference = parse_reference(name)
    if await engine.image(image) is None:
        raise ImageMissing(f"there is no image {image}", hint="Build or pull it first.")
    await engine.tag(image, name.removesuffix(f":{reference.tag}"), reference.tag or LATEST)
    step = f"tag {image} as {name}"
    yield BuildStep(id=step, title=step, state=StepState.DONE)


async def push(
    engine: Engine, image: str, environment: Mapping[str, str] | None = None, *, latest: bool = True
) -> AsyncIterator[BuildEvent]:
    """Push an image's tag and, unless told otherwise, the same image as `latest`.

    Raises ImageMissing when the engine does not have it: build it first.
    """
    reference = parse_reference(image)
    found = await engine.image(image)
    if found is None:
        raise ImageMissing(f"there is no image {image} to push", hint="Build it first: lain-tui build")
    login = await find_login(reference.host, environment)
    name = image.rpartition(":")[0] if reference.tag else image
    began = time.monotonic()
    if reference.host == DOCKER_HUB and reference.path.startswith("library/"):
        hint = "Set registry in the cluster's values."
        raise LainError(f"{image} names no registry, so there is nowhere to push it to", hint=hint)
    tags = [reference.tag or LATEST]
    if latest and tags != [LATEST]:
        await engine.tag(image, name, LATEST)
        tags.append(LATEST)
    for tag in tags:
        step, start = f"push {name}:{tag}", time.monotonic()
        yield BuildStep(id=step, title=step, state=StepState.RUNNING)
        async for part in engine.push(name, tag, login.engine_header(reference.host)):
            if part.error:
                why = reason(part.error, image)
                raise LainError(f"the push failed: {why.what}", where=f"{name}:{tag}", hint=why.hint)
            if part.status:
                yield moved(step, part)
        yield BuildStep(id=step, title=step, state=StepState.DONE, seconds=time.monotonic() - start)
    yield ImageReady(image=image, image_id=found.id, size=found.size, seconds=time.monotonic() - began)


async def save(engine: Engine, image: str, folder: Path, *, force: bool = False) -> AsyncIterator[BuildEvent]:
    """Write `REPO_TAG.tar.gz` into `folder`: whole or not at all. Refuses to overwrite unless forced."""
    path = folder / archive_name(image)
    if path.exists() and not force:
        raise LainError(
            "it is there already, nothing was written", where=str(path), hint="--force overwrites it."
        )
    found = await engine.image(image)
    if found is None:
        raise ImageMissing(f"there is no image {image} to save", hint="Build or pull it first.")
    step, began = f"save {path.name}", time.monotonic()
    yield BuildStep(id=step, title=step, state=StepState.RUNNING)
    try:
        packer, done = zlib.compressobj(wbits=31), 0
        with whole_file(path, replace=force) as file:
            async for chunk in engine.export(image):
                packed = await asyncio.to_thread(packer.compress, chunk)
                await asyncio.to_thread(file.write, packed)
                done += len(chunk)
                yield LayerProgress(
                    step=step, layer=path.name, action="Saving", current=done, total=found.size
                )
            file.write(packer.flush())
    except FileExistsError:
        raise LainError("it has appeared meanwhile, nothing was written", where=str(path)) from None
    except OSError as error:
        raise LainError(f"cannot write it: {error.strerror}", where=str(path)) from error
    yield BuildStep(id=step, title=step, state=StepState.DONE, seconds=time.monotonic() - began)
    yield ImageReady(image=str(path), size=path.stat().st_size, seconds=time.monotonic() - began)
