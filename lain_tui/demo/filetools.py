"""The programs that work on a container's files (cat, stat, find, tar, mv …), as far as their options are used."""

from __future__ import annotations

import hashlib
import io
import posixpath
import stat
import tarfile
from collections.abc import Callable
from typing import NamedTuple

from .disk import Disk, Node, NoSuchFile


class Ran(NamedTuple):
    """What a program wrote, and its exit code."""

    out: bytes = b""
    err: str = ""
    code: int = 0


class _Failed(Exception):
    """Ends a program with this complaint."""


def run(argv: list[str], disk: Disk, stdin: bytes) -> Ran:
    """Run one of PROGRAMS."""
    name = posixpath.basename(argv[0])
    try:
        return PROGRAMS[name](argv[1:], disk, stdin)
    except _Failed as error:
        return Ran(err=f"{name}: {error}\n", code=1)


def _look(disk: Disk, path: str, words: str = "{path}: {why}", *, follow: bool = True) -> tuple[str, Node]:
    try:
        return disk.look(path, follow=follow)
    except NoSuchFile as error:
        raise _Failed(words.format(path=path, why=error)) from None


def _file(disk: Disk, path: str) -> bytes:
    _, node = _look(disk, path)
    if node.is_folder:
        raise _Failed(f"{path}: Is a directory")
    return node.data


def _cat(words: list[str], disk: Disk, stdin: bytes) -> Ran:
    return Ran(b"".join(_file(disk, word) for word in words) if words else stdin)


def _stat(words: list[str], disk: Disk, stdin: bytes) -> Ran:
    follow, paths = "-L" in words, [word for word in words if word != "-L"]
    form = paths[paths.index("-c") + 1]
    del paths[paths.index("-c") : paths.index("-c") + 2]
    lines = []
    for path in paths:
        _, node = _look(disk, path, "cannot statx '{path}': {why}", follow=follow)
        told = {"%f": f"{node.mode:x}", "%s": str(len(node.data)), "%Y": str(node.modified), "%n": path}
        line = form
        for key, value in told.items():
            line = line.replace(key, value)
        lines.append(line + "\n")
    return Ran("".join(lines).encode())


def _sum(name: str) -> Callable[[list[str], Disk, bytes], Ran]:
    def summed(words: list[str], disk: Disk, stdin: bytes) -> Ran:
        lines = []
        for word in words or ["-"]:
            data = stdin if word == "-" else b"" if word == "/dev/null" else _file(disk, word)
            lines.append(f"{hashlib.new(name, data, usedforsecurity=False).hexdigest()}  {word}\n")
        return Ran("".join(lines).encode())

    return summed


def _find(words: list[str], disk: Disk, stdin: bytes) -> Ran:
    follow = words[0] == "-L"
    top, *test = words[1:] if follow else words
    place, _ = _look(disk, top)
    wanted = {"f": stat.S_IFREG, "d": stat.S_IFDIR}[test[test.index("-type") + 1]]
    found = []
    for path, node in [(place, disk.look(place)[1]), *disk.walk(place)]:
        kind = stat.S_IFMT(disk.look(path)[1].mode if follow and node.is_link else node.mode)
        if kind == wanted:
            found.append(top + path[len(place.rstrip("/")) :] if path != place else top)
    if "-exec" in test:
        argv = test[test.index("-exec") + 1 : test.index("{}")]
        return run([*argv, *found], disk, b"") if found else Ran()
    end = "\0" if "-print0" in test else "\n"
    return Ran("".join(name + end for name in found).encode())


def _tar(words: list[str], disk: Disk, stdin: bytes) -> Ran:
    if "-C" not in words:
        return _pack_by_name([word for word in words[1:] if word != "-"], disk)
    folder = words[words.index("-C") + 1]
    place, node = _look(disk, folder, "can't change directory to '{path}': {why}")
    if not node.is_folder:
        raise _Failed(f"can't change directory to '{folder}': Not a directory")
    return Ran(_packed(disk, place, follow="-h" in words)) if "-c" in words else _unpack(disk, place, stdin)


def _pack_by_name(paths: list[str], disk: Disk) -> Ran:
    """`tar cf - /path`: what kubectl copies from a container with."""
    (path,) = paths
    place, _ = _look(disk, path, "{path}: {why}")
    return Ran(_packed(disk, place, follow=False, name=place.lstrip("/")), _REMOVING)


_REMOVING = "tar: removing leading '/' from member names\n"


