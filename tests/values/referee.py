"""What helm itself sees of values files: its library for speed, its binaries for the merge of several files."""

from __future__ import annotations

import base64
import functools
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import helm_python

from lain_tui.core.values.merge import HelmVersion


def _version(text: str) -> HelmVersion:
    major, minor, patch = re.findall(r"\d+", text)[:3]
    return int(major), int(minor), int(patch)


LIBRARY_VERSION = _version(helm_python.helm_sdk_version())


@functools.cache
def version_of(helm: Path) -> HelmVersion:
    argv = [str(helm), "version", "--template", "{{.Version}}"]
    return _version(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)


class Refused(Exception):
    """Helm does not take the files."""


def write_chart(folder: Path) -> Path:
    """A chart whose only template prints .Values in base64."""
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: scratch\nversion: 0.1.0\n")
    (folder / "templates" / "values.yaml").write_text("values: {{ toJson .Values | b64enc }}\n")
    return folder


def by_library(chart: Path, given: str | None = None) -> dict[str, Any]:
    """.Values of the chart, with one file given by -f."""
    try:
        values = None if given is None else helm_python.values_from_yaml(given)
        with helm_python.Chart.load(chart) as loaded:
            (rendered,) = loaded.render(values, name="scratch").values()
    except helm_python.HelmError as error:
        raise Refused(str(error)) from error
    return _decode(rendered)


def by_binary(helm: Path, chart: Path, files: list[Path]) -> dict[str, Any]:
    """.Values of the chart, with files given by -f in that order."""
    argv = [str(helm), "template", "scratch", str(chart), *(f"--values={file}" for file in files)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(done.stderr)
    return _decode(done.stdout)


def _decode(rendered: str) -> dict[str, Any]:
    # Base64, as helm refuses to print some of the characters that it takes.
    values: dict[str, Any] = json.loads(base64.b64decode(rendered.rpartition("values: ")[2]))
    return values
