"""The programs that benchmarks compare lain-tui with, built from the modules in `peer_modules/`."""

from __future__ import annotations

from pathlib import Path

from tests.cluster import programs
from tests.cluster.binary import Unavailable

_MODULES = Path(__file__).parent / "peer_modules"
PROGRAMS = {
    "k9s": "github.com/derailed/k9s",
    "stern": "github.com/stern/stern",
    "kl": "github.com/robinovitch61/kl",
}


def build(name: str) -> Path:
    """The peer's binary, built if it is not there yet. Raises Unavailable with the compiler's last words."""
    return programs.build(_MODULES / name, PROGRAMS[name])


def build_all() -> dict[str, Path | Unavailable]:
    """Every peer's binary, or why there is none."""
    found: dict[str, Path | Unavailable] = {}
    for name in PROGRAMS:
        try:
            found[name] = build(name)
        except Unavailable as reason:
            found[name] = reason
    return found
