"""The pages as files: their blocks of commands, links and headings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
CHINESE = DOCS / "zh" / "commands.md"
"""Shows what the English page does."""
SCHEMA = DOCS / "schema.json"
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])

_CONSOLE = re.compile(r"^```console\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ (?P<text>.+)$", re.MULTILINE)


class Shown(NamedTuple):
    """One command of a `console` block, and what the page says that it prints."""

    command: str
    output: str


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def shown(text: str) -> list[Shown]:
    """The commands that the page shows with what they print, in order."""
    return [one for match in _CONSOLE.finditer(text) for one in _split(match["body"])]


def _split(body: str) -> list[Shown]:
    parts = re.split(r"^\$ (.*)\n", body, flags=re.MULTILINE)
    return [Shown(command, output) for command, output in zip(parts[1::2], parts[2::2], strict=True)]


def with_outputs(text: str, run: Callable[[str], str]) -> str:
    """The page with what its commands print now."""

    def block(match: re.Match[str]) -> str:
        lines = [f"$ {one.command}\n{run(one.command)}" for one in _split(match["body"])]
        return f"```console\n{''.join(lines)}```"

    return _CONSOLE.sub(block, text)


def named_commands(text: str) -> Iterator[str]:
    """Every `lain-tui …` that a page names in a block of shell or in its sentences."""
    for match in _FENCE.finditer(text):
        if match["language"] in ("sh", "yaml", "console"):
            lines = re.sub(r"\\\n\s*", " ", match["body"]).splitlines()
            yield from (found for line in lines for found in _commands_in(line))
    prose = _FENCE.sub("", text)
    yield from (found for code in re.findall(r"`([^`\n]+)`", prose) for found in _commands_in(code))


def _commands_in(line: str) -> list[str]:
    line = line.partition("  #")[0]
    found = re.findall(r"(?:^|[\s$(\"'`-])(lain-tui(?: [^|;&)>`]*)?)(?=$|[|;&)>`])", line)
    return [command.strip().strip('"') for command in found if " " in command.strip()]


def links(text: str) -> list[str]:
    return [match["target"] for match in _LINK.finditer(_FENCE.sub("", text))]


def anchors(text: str) -> set[str]:
    """What a link may name behind its `#`, as GitHub and GitLab make it of headings."""
    headings = (match["text"] for match in _HEADING.finditer(_FENCE.sub("", text)))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
