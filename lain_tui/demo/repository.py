"""A git repository written without git, so that its commits, and with them the image tags, are known beforehand.

Formats: git's Documentation, gitformat-index(5) and `git help cat-file`; loose objects only.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

Files = Mapping[str, str]
"""A work tree: text by path."""


@dataclass
class Repository:
    """Commits in one line, each a whole work tree."""

    objects: dict[str, bytes] = field(default_factory=dict)
    head: str = ""
    files: Files = field(default_factory=dict)

    def commit(self, files: Files, when: float, author: str, subject: str) -> str:
        """Add one commit; give its hash."""
        email = f"{author}@demo.local"
        stamp = f"{author} <{email}> {int(when)} +0000"
        lines = [f"tree {self._tree(files)}", *([f"parent {self.head}"] if self.head else [])]
        lines += [f"author {stamp}", f"committer {stamp}", "", subject, ""]
        self.head, self.files = self._object("commit", "\n".join(lines).encode()), dict(files)
        return self.head

    def write(self, folder: Path, url: str) -> None:
        """Write repository and work tree."""
        git = folder / ".git"
        (git / "refs" / "heads").mkdir(parents=True)
        for sha, data in self.objects.items():
            path = git / "objects" / sha[:2] / sha[2:]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (git / "HEAD").write_text("ref: refs/heads/main\n")
        (git / "refs" / "heads" / "main").write_text(f"{self.head}\n")
        (git / "config").write_text(
            f'[core]\n\trepositoryformatversion = 0\n\tbare = false\n[remote "origin"]\n\turl = {url}\n'
        )
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (git / "index").write_bytes(self._index())

    def _tree(self, files: Files) -> str:
        """Folders recurse; git sorts a folder as if its name ended in a slash."""
        below: dict[str, dict[str, str]] = {}
        entries: list[tuple[str, bytes]] = []
        for name, text in files.items():
            head, slash, rest = name.partition("/")
            if slash:
                below.setdefault(head, {})[rest] = text
            else:
                entries.append((head, _entry("100644", head, self._object("blob", text.encode()))))
        entries += [(f"{name}/", _entry("40000", name, self._tree(inner))) for name, inner in below.items()]
        return self._object("tree", b"".join(data for _, data in sorted(entries)))

    def _object(self, kind: str, data: bytes) -> str:
        whole = f"{kind} {len(data)}\0".encode() + data
        sha = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        self.objects[sha] = zlib.compress(whole)
        return sha

    def _index(self) -> bytes:
        """The index of a clean work tree; the zeros where files' times would be make git look at the contents."""
        body = struct.pack(">4sLL", b"DIRC", 2, len(self.files))
        for name in sorted(self.files):
            data = self.files[name].encode()
            sha = bytes.fromhex(self._object("blob", data))
            path = name.encode()
            entry = (
                struct.pack(">10L20sH", 0, 0, 0, 0, 0, 0, 0o100644, 0, 0, len(data), sha, len(path)) + path
            )
            body += entry + b"\0" * (8 - len(entry) % 8)
        return body + hashlib.sha1(body, usedforsecurity=False).digest()


def _entry(mode: str, name: str, sha: str) -> bytes:
    return f"{mode} {name}\0".encode() + bytes.fromhex(sha)
