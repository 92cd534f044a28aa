"""Container images without docker: made from Debian's busybox-static and Python with the standard library.

Every image is one shared layer and a configuration of its own: an entry point that lives the life a test
needs (see `PROGRAMS`).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster import debian
from tests.cluster.binary import cache, locked

NAMES = "lain.test"
"""The images' make-believe registry: they are loaded into the node, never pulled from there."""

_UNTIL_TERM = "trap '{end}' TERM; while :; do sleep 3600 & wait $!; done"

PROGRAMS = {
    "pause": "while :; do sleep 86400 & wait $!; done",
    "logs": "trap 'exit 0' TERM; i=0; while :; do i=$((i+1)); echo line $i;"
    " [ $i -lt 20 ] || { sleep 0.2 & wait $!; }; done",
    "crash": """echo starting; echo "KeyError: 'MYSQL_HOST'" >&2; exit 1""",
    "shell": "echo ready; " + _UNTIL_TERM.format(end="exit 0"),
    "done": "echo done; exit 0",
    "slow": "echo ready; " + _UNTIL_TERM.format(end="sleep 3; exit 0"),
    "web": "mkdir -p /www && echo ok > /www/healthz && exec httpd -f -p 8080 -h /www",
    "oom": "exec tail /dev/zero",
    "busy": "trap 'exit 0' TERM; while :; do :; done",
}
"""What a container of each image does when the pod says nothing more than the image."""

# What Debian's packages stand on, but a program in a test has no use of.
_LEFT_OUT = (
    *("perl", "libperl", "libdb", "libgdbm", "mailcap", "mime-support", "media-types", "install-info"),
    *("gcc", "tzdata", "debconf", "cdebconf", "dpkg", "tar", "base-files", "debianutils"),
    *("gawk", "mawk", "original-awk", "libmpfr", "libgmp", "libsigsegv"),
)
_UNNEEDED = (
    *("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/lintian", "usr/share/icons"),
    *("usr/share/vim/vim90/doc", "usr/share/vim/vim90/lang", "usr/share/vim/vim90/tutor"),
)


@dataclass(frozen=True)
class Image:
    """An image in memory: one gzipped layer and its configuration."""

    name: str
    layer: bytes
    config: bytes

    @property
    def manifest(self) -> bytes:
        return _json(
            {
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": _descriptor("application/vnd.oci.image.config.v1+json", self.config),
                "layers": [_descriptor("application/vnd.oci.image.layer.v1.tar+gzip", self.layer)],
            }
        )

    @property
    def reference(self) -> str:
        return f"{NAMES}/{self.name}:1"


def programs() -> list[Image]:
    """The images of `PROGRAMS`, all on one layer of busybox."""
    layer = _layer("busybox", _busybox)
    return [_image(name, layer, ["/bin/sh", "-c", script]) for name, script in PROGRAMS.items()]


def python() -> Image:
    """Debian's Python, with a shell; what it runs is up to the pod."""
    return _image("python", _layer("python", _python), ["/usr/bin/python3"])


def full_screen() -> Image:
    """Debian's bash, vim and htop, to be run by somebody at a terminal; the container itself waits."""
    layer = _layer("full-screen", _full_screen)
    return _image("full-screen", layer, ["/bin/sh", "-c", PROGRAMS["shell"]])


def archive() -> Path:
    """The images of `PROGRAMS` as one archive that containerd imports; made once."""
    return _archive("programs", programs)


def python_archive() -> Path:
    return _archive("python", lambda: [python()])


def full_screen_archive() -> Path:
    return _archive("full-screen", lambda: [full_screen()])


