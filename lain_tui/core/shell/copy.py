"""Files of this machine brought into a container, as a stream that its own tar unpacks."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tarfile
from pathlib import Path

from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.shell.place import Place
from lain_tui.core.shell.session import between_pipes


async def copy_folder(kube: KubeClient, place: Place, folder: Path, into: str) -> str:
    """Copy a folder with all that is in it into `into`; returns where it is then.

    Raises LainError when a file cannot be read, when the container has no tar, and when that cannot write there.
    """
    told = bytearray()
    reader, writer = os.pipe()
    packing = asyncio.create_task(asyncio.to_thread(_pack, folder, writer))
    try:
        argv = ["tar", "-xf", "-", "-C", into]
        code = await between_pipes(kube, place, argv, stdin=reader, out=lambda _: None, err=told.extend)
    finally:
        os.close(reader)  # whoever still packs is told that nobody reads
        with contextlib.suppress(BrokenPipeError):
            await packing
    if code:
        words = told.decode(errors="replace").strip().splitlines()
        raise LainError(f"tar in {place.name} ended with {code}: {words[-1] if words else ''}".rstrip(": "))
    return f"{into.rstrip('/')}/{folder.name}"


def _pack(folder: Path, writer: int) -> None:
    with os.fdopen(writer, "wb") as out:
        try:
            with tarfile.open(fileobj=out, mode="w|") as archive:
                archive.add(folder, arcname=folder.name)
        except PermissionError as error:
            raise LainError("it cannot be read", where=str(error.filename)) from error
