"""A docker daemon of the tests' own: private socket and folders, no bridge, gone with everything it made."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import socketserver
import subprocess
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest

from tests.docker_remains import keeper

START_SECONDS = 60
BUSYBOX = Path("/bin/busybox")


class Daemon:
    """A running dockerd."""

    def __init__(self, folder: Path, data: Path | None = None) -> None:
        self.folder = folder
        self.data = data or folder / "data"
        self.socket = folder / "docker.sock"
        self.log = folder / "dockerd.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None

    @property
    def host(self) -> str:
        return f"unix://{self.socket}"

    @property
    def environment(self) -> dict[str, str]:
        """For a docker client that shall find this daemon and no configuration of the user's."""
        return {
            "PATH": os.environ["PATH"],
            "DOCKER_HOST": self.host,
            "DOCKER_CONFIG": str(self.folder / "client"),
        }

    def start(self) -> None:
        configuration = self.folder / "daemon.json"
        configuration.write_text("{}")
        # One that was killed has left word of its containerd, which went with it.
        (self.folder / "exec" / "containerd" / "containerd.pid").unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    "dockerd",
                    f"--host={self.host}",
                    f"--data-root={self.data}",
                    f"--exec-root={self.folder / 'exec'}",
                    f"--pidfile={self.folder / 'dockerd.pid'}",
                    "--bridge=none",
                    "--iptables=false",
                    "--ip6tables=false",
                    f"--config-file={configuration}",
                ],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while self.docker("version", check=False).returncode:
            if self._process.poll() is not None or time.monotonic() > deadline:
                tail = self.log.read_text(errors="replace")[-500:]
                self.stop()
                raise RuntimeError(f"dockerd did not start: {tail}")
            time.sleep(0.1)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End the daemon; its containerd, a child of it, ends with it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @contextmanager
    def over_tcp(self) -> Iterator[str]:
        """Let it be reached at an address of TCP, too: `127.0.0.1:port`."""
        path = str(self.socket)

        class Passing(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with socket.socket(socket.AF_UNIX) as engine:
                    engine.connect(path)
                    back = threading.Thread(target=_pass_on, args=(engine, self.request), daemon=True)
                    back.start()
                    _pass_on(self.request, engine)
                    back.join()

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        with Server(("127.0.0.1", 0), Passing) as server:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            yield f"127.0.0.1:{server.server_address[1]}"
            server.shutdown()

    def docker(
        self, *arguments: str, check: bool = True, stdin: bytes | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the docker client against this daemon."""
        ran = subprocess.run(
            ["docker", *arguments], env=self.environment, input=stdin, capture_output=True, check=False
        )
        done = subprocess.CompletedProcess(
            ran.args, ran.returncode, ran.stdout.decode(errors="replace"), ran.stderr.decode(errors="replace")
        )
        if check and done.returncode:
            raise AssertionError(f"docker {' '.join(arguments)}: {done.stderr}")
        return done

    def import_busybox(self, name: str) -> None:
        """Make a base image of nothing but busybox."""
        packed = BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for folder in ("bin", "tmp", "etc"):
                entry = tarfile.TarInfo(folder)
                entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
                archive.addfile(entry)
            archive.add(BUSYBOX, "bin/busybox")
            applets = subprocess.run(
                [BUSYBOX, "--list"], capture_output=True, text=True, check=True
            ).stdout.split()
            for applet in applets:
                if applet != "busybox":
                    entry = tarfile.TarInfo(f"bin/{applet}")
                    entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
                    archive.addfile(entry)
        self.docker("import", "--change", "ENV PATH=/bin", "-", name, stdin=packed.getvalue())


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    """All that comes, to its end."""
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def why_not() -> str:
    """Why no daemon can be started here; "" when one can."""
    if os.geteuid() != 0:
        return "a docker daemon of the tests' own needs root"
    for program in ("dockerd", "docker", "containerd", "runc"):
        if shutil.which(program) is None:
            return f"{program} is not installed (Debian: apt-get install docker.io)"
    if not BUSYBOX.exists():
        return "there is no busybox to make images of (Debian: apt-get install busybox-static)"
    return ""


@contextmanager
def docker_daemon(data: Path | None = None) -> Iterator[Daemon]:
    """Start a daemon, or skip the test in plain words; `data` is where its images lie, its own folder by default."""
    if reason := why_not():
        pytest.skip(reason)
    # A unix socket's path is short: /tmp, not pytest's folder.
    folder = Path(tempfile.mkdtemp(prefix="lain-docker-", dir="/tmp"))
    daemon = Daemon(folder, data)
    with keeper(folder, daemon.data):
        try:
            try:
                daemon.start()
            except RuntimeError as error:
                pytest.skip(str(error))
            daemon.import_busybox("base:1")
            yield daemon
        finally:
            daemon.stop()
