"""Helm's own library in this process, from the package helm-python-sdk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from lain_tui.core.helm.runner import HelmMessage, Values, helm_error
from lain_tui.core.target import Target

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

    async def upgrade(self, chart: Path, values: Values, *, on: Target, release: str, timeout: float) -> None:
        await asyncio.to_thread(_upgrade, on, chart, _plain(values), release, round(timeout))

    async def rollback(self, *, on: Target, release: str, revision: int, timeout: float) -> None:
        def change(config: Any) -> None:
            config.rollback(release, version=revision, timeout=round(timeout), wait="hookOnly")

        await asyncio.to_thread(_with_config, on, change)

    async def uninstall(self, *, on: Target, release: str, timeout: float) -> None:
        def change(config: Any) -> None:
            config.uninstall(release, timeout=round(timeout), wait="hookOnly")

        await asyncio.to_thread(_with_config, on, change)

    async def test(self, *, on: Target, release: str, timeout: float) -> str:
        def change(config: Any) -> str:
            return str(config.test(release, timeout=round(timeout), logs=True).get("logs") or "")

        return str(await asyncio.to_thread(_with_config, on, change))


def _with_config(on: Target, change: Callable[[Any], Any], where: Path | None = None) -> Any:
    """Connect helm's library to the target, and let `change` use it."""
    import helm_python

    # Of several files the library reads those that KUBECONFIG names, as everybody does.
    file = on.kubeconfig[0] if len(on.kubeconfig) == 1 else None
    options: dict[str, Any] = {
        "kubeconfig_path": file,
        "kube_context": on.context or None,
        "namespace": on.namespace,
    }
    try:
        with helm_python.Config(**options) as config:
            return change(config)
    except helm_python.HelmError as error:
        raise helm_error(str(error), where or Path(on.chart or ".")) from error


def _upgrade(on: Target, chart: Path, values: dict[str, Any], release: str, timeout: int) -> None:
    import helm_python

    def change(config: Any) -> None:
        options = {"namespace": on.namespace, "timeout": timeout, "wait": "hookOnly"}
        with helm_python.Chart.load(chart) as loaded:
            try:
                config.history(release, max_revisions=1)
            except helm_python.HelmNotFoundError:
                config.install(loaded, release, values, **options)
            else:
                config.upgrade(loaded, release, values, **options)

    _with_config(on, change, chart)


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
