"""What is typed in the Operate screen's line: a job's proc and command, or the port to be forwarded."""

from __future__ import annotations

import shlex

from lain_tui.core.errors import LainError


def job_of(text: str) -> tuple[str, list[str]]:
    """The proc (empty for the default) and the command. Raises LainError for open quotes, or without a command."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise LainError(f"the command cannot be read: {str(error).lower()}") from None
    if "--" in words[:2]:
        place = words.index("--")
        proc, words = " ".join(words[:place]), words[place + 1 :]
    else:
        proc = ""
    if not words:
        raise LainError("which command? There is none behind the dashes")
    return proc, words


def forward_of(text: str) -> tuple[str, int, int]:
    """The proc or pod, and the ports here and there; 0 for whichever is free or declared. Raises LainError."""
    from lain_tui.core.forward.forward import parse_ports

    name, _, ports = text.partition(" ")
    local, remote = parse_ports(ports.strip()) if ports.strip() else (0, 0)
    return name, local, remote
