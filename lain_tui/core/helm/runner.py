"""Running helm: one small interface, and whichever of the two ways there is on this machine."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import msgspec

from lain_tui.core.errors import LainError

Values = Mapping[str, Any]


class HelmMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `helm lint`."""

    severity: str
    """`info`, `warning` or `error`, helm's own grades."""
    path: str
    """The chart's file it is about, in the chart; may be empty."""
    text: str


class Helm(Protocol):
    """What lain-tui asks of helm. Values never travel in argv, nor through a file."""

    @property
    def name(self) -> str:
        """What the user would call it: `helm 3.17.3`, `helm-python-sdk 0.2.2`."""

    async def render(self, chart: Path, values: Values, *, release: str, namespace: str) -> str:
        """The chart's objects as a stream of YAML documents, hooks too; raises LainError when helm refuses."""

    async def lint(self, chart: Path, values: Values, *, namespace: str) -> list[HelmMessage]:
        """What `helm lint` says."""


async def find_helm(*, fast: bool = False) -> Helm:
    """The helm on PATH, else helm's own library (the `[helm]` extra); `fast` asks for the library first.

    The library renders a chart in a millisecond where a process takes tens of them.
    """
    binary = shutil.which("helm")
    library = find_spec("helm_python") is not None
    if library and (fast or not binary):
        from lain_tui.core.helm.sdk import SdkHelm

        return SdkHelm()
    if binary:
        from lain_tui.core.helm.binary import BinaryHelm

        return await BinaryHelm.open(Path(binary))
    raise LainError(
        "this needs helm, and there is none on PATH",
        hint="Install helm 3 or 4, or helm's library with: pip install 'lain-tui[helm]'",
    )


_PLACE = re.compile(r"\(?(?P<file>[^\s(:]+/templates/[^\s:]+):(?P<line>\d+)(?::\d+)?\)?:?")
_AT = re.compile(r"^executing \"[^\"]*\" at <.*?>:\s*")


def helm_error(message: str, chart: Path) -> LainError:
    """Helm's error as one sentence, with the innermost template and line that it names."""
    lines = message.strip().splitlines() or [""]
    # Warnings may stand before the error, and advice about --debug after it.
    text = (
        next((line for line in lines if line.startswith("Error: ")), lines[0]).removeprefix("Error: ").strip()
    )
    places = list(_PLACE.finditer(text))
    if not places:
        return LainError(text or "helm failed and did not say why", where=str(chart))
    last = places[-1]
    inside = last["file"].split("/", 1)[1]
    what = _AT.sub("", text[last.end() :].strip()).removeprefix("error calling fail: ")
    return LainError(what or text, where=f"{chart / inside}:{last['line']}")
