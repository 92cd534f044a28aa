"""The user's own helm, 3 or 4, as a process."""

from __future__ import annotations

import asyncio
import contextlib
import re
from pathlib import Path

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.helm.runner import HelmMessage, Values, helm_error

_LINT_LINE = re.compile(r"^\[(INFO|WARNING|ERROR)\] (?:([^:\s]*):? )?(.*)$")


class BinaryHelm:
    """Helm on PATH; each call is one process, which ends with the call."""

    def __init__(self, path: Path, version: str) -> None:
        self.path = path
        self.version = version

    @property
    def name(self) -> str:
        return f"helm {self.version}"

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

    async def render(self, chart: Path, values: Values, *, release: str, namespace: str) -> str:
        arguments = ("template", release, str(chart), "--namespace", namespace, "--values", "-")
        code, out, err = await _run(self.path, *arguments, values=values)
        if code:
            raise helm_error(err.decode(errors="replace"), chart)
        return out.decode()

    async def lint(self, chart: Path, values: Values, *, namespace: str) -> list[HelmMessage]:
        arguments = ("lint", str(chart), "--namespace", namespace, "--values", "-")
        _, out, err = await _run(self.path, *arguments, values=values)
        found = (_LINT_LINE.match(line) for line in out.decode(errors="replace").splitlines())
        messages = [
            HelmMessage(severity=match[1].lower(), path=match[2] or "", text=match[3].strip())
            for match in found
            if match
        ]
        if not messages and err.strip():
            raise helm_error(err.decode(errors="replace"), chart)
        return messages


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
