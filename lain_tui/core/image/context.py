"""The build context: which files go to the docker engine, how many, how large, and their tar stream."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.image.ignore import Ignore, from_gitignore

LARGE = 200 * 2**20
"""Bytes above which a build asks first."""

DOCKERIGNORE = ".dockerignore"
DOCKERFILE = ".lain-dockerfile"
"""What the Dockerfile is called inside the stream; the user's own, of whatever name, is not touched."""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """A folder as a build sees it."""

    folder: Path
    files: int
    size: int
    """Bytes of the files."""
    most: str = ""
    """The entry of the folder that has the most of them, itself or below it."""
    most_size: int = 0
    ignore: str
    """The text of .dockerignore, the user's or the derived one."""
    derived: bool
    """Whether `ignore` was derived, because there is no .dockerignore."""

    @property
    def large(self) -> bool:
        return self.size > LARGE


def measure(folder: Path) -> Context:
    """Count what would be sent; raises LainError when something cannot be read."""
    ignore, derived = _ignore_text(folder)
    files, sizes = 0, {"": 0}
    for path, entry in _walk(folder, Ignore.parse(ignore)):
        if not entry.is_dir(follow_symlinks=False):
            files += 1
            top = path.partition("/")[0]
            sizes[top] = sizes.get(top, 0) + entry.stat(follow_symlinks=False).st_size
    most = max(sizes, key=sizes.__getitem__)
    return Context(
        folder=folder,
        files=files,
        size=sum(sizes.values()),
        most=most,
        most_size=sizes[most],
        ignore=ignore,
        derived=derived,
    )


def _ignore_text(folder: Path) -> tuple[str, bool]:
    try:
        own = folder / DOCKERIGNORE
        if own.exists():
            return own.read_text(encoding="utf-8", errors="surrogateescape"), False
        git = folder / ".gitignore"
        text = git.read_text(encoding="utf-8", errors="surrogateescape") if git.is_file() else ""
        return from_gitignore(text), True
    except OSError as error:
        raise LainError(f"cannot read it: {error.strerror}", where=str(error.filename)) from error


def _walk(folder: Path, ignore: Ignore) -> Iterator[tuple[str, os.DirEntry[str]]]:
    waiting = [("", str(folder))]
    while waiting:
        prefix, place = waiting.pop()
        try:
            with os.scandir(place) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            raise LainError(f"cannot read it: {error.strerror}", where=place) from error
        for entry in entries:
            path = prefix + entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            if is_folder and not ignore.prunes(path):
                waiting.append((f"{path}/", entry.path))
            if not ignore.ignored(path):
                yield path, entry


def tar_stream(context: Context, dockerfile: str) -> Iterator[bytes]:
    """The context as a tar stream in chunks, the Dockerfile first, under the name DOCKERFILE.

    The engine takes the Dockerfile and .dockerignore out again where .dockerignore says so; a .dockerignore of the
    user's that goes into the image does so with that one line more.
    """
    sink = _Sink()
    ignore = Ignore.parse(context.ignore)
    stays = not context.derived and not ignore.ignored(DOCKERIGNORE)
    own = f"{context.ignore}\n{DOCKERFILE}\n" if stays else f"{DOCKERFILE}\n{DOCKERIGNORE}\n"
    with tarfile.open(fileobj=sink, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, text in ((DOCKERFILE, dockerfile), (DOCKERIGNORE, own)):
            data = text.encode(errors="surrogateescape")
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
        for path, found in _walk(context.folder, ignore):
            if path != DOCKERIGNORE:
                _add(archive, path, found)
                yield from sink.chunks()
    yield from sink.chunks()


def _add(archive: tarfile.TarFile, path: str, found: os.DirEntry[str]) -> None:
    follow = {"follow_symlinks": False}
    if not (found.is_file(**follow) or found.is_dir(**follow) or found.is_symlink()):
        return  # a socket, a pipe or a device
    try:
        info = archive.gettarinfo(found.path, path)
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        if info.isreg():
            with Path(found.path).open("rb") as file:
                archive.addfile(info, file)
        else:
            archive.addfile(info)
    except OSError as error:
        raise LainError(f"cannot read it: {error.strerror or error}", where=found.path) from error


class _Sink(io.RawIOBase):
    """A file that only collects what is written, for tarfile."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._written = 0

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        self._written += len(data)
        return len(data)

    def tell(self) -> int:
        return self._written

    def chunks(self) -> Iterator[bytes]:
        if self._parts:
            yield b"".join(self._parts)
            self._parts.clear()
