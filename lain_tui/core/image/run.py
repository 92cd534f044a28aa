"""A command in an image, on this terminal; its container is gone when it ends, however it does."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence

from lain_tui.core.errors import LainError
from lain_tui.core.image.engine import Engine
from lain_tui.core.image.host import DockerHost
from lain_tui.core.image.names import parse_reference
from lain_tui.core.image.transfer import ImageMissing, pull
from lain_tui.core.model.build import BuildEvent
from lain_tui.core.process import attend

SHELL = ("sh", "-c", "command -v bash >/dev/null 2>&1 && exec bash || exec sh")
"""The best shell that an image has."""


def run_command(
    image: str, command: Sequence[str], *, user: int | None = None, interactive: bool = True, name: str = ""
) -> list[str]:
    """The arguments of docker; raises LainError when `image` is no image's name."""
    parse_reference(image)
    options = ["run", "--rm", *(["--interactive", "--tty"] if interactive else [])]
    options += [f"--name={name}"] if name else []
    options += [f"--user={user}"] if user is not None else []
    return ["docker", *options, image, *command]


async def fetch_image(
    host: DockerHost, image: str, environment: Mapping[str, str]
) -> AsyncIterator[BuildEvent]:
    """Have the image on the engine, from its registry when it is not there yet.

    Raises LainError when there is no engine, and when the image is nowhere.
    """
    async with Engine(host) as engine:
        await engine.ping()
        if await engine.image(image) is not None:
            return
        try:
            async for event in pull(engine, image, environment):
                yield event
        except LainError as error:
            why = "its registry shows none" if isinstance(error, ImageMissing) else error.what
            hint = "Make it first: lain-tui build, or lain-tui prepare."
            raise LainError(
                f"the docker engine does not have it, and {why}", where=image, hint=hint
            ) from error


async def run_image(
    host: DockerHost,
    image: str,
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    user: int | None = None,
    interactive: bool = True,
) -> int:
    """Run it, and return its exit code. Cancelled, it ends the container: docker's client alone would leave it.

    Raises LainError when there is no client of docker's.
    """
    name = f"lain-tui-run-{secrets.token_hex(4)}"
    argv = run_command(image, command, user=user, interactive=interactive, name=name)
    settings = {key: text for key, text in {**environment, **host.environment}.items() if text}
    ended = False
    try:
        code = await attend(argv, environment=settings, hint="This needs docker's client on PATH.")
        ended = True
        return code
    finally:
        if not ended:
            with contextlib.suppress(LainError):
                async with Engine(host) as engine:
                    await engine.remove_container(name)
