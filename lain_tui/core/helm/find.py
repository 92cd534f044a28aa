"""Which helm there is on this machine."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

from lain_tui.core.errors import LainError
from lain_tui.core.helm.runner import Helm


async def find_helm(*, fast: bool = False) -> Helm:
    """The helm on PATH, else helm's own library (the `[helm]` extra); `fast` asks for the library first.

    The library renders a chart in a millisecond where a process takes tens of them.
    """
    binary = shutil.which("helm")
    library = find_spec("helm_python") is not None
    if library and (fast or not binary):
        from lain_tui.core.helm.sdk import SdkHelm

        return SdkHelm()
    if binary:
        from lain_tui.core.helm.binary import BinaryHelm

        return await BinaryHelm.open(Path(binary))
    raise LainError(
        "this needs helm, and there is none on PATH",
        hint="Install helm 3 or 4, or helm's library with: pip install 'lain-tui[helm]'",
    )
