"""A real docker-registry of the tests' own, on a loopback port."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

START_SECONDS = 20
USER, PASSWORD = "dev", "s3cret"


@contextmanager
def registry_server(folder: Path, *, login: bool = False) -> Iterator[str]:
    """Run one and give its HOST:PORT; with `login` it lets only USER in. Skips the test in plain words."""
    program = shutil.which("docker-registry")
    if program is None:
        pytest.skip("docker-registry is not installed (Debian: apt-get install docker-registry)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = [
        "version: 0.1",
        "log: {level: error}",
        f"storage: {{filesystem: {{rootdirectory: {folder / 'store'}}}}}",
        f"http: {{addr: '127.0.0.1:{port}'}}",
    ]
    if login:
        hashed = _bcrypt(PASSWORD)
        (folder / "htpasswd").write_text(f"{USER}:{hashed}\n")
        settings.append(f"auth: {{htpasswd: {{realm: tests, path: {folder / 'htpasswd'}}}}}")
    config = folder / "registry.yml"
    config.write_text("\n".join(settings))
    with (folder / "registry.log").open("wb") as log:
        process = subprocess.Popen([program, "serve", str(config)], stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.skip(f"docker-registry did not start: {(folder / 'registry.log').read_text()[-300:]}")
            time.sleep(0.05)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/", timeout=1)
        except urllib.error.HTTPError as error:
            return error.code == 401
        return True
    return False


def _bcrypt(password: str) -> str:
    import bcrypt

    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
