"""Whether helm could keep its record of a release: it is one Secret, which has a limit."""

from __future__ import annotations

import asyncio
import gzip

from lain_tui.core.helm.ignore import chart_files
from lain_tui.core.model.plan import Check, Outcome
from lain_tui.core.operations.candidate import Candidate

SECRET_LIMIT = 1 << 20
"""Bytes that Kubernetes lets a Secret have, and with it a release's record."""
_TOO_LARGE_TO_READ = 64 << 20


async def check_size(candidate: Candidate) -> list[Check]:
    """Nothing is said while there is room."""
    size = await asyncio.to_thread(_packed_size, candidate)
    if size < SECRET_LIMIT * 0.8:
        return []
    return [
        Check(
            what="the release fits into a Secret",
            outcome=Outcome.FAILED if size > SECRET_LIMIT else Outcome.WARNED,
            detail=f"its record takes about {size / 1024:.0f} KiB of {SECRET_LIMIT // 1024}",
            hint="Are there large files in chart/? Name them in chart/.helmignore.",
        )
    ]


def _packed_size(candidate: Candidate) -> float:
    """Chart, values and manifest as helm packs them: about, for helm writes other JSON."""
    parts = []
    for path in chart_files(candidate.chart):
        size = path.stat().st_size
        parts.append(path.read_bytes() if size < _TOO_LARGE_TO_READ else bytes(size))
    parts += [repr(one.body).encode() for one in candidate.objects]
    # The files are in base64 in the record before it is packed, which then costs a third more again.
    return len(gzip.compress(b"".join(parts), compresslevel=1)) * 4 / 3
