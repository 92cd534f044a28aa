"""What is written in a container: files, folders and links, in memory, gone with the container."""

from __future__ import annotations

import posixpath
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from .clock import Clock

HOME = "/lain/app"
_FOLDERS = ("/", "/bin", "/etc", "/lain", HOME, "/proc", "/tmp", "/usr", "/var")
_MOST_LINKS = 20


class NoSuchFile(Exception):
    """Nothing can be done there, in a program's words: `No such file or directory`."""


@dataclass
class Node:
    """A file, a folder or a link."""

    mode: int
    """As `st_mode`, its kind included."""
    modified: int
    data: bytes = b""
    link: str = ""

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.mode)


@dataclass
class Disk:
    """One container's; what is mounted into it is seen as it is just now, and is not written to."""

    clock: Clock
    programs: tuple[str, ...] = ()
    mounted: Mapping[str, str] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for folder in _FOLDERS:
            self.nodes[folder] = Node(stat.S_IFDIR | 0o755, self._now())
        for program in self.programs:
            self.nodes[f"/bin/{program}"] = Node(stat.S_IFREG | 0o755, self._now(), b"\x7fELF")

    def _now(self) -> int:
        return int(self.clock.now())

    def look(self, path: str, *, follow: bool = True) -> tuple[str, Node]:
        """Where a path leads to, and what is there. NoSuchFile when nothing is."""
        place = self.place(path)
        for _ in range(_MOST_LINKS):
            node = self._at(place)
            if node is None:
                raise NoSuchFile("No such file or directory")
            if not node.is_link or not follow:
                return place, node
            place = self.place(posixpath.join(posixpath.dirname(place), node.link))
        raise NoSuchFile("Too many levels of symbolic links")

    def place(self, path: str) -> str:
        """The whole path, every folder on its way that is a link replaced by where it leads."""
        whole = posixpath.normpath(posixpath.join(HOME, path))
        whole = "/" + whole.lstrip("/")
        head, tail = posixpath.split(whole)
        if head == whole:
            return whole
        above = self.place(head)
        node = self._at(above)
        if node is not None and node.is_link:
            above, _ = self.look(above)
        return posixpath.join(above, tail)

    def _at(self, place: str) -> Node | None:
        if place in self.nodes:
            return self.nodes[place]
        if place in self.mounted:
            return Node(stat.S_IFREG | 0o644, self._now(), self.mounted[place].encode())
        if any(path.startswith(place.rstrip("/") + "/") for path in self.mounted):
            return Node(stat.S_IFDIR | 0o755, self._now())
        return None

    def walk(self, place: str) -> list[tuple[str, Node]]:
        """What is beneath a folder, each folder before what is in it."""
        beneath = place.rstrip("/") + "/"
        names = {
            path for path in (*self.nodes, *self.mounted) if path.startswith(beneath) and path != beneath
        }
        for path in list(names):
            while (path := posixpath.dirname(path)).startswith(beneath):
                names.add(path)
        found = []
        for name in sorted(names):
            node = self._at(name)
            assert node is not None, "it was just found there"
            found.append((name, node))
        return found

    def put(self, path: str, node: Node) -> None:
        """Have a node there in place of what is there. NoSuchFile when there is no folder for it."""
        place = self.place(path)
        if place in self.mounted:
            raise NoSuchFile("Read-only file system")
        _, above = self.look(posixpath.dirname(place))
        if not above.is_folder:
            raise NoSuchFile("Not a directory")
        self.nodes[place] = node

    def write(self, path: str, data: bytes, *, mode: int = 0o644) -> None:
        """Write a file; through a link, where it leads."""
        with suppress(NoSuchFile):
            path, _ = self.look(path)
        self.put(path, Node(stat.S_IFREG | mode, self._now(), data))

    def make_folder(self, path: str, *, mode: int = 0o755) -> None:
        self.put(path, Node(stat.S_IFDIR | mode, self._now()))

    def remove(self, place: str) -> None:
        """Take away what is there, and beneath."""
        for path in [
            path for path in self.nodes if path == place or path.startswith(place.rstrip("/") + "/")
        ]:
            del self.nodes[path]

    def move(self, source: str, destination: str) -> None:
        place, target = self.place(source), self.place(destination)
        moved = {
            path: node for path, node in self.nodes.items() if path == place or path.startswith(place + "/")
        }
        if not moved:
            raise NoSuchFile("No such file or directory")
        self.put(target, moved[place])
        for path, node in moved.items():
            del self.nodes[path]
            self.nodes[target + path[len(place) :]] = node
