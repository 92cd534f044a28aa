"""What happens while an image is built or moved, as a screen draws it and a command prints it."""

from __future__ import annotations

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
