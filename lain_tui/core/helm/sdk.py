"""Helm's own library, from the package helm-python-sdk; it runs in a process of its own (`worker.py`)."""

from __future__ import annotations

import asyncio
import threading
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lain_tui.core.errors import LainError
from lain_tui.core.helm.library import Ended, Library, kubeconfig
from lain_tui.core.helm.runner import HelmMessage, Values, helm_ended, helm_error
from lain_tui.core.helm.words import OnWord, unheard, words_of
from lain_tui.core.target import Target

_SEVERITIES = {1: "info", 2: "warning", 3: "error"}
_LIMIT = 60.0
"""Seconds that a chart may take to render."""
_WHERE = "helm-python-sdk"


class SdkHelm:
    """One process renders for all; each change has its own, which ends with it."""

    @property
    def name(self) -> str:
        return f"helm-python-sdk {version('helm-python-sdk')}"

    @property
    def renews_crds(self) -> bool:
        return True

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
        told = await asyncio.to_thread(
            _look, "render", chart, values, on_word, release=release, namespace=namespace, crds=crds
        )
        return str(told)

    async def lint(
        self, chart: Path, values: Values, *, namespace: str, on_word: OnWord = unheard
    ) -> list[HelmMessage]:
        found = await asyncio.to_thread(_look, "lint", chart, values, on_word, namespace=namespace)
        return [
            HelmMessage(
                severity=_SEVERITIES.get(message["severity"], "error"),
                path=message.get("path") or "",
                text=message.get("error") or "",
            )
            for message in found
        ]

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
        await self._change(
            "upgrade", on, timeout, chart=chart, on_word=on_word, values=values, release=release
        )

    async def rollback(self, *, on: Target, release: str, revision: int, timeout: float) -> None:
        await self._change("rollback", on, timeout, release=release, revision=revision)

    async def uninstall(self, *, on: Target, release: str, timeout: float) -> None:
        await self._change("uninstall", on, timeout, release=release)

    async def test(self, *, on: Target, release: str, timeout: float) -> str:
        return str(await self._change("test", on, timeout, release=release))

    async def _change(self, call: str, on: Target, timeout: float, **request: Any) -> Any:
        # In a thread and not as a task: helm is to finish what it began, though the loop ends.
        return await asyncio.to_thread(_to_its_end, call, on, timeout=round(timeout), **request)


def _to_its_end(
    call: str, on: Target, *, chart: Path | None = None, on_word: OnWord = unheard, **request: Any
) -> Any:
    library = Library(kubeconfig(on.kubeconfig))
    request["on"] = {"kube_context": on.context or None, "namespace": on.namespace}
    if chart is not None:
        request["chart"] = str(chart.absolute())
    try:
        return _told(library, chart or on.chart or Path(), on_word, call, **request)
    except Ended as end:
        raise helm_ended(end.code, _WHERE, _cause(end.said)) from None
    finally:
        library.close()


_renders: list[Library] = []
"""The process that renders, once it was needed."""
_begins = threading.Lock()


def _look(call: str, chart: Path, values: Values, on_word: OnWord, **request: Any) -> Any:
    """Ask what changes nothing: of the process that is there, else of a new one."""
    with _begins:
        library = _renders[0] if _renders and _renders[0].alive else Library()
        _renders[:] = [library]
    request |= {"chart": str(chart.absolute()), "values": values}
    try:
        return _told(library, chart, on_word, call, limit=_LIMIT, **request)
    except Ended as end:
        library.close()
        raise LainError(
            f"helm's library ended before it was done: {_cause(end.said) or f'code {end.code}'}",
            where=str(chart),
            hint="helm on PATH, if there is one, may do better.",
        ) from None


def _told(library: Library, where: Path, on_word: OnWord, call: str, **request: Any) -> Any:
    answer = library.ask(call, **request)
    words = words_of(answer.said)
    if answer.error:
        raise helm_error(answer.error, where, words)
    for word in words:
        on_word(word)
    return answer.result


def _cause(said: str) -> str:
    """Why the library broke down, from what it said last: Go's first line, or Python's last."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    first = next((line for line in lines if line.startswith(("panic:", "fatal error:", "SIG"))), "")
    return first or next(iter(lines[-1:]), "")
