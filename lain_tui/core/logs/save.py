"""Writing lines to a file, whole or not at all."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.logs.timestamps import format_rfc3339
from lain_tui.core.model.logs import Level, LineKind, LogLine, LogSource

_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")


class Line(Protocol):
    """What is written of a line, wherever it is kept."""

    @property
    def time(self) -> int: ...
    @property
    def source(self) -> LogSource | None: ...
    @property
    def text(self) -> str: ...
    @property
    def level(self) -> Level: ...
    @property
    def kind(self) -> LineKind: ...


def without_colours(text: str) -> str:
    """The text without the colours that its program gave it."""
    return _COLOUR.sub("", text) if "\x1b" in text else text


def as_text(line: Line) -> str:
    """A line as it is saved and piped: time, pod, container, text without colours."""
    if line.kind > LineKind.CONTINUED:
        return f"{format_rfc3339(line.time)} -- {own_words(line)}"
    who = f"{line.source.pod} {line.source.container} " if line.source else ""
    return f"{format_rfc3339(line.time)} {who}{without_colours(line.text)}"


def own_words(line: Line) -> str:
    """A line of the stream's own, with whom it is about."""
    return f"{line.source.pod} {line.source.container}: {line.text}" if line.source else line.text


def as_json(line: Line) -> bytes:
    """A line as one JSON object: time, namespace, pod, container, proc, level, kind, text."""
    source = line.source
    fields: dict[str, object] = {"time": format_rfc3339(line.time)}
    if source is not None:
        fields |= {
            "namespace": source.namespace,
            "pod": source.pod,
            "container": source.container,
            "proc": source.proc,
        }
    if line.level is not Level.NONE:
        fields["level"] = line.level.name.lower()
    fields |= {"kind": line.kind.name.lower(), "text": line.text}
    return msgspec.json.encode(fields)


def save_lines(lines: Iterable[LogLine], path: Path) -> int:
    """Write lines as text, or as JSON lines when the name ends in .json or .jsonl; return how many.

    The file appears complete or not at all, readable by its owner only: logs often hold what others must not read.
    Raises LainError when it exists already or cannot be written.
    """
    path = path.expanduser()
    if path.exists():
        raise LainError("the file exists already", where=str(path), hint="Choose another name")
    json = path.suffix in {".json", ".jsonl", ".ndjson"}
    count = 0
    scratch = ""
    try:
        handle, scratch = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            for line in lines:
                file.write(as_json(line) if json else as_text(line).encode("utf-8", "backslashreplace"))
                file.write(b"\n")
                count += 1
        os.link(scratch, path)
    except OSError as error:
        raise LainError(f"cannot write the log: {error.strerror}", where=str(path)) from None
    finally:
        if scratch:
            Path(scratch).unlink(missing_ok=True)
    return count
