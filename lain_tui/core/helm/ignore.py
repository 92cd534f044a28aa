"""Which files of a chart helm takes: all but those that chart/.helmignore names, by helm's own rules."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

import msgspec


class _Rule(msgspec.Struct, frozen=True):
    parts: tuple[str, ...]
    whole: bool
    """It is about the path from the chart's folder on, and not about names anywhere."""
    folders: bool
    """It is about folders only."""
    negated: bool

    @classmethod
    def parse(cls, line: str) -> _Rule:
        negated = line.startswith("!")
        text = line.removeprefix("!")
        folders = text.endswith("/")
        text = text.rstrip("/") if folders else text
        whole = "/" in text
        return cls(tuple(text.removeprefix("/").split("/")), whole, folders, negated)

    def matches(self, path: PurePosixPath) -> bool:
        # As in Go, a star stops at a slash.
        parts = path.parts if self.whole else (path.name,)
        return len(parts) == len(self.parts) and all(map(fnmatchcase, parts, self.parts))


def chart_files(chart: Path) -> Iterator[Path]:
    """The files that helm packs into a release."""
    try:
        text = (chart / ".helmignore").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    lines = (line.strip() for line in text.splitlines())
    # Helm refuses `**`, and adds the rule about files that editors leave.
    rules = [_Rule.parse(line) for line in lines if line and not line.startswith("#") and "**" not in line]
    rules.append(_Rule.parse("templates/.?*"))
    yield from _files(chart, chart, rules)


def _files(folder: Path, chart: Path, rules: list[_Rule]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if _is_left_out(PurePosixPath(path.relative_to(chart)), rules, is_folder=path.is_dir()):
            continue
        if path.is_dir():
            yield from _files(path, chart, rules)
        elif path.is_file():
            yield path


def _is_left_out(path: PurePosixPath, rules: list[_Rule], *, is_folder: bool) -> bool:
    """By the first rule that decides: one that is negated leaves out everything but what it matches."""
    for rule in rules:
        if rule.negated:
            if (rule.folders and not is_folder) or not rule.matches(path):
                return True
        elif (is_folder or not rule.folders) and rule.matches(path):
            return True
    return False