def write_archive(images: list[Image], path: Path) -> None:
    """Write an OCI image layout as a tar file."""
    blobs: dict[str, bytes] = {}
    manifests = []
    for image in images:
        for blob in (image.layer, image.config, image.manifest):
            blobs[hashlib.sha256(blob).hexdigest()] = blob
        descriptor = _descriptor("application/vnd.oci.image.manifest.v1+json", image.manifest)
        descriptor["annotations"] = {"io.containerd.image.name": image.reference}
        manifests.append(descriptor)
    files = {
        "oci-layout": _json({"imageLayoutVersion": "1.0.0"}),
        "index.json": _json({"schemaVersion": 2, "manifests": manifests}),
        **{f"blobs/sha256/{digest}": blob for digest, blob in blobs.items()},
    }
    fresh = path.with_suffix(f".{os.getpid()}")
    with tarfile.open(fresh, "w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    fresh.rename(path)


def _image(name: str, layer: bytes, entrypoint: list[str]) -> Image:
    config = {
        "architecture": "amd64" if os.uname().machine == "x86_64" else "arm64",
        "os": "linux",
        "config": {
            "Entrypoint": entrypoint,
            "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            "WorkingDir": "/",
        },
        "rootfs": {
            "type": "layers",
            "diff_ids": ["sha256:" + hashlib.sha256(gzip.decompress(layer)).hexdigest()],
        },
    }
    return Image(name, layer, _json(config))


def _archive(name: str, images: Any) -> Path:
    path = cache() / "images" / f"{name}-{_made_of()}.tar"
    with locked("images"):
        if not path.exists():
            write_archive(images(), path)
    return path


def _layer(name: str, fill: Any) -> bytes:
    """A layer from the cache, or made by `fill(folder)`."""
    path = cache() / "images" / f"{name}-{_made_of()}.layer"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            fill(Path(folder))
            fresh = path.with_suffix(f".{os.getpid()}")
            fresh.write_bytes(gzip.compress(_tar(Path(folder)), 6, mtime=0))
            fresh.rename(path)
    return path.read_bytes()


def _made_of() -> str:
    """The hash of this file: another recipe makes other images."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]


def _busybox(root: Path) -> None:
    debian.unpack(["busybox-static"], root)
    shutil.rmtree(root / "usr")
    listed = subprocess.run([root / "bin/busybox", "--list"], capture_output=True, text=True, check=True)
    for applet in listed.stdout.split():
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("/bin/busybox")
    _users(root)


def _python(root: Path) -> None:
    _debian(root, "python3")


def _full_screen(root: Path) -> None:
    _debian(root, "bash", "vim", "htop", "ncurses-base", "libc-bin")  # the last has C.UTF-8
    (root / "usr/bin/vim").symlink_to("vim.basic")  # as Debian's alternatives have it


def _debian(root: Path, *programs: str) -> None:
    """Packages with all of Debian they stand on, and a few applets of busybox."""
    without = ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")
    said = subprocess.run(
        ["apt-cache", "depends", "--recurse", *(f"--no-{kind}" for kind in without), *programs],
        capture_output=True,
        text=True,
        check=True,
    )
    packages = {line for line in said.stdout.splitlines() if line[:1].isalnum()}
    packages = {package for package in packages if not package.startswith(_LEFT_OUT)}
    debian.unpack(["busybox-static", *sorted(packages)], root)
    for unneeded in _UNNEEDED:
        shutil.rmtree(root / unneeded, ignore_errors=True)
    for applet in ("sh", "cat", "ls", "sleep", "stty", "env", "ps", "kill"):
        if not (root / "bin" / applet).exists():
            (root / "bin" / applet).symlink_to("/bin/busybox")
    _users(root)


def _users(root: Path) -> None:
    (root / "tmp").mkdir(exist_ok=True)
    (root / "tmp").chmod(0o1777)
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc/passwd").write_text("root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n")
    (root / "etc/group").write_text("root:x:0:\nnogroup:x:65534:\n")


def _tar(root: Path) -> bytes:
    """The folder as a tar whose bytes depend on its content alone."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = member.mtime = 0
        member.uname = member.gname = ""
        return member

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path in sorted(root.rglob("*")):
            tar.add(path, str(path.relative_to(root)), recursive=False, filter=plain)
    return packed.getvalue()


def _descriptor(media_type: str, blob: bytes) -> dict[str, Any]:
    return {
        "mediaType": media_type,
        "digest": "sha256:" + hashlib.sha256(blob).hexdigest(),
        "size": len(blob),
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
