"""Every helm that lain-tui drives: 3 and 4 as a process, and helm's own library."""

from __future__ import annotations

from pathlib import Path

import pytest

from lain_tui.core.helm.binary import BinaryHelm
from lain_tui.core.helm.runner import Helm
from lain_tui.core.helm.sdk import SdkHelm
from tests.tools import Unavailable, helm

HELMS = ["helm 3", "helm 4", "library"]


async def open_helm(name: str) -> Helm:
    """The one of that name; the test is skipped where it cannot be had."""
    if name == "library":
        return SdkHelm()
    try:
        return await BinaryHelm.open(helm(int(name[-1])))
    except Unavailable as reason:
        pytest.skip(str(reason))


def write_chart(folder: Path, values: str, template: str) -> Path:
    """A chart of one template."""
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: tiny\nversion: 0.1.0\n")
    (folder / "values.yaml").write_text(values)
    (folder / "templates/all.yaml").write_text(template)
    return folder
