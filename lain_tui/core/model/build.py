"""What happens while an image is built or moved, as a screen draws it and a command prints it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class StepState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    CACHED = "cached"
    """Nothing to do: the result of an earlier build was used."""
    WARNED = "warned"
    """It did not work, and the build goes on without it."""
    FAILED = "failed"
    STOPPED = "stopped"
    """It ran when the build was ended."""


class BuildStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step began or ended; the same id again means that it moved on."""

    id: str
    title: str
    """As the Dockerfile has it: `[build 2/4] RUN (pip3 install -r requirements.txt)`."""
    state: StepState
    seconds: float | None = None
    """How long it took; None while it runs and when that is unknown."""
    detail: str = ""
    """Why it failed, or what there is to say of it."""


class BuildLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line that a step printed."""

    step: str
    text: str


class LayerProgress(msgspec.Struct, frozen=True, kw_only=True):
    """A layer on its way: to draw a bar, with the rate from one of these to the next."""

    step: str
    layer: str
    action: str
    """The engine's word: Downloading, Extracting, Pushing, Layer already exists …"""
    current: int = 0
    total: int = 0
    """Bytes; 0 when unknown."""


class ImageReady(msgspec.Struct, frozen=True, kw_only=True):
    """The last event of what went well."""

    image: str
    image_id: str = ""
    size: int = 0
    """Bytes; 0 when unknown."""
    seconds: float = 0.0


BuildEvent = BuildStep | BuildLine | LayerProgress | ImageReady


class LayerView(msgspec.Struct, frozen=True, kw_only=True):
    """A layer, as far as it has come."""

    layer: str
    action: str
    current: int
    total: int


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """A step so far."""

    id: str
    title: str
    state: StepState
    seconds: float | None = None
    """How long it took, or has taken by now; None when that is unknown."""
    detail: str = ""
    layers: tuple[LayerView, ...] = ()
    moved: int = 0
    """Bytes that its layers have moved; those of a push or a pull."""
    rate: float = 0.0
    """Bytes a second: lately while it runs, on the whole once it is over."""
    tail: tuple[str, ...] = ()
    """The last lines that it printed."""


class RunState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    """By the user, or with the app."""


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """A build so far, or as it ended."""

    title: str
    """`build`, `build and push`, `prepare`."""
    image: str
    state: RunState
    began: datetime
    seconds: float
    steps: tuple[StepView, ...] = ()
    size: int = 0
    """Bytes of the image; 0 while that is unknown."""
    failure: str = ""
    """What went wrong, in a sentence; the failing step's lines are with the step."""


class EngineView(msgspec.Struct, frozen=True, kw_only=True):
    """The docker engine, and what it has of the app already."""

    name: str = ""
    """`docker 28.2.2`; empty when none answers."""
    builder: str = ""
    trouble: str = ""
    """Why no engine can be used."""
    prepare: str = ""
    """What will become of the prepare image, as a clause; empty when there is none to use."""
    prepare_stale: bool = False
    built: int = 0
    """Bytes of this commit's image when the engine has it; else 0."""


class DockerfileLine(msgspec.Struct, frozen=True, kw_only=True):
    """One instruction, and the value that it comes from."""

    text: str
    path: tuple[str, ...] = ()
    """The value's key; empty for what lain adds by itself."""
    file: str = ""
    """The file that set it, the whole path; empty when the value is lain's default."""
    name: str = ""
    line: int = 0
