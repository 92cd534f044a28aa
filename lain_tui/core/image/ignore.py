"""Which files a build context leaves out.

The rules are those of .dockerignore (github.com/moby/patternmatcher): Go's filepath.Match and `**`, a match of a
folder counts for all in it, `!` takes files back in, the last match wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

GIT = "**/.git"


class Ignore:
    """A set of patterns, ready to be asked about paths."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._rules = [rule for line in lines if (rule := _rule(line)) is not None]
        self._exceptions = any(kept for kept, _ in self._rules)

    @classmethod
    def parse(cls, text: str) -> Ignore:
        """Read the text of a .dockerignore."""
        return cls(text.removeprefix("\ufeff").splitlines())

    def ignored(self, path: str) -> bool:
        """Whether a path, relative and with forward slashes, is left out."""
        left_out = False
        for kept, pattern in self._rules:
            if kept is left_out and pattern.match(path):
                left_out = not kept
        return left_out

    def prunes(self, folder: str) -> bool:
        """Whether a folder can be skipped whole: no `!` could take anything below it back in."""
        return not self._exceptions and self.ignored(folder)


def _rule(line: str) -> tuple[bool, re.Pattern[str]] | None:
    text = line.strip()
    if not text or line.startswith("#"):
        return None
    kept = text.startswith("!")
    pieces: list[str] = []
    for piece in text.removeprefix("!").strip().split("/"):
        if piece == "..":
            pieces[-1:] = []
        elif piece not in {"", "."}:
            pieces.append(piece)
    if not pieces:
        return None
    return kept, re.compile(f"{_regex(pieces)}(?:/.*)?\\Z", re.DOTALL)


def _regex(pieces: Sequence[str]) -> str:
    out = ""
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        if piece == "**":
            out += ".*" if last else "(?:.*/)?"
        else:
            out += _piece(piece) + ("" if last else "/")
    return out


def _piece(piece: str) -> str:
    out, index = "", 0
    while index < len(piece):
        char = piece[index]
        if piece.startswith("**", index):
            out, index = out + ".*", index + 2
            continue
        end = piece.find("]", index + 2) if char == "[" else -1
        if char == "*":
            out += "[^/]*"
        elif char == "?":
            out += "[^/]"
        elif char == "[" and end > 0:
            body = piece[index + 1 : end].replace("\\", "\\\\")
            out, index = f"{out}[{body}]", end
        elif char == "\\" and index + 1 < len(piece):
            index += 1
            out += re.escape(piece[index])
        else:
            out += re.escape(char)
        index += 1
    return out


def from_gitignore(text: str) -> str:
    """A .dockerignore with the meaning of a .gitignore at the same place, and without .git itself.

    In .gitignore a pattern without a slash inside matches at any depth, one with it only from the root.
    """
    lines = [GIT, "# From .gitignore:"]
    for line in text.splitlines():
        pattern = re.sub(r"(?<!\\)\s+$", "", line)
        if not pattern or pattern.startswith("#"):
            continue
        kept = pattern.startswith("!")
        pattern = pattern[1:] if kept else pattern
        if pattern.startswith(("\\#", "\\!")):
            pattern = pattern[1:]
        pattern = pattern.rstrip("/")
        if not pattern:
            continue
        anchored = "/" in pattern
        pattern = pattern.lstrip("/") if anchored else f"**/{pattern}"
        lines.append(f"!{pattern}" if kept else pattern)
    return "\n".join(lines) + "\n"
