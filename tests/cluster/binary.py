"""The cluster's one binary: built once from public Go modules, kept in the user's cache.

The cache's key is the sources themselves (go.mod, go.sum and the .go files), so that a changed source is a
new binary and an unchanged one is never built again.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).parent
_WRONG_HERE = ("updates to go.mod needed", "missing go.sum entry", "no required module provides")
"""What Go says of modules when it is the repository that is wrong, and not the way to them."""
_KEPT_SECONDS = 14 * 24 * 3600


class Unavailable(Exception):
    """What a real cluster is made of cannot be had here; the message says why, in plain words."""


def cache() -> Path:
    """Where everything made once stays; shared by every checkout of this user."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "lain-tui" / "cluster"


def fingerprint() -> str:
    """The sources' hash, as the cache's key."""
    digest = hashlib.sha256()
    for source in sorted([SOURCES / "go.mod", SOURCES / "go.sum", *SOURCES.glob("*.go")]):
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def path() -> Path:
    """Where the binary of these sources is, once built."""
    return cache() / fingerprint() / "lain-cluster"


def unavailable() -> str | None:
    """Why the binary can neither be found nor built here; None when it can."""
    if sys.platform != "linux":
        return "a real cluster needs Linux"
    if path().exists():
        return None
    if shutil.which("go") is None:
        return "there is no Go to build the cluster's binary with"
    needed = _required("go")
    printed = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=False).stdout
    if _numbers(printed) < _numbers(needed):
        return f"the cluster's binary needs Go {needed} or newer, this is {printed.strip() or 'no Go'}"
    return None


def build() -> Path:
    """The binary, built if it is not there yet; about six minutes on two cores when nothing is cached.

    Two at once do no harm: the second waits for the first and takes what it built.
    Raises Unavailable when its modules cannot be had, RuntimeError with the compiler's last words when it does not
    build of them.
    """
    binary = path()
    if (reason := unavailable()) is not None:
        raise Unavailable(reason)
    with locked("build"):
        if not binary.exists():
            _compile(binary)
        binary.parent.touch()
        _forget_unused(keep=binary.parent)
    return binary


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """One process at a time; the lock goes with its holder."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def mortal(command: list[str | Path]) -> list[str | Path]:
    """The command, interrupted by the kernel when this process ends, however it ends."""
    return ["setpriv", "--pdeathsig", "INT", *command] if shutil.which("setpriv") else command


def _compile(binary: Path) -> None:
    version = _required("k8s.io/kubernetes")
    major, minor = version.lstrip("v").split(".")[:2]
    told = {"gitVersion": version, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    package = "k8s.io/component-base/version"
    flags = " ".join(["-s", "-w", *(f"-X {package}.{name}={value}" for name, value in told.items())])
    binary.parent.mkdir(parents=True, exist_ok=True)
    for left in binary.parent.glob(f"{binary.name}.*"):  # of a build that was killed
        left.unlink()
    fresh = binary.with_suffix(f".{os.getpid()}")
    _fetch()
    print("Building Kubernetes (once; about six minutes on two cores) ...", file=sys.stderr, flush=True)
    started = time.monotonic()
    done = _go("build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", fresh, ".")
    if done.returncode != 0:
        fresh.unlink(missing_ok=True)
        raise RuntimeError(f"the cluster's binary does not build: {done.stderr.strip()[-2000:]}")
    fresh.rename(binary)
    print(f"Built in {time.monotonic() - started:.0f} s.", file=sys.stderr, flush=True)


def _fetch() -> None:
    """Have every module that the binary needs in Go's own cache."""
    done = _go("list", "-deps", ".")
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1]
        if any(words in done.stderr for words in _WRONG_HERE):
            raise RuntimeError(f"the cluster's go.mod and go.sum do not fit its sources: {last}")
        raise Unavailable(f"the modules of the cluster's binary cannot be had: {last}")


def _go(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        mortal(["go", *words]),
        cwd=SOURCES,
        env={**os.environ, "CGO_ENABLED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )


def _forget_unused(keep: Path) -> None:
    """Remove binaries no one has started for two weeks; each takes 140 MB."""
    for old in cache().glob("*/lain-cluster"):
        if old.parent != keep and time.time() - old.parent.stat().st_mtime > _KEPT_SECONDS:
            shutil.rmtree(old.parent, ignore_errors=True)


def _required(module: str) -> str:
    """The version go.mod asks for."""
    found = re.search(rf"^\s*{re.escape(module)} (\S+)", (SOURCES / "go.mod").read_text(), re.MULTILINE)
    assert found, f"go.mod names no {module}"
    return found[1]


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
