"""What is to be copied out of a folder of this machine: its files, folders and links, and what is left out."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec

from lain_tui.core.errors import LainError


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One file, folder or link."""

    name: str
    """Its path within the copy, slashes between; the first part is the copy's own name."""
    path: Path
    kind: str
    """file, folder or link."""
    mode: int
    size: int = 0
    modified: int = 0
    link: str = ""
    """What a link says."""


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """Everything under one path, folders before what is in them."""

    items: tuple[Item, ...]
    left_out: tuple[str, ...] = ()

    @property
    def files(self) -> list[Item]:
        return [item for item in self.items if item.kind == "file"]

    @property
    def folders(self) -> list[Item]:
        return [item for item in self.items if item.kind == "folder"]

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(item.size for item in self.items)


def read_tree(source: str, *, follow: bool = False) -> Tree:
    """Look at a file or folder; `follow` copies what links lead to in place of the links.

    Links that lead out of the folder, sockets and devices are left out. Raises LainError for what cannot be read.
    """
    top = Path(source).expanduser()
    try:
        return _Reader(top, follow).tree()
    except OSError as error:
        where = str(error.filename or top)
        raise LainError(f"cannot be read: {(error.strerror or 'no access').lower()}", where=where) from None


class _Reader:
    def __init__(self, top: Path, follow: bool) -> None:
        self._top = top
        self._root = Path(os.path.realpath(top))
        self._follow = follow
        self._items: list[Item] = []
        self._left_out: list[str] = []

    def tree(self) -> Tree:
        name = self._root.name if self._top.name in ("", "..") else self._top.name
        self._take(self._root, name, frozenset())
        return Tree(items=tuple(self._items), left_out=tuple(self._left_out))

    def _take(self, path: Path, name: str, above: frozenset[tuple[int, int]]) -> None:
        """`above` are the folders that this is in, so that a link to one of them is followed only once."""
        if not name.isprintable() or "\\" in name:
            self._left_out.append(f"{name}: its name has characters that do not travel")
            return
        info = path.lstat()
        if stat.S_ISLNK(info.st_mode):
            if not self._follow:
                self._take_link(path, name)
                return
            info = path.stat()
        mode, modified = stat.S_IMODE(info.st_mode), int(info.st_mtime)
        if stat.S_ISREG(info.st_mode):
            self._items.append(
                Item(name=name, path=path, kind="file", mode=mode, size=info.st_size, modified=modified)
            )
        elif stat.S_ISDIR(info.st_mode):
            here = (info.st_dev, info.st_ino)
            if here in above:
                self._left_out.append(f"{name}: a link to a folder that it is in")
                return
            self._items.append(Item(name=name, path=path, kind="folder", mode=mode, modified=modified))
            for child in sorted(path.iterdir()):
                self._take(child, f"{name}/{child.name}", above | {here})
        else:
            self._left_out.append(f"{name}: neither file, folder nor link")

    def _take_link(self, path: Path, name: str) -> None:
        says = path.readlink()
        leads = Path(os.path.realpath(path))
        if says.is_absolute() or not leads.is_relative_to(self._root):
            self._left_out.append(f"{name}: a link that leads out, to {says}")
        else:
            self._items.append(Item(name=name, path=path, kind="link", mode=0o777, link=str(says)))
