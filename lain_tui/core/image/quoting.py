"""Writing values and scripts into a Dockerfile so that they arrive as written.

Rules: the Dockerfile reference, "Environment replacement" and "Shell and exec form". They hold for the classic
builder and for BuildKit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from lain_tui.core.errors import LainError
from lain_tui.core.image.spec import REFERENCE

NEWLINE = "LAIN_NEWLINE"
"""The build argument that stands for a line break: a Dockerfile has no way to write one in a value."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NEEDS_EXEC = re.compile(r"[\r\n]|(?:^|\s)#|<<|\\$")


def env_value(value: str) -> str:
    """A value in double quotes: `${NAME}` is a reference, every other character stands for itself."""
    if "\0" in value:
        raise LainError("a variable cannot hold a NUL character")
    written, end = [], 0
    for match in REFERENCE.finditer(value):
        written += [_literal(value[end : match.start()]), match[0].replace('"', '\\"')]
        end = match.end()
    return f'"{"".join(written)}{_literal(value[end:])}"'


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return escaped.replace("\n", f"${{{NEWLINE}}}")


def env_line(name: str, value: str) -> str:
    """An ENV instruction; raises LainError for a name that cannot be one."""
    if not _NAME.fullmatch(name):
        raise LainError(f"{name!r} cannot name a variable of an image")
    return f"ENV {name}={env_value(value)}"


def run_line(script: Sequence[str]) -> str:
    """A RUN instruction: each item in a subshell of its own, the first that fails ends it.

    The shell form cannot hold line breaks, comments and here-documents; such scripts go to `sh -c` in the exec form,
    where they are data.
    """
    if any(_NEEDS_EXEC.search(item) for item in script):
        whole = " && ".join(f"(\n{item}\n)" for item in script)
        return f"RUN {json.dumps(['/bin/sh', '-c', whole], ensure_ascii=False)}"
    return f"RUN {' && '.join(f'({item})' for item in script)}"


def paths_line(instruction: str, source: str, target: str) -> str:
    """ADD or COPY; the JSON form where a path holds a space."""
    source, target = (path.replace("\\", "\\\\").replace("$", "\\$") for path in (source, target))
    if re.search(r'[\s"\[]', source + target):
        return f"{instruction} {json.dumps([source, target], ensure_ascii=False)}"
    return f"{instruction} {source} {target}"
