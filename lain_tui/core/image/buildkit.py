"""Building with BuildKit, which docker's own client drives."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

from lain_tui.core.errors import LainError
from lain_tui.core.image.classic import build_failure
from lain_tui.core.image.context import Context
from lain_tui.core.image.engine import Engine
from lain_tui.core.image.host import DockerHost
from lain_tui.core.image.reasons import FAILED, BaseUnavailable, reason
from lain_tui.core.model.build import BuildEvent, BuildLine, BuildStep, ImageReady, LayerProgress, StepState
from lain_tui.core.model.text import overwritten

BUILTIN_UNTIL = 22
"""The last major of docker's client with BuildKit in it; later ones need the plugin buildx."""
_VERSIONS = {"18": "1.39", "19": "1.40", "20": "1.41", "22": "1.42"}
"""The version of the engine's API that those clients build with, by their major."""
_LINE = re.compile(r"#([1-9]\d*) (.*)")
"""Of a step; what is numbered 0 tells which builder is used."""
_LOG = re.compile(r"(\d+\.\d+) ?(.*)")
_BYTES = re.compile(r"(sha256:[0-9a-f]+) ([\d.]+)([kMGT]?)B(?: / ([\d.]+)([kMGT]?)B)?")
_EXTRACTING = re.compile(r"extracting sha256:([0-9a-f]{12})")
_METADATA = "[internal] load metadata for "
_UNSEEN = ("[internal] ", "[auth] ")
"""How the titles begin of steps that say nothing to who builds."""
_SENDING = "[internal] load build context"
_SENT = re.compile(r"transferring context: ([\d.]+)([kMGT]?)B")
_PREFIXES = re.compile(r"(?:ERROR: |error: |failed to build: |failed to solve: )+")
"""What docker's client sets before its reason."""
_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


_CLIENTS: dict[tuple[str, str], Path] = {}
"""The client that can, by PATH and engine: to ask each of them takes as long as a build in which nothing changes."""


async def find_client(environment: Mapping[str, str], engine: Engine) -> Path | None:
    """A docker client on PATH that can do BuildKit on this engine; None when there is none.

    One that was found is not asked again. Raises LainError when there is no engine.
    """
    place = environment.get("PATH", os.defpath), engine.host.url
    if (known := _CLIENTS.get(place)) is not None and known.exists():
        return known
    async for client, version in clients(environment):
        # One that is too old for the engine would not say so, and wait for ever.
        if not version or await engine.takes(version):
            return _CLIENTS.setdefault(place, client)
    return None


async def clients(environment: Mapping[str, str]) -> AsyncIterator[tuple[Path, str]]:
    """The docker clients on PATH that can do BuildKit, and the API's version that one insists on; "" when on none."""
    for folder in environment.get("PATH", os.defpath).split(os.pathsep):
        program = shutil.which("docker", path=folder or ".")
        if program is None:
            continue
        code, out = await _ask(Path(program), environment, "--version")
        match = re.search(r"Docker version (\d+)", out)
        if code or match is None:  # podman answers to the name as well
            continue
        if int(match[1]) <= BUILTIN_UNTIL:
            yield Path(program), _VERSIONS.get(match[1], _VERSIONS["22"])
        elif (await _ask(Path(program), environment, "buildx", "version"))[0] == 0:
            yield Path(program), ""


async def _ask(program: Path, environment: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=dict(environment),
        )
    except OSError:
        return 1, ""
    try:
        out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return process.returncode or 0, out.decode(errors="replace")


async def build_buildkit(
    client: Path,
    host: DockerHost,
    context: Context,
    dockerfile: str,
    *,
    target: str,
    arguments: Mapping[str, str],
    labels: Mapping[str, str],
    environment: Mapping[str, str],
    network: str = "",
    newer: bool = False,
) -> AsyncIterator[BuildEvent]:
    """Build the image; the steps as they come, at last its id. Raises LainError with the failing step's last lines.

    With `newer` it asks the registries for the base images, and raises BaseUnavailable when one of them gives none.
    The values of build arguments reach the client through its environment, not through argv.
    """
    settings = {
        **environment,
        **arguments,
        **host.environment,
        "DOCKER_BUILDKIT": "1",
        "BUILDX_BUILDER": "default",
        "BUILDX_NO_DEFAULT_ATTESTATIONS": "1",
        "NO_COLOR": "1",
        "PROGRESS_NO_TRUNC": "1",
    }
    if not settings["DOCKER_CONTEXT"]:
        del settings["DOCKER_CONTEXT"]
    with _files(context, dockerfile) as file:
        made = file.with_name("image-id")
        # The plugin writes down what it has built; docker's own folder may be read-only, as a mounted Secret is.
        settings.setdefault("BUILDX_CONFIG", str(file.with_name("buildx")))
        options = ["--progress=plain", f"--file={file}", f"--target={target}", f"--iidfile={made}"]
        options += [f"--build-arg={name}" for name in arguments]
        options += [f"--label={name}={value}" for name, value in labels.items()]
        options += [f"--network={network}"] if network else []
        options += ["--pull"] if newer else []
        process = await asyncio.create_subprocess_exec(
            client,
            "build",
            *options,
            str(context.folder),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=settings,
            start_new_session=True,
            limit=2**22,
        )
        progress = _Progress(context.size)
        try:
            assert process.stderr is not None
            async for line in process.stderr:
                for event in progress.take(line.decode(errors="replace").rstrip("\r\n")):
                    yield event
            code = await process.wait()
        finally:
            await _end(process)
        if code or not made.exists():
            raise progress.failure()
        yield ImageReady(image="", image_id=made.read_text(encoding="utf-8").strip())


