"""A tar archive as it is made, in pieces, with the checksum of each file in it."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator

from lain_tui.core.copy.tree import Item, Tree
from lain_tui.core.errors import LainError

_PIECE = 256 * 1024
_TYPES = {"file": tarfile.REGTYPE, "folder": tarfile.DIRTYPE, "link": tarfile.SYMTYPE}


class Packing:
    """Iterate over `archive()`, or over `contents()` of a single file; `sums` is filled meanwhile."""

    def __init__(self, tree: Tree, checksum: str) -> None:
        """`checksum` is sha256 or md5; with an empty one there are no `sums`."""
        self._tree = tree
        self._checksum = checksum
        self.sums: dict[str, str] = {}
        self.packed = 0
        """Bytes of files so far."""

    def archive(self) -> Iterator[bytes]:
        """The whole archive. Raises LainError for a file that cannot be read, or became shorter meanwhile."""
        for item in self._tree.items:
            yield _header(item)
            if item.kind == "file":
                yield from self._read(item)
                yield b"\0" * (-item.size % tarfile.BLOCKSIZE)
        yield b"\0" * (2 * tarfile.BLOCKSIZE)

    def contents(self) -> Iterator[bytes]:
        """The one file's bytes, without an archive around them; from the beginning."""
        self.packed = 0
        yield from self._read(self._tree.items[0])

    def _read(self, item: Item) -> Iterator[bytes]:
        sum = hashlib.new(self._checksum, usedforsecurity=False) if self._checksum else None
        left = item.size
        try:
            with item.path.open("rb") as file:
                while left and (data := file.read(min(left, _PIECE))):
                    left -= len(data)
                    self.packed += len(data)
                    if sum is not None:
                        sum.update(data)
                    yield data
        except OSError as error:
            reason = (error.strerror or "no access").lower()
            raise LainError(f"cannot be read: {reason}", where=str(item.path)) from None
        if left:
            raise LainError("became shorter while it was copied", where=str(item.path))
        if sum is not None:
            self.sums[item.name] = sum.hexdigest()


def _header(item: Item) -> bytes:
    info = tarfile.TarInfo(item.name)
    info.type, info.mode, info.mtime = _TYPES[item.kind], item.mode, item.modified
    info.size, info.linkname = (item.size if item.kind == "file" else 0), item.link
    # No owner: everything belongs to whoever unpacks it. GNU's format is the one that busybox reads, too.
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")
