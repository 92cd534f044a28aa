"""A real docker-registry of the tests' own, on a loopback port."""

from __future__ import annotations

import contextlib
import hashlib
import json
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

from lain_tui.core.registry.credentials import ANONYMOUS, Login
from tests.cluster.binary import mortal

START_SECONDS = 20
USER, PASSWORD = "dev", "s3cret"


@contextmanager
def registry_server(folder: Path, *, login: bool = False, deletes: bool = False) -> Iterator[str]:
    """Run one and give its HOST:PORT; with `login` it lets only USER in, only with `deletes` takes it anything away. Skips the test in plain words."""
    program = shutil.which("docker-registry")
    if program is None:
        pytest.skip("docker-registry is not installed (Debian: apt-get install docker-registry)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = [
        "version: 0.1",
        "log: {level: error}",
        f"storage: {{filesystem: {{rootdirectory: {folder / 'store'}}}, delete: {{enabled: {str(deletes).lower()}}}}}",
        f"http: {{addr: '127.0.0.1:{port}'}}",
    ]
    if login:
        hashed = _bcrypt(PASSWORD)
        (folder / "htpasswd").write_text(f"{USER}:{hashed}\n")
        settings.append(f"auth: {{htpasswd: {{realm: tests, path: {folder / 'htpasswd'}}}}}")
    config = folder / "registry.yml"
    config.write_text("\n".join(settings))
    with (folder / "registry.log").open("wb") as log:
        process = subprocess.Popen(mortal([program, "serve", str(config)]), stdout=log, stderr=log)
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


def put_image(host: str, path: str, tags: list[str], login: Login = ANONYMOUS, *, contents: str = "") -> None:
    """Push the smallest image there is, with the registry's own API; another one for other `contents`."""
    headers = {"Authorization": login.basic()} if login.known else {}

    def send(method: str, url: str, body: bytes, kind: str) -> dict[str, str]:
        request = urllib.request.Request(url, body, {**headers, "Content-Type": kind}, method=method)
        with urllib.request.urlopen(request) as answer:
            return dict(answer.headers)

    config = json.dumps({"author": contents} if contents else {}).encode()
    digest = f"sha256:{hashlib.sha256(config).hexdigest()}"
    place = send("POST", f"http://{host}/v2/{path}/blobs/uploads/", b"", "text/plain")["Location"]
    send("PUT", f"{place}&digest={digest}", config, "application/octet-stream")
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    about = {
        "mediaType": "application/vnd.docker.container.image.v1+json",
        "size": len(config),
        "digest": digest,
    }
    manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": about, "layers": []}).encode()
    for tag in tags:
        send("PUT", f"http://{host}/v2/{path}/manifests/{tag}", manifest, kind)


def tag(number: int) -> str:
    """A tag as lain makes them; a greater number is a later commit."""
    return f"{1600000000 + number}-{hashlib.sha1(str(number).encode()).hexdigest()}"


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