@contextlib.contextmanager
def _files(context: Context, dockerfile: str) -> Iterator[Path]:
    """The Dockerfile, and what it ignores, in a folder of their own that goes again."""
    with contextlib.ExitStack() as stack:
        try:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lain-tui-")))
            file = folder / "Dockerfile"
            file.write_text(dockerfile, encoding="utf-8")
            if context.derived:
                # BuildKit prefers an ignore file that stands beside the Dockerfile: the work tree stays as it is.
                ignore = folder / "Dockerfile.dockerignore"
                ignore.write_text(context.ignore, encoding="utf-8", errors="surrogateescape")
        except OSError as error:
            hint = "The variable TMPDIR names another folder for temporary files."
            what = f"the Dockerfile cannot be written for docker's client: {error.strerror}"
            raise LainError(what, where=str(error.filename or tempfile.gettempdir()), hint=hint) from error
        yield file


async def _end(process: asyncio.subprocess.Process) -> None:
    """Stop a build that is no longer wanted: the client tells the engine, so it gets a moment to do it."""
    for number in (signal.SIGINT, signal.SIGKILL):
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 5)


class _Progress:
    """`--progress=plain` as events; grammar: github.com/moby/buildkit, util/progress/progressui."""

    def __init__(self, context: int) -> None:
        """`context` is how many bytes there are to send, when BuildKit has none of them yet."""
        self._context = context
        self._titles: dict[str, str] = {}
        self._lines: dict[str, list[str]] = {}
        self._failed = ""
        self._reason = ""
        self._other: list[str] = []

    def take(self, line: str) -> list[BuildEvent]:
        match = _LINE.fullmatch(line)
        if match is None:
            if line.strip():
                self._other = [*self._other[-49:], line]
            return []
        step, text = match[1], match[2]
        if step not in self._titles:
            text = "send the context" if text == _SENDING else text
            self._titles[step] = text
            self._lines[step] = []
            return [] if text.startswith(_UNSEEN) else [self._event(step, StepState.RUNNING)]
        if text == "CACHED":
            return [self._event(step, StepState.CACHED, 0.0)]
        if text.startswith("DONE"):
            seconds = float(text.removeprefix("DONE ").removesuffix("s") or 0)
            if self._titles[step].startswith(_UNSEEN):
                return []
            return [self._event(step, StepState.DONE, seconds)]
        if text.startswith(("ERROR", "CANCELED")):
            if text.startswith("ERROR") and not self._failed:
                self._failed, self._reason = step, text.removeprefix("ERROR: ")
            if self._titles[step].startswith(_METADATA):
                return []  # the whole build ends with it, and says so
            return [self._event(step, StepState.FAILED, detail=_briefly(text))]
        if found := _BYTES.match(text):
            total = _bytes(found[4], found[5]) if found[4] else 0
            layer, current = found[1].removeprefix("sha256:")[:12], _bytes(found[2], found[3])
            return [LayerProgress(step=step, layer=layer, action="Downloading", current=current, total=total)]
        if found := _EXTRACTING.match(text):
            return [LayerProgress(step=step, layer=found[1], action="Extracting")]
        if sent := _SENT.match(text):
            if self._titles[step].startswith(_UNSEEN):
                return []  # .dockerignore
            current, total = _bytes(sent[1], sent[2]), self._context
            return [LayerProgress(step=step, layer="context", action="Sending", current=current, total=total)]
        if said := _LOG.fullmatch(text):
            printed = overwritten(said[2])
            self._lines[step] = [*self._lines[step][-199:], printed]
            return [BuildLine(step=step, text=printed)]
        return []

    def _event(
        self, step: str, state: StepState, seconds: float | None = None, detail: str = ""
    ) -> BuildStep:
        return BuildStep(id=step, title=self._titles[step], state=state, seconds=seconds, detail=detail)

    def failure(self) -> LainError:
        if self._failed and (title := self._titles[self._failed]).startswith(_METADATA):
            base = title.removeprefix(_METADATA)
            return BaseUnavailable(base, reason(self._reason, base))
        if self._failed:
            return build_failure(self._titles[self._failed], self._reason, self._lines[self._failed])
        errors = [line for line in self._other if "rror" in line] or self._other[-1:]
        said = _PREFIXES.sub("", errors[-1]) if errors else "docker's client failed and did not say why"
        return LainError(f"{FAILED}{said}")


def _briefly(said: str) -> str:
    """`ERROR: executor failed running [the whole command]: exit code: 3` in the words that are new."""
    code = re.search(r"exit code: (\d+)$", said)
    return f"exit code {code[1]}" if code else said.removeprefix("ERROR: ")


def _bytes(number: str, unit: str) -> int:
    return int(float(number) * _UNITS[unit])
