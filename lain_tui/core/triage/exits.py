"""Exit codes in words.

Codes above 128 are 128 + the signal that ended the process, and 126 and 127 are the shell's (POSIX, Shell Command
Language, 2.8.2); container runtimes use them in the same way.
"""

from __future__ import annotations

import signal
from functools import lru_cache

from lain_tui.core.model.pod import StateTerminated

_WORDS = {
    126: "the command is not executable",
    127: "command not found",
    128: "could not be started",
    129: "hung up (SIGHUP)",
    130: "interrupted (SIGINT)",
    132: "illegal instruction (SIGILL)",
    134: "aborted (SIGABRT)",
    135: "bus error (SIGBUS)",
    136: "arithmetic fault (SIGFPE)",
    137: "killed (SIGKILL)",
    139: "segmentation fault (SIGSEGV)",
    141: "broken pipe (SIGPIPE)",
    143: "ended by SIGTERM",
}


@lru_cache(maxsize=512)
def exit_words(code: int, *, reason: str = "", signal_number: int = 0) -> str:
    """An end in words: `exit 1`, `exit 127, command not found`, `exit 137, OOM-killed`."""
    if signal_number and not code:
        code = 128 + signal_number
    if reason == "OOMKilled":
        return f"exit {code}, OOM-killed"
    words = _WORDS.get(code) or _signal_words(code)
    return f"exit {code}, {words}" if words else f"exit {code}"


def _signal_words(code: int) -> str:
    if not 128 < code < 193:
        return ""
    try:
        return f"ended by {signal.Signals(code - 128).name}"
    except ValueError:
        return f"ended by signal {code - 128}"


def end_words(end: StateTerminated) -> str:
    """How a container ended, in words."""
    return exit_words(end.exit_code, reason=end.reason, signal_number=end.signal)
