"""A file or folder into a container."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import PurePosixPath

from lain_tui.core.copy.address import Address
from lain_tui.core.copy.container import ContainerFiles, Entry
from lain_tui.core.copy.download import summary
from lain_tui.core.copy.pack import Packing
from lain_tui.core.copy.progress import BEAT, Progress
from lain_tui.core.copy.tree import Tree, read_tree
from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.copy import CopyOutcome
from lain_tui.core.model.plan import Check, Outcome, Plan, Step
from lain_tui.core.model.text import counted, plain, spell_bytes
from lain_tui.core.operations.ending import to_the_end
from lain_tui.core.operations.operation import begun, done, refuse, typed_name
from lain_tui.core.shell.place import find_place
from lain_tui.core.target import Target


class Upload:
    """Writes into a hidden folder beside the destination, verifies, and only then gives it its name."""

    def __init__(
        self, files: ContainerFiles, target: Target, tree: Tree, path: str, there: Entry | None, *,
        room: int | None, source: str, force: bool
    ) -> None:  # fmt: skip
        """`path` is what the copy will be in the container; `there` what is there now, `room` the bytes that are free."""
        self._files = files
        self._target = target
        self._tree = tree
        self._path = path
        self._there = there
        self._force = force
        self._source = source
        self.copied: CopyOutcome | None = None
        """Once it has run."""
        self._named = f"{files.place.pod}:{path}"
        self._folder = str(PurePosixPath(path).parent)
        self._name = PurePosixPath(path).name
        self._stage = f"{self._folder.rstrip('/')}/.lain-cp-{secrets.token_hex(4)}"
        self._plan = Plan(
            verb="copy",
            subject=f"{source} to {self._named} on {target.cluster}",
            calls=(
                f"write {counted(len(tree.files), 'file')}, {spell_bytes(tree.size)}, to {self._stage} in {files.place.name}",
                f"move it to {path}",
            ),
            checks=(self._check(), *self._check_room(room)),
            notes=tuple(f"Left out: {plain(each)}" for each in tree.left_out),
            typed=typed_name(target),
        )

    @classmethod
    async def prepare(
        cls, kube: KubeClient, target: Target, source: str, destination: Address,
        *, container: str = "", force: bool = False, follow: bool = False,
    ) -> Upload:  # fmt: skip
        """Look at both ends. Raises LainError when there is nothing here, or no folder for it there."""
        tree = await asyncio.to_thread(read_tree, source, follow=follow)
        if not tree.items:
            raise LainError("is neither a file nor a folder", where=source)
        files = ContainerFiles(kube, await find_place(kube, target, destination.name, container))
        path = destination.path
        there = await files.look(path)
        if there is not None and there.is_folder:
            path = f"{path.rstrip('/')}/{tree.items[0].name}"
            there = await files.look(path)
        elif path.endswith("/"):
            raise LainError(f"{files.place.name} has no folder {path}")
        elif there is None:
            folder = str(PurePosixPath(path).parent)
            above = await files.look(folder)
            if above is None or not above.is_folder:
                raise LainError(f"{files.place.name} has no folder {folder}")
        room = await files.room(str(PurePosixPath(path).parent))
        return cls(files, target, tree, path, there, room=room, source=source, force=force)

    @property
    def plan(self) -> Plan:
        return self._plan

    def _check(self) -> Check:
        there, path = self._there, self._path
        is_folder = self._tree.items[0].kind == "folder"
        if there is None:
            return Check(what=f"{path} is not there yet", outcome=Outcome.PASSED)
        if there.is_folder != is_folder:
            kind = "a folder" if there.is_folder else "a file"
            return Check(what=path, outcome=Outcome.FAILED, detail=f"{kind} of that name is there")
        if not self._force:
            return Check(
                what=path,
                outcome=Outcome.FAILED,
                detail="it is there already",
                hint="Say that it may be replaced (--force).",
            )
        detail = "files of the same name are replaced" if is_folder else "it is replaced"
        return Check(what=f"{path} is there", outcome=Outcome.WARNED, detail=detail)

    def _check_room(self, room: int | None) -> tuple[Check, ...]:
        if room is None or room >= self._tree.size:
            return ()
        detail = f"{spell_bytes(room)} are free, {spell_bytes(self._tree.size)} are to be written"
        return (Check(what=f"room in {self._folder}", outcome=Outcome.WARNED, detail=detail),)

    async def run(self) -> AsyncIterator[Step]:
        """Copy. Raises Refused and LainError; what was begun is removed then."""
        refuse(self._target, self._plan)
        what = f"copy {plain(self._name)}"
        yield begun(what)
        progress = Progress(what, self._tree.size)
        copying = asyncio.create_task(self._copy(progress))
        try:
            while not copying.done():
                await asyncio.wait({copying}, timeout=BEAT)
                if (step := progress.step()) is not None:
                    yield step
            self.copied = await copying
        finally:
            copying.cancel()
            await asyncio.gather(copying, return_exceptions=True)
        yield done(what, summary(self.copied))

    async def _copy(self, progress: Progress) -> CopyOutcome:
        checksum = await self._files.checksum()
        await self._files.make_folder(self._stage)
        try:
            packing = Packing(self._tree, checksum)
            await self._send(packing, progress)
            await self._verify(packing, checksum)
            await self._put()
        finally:
            await to_the_end(self._clear())
        return CopyOutcome(
            source=self._source,
            destination=self._named,
            files=len(self._tree.files),
            bytes=progress.count,
            seconds=round(progress.seconds, 3),
            verified=checksum or "size",
            left_out=self._tree.left_out,
        )

    async def _clear(self) -> None:
        # With the pod gone, or the connection, there is nothing more to be done about it.
        with suppress(LainError):
            await self._files.remove(self._stage)

    async def _send(self, packing: Packing, progress: Progress) -> None:
        archive = ["tar", "-x", "-f", "-", "-C", self._stage]
        exit, err = await self._files.write(archive, _counted(packing.archive(), packing, progress))
        if exit.is_missing and self._tree.items[0].kind == "file":
            # Without tar a single file can still be written, and its permissions set.
            made = f"{self._stage}/{self._tree.items[0].name}"
            # Not dd: it closes its standard output, and containerd then ends its input, too.
            archive = ["cp", "/dev/stdin", made]
            exit, err = await self._files.write(archive, _counted(packing.contents(), packing, progress))
            if exit.code == 0:
                await self._files.need("chmod", f"{self._tree.items[0].mode & 0o777:o}", made)
        if exit.code != 0:
            raise self._files.failure(archive[0], exit, err)

    async def _verify(self, packing: Packing, checksum: str) -> None:
        """Hold what is there to what was sent. Raises LainError when it is not the same."""
        ours: dict[str, object]
        theirs: dict[str, object]
        if checksum:
            ours, theirs = dict(packing.sums), dict(await self._files.sums_in(self._stage, checksum))
        else:
            ours = {item.name: item.size for item in self._tree.files}
            theirs = dict(await self._files.sizes_in(self._stage))
        if wrong := [name for name, known in ours.items() if theirs.get(name) != known]:
            raise LainError(
                f"{counted(len(wrong), 'file')} did not arrive as sent, and nothing was kept: {plain(wrong[0])}",
                where=self._files.place.name,
            )

    async def _put(self) -> None:
        top = self._tree.items[0]
        made = f"{self._stage}/{top.name}"
        if await self._files.look(self._path) is None or top.kind == "file":
            if top.name != self._name:
                # So that it is moved into the folder under its own name, whatever has come up there meanwhile.
                await self._files.move([made], f"{self._stage}/{self._name}")
            await self._files.move([f"{self._stage}/{self._name}"], self._folder)
            return
        shared = await self._files.folders_in(self._path)
        for folder in self._tree.folders:
            within = folder.name[len(top.name) + 1 :]
            if within not in shared:
                continue  # it goes as a whole, with the one that it is in
            children = [
                f"{self._stage}/{item.name}"
                for item in self._tree.items
                if str(PurePosixPath(item.name).parent) == folder.name
                and not (item.kind == "folder" and item.name[len(top.name) + 1 :] in shared)
            ]
            await self._files.move(children, f"{self._path.rstrip('/')}/{within}".rstrip("/"))


async def _counted(pieces: Iterator[bytes], packing: Packing, progress: Progress) -> AsyncIterator[bytes]:
    """The pieces, each read beside the loop, and counted."""
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        progress.count = packing.packed
        yield piece
    progress.count = packing.packed
