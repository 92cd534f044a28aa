"""Files that appear whole or not at all, however the writing ends: a full disk, a signal, an exception."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def whole_file(path: Path, *, replace: bool) -> Iterator[IO[bytes]]:
    """A file to write into, which is called `path` once the block has ended well; else nothing has happened.

    One that is there keeps its mode and, as far as may be, its owner. Raises FileExistsError when there is one that is
    not to be replaced, and OSError when it cannot be written.
    """
    import tempfile  # brings four compression libraries: not at every start

    if not replace and path.exists():
        raise FileExistsError(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        state = path.stat() if path.exists() else None
        draft.chmod(0o666 & ~_umask() if state is None else state.st_mode & 0o777)
        if state is not None and (state.st_uid, state.st_gid) != (os.geteuid(), os.getegid()):
            with contextlib.suppress(PermissionError):
                os.chown(draft, state.st_uid, state.st_gid)
        if replace:
            draft.replace(path)
        else:
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def write_whole(path: Path, text: str, *, replace: bool) -> None:
    """Write a text as UTF-8, with the line ends that it has; as `whole_file`."""
    with whole_file(path, replace=replace) as file:
        file.write(text.encode("utf-8", "surrogateescape"))


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask
