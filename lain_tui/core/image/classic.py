"""Building with the engine's own builder, for when docker's client cannot do BuildKit."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Mapping

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.image.context import DOCKERFILE, Context, tar_stream
from lain_tui.core.image.engine import Engine, StreamPart, in_chunks
from lain_tui.core.image.reasons import DISK, FAILED
from lain_tui.core.image.transfer import moved
from lain_tui.core.model.build import BuildEvent, BuildLine, BuildStep, ImageReady, StepState
from lain_tui.core.model.text import overwritten

_STEP = re.compile(r"Step (\d+)/(\d+) : (.*)", re.DOTALL)
_ARROW = " ---> "
_PLAIN = "\x1b[0m"
"""What the builder sets behind what a step has written to its standard error, line end and all."""
_BUILT = "Successfully built "


async def build_classic(
    engine: Engine,
    context: Context,
    dockerfile: str,
    *,
    target: str,
    arguments: Mapping[str, str],
    labels: Mapping[str, str],
    network: str = "",
) -> AsyncIterator[BuildEvent]:
    """Build the image; the steps as they come, at last its id. Raises LainError with the failing step's last lines."""
    params = {
        "dockerfile": DOCKERFILE,
        "target": target,
        "buildargs": msgspec.json.encode(arguments).decode(),
        "labels": msgspec.json.encode(labels).decode(),
        "forcerm": "true",
        **({"networkmode": network} if network else {}),
    }
    steps = _Steps()
    stream = engine.build(in_chunks(tar_stream(context, dockerfile)), params)
    async for part in stream:
        for event in steps.take(part):
            yield event
        if part.error:
            raise steps.failure(part.error)
    for event in steps.end(StepState.DONE):
        yield event
    if not steps.made:
        raise LainError("the docker engine broke off the build, and did not say why", where=engine.host.url)
    yield ImageReady(image="", image_id=steps.made)


class _Steps:
    """The builder's text as events."""

    def __init__(self) -> None:
        self._step: BuildStep | None = None
        self._began = 0.0
        self._cached = False
        self._lines: list[str] = []
        self._rest = ""
        self.made = ""
        """The id of the image, once there is one."""

    def take(self, part: StreamPart) -> list[BuildEvent]:
        if part.status:
            return [moved(self._step.id if self._step else "pull", part)]
        events: list[BuildEvent] = []
        *lines, self._rest = (self._rest + part.stream).split("\n")
        for line in lines:
            line = line.removeprefix(_PLAIN)
            if match := _STEP.fullmatch(line):
                events += self.end(StepState.DONE)
                title = f"[{match[1]}/{match[2]}] {match[3]}"
                self._step = BuildStep(id=match[1], title=title, state=StepState.RUNNING)
                self._began, self._cached, self._lines = time.monotonic(), False, []
                events.append(self._step)
            elif line == f"{_ARROW}Using cache":
                self._cached = True
            elif line.startswith(_BUILT):
                self.made = line.removeprefix(_BUILT)
            elif (
                line.startswith((_ARROW, "Removing intermediate container", "Successfully "))
                or not line.strip()
            ):
                continue
            elif self._step is not None:
                text = overwritten(line)
                self._lines = [*self._lines[-199:], text]
                events.append(BuildLine(step=self._step.id, text=text))
        return events

    def end(self, state: StepState) -> list[BuildEvent]:
        step, self._step = self._step, None
        if step is None:
            return []
        state = StepState.CACHED if self._cached and state is StepState.DONE else state
        seconds = time.monotonic() - self._began
        return [BuildStep(id=step.id, title=step.title, state=state, seconds=seconds)]

    def failure(self, error: str) -> LainError:
        title = self._step.title if self._step else "the build"
        return build_failure(title, error, self._lines)


def build_failure(title: str, said: str, lines: list[str]) -> LainError:
    """The failing step, then its last lines."""
    tail = "\n".join(lines[-20:])
    # What is said repeats the whole command; its end is what is new.
    code = re.search(r"(?:returned a non-zero code|exit code): (\d+)", said)
    what = f"it ended with exit code {code[1]}" if code else said.strip()
    full = "no space left on device" in f"{said}\n{tail}".lower()
    return LainError(
        f"{FAILED}{what}" + (f"\n{tail}" if tail else ""), where=title, hint=DISK if full else ""
    )
