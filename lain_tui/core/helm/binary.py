"""The user's own helm, 3 or 4, as a process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
from pathlib import Path

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.helm.runner import HelmMessage, Values, helm_ended, helm_error
from lain_tui.core.helm.words import OnWord, unheard, words_of
from lain_tui.core.target import Target

_LINT_LINE = re.compile(r"^\[(INFO|WARNING|ERROR)\] (?:([^:\s]*):? )?(.*)$")


class BinaryHelm:
    """Helm on PATH; each call is one process, which ends with the call."""

    def __init__(self, path: Path, version: str) -> None:
        self.path = path
        self.version = version

    @property
    def name(self) -> str:
        return f"helm {self.version}"

    @property
    def renews_crds(self) -> bool:
        return not self.version.startswith("3.")

    @classmethod
    async def open(cls, path: Path) -> BinaryHelm:
        """Ask the binary for its version; raises LainError when it does not run or is older than 3."""
        code, out, err = await _run(path, "version", "--template", "{{.Version}}")
        version = out.decode(errors="replace").strip().removeprefix("v")
        if code or not version[:1].isdigit():
            raise LainError(
                f"it does not say its version: {err.decode(errors='replace').strip()}", where=str(path)
            )
        if int(version.split(".")[0]) < 3:
            raise LainError(f"this is helm {version}, 3 or newer is needed", where=str(path))
        return cls(path, version)

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
        arguments = ["template", release, str(chart), "--namespace", namespace, "--values", "-"]
        arguments += ["--include-crds"] if crds else []
        code, out, err = await _run(self.path, *arguments, values=values)
        told = err.decode(errors="replace")
        if code:
            raise helm_error(told, chart, words_of(told))
        for word in words_of(told):
            on_word(word)
        return out.decode()

    async def lint(
        self, chart: Path, values: Values, *, namespace: str, on_word: OnWord = unheard
    ) -> list[HelmMessage]:
        arguments = ("lint", str(chart), "--namespace", namespace, "--values", "-")
        _, out, err = await _run(self.path, *arguments, values=values)
        found = (_LINT_LINE.match(line) for line in out.decode(errors="replace").splitlines())
        messages = [
            HelmMessage(severity=match[1].lower(), path=match[2] or "", text=match[3].strip())
            for match in found
            if match
        ]
        told = err.decode(errors="replace")
        words = words_of(told)
        if not messages and told.strip():
            raise helm_error(told, chart, words)
        for word in words:
            on_word(word)
        return messages

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
        arguments = [
            "upgrade",
            "--install",
            release,
            str(chart),
            "--values",
            "-",
            "--timeout",
            f"{timeout:.0f}s",
        ]
        await self._change(arguments, on, values=values, where=chart, on_word=on_word)

    async def rollback(self, *, on: Target, release: str, revision: int, timeout: float) -> None:
        await self._change(["rollback", release, str(revision), "--timeout", f"{timeout:.0f}s"], on)

    async def uninstall(self, *, on: Target, release: str, timeout: float) -> None:
        await self._change(["uninstall", release, "--timeout", f"{timeout:.0f}s"], on)

    async def test(self, *, on: Target, release: str, timeout: float) -> str:
        return await self._change(["test", release, "--logs", "--timeout", f"{timeout:.0f}s"], on)

    async def _change(
        self,
        arguments: list[str],
        on: Target,
        *,
        values: Values | None = None,
        where: Path | None = None,
        on_word: OnWord = unheard,
    ) -> str:
        arguments += ["--namespace", on.namespace]
        arguments += ["--kube-context", on.context] if on.context else []
        environment = {**os.environ, "KUBECONFIG": os.pathsep.join(map(str, on.kubeconfig))}
        # In a thread and not as a task: the loop would kill it when it ends, and helm is to finish what it began.
        code, out, err = await asyncio.to_thread(_run_to_its_end, self.path, arguments, values, environment)
        if code < 0:
            raise helm_ended(code, self.path)
        told = err.decode(errors="replace")
        if code:
            raise helm_error(told or out.decode(errors="replace"), where or self.path, words_of(told))
        for word in words_of(told):
            on_word(word)
        return out.decode(errors="replace")


def _run_to_its_end(
    path: Path, arguments: list[str], values: Values | None, environment: dict[str, str]
) -> tuple[int, bytes, bytes]:
    given = None if values is None else msgspec.json.encode(values)
    try:
        done = subprocess.run(
            [path, *arguments],
            input=given,
            stdin=None if given is not None else subprocess.DEVNULL,
            capture_output=True,
            env=environment,
            start_new_session=True,  # neither ctrl+c nor a lost terminal is for it
            check=False,
        )
    except OSError as error:
        raise LainError(f"helm cannot be started: {error.strerror}", where=str(path)) from error
    return done.returncode, done.stdout, done.stderr


async def _run(path: Path, *arguments: str, values: Values | None = None) -> tuple[int, bytes, bytes]:
    try:
        process = await asyncio.create_subprocess_exec(
            path,
            *arguments,
            stdin=asyncio.subprocess.PIPE if values is not None else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise LainError(f"helm cannot be started: {error.strerror}", where=str(path)) from error
    try:
        # JSON is YAML to helm, and has one way only to write a string, a number and nothing.
        out, err = await process.communicate(None if values is None else msgspec.json.encode(values))
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    return process.returncode or 0, out, err