def _packed(disk: Disk, place: str, *, follow: bool, name: str = ".") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path, node in [(place, disk.look(place)[1]), *disk.walk(place)]:
            shown = disk.look(path)[1] if follow and node.is_link else node
            info = tarfile.TarInfo(name + path[len(place.rstrip("/")) :] if path != place else name)
            info.mode, info.mtime = stat.S_IMODE(shown.mode), shown.modified
            info.type = (
                tarfile.DIRTYPE if shown.is_folder else tarfile.SYMTYPE if shown.is_link else tarfile.REGTYPE
            )
            info.linkname, info.size = shown.link, len(shown.data)
            archive.addfile(info, io.BytesIO(shown.data))
    return buffer.getvalue()


def _unpack(disk: Disk, place: str, data: bytes) -> Ran:
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for member in archive:
                path = posixpath.join(place, member.name)
                _make_way(disk, posixpath.dirname(path))
                contents = archive.extractfile(member) if member.isreg() else None
                kind = stat.S_IFREG if contents else stat.S_IFDIR if member.isdir() else stat.S_IFLNK
                node = Node(
                    kind | member.mode,
                    int(member.mtime),
                    contents.read() if contents else b"",
                    member.linkname,
                )
                disk.put(path, node)
    except (tarfile.TarError, NoSuchFile) as error:
        raise _Failed(f"{error}") from None
    return Ran()


def _make_way(disk: Disk, folder: str) -> None:
    """The folders that lead to what an archive has no folder for."""
    try:
        disk.look(folder)
    except NoSuchFile:
        _make_way(disk, posixpath.dirname(folder))
        disk.make_folder(folder)


def _mkdir(words: list[str], disk: Disk, stdin: bytes) -> Ran:
    parents = "-p" in words
    for path in [word for word in words if word != "-p"]:
        whole = disk.place(path)
        above = [whole[:end] for end, char in enumerate(whole) if char == "/" and end] if parents else []
        for each in (*above, whole):
            _make_folder(disk, each, path, may_be_there=parents)
    return Ran()


def _make_folder(disk: Disk, place: str, path: str, *, may_be_there: bool) -> None:
    try:
        disk.look(place)
    except NoSuchFile:
        try:
            disk.make_folder(place)
        except NoSuchFile as error:
            raise _Failed(f"can't create directory '{path}': {error}") from None
    else:
        if not may_be_there:
            raise _Failed(f"can't create directory '{path}': File exists")


def _mv(words: list[str], disk: Disk, stdin: bytes) -> Ran:
    *sources, destination = [word for word in words if word != "-f"]
    try:
        into = disk.look(destination)[1].is_folder
    except NoSuchFile:
        into = False
    for source in sources:
        try:
            disk.move(
                source, posixpath.join(destination, posixpath.basename(source)) if into else destination
            )
        except NoSuchFile as error:
            raise _Failed(f"can't rename '{source}': {error}") from None
    return Ran()


def _rm(words: list[str], disk: Disk, stdin: bytes) -> Ran:
    flags = "".join(word for word in words if word.startswith("-"))
    for path in [word for word in words if not word.startswith("-")]:
        try:
            place, node = disk.look(path, follow=False)
        except NoSuchFile as error:
            if "f" not in flags:
                raise _Failed(f"can't remove '{path}': {error}") from None
        else:
            if node.is_folder and "r" not in flags:
                raise _Failed(f"can't remove '{path}': Is a directory")
            disk.remove(place)
    return Ran()


def _ln(words: list[str], disk: Disk, stdin: bytes) -> Ran:
    says, path = words[-2:]
    disk.put(path, Node(stat.S_IFLNK | 0o777, int(disk.clock.now()), link=says))
    return Ran()


def _chmod(words: list[str], disk: Disk, stdin: bytes) -> Ran:
    for path in words[1:]:
        _, node = _look(disk, path)
        node.mode = stat.S_IFMT(node.mode) | int(words[0], 8)
    return Ran()


def _cp(words: list[str], disk: Disk, stdin: bytes) -> Ran:
    source, destination = words
    data = stdin if source == "/dev/stdin" else _file(disk, source)
    try:
        disk.write(destination, data)
    except NoSuchFile as error:
        raise _Failed(f"can't create '{destination}': {error}") from None
    return Ran()


PROGRAMS: dict[str, Callable[[list[str], Disk, bytes], Ran]] = {
    "cat": _cat, "stat": _stat, "sha256sum": _sum("sha256"), "md5sum": _sum("md5"), "find": _find, "tar": _tar,
    "mkdir": _mkdir, "mv": _mv, "rm": _rm, "ln": _ln, "chmod": _chmod, "cp": _cp,
}  # fmt: skip
