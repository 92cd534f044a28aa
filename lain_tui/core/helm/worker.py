"""Helm's own library in a process of its own: requests as lines of JSON on standard input, one answer to each.

In ours it would write its warnings over the screen, and take the app with it where it breaks down. This file is run by
its path and imports nothing of ours: it starts in the time that the library takes to load. The process ends with
whoever started it: when standard input does, after what it is at.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

SPOKEN = b"\0\n"
"""Written to standard error once a request is answered: what stands before it was said to that request."""


def main() -> None:
    """Answer until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed is no answer
    for line in sys.stdin.buffer:
        answer = _answer(json.loads(line))
        os.write(2, SPOKEN)
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    import helm_python

    try:
        return {"result": _CALLS[request.pop("call")](**request)}
    except helm_python.HelmError as error:
        return {"error": str(error)}


def _render(chart: str, values: dict[str, Any], release: str, namespace: str, crds: bool) -> str:
    import helm_python

    with helm_python.Chart.load(chart) as loaded:
        files = loaded.render(values, name=release, namespace=namespace, is_install=True)
        custom = {file["filename"]: file["data"] for file in loaded.crds} if crds else {}
    documents = []
    for name, text in {**custom, **files}.items():
        if name.rpartition("/")[2] == "NOTES.txt" or not text.strip():
            continue
        documents.append(f"---\n# Source: {name}\n{text.strip().removeprefix('---').lstrip()}\n")
    return "".join(documents)


def _lint(chart: str, values: dict[str, Any], namespace: str) -> Any:
    import helm_python

    return helm_python.lint(chart, values, namespace=namespace)["messages"]


def _upgrade(on: dict[str, Any], chart: str, values: dict[str, Any], release: str, timeout: int) -> None:
    import helm_python

    options = {"namespace": on["namespace"], "timeout": timeout, "wait": "hookOnly"}
    with helm_python.Config(**on) as config, helm_python.Chart.load(chart) as loaded:
        try:
            config.history(release, max_revisions=1)
        except helm_python.HelmNotFoundError:
            config.install(loaded, release, values, **options)
        else:
            config.upgrade(loaded, release, values, **options)


def _rollback(on: dict[str, Any], release: str, revision: int, timeout: int) -> None:
    import helm_python

    with helm_python.Config(**on) as config:
        config.rollback(release, version=revision, timeout=timeout, wait="hookOnly")


def _uninstall(on: dict[str, Any], release: str, timeout: int) -> None:
    import helm_python

    with helm_python.Config(**on) as config:
        config.uninstall(release, timeout=timeout, wait="hookOnly")


def _test(on: dict[str, Any], release: str, timeout: int) -> str:
    import helm_python

    with helm_python.Config(**on) as config:
        return str(config.test(release, timeout=timeout, logs=True).get("logs") or "")


_CALLS: dict[str, Callable[..., Any]] = {
    "render": _render,
    "lint": _lint,
    "upgrade": _upgrade,
    "rollback": _rollback,
    "uninstall": _uninstall,
    "test": _test,
}

if __name__ == "__main__":
    main()
