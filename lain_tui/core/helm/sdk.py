"""Helm's own library in this process, from the package helm-python-sdk."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from lain_tui.core.helm.runner import HelmMessage, Values, helm_error

_SEVERITIES = {1: "info", 2: "warning", 3: "error"}


class SdkHelm:
    """The library is called off the loop: it holds no lock of Python's while it works."""

    @property
    def name(self) -> str:
        import helm_python

        return f"helm-python-sdk {helm_python.__version__} (helm {helm_python.helm_sdk_version()})"

    async def render(self, chart: Path, values: Values, *, release: str, namespace: str) -> str:
        return await asyncio.to_thread(_render, chart, _plain(values), release, namespace)

    async def lint(self, chart: Path, values: Values, *, namespace: str) -> list[HelmMessage]:
        return await asyncio.to_thread(_lint, chart, _plain(values), namespace)


def _plain(values: Values) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(values)
    return plain


def _render(chart: Path, values: dict[str, Any], release: str, namespace: str) -> str:
    import helm_python

    try:
        with helm_python.Chart.load(chart) as loaded:
            files = loaded.render(values, name=release, namespace=namespace, is_install=True)
    except helm_python.HelmError as error:
        raise helm_error(str(error), chart) from error
    documents = []
    for name, text in files.items():
        if Path(name).name == "NOTES.txt" or not text.strip():
            continue
        documents.append(f"---\n# Source: {name}\n{text.strip().removeprefix('---').lstrip()}\n")
    return "".join(documents)


def _lint(chart: Path, values: dict[str, Any], namespace: str) -> list[HelmMessage]:
    import helm_python

    try:
        report = helm_python.lint(chart, values, namespace=namespace)
    except helm_python.HelmError as error:
        raise helm_error(str(error), chart) from error
    return [
        HelmMessage(
            severity=_SEVERITIES.get(message["severity"], "error"),
            path=message.get("path") or "",
            text=message.get("error") or "",
        )
        for message in report["messages"]
    ]
