"""What a command's exit code says; the same for every command."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Scripts rely on them: a number never changes its meaning."""

    DONE = 0
    FAILED = 1
    """It could not be done; standard error says why in one sentence."""
    USAGE = 2
    """The command line is not understood."""
    NOT_READY = 3
    """It was looked at, and it is not as it should be: something differs, is broken or not ready."""
    REFUSED = 4
    """lain-tui would not: read-only, a check failed, or a confirmation was not given."""
    INTERRUPTED = 130
    """Ctrl+C: 128 and SIGINT, as shells count."""
    TERMINATED = 143
    """SIGTERM."""
    READER_GONE = 141
    """Whoever read the output closed it (`| head`): SIGPIPE."""
