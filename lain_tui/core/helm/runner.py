"""What lain-tui asks of helm, whichever of the two ways there is on this machine: one small interface."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, Protocol

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.helm.words import OnWord, unheard
from lain_tui.core.target import Target

Values = Mapping[str, Any]


class HelmMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `helm lint`."""

    severity: str
    """`info`, `warning` or `error`, helm's own grades."""
    path: str
    """The chart's file it is about, in the chart; may be empty."""
    text: str


class Helm(Protocol):
    """What lain-tui asks of helm. Values never travel in argv, nor through a file, and nothing reaches the terminal.

    What helm warns of beside its answer is told to `on_word`.
    A change that has begun is let come to its end: who cancels only stops waiting for it. Helm stopped half-way leaves
    a release that nothing but a rollback gets moving again.
    """

    @property
    def name(self) -> str:
        """What the user would call it: `helm 3.17.3`, `helm-python-sdk 0.2.2`."""

    @property
    def renews_crds(self) -> bool:
        """A first install changes what `crds/` has otherwise than the cluster; helm 3 leaves that as it is."""

    async def render(
        self,
        chart: Path,
        values: Values,
        *,
        release: str,
        namespace: str,
        crds: bool = False,
        on_word: OnWord = unheard,
    ) -> str:
        """The chart's objects as a stream of YAML documents, hooks too; raises LainError when helm refuses.

        With `crds` also those of its `crds/`, which are no part of the release.
        """

    async def lint(
        self, chart: Path, values: Values, *, namespace: str, on_word: OnWord = unheard
    ) -> list[HelmMessage]:
        """What `helm lint` says."""

    async def upgrade(
        self,
        chart: Path,
        values: Values,
        *,
        on: Target,
        release: str,
        timeout: float,
        on_word: OnWord = unheard,
    ) -> None:
        """Install or upgrade; raises LainError when helm refuses or a hook fails. It does not wait for pods.

        `timeout`, in seconds, is what each hook may take.
        """

    async def rollback(self, *, on: Target, release: str, revision: int, timeout: float) -> None:
        """Make an earlier revision the newest one."""

    async def uninstall(self, *, on: Target, release: str, timeout: float) -> None:
        """Remove the release and its history."""

    async def test(self, *, on: Target, release: str, timeout: float) -> str:
        """Run the release's tests and return their logs; raises LainError when one fails."""


_PLACE = re.compile(r"\(?(?P<file>[^\s(:]+/templates/[^\s:]+):(?P<line>\d+)(?::\d+)?\)?:?")
_AT = re.compile(r"^executing \"[^\"]*\" at <.*?>:\s*")


def helm_error(message: str, chart: Path, said: Sequence[str] = ()) -> LainError:
    """Helm's error as one sentence, with the innermost template and line that it names.

    `said` is what helm warned of before: often the cause, and so the hint.
    """
    hint = f"Helm warned before: {'; '.join(said)}." if said else ""
    lines = message.strip().splitlines() or [""]
    # Warnings may stand before the error, and advice about --debug after it.
    first = next((place for place, line in enumerate(lines) if line.startswith("Error: ")), 0)
    rest = lines[first + 1 :]
    text = lines[first].removeprefix("Error: ").strip()
    if text.endswith("occurred:"):
        # Several at once, each on a line with a star.
        told = [line.strip(" \t*") for line in rest if line.lstrip().startswith("*")]
        text = "; ".join(told) or text
    elif _PLACE.fullmatch(text):
        # Helm 4 gives each template that includes another a line, and the reason the last of them.
        text = " ".join([text, *map(str.strip, takewhile(str.strip, rest))])
    places = list(_PLACE.finditer(text))
    if not places:
        return LainError(text or "helm failed and did not say why", where=str(chart), hint=hint)
    last = places[-1]
    inside = last["file"].split("/", 1)[1]
    what = _AT.sub("", text[last.end() :].strip()).removeprefix("error calling fail: ")
    return LainError(what or text, where=f"{chart / inside}:{last['line']}", hint=hint)


def helm_ended(code: int, where: Path | str, why: str = "") -> LainError:
    """Helm was ended before it was done: by a signal (a negative code), or by itself."""
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
    return LainError(
        f"helm {how} before it was done" + (f": {why}" if why else ""),
        where=str(where),
        hint="The release may be stuck: lain-tui history shows it, a rollback gets it moving again.",
    )
