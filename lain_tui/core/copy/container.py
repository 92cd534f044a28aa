"""A container's files, through its own programs: `stat`, `sha256sum`, `mkdir`, `mv`, `rm` … No shell is needed.

A name is always an argument of its own, never part of a script: blanks, quotes and dollars in it mean nothing.
"""

from __future__ import annotations

import re
import stat
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

import msgspec

from lain_tui.core.copy.feeding import Sink, drain, fed, in_words
from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import KubeError, Unreachable
from lain_tui.core.kube.exec import Exec, Exit, open_exec
from lain_tui.core.model.text import shortened
from lain_tui.core.shell.place import Place
from lain_tui.core.shell.session import KILLED, explain_cut, fate_of

SUMS = ("sha256", "md5")
"""The checksums that containers have a program for, the better one first: `sha256sum`, `md5sum`."""
_SUM = re.compile(rb"(\\?)([0-9a-f]{32,64}) [ *](.*)", re.DOTALL)
_MOST_ARGUMENTS = 4000
"""Bytes of names that one call is given: they travel in a URL."""
_NONE = ("no such file or directory", "not a directory")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A file or folder in a container, links followed."""

    mode: int
    """As `st_mode`."""
    size: int
    modified: int
    """Seconds since the epoch."""

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.mode)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """How a program in the container ended, and what it wrote."""

    exit: Exit
    out: bytes
    err: str
    """Its complaints, in one line that a terminal may show."""

    @property
    def ok(self) -> bool:
        return self.exit.code == 0


class ContainerFiles:
    """The files of one running container."""

    def __init__(self, kube: KubeClient, place: Place) -> None:
        self._kube = kube
        self.place = place

    # -- running programs

    async def ask(self, *argv: str) -> Answer:
        """Run a program without input to its end. Raises Unreachable when the connection is cut, and KubeError."""
        out = bytearray()

        async def keep(data: bytes) -> None:
            out.extend(data)

        exit, err = await self.read(argv, keep)
        return Answer(exit=exit, out=bytes(out), err=err)

    async def need(self, *argv: str) -> Answer:
        """As `ask`; raises LainError when it does not end well, too."""
        answer = await self.ask(*argv)
        if not answer.ok:
            raise self.failure(argv[0], answer.exit, answer.err)
        return answer

    async def read(self, argv: Sequence[str], sink: Sink) -> tuple[Exit, str]:
        """Run a program; hand over what it writes as it comes, and return how it ended and its complaints."""
        async with self._program(argv, stdin=False) as process:
            complaints = bytearray()
            exit = await drain(process, sink, complaints)
        await self._check_fate(exit)
        return exit, in_words(complaints)

    async def write(self, argv: Sequence[str], chunks: AsyncIterator[bytes]) -> tuple[Exit, str]:
        """Run a program and give it those bytes as its input, to its end or theirs.

        Raises KubeError on a cluster that cannot end a program's input, before anything is sent.
        """
        complaints = bytearray()
        try:
            async with self._program(argv, stdin=True) as process:
                if not process.ends_stdin:
                    raise KubeError(
                        "this cluster cannot end a program's input, so nothing can be copied into a pod",
                        hint="It can from Kubernetes 1.30 on.",
                    )
                exit = await fed(process, chunks, complaints)
        except Unreachable as error:
            # A program that gives up before its input ends is often cut off before it tells how it ended.
            if complaints and not await fate_of(self._kube, self.place):
                raise LainError(shortened(in_words(complaints), 300), where=self.place.name) from error
            raise
        await self._check_fate(exit)
        return exit, in_words(complaints)

    async def _check_fate(self, exit: Exit) -> None:
        """Raise LainError for a program that was killed because its pod is going."""
        if exit.code == KILLED and (fate := await fate_of(self._kube, self.place)):
            raise LainError(fate)

    @asynccontextmanager
    async def _program(self, argv: Sequence[str], *, stdin: bool) -> AsyncIterator[Exec]:
        place = self.place
        try:
            async with open_exec(
                self._kube, place.namespace, place.pod, place.container, argv, stdin=stdin
            ) as process:
                yield process
        except Unreachable as error:
            raise await explain_cut(self._kube, place, error) from None

    def failure(self, program: str, exit: Exit, err: str) -> LainError:
        """The sentence for a program that could not be run, or complained."""
        if exit.is_missing:
            name = self.place.proc or self.place.pod
            return LainError(
                f"{self.place.name} has no program {program}, which copying needs",
                hint=f"A debug container has: while lain-tui x {name} --debug is open, "
                f"cp -c lain-debug-… with {name}:/proc/1/root/PATH.",
            )
        if not exit.was_run:
            return LainError(f"{self.place.name} could not run {program}: {exit.message}")
        return LainError(
            shortened(err, 300) or f"{program} ended with exit code {exit.code}", where=self.place.name
        )

    # -- looking

    async def look(self, path: str) -> Entry | None:
        """What is there; None when nothing is. Raises LainError when it cannot be told."""
        answer = await self.ask("stat", "-L", "-c", "%f %s %Y", path)
        if answer.ok:
            mode, size, modified = answer.out.split()
            return Entry(mode=int(mode, 16), size=int(size), modified=int(modified))
        if answer.exit.was_run and any(words in answer.err.lower() for words in _NONE):
            return None
        raise self.failure("stat", answer.exit, answer.err)

    async def room(self, folder: str) -> int | None:
        """The bytes that are free where the folder is; None when the container cannot tell."""
        answer = await self.ask("stat", "-f", "-c", "%a %S", folder)
        words = answer.out.split()
        known = answer.ok and len(words) == 2 and all(word.isdigit() for word in words)
        return int(words[0]) * int(words[1]) if known else None

    async def checksum(self) -> str:
        """The best checksum that the container has a program for; empty when it has none."""
        for name in SUMS:
            if (await self.ask(f"{name}sum", "/dev/null")).ok:
                return name
        return ""

    async def sum_of(self, path: str, checksum: str) -> str:
        """A file's checksum in hexadecimals."""
        answer = await self.need(f"{checksum}sum", path)
        match = _SUM.match(answer.out)
        return match[2].decode() if match is not None else ""

    async def sum_of_beginning(self, path: str, size: int, checksum: str) -> str:
        """The checksum of a file's first bytes; empty where the container has no shell to ask that in."""
        script = f'head -c "$1" "$2" | {checksum}sum'
        answer = await self.ask("sh", "-c", script, "sh", str(size), path)
        match = _SUM.match(answer.out)
        return match[2].decode() if answer.ok and match is not None else ""

    async def sums_in(self, folder: str, checksum: str, *, follow: bool = False) -> dict[str, str]:
        """The checksum of every file in a folder, by its path within; without what nobody may read.

        Names with a line break or a backslash in them are left out: programs differ in how they write those.
        """
        top = _top(folder)
        links = ["-L"] if follow else []
        answer = await self.ask("find", *links, top, "-type", "f", "-exec", f"{checksum}sum", "{}", "+")
        found = {}
        for line in answer.out.split(b"\n"):
            match = _SUM.fullmatch(line)
            if match is not None and not match[1]:
                found[_within(match[3], top)] = match[2].decode()
        return found

    async def sizes_in(self, folder: str) -> dict[str, int]:
        """The size of every file in a folder, by its path within."""
        top = _top(folder)
        answer = await self.ask("find", top, "-type", "f", "-exec", "stat", "-c", "%s %n", "{}", "+")
        sizes = {}
        for line in answer.out.split(b"\n"):
            size, _, name = line.partition(b" ")
            if size.isdigit():
                sizes[_within(name, top)] = int(size)
        return sizes

    async def folders_in(self, folder: str) -> set[str]:
        """The folders within a folder, by their paths within; it itself is the empty one."""
        top = _top(folder)
        answer = await self.need("find", top, "-type", "d", "-print0")
        return {_within(name, top) for name in answer.out.split(b"\0") if name}

    # -- changing

    async def make_folder(self, path: str) -> None:
        await self.need("mkdir", path)

    async def move(self, sources: Iterable[str], destination: str) -> None:
        """Put those beside each other into a folder, or give a single one that name. What is there is replaced."""
        for batch in _batches(sources):
            await self.need("mv", "-f", *batch, destination)

    async def remove(self, path: str) -> None:
        await self.need("rm", "-rf", path)


def _top(folder: str) -> str:
    """The folder so that `find` looks into it even when it is a link."""
    return f"{folder.rstrip('/')}/."


def _within(name: bytes, top: str) -> str:
    """A path within a folder, of the path that `find` told."""
    return name.decode("utf-8", "surrogateescape").removeprefix(top).strip("/")


def _batches(names: Iterable[str]) -> Iterable[list[str]]:
    batch: list[str] = []
    size = 0
    for name in names:
        taken = 3 * len(name.encode("utf-8", "surrogateescape"))
        if batch and size + taken > _MOST_ARGUMENTS:
            yield batch
            batch, size = [], 0
        batch.append(name)
        size += taken
    if batch:
        yield batch
