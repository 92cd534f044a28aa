"""A file or folder out of a container."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from lain_tui.core.copy.address import Address
from lain_tui.core.copy.container import ContainerFiles, Entry
from lain_tui.core.copy.local import dress, place_for, put, staging
from lain_tui.core.copy.progress import BEAT, Progress
from lain_tui.core.copy.unpack import Unpacking
from lain_tui.core.errors import LainError, Refused
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.copy import CopyOutcome
from lain_tui.core.model.plan import Check, Outcome, Plan, Step
from lain_tui.core.model.text import counted, listed, plain, spell_bytes
from lain_tui.core.operations.operation import begun, done
from lain_tui.core.shell.place import find_place
from lain_tui.core.target import Target

_REMARKS = ("file changed as we read it", "file removed before we read it", "socket ignored", "exiting with")
"""What tar says, and goes on: each file is verified anyway."""


class Download:
    """Reads in the container, writes beside the destination, verifies, and only then gives it its name.

    It changes nothing in the cluster, so that read-only mode allows it.
    """

    def __init__(
        self, files: ContainerFiles, source: Address, entry: Entry, destination: Path, *, force: bool, follow: bool
    ) -> None:  # fmt: skip
        self._files = files
        self._source = source
        self._entry = entry
        self._destination = destination
        self._force = force
        self._follow = follow
        self.copied: CopyOutcome | None = None
        """Once it has run."""
        self._named = f"{files.place.pod}:{source.path}"
        what = f"a file of {spell_bytes(entry.size)}" if entry.is_file else "a folder"
        there = os.path.lexists(destination)
        checks = [Check(what=f"{destination} is not there yet", outcome=Outcome.PASSED)]
        if there and force:
            merged = "files of the same name are replaced" if entry.is_folder else "it is replaced"
            checks = [Check(what=f"{destination} is there", outcome=Outcome.WARNED, detail=merged)]
        elif there:
            checks = [
                Check(what=str(destination), outcome=Outcome.FAILED, detail="it is there already", hint="Say that it may be replaced (--force).")
            ]  # fmt: skip
        self._plan = Plan(
            verb="copy",
            subject=f"{self._named} to {destination}",
            calls=(f"read {source.path}, {what}, in {files.place.name}", f"write {destination}"),
            checks=tuple(checks),
        )

    @classmethod
    async def prepare(
        cls, kube: KubeClient, target: Target, source: Address, destination: str,
        *, container: str = "", force: bool = False, follow: bool = False,
    ) -> Download:  # fmt: skip
        """Look at what is there. Raises LainError when nothing is, or nothing runs there."""
        files = ContainerFiles(kube, await find_place(kube, target, source.name, container))
        entry = await files.look(source.path)
        if entry is None:
            raise LainError(f"{files.place.name} has no {source.path}")
        if not (entry.is_file or entry.is_folder):
            raise LainError("is neither a file nor a folder", where=f"{files.place.pod}:{source.path}")
        path = place_for(destination, source.base or files.place.pod)
        return cls(files, source, entry, path, force=force, follow=follow)

    @property
    def plan(self) -> Plan:
        return self._plan

    async def run(self) -> AsyncIterator[Step]:
        """Copy. Raises LainError; what was begun is removed then."""
        if (check := self._plan.refusal) is not None:
            raise Refused(f"{check.what}: {check.detail}", hint=check.hint)
        what = f"copy {plain(self._destination.name)}"
        yield begun(what)
        progress = Progress(what, self._entry.size if self._entry.is_file else 0)
        with staging(self._destination) as stage:
            made = stage / self._destination.name
            copying = asyncio.create_task(self._copy(made, progress))
            try:
                while not copying.done():
                    await asyncio.wait({copying}, timeout=BEAT)
                    if (step := progress.step()) is not None:
                        yield step
                outcome = await copying
            finally:
                copying.cancel()
                await asyncio.gather(copying, return_exceptions=True)
            put(made, self._destination, replace=self._force)
        self.copied = outcome
        yield done(what, summary(outcome))

    async def _copy(self, made: Path, progress: Progress) -> CopyOutcome:
        checksum = await self._files.checksum()
        return await (self._file if self._entry.is_file else self._folder)(made, checksum, progress)

    async def _file(self, made: Path, checksum: str, progress: Progress) -> CopyOutcome:
        path = self._source.path
        sum = hashlib.new(checksum or "sha256", usedforsecurity=False)
        with made.open("xb") as file:

            async def keep(data: bytes) -> None:
                await asyncio.to_thread(file.write, data)
                sum.update(data)
                progress.add(len(data))

            exit, err = await self._files.read(["cat", path], keep)
        if exit.code != 0:
            raise self._files.failure("cat", exit, err)
        grown = not await self._is_so(path, progress.count, sum.hexdigest() if checksum else "", checksum)
        dress(made, self._entry.mode, self._entry.modified)
        return self._outcome(1, checksum, progress, grown=[path] if grown else [])

    async def _folder(self, made: Path, checksum: str, progress: Progress) -> CopyOutcome:
        unpacking = Unpacking(made, checksum, progress.add)
        await self._unpack(unpacking)
        grown, by_size = [], 0
        if checksum:
            theirs = await self._files.sums_in(self._source.path, checksum, follow=self._follow)
            by_size = len(unpacking.sums.keys() - theirs.keys())
            differ = [name for name, sum in unpacking.sums.items() if theirs.get(name, sum) != sum]
            for name in differ:
                whole = f"{self._source.path.rstrip('/')}/{name}"
                if not await self._is_so(whole, unpacking.sizes[name], unpacking.sums[name], checksum):
                    grown.append(name)
        return self._outcome(
            len(unpacking.sizes),
            checksum,
            progress,
            grown=grown,
            by_size=by_size,
            left_out=unpacking.left_out,
        )

    async def _unpack(self, unpacking: Unpacking) -> None:
        """The container's tar at one end of a pipe, ours at the other, each as fast as the slower one."""
        theirs, ours = os.pipe()

        async def pass_on(data: bytes) -> None:
            await asyncio.to_thread(_write_all, ours, data)

        def unpack() -> None:
            with os.fdopen(theirs, "rb") as stream:
                unpacking.read(stream)

        links = ["-h"] if self._follow else []
        argv = ["tar", "-c", *links, "-f", "-", "-C", self._source.path, "."]
        writing = asyncio.create_task(asyncio.to_thread(unpack))
        try:
            try:
                exit, err = await self._files.read(argv, pass_on)
            except BrokenPipeError:
                await writing  # it says why it reads no more
                raise LainError("what came from the container is no tar archive") from None
        finally:
            os.close(ours)
            await asyncio.gather(writing, return_exceptions=True)
        if exit.code != 0:
            words = [word for word in err.split("; ") if not any(each in word.lower() for each in _REMARKS)]
            if words or not exit.was_run:
                raise self._files.failure("tar", exit, "; ".join(words))
        await writing

    async def _is_so(self, path: str, size: int, sum: str, checksum: str) -> bool:
        """Whether the container's file is what was copied; False when it has grown since, and began like this.

        Raises LainError when it is another one by now.
        """
        if checksum and sum == await self._files.sum_of(path, checksum):
            return True
        now = await self._files.look(path)
        if now is not None and now.size == size and not checksum:
            return True
        if now is not None and now.size > size:
            begins = await self._files.sum_of_beginning(path, size, checksum) if checksum else ""
            if begins in ("", sum):
                return False
        raise LainError(
            "changed while it was copied, and nothing was kept", where=path, hint="Copy it again."
        )

    def _outcome(
        self, files: int, checksum: str, progress: Progress,
        *, grown: list[str], by_size: int = 0, left_out: list[str] | None = None,
    ) -> CopyOutcome:  # fmt: skip
        return CopyOutcome(
            source=self._named,
            destination=str(self._destination),
            files=files,
            bytes=progress.count,
            seconds=round(progress.seconds, 3),
            verified=checksum or "size",
            by_size=by_size,
            grown=tuple(grown),
            left_out=tuple(left_out or ()),
        )


def summary(outcome: CopyOutcome) -> str:
    """`3 files, 1.2 MB, sha256 verified`."""
    words = [counted(outcome.files, "file"), spell_bytes(outcome.bytes), f"{outcome.verified} verified"]
    if outcome.by_size:
        words.append(f"{counted(outcome.by_size, 'file')} by size alone")
    if outcome.grown:
        words.append(f"{listed(outcome.grown)} grew meanwhile")
    if outcome.left_out:
        words.append(f"left out: {listed(outcome.left_out)}")
    return plain(", ".join(words))


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
