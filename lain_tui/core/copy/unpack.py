"""A tar archive of a stranger's, unpacked where it can do no harm.

Nothing is written through a link, for links are made after everything else; a name that leads out of the folder ends
it all; a link that leads out is left out.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO

from lain_tui.core.errors import LainError

_PIECE = 256 * 1024


class Unpacking:
    """Unpacks one folder; run `read` in a thread."""

    def __init__(self, top: Path, checksum: str, count: Callable[[int], None]) -> None:
        """Into the folder `top`, which is made; `count` is told of each number of bytes written."""
        self._top = top
        self._checksum = checksum
        self._count = count
        self._links: list[tuple[str, str]] = []
        self._folders: list[tuple[Path, int, float]] = []
        self.sums: dict[str, str] = {}
        """By the path within the folder; empty when no checksum is wanted."""
        self.sizes: dict[str, int] = {}
        self.left_out: list[str] = []

    def read(self, stream: IO[bytes]) -> None:
        """Unpack to the archive's end. Raises LainError for one that is cut short, or that names what is elsewhere."""
        try:
            self._top.mkdir(mode=0o700)
            with tarfile.open(fileobj=stream, mode="r|", errors="surrogateescape") as archive:
                for member in archive:
                    self._take(archive, member)
            self._make_links()
            for path, mode, modified in reversed(self._folders):
                path.chmod(mode)
                os.utime(path, (modified, modified))
        except tarfile.TarError:
            raise LainError("what came from the container is no whole tar archive") from None
        except OSError as error:
            reason = (error.strerror or "no access").lower()
            raise LainError(f"cannot be written: {reason}", where=str(error.filename or self._top)) from None

    def _take(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        name = _checked(member.name)
        path = self._top / name
        if member.isdir():
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            # The uppermost one stays writable: it has to be moved to its place yet.
            own = 0o200 if path == self._top else 0
            self._folders.append((path, member.mode & 0o777 | own, member.mtime))
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if member.isreg():
            self._write(archive, member, name, path)
        elif member.islnk():
            first = _checked(member.linkname)
            os.link(self._top / first, path)
            self.sizes[name] = self.sizes[first]
            if self._checksum:
                self.sums[name] = self.sums[first]
        elif member.issym():
            self._links.append((name, member.linkname))
        else:
            self.left_out.append(f"{name}: neither file, folder nor link")

    def _write(self, archive: tarfile.TarFile, member: tarfile.TarInfo, name: str, path: Path) -> None:
        source = archive.extractfile(member)
        assert source is not None, "a regular file has contents"
        sum = hashlib.new(self._checksum, usedforsecurity=False) if self._checksum else None
        with path.open("xb") as file:
            while data := source.read(_PIECE):
                file.write(data)
                self._count(len(data))
                if sum is not None:
                    sum.update(data)
        path.chmod(member.mode & 0o777)
        os.utime(path, (member.mtime, member.mtime))
        self.sizes[name] = member.size
        if sum is not None:
            self.sums[name] = sum.hexdigest()

    def _make_links(self) -> None:
        top = self._top.resolve()
        for name, says in self._links:
            (self._top / name).symlink_to(says)
        for name, says in self._links:
            # Once all are there, for one link may lead through another.
            link = self._top / name
            if says.startswith("/") or not Path(os.path.realpath(link)).is_relative_to(top):
                link.unlink()
                self.left_out.append(f"{name}: a link that leads out, to {says}")


def _checked(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise LainError(f"the container's archive names a file outside of the folder: {name}")
    return str(path)
