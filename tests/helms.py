"""Every helm that lain-tui drives: 3 and 4 as a process, and helm's own library."""

from __future__ import annotations

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
