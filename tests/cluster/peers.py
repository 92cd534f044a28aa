"""The programs that benchmarks compare lain-tui with, built from public Go modules into the cache.

Each is pinned by a module of its own in `peer_modules/`, whose go.sum holds every source to its checksum.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.cluster.binary import Unavailable, cache, locked, mortal

_MODULES = Path(__file__).parent / "peer_modules"
PROGRAMS = {
    "k9s": "github.com/derailed/k9s",
    "stern": "github.com/stern/stern",
    "kl": "github.com/robinovitch61/kl",
}


def build(name: str) -> Path:
    """The peer's binary, built if it is not there yet. Raises Unavailable with the compiler's last words."""
    module = _MODULES / name
    pinned = hashlib.sha256((module / "go.sum").read_bytes()).hexdigest()[:16]
    binary = cache() / "peers" / pinned / name
    if binary.exists():
        return binary
    if shutil.which("go") is None:
        raise Unavailable(f"there is no Go to build {name} with")
    with locked("peers"):
        print(f"Building {name} (once) ...", file=sys.stderr, flush=True)
        binary.parent.mkdir(parents=True, exist_ok=True)
        fresh = binary.with_suffix(f".{os.getpid()}")
        command = ["go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", fresh]
        done = subprocess.run(
            mortal([*command, PROGRAMS[name]]),
            cwd=module,
            env={**os.environ, "CGO_ENABLED": "0"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Unavailable(f"{name} does not build: {done.stderr.strip()[-1000:]}")
        fresh.rename(binary)
    return binary


def build_all() -> dict[str, Path | Unavailable]:
    """Every peer's binary, or why there is none."""
    found: dict[str, Path | Unavailable] = {}
    for name in PROGRAMS:
        try:
            found[name] = build(name)
        except Unavailable as reason:
            found[name] = reason
    return found
