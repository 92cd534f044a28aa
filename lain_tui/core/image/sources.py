"""Each instruction of a Dockerfile beside the value that it comes from."""

from __future__ import annotations

from lain_tui.core.image.dockerfile import Dockerfile
from lain_tui.core.model.build import DockerfileLine
from lain_tui.core.model.values import KeyPath
from lain_tui.core.values.layers import Values


def with_sources(dockerfile: Dockerfile, values: Values) -> list[DockerfileLine]:
    """The instructions in order, each with the file and line that set its value."""
    rows = []
    for instruction in dockerfile.instructions:
        path = path_of(instruction.key)
        origin = values.origin(*path) if path else None
        place = (str(origin.file), origin.file.name, origin.line) if origin else ("", "", 0)
        file, name, line = place
        rows.append(DockerfileLine(text=instruction.text, path=path, file=file, name=name, line=line))
    return rows


def path_of(key: str) -> KeyPath:
    """The path of an instruction's key: what follows `env` is one name, dots included."""
    parts = key.split(".") if key else []
    if "env" in parts:
        place = parts.index("env") + 1
        parts = [*parts[:place], ".".join(parts[place:])] if parts[place:] else parts
    return tuple(parts)
