"""What a crashed program's last lines give away, whatever language it is written in.

The line that matches is the proof that a finding shows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from lain_tui.core.model.text import shortened, uncoloured


class ClueKind(StrEnum):
    MISSING_ENV = "missing-env"
    MISSING_MODULE = "missing-module"
    PERMISSION = "permission-denied"
    MISSING_FILE = "missing-file"
    PORT_IN_USE = "port-in-use"
    UNREACHABLE = "service-unreachable"
    NO_HOST = "host-unknown"
    BAD_LOGIN = "login-refused"
    MEMORY = "out-of-memory"
    DISK = "disk-full"
    EXCEPTION = "exception"
    """Some error of the program's own; its last line is the best there is."""


class Clue(msgspec.Struct, frozen=True, kw_only=True):
    """A line that tells why."""

    kind: ClueKind
    index: int
    """Which line of the log."""
    line: str
    name: str = ""
    """What the line is about: the variable, file, module, host or port."""


_ENV = r"(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z][A-Z0-9]{2,})"
"""What an environment variable is nearly always called; lower-case words are too often something else."""
_QUOTED_ENV = rf"[`'\"$]*{_ENV}[`'\"]*"
_KEY = r"(?i:env(?:ironment)?(?: variables?)?|env vars?|variables?|config(?:uration)?|settings?|secret|keys?|vars?)"
_LACKING = (
    r"(?i:(?:is |was |must |has |been |be |not |un)*(?:set|defined|provided|found|specified|configured|present"
    r"|required|missing|empty|undefined))"
)
_FILE = r"(?P<name>/[^\s:'\"]+)"
_ADDRESS = r"(?P<name>[\w.-]+:\d{2,5})"

# One pattern a line; each is a wording of a runtime or of one of its most used libraries.
_WORDINGS: dict[ClueKind, tuple[str, ...]] = {
    ClueKind.MISSING_ENV: (
        rf"KeyError: ['\"]{_ENV}['\"]\s*$",  # Python, os.environ[...]
        rf"Set the {_ENV} environment variable",  # django-environ
        rf"UndefinedValueError: {_ENV} not found",  # decouple
        rf"key not found: \"{_ENV}\"",  # Ruby, ENV.fetch
        rf"could not fetch environment variable \"{_ENV}\"",  # Elixir
        rf"required (?:key|environment variable) \"?{_ENV}\"? (?:missing value|is not set)",  # Go
        r"Could not resolve placeholder '(?P<name>[\w.-]+)'",  # Spring
        rf"\b{_ENV}: (?:parameter (?:null or )?not set|unbound variable)",  # shells
        rf"{_KEY}[^A-Za-z0-9_]+(?:named |called )?{_QUOTED_ENV}[ :,-]*{_LACKING}\b",
        rf"\b{_QUOTED_ENV}:? (?:{_KEY} )?{_LACKING}\b",
        rf"(?i:missing|undefined|unset|required)(?: required)?(?: {_KEY})*[: ]+{_QUOTED_ENV}(?!\w)",
    ),
    ClueKind.MISSING_MODULE: (
        r"ModuleNotFoundError: No module named '(?P<name>[^']+)'",
        r"ImportError: cannot import name '(?P<name>[^']+)'",
        r"Error: Cannot find (?:module|package) '(?P<name>[^']+)'",
        r"(?:ClassNotFoundException|NoClassDefFoundError): (?P<name>\S+)",
        r"error while loading shared libraries: (?P<name>[^:]+):",
    ),
    ClueKind.PORT_IN_USE: (r"(?i:address already in use|EADDRINUSE)(?:.*:(?P<name>\d{2,5})\b)?",),
    ClueKind.PERMISSION: (
        r"PermissionError: \[Errno 13\] Permission denied: '(?P<name>[^']+)'",
        r"EACCES: permission denied, \w+ '(?P<name>[^']+)'",
        rf"(?:open|mkdir|stat|exec|create|unlink) {_FILE}: permission denied",
        rf"{_FILE}['\"]?:? \(?(?i:permission denied)",
    ),
    ClueKind.DISK: (r"(?i:no space left on device)",),
    ClueKind.MEMORY: (
        r"java\.lang\.OutOfMemoryError|JavaScript heap out of memory|^MemoryError|std::bad_alloc",
        r"(?i:cannot allocate memory)",
    ),
    ClueKind.BAD_LOGIN: (
        r"(?i:access denied for user|password authentication failed for user) ['\"]?(?P<name>[\w.%-]*)",
        r"WRONGPASS|NOAUTH|(?i:authentication failed|login failed|invalid password)",
    ),
    ClueKind.NO_HOST: (
        r"getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (?P<name>[\w.-]+)",
        r"lookup (?P<name>[\w.-]+)(?: on \S+)?: no such host",
        r"UnknownHostException: (?P<name>[\w.-]+)",
        r"Unknown (?:MySQL server )?host '(?P<name>[^']+)'",
        r"could not translate host name \"(?P<name>[^\"]+)\"",
        r"Name or service not known|[Tt]emporary failure in name resolution|no such host",
    ),
    ClueKind.UNREACHABLE: (
        r"Can't connect to \S+ server on '(?P<name>[^']+)'",
        rf"ECONNREFUSED {_ADDRESS}",
        rf"dial tcp {_ADDRESS}: (?:connect: )?(?:connection refused|i/o timeout)",
        r"connection to server at \"(?P<name>[^\"]+)\".* failed",
        r"ECONNREFUSED|(?i:connection refused)",
    ),
    ClueKind.MISSING_FILE: (
        r"FileNotFoundError: \[Errno 2\] No such file or directory: '(?P<name>[^']+)'",
        r"ENOENT: no such file or directory, \w+ '(?P<name>[^']+)'",
        r"(?:can't open file|cannot open|can't open|open|stat) ['\"]?(?P<name>/?[\w./-]+)['\"]?:.*(?i:no such file)",
    ),
    ClueKind.EXCEPTION: (
        r"^(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Exit|Fault)\b(?::.*)?$",
        r"^(?:Uncaught |Unhandled |Caused by: |Exception in thread|panic: |thread '.*' panicked|fatal error: )",
        r"(?i)\b(?:fatal|panic|critical)\b",
    ),
}
_PATTERNS = {kind: tuple(map(re.compile, wordings)) for kind, wordings in _WORDINGS.items()}

_NOT_ENV = frozenset({
    "ERROR", "WARN", "WARNING", "INFO", "DEBUG", "FATAL", "TRACE", "CRITICAL", "NOTICE", "HTTP", "HTTPS", "TLS",
    "SSL", "JSON", "YAML", "XML", "API", "URL", "URI", "SQL", "TCP", "UDP", "DNS", "GET", "POST", "PUT", "DELETE",
    "ENV", "JWT", "ENOENT", "EACCES", "ECONNREFUSED", "SIGTERM", "SIGKILL", "NULL", "TRUE", "FALSE", "UTF", "ASCII",
    "AWS", "GPU", "CPU", "KEY", "NOT",
})  # fmt: skip
"""Words in capitals that prose uses for other things than variables."""

LOOK_BACK = 60
"""Lines from the end that are searched."""


def find_clue(lines: Sequence[str]) -> Clue | None:
    """The clue in a log's last lines: of the most telling kind, and of those the last one.

    A program says last of all why it ends, but may wrap it: a missing variable outweighs the exception around it.
    """
    start = max(0, len(lines) - LOOK_BACK)
    texts = [(index, uncoloured(lines[index]).strip()) for index in range(start, len(lines))]
    for kinds in (_SPECIFIC, _GENERAL):
        for index, text in reversed(texts):
            clue = _clue(index, text, kinds)
            if clue is not None:
                return clue
    return None


def _clue(index: int, text: str, kinds: tuple[ClueKind, ...]) -> Clue | None:
    if not text:
        return None
    text = text[:2000]
    for kind, pattern in [(one, wording) for one in kinds for wording in _PATTERNS[one]]:
        match = pattern.search(text)
        if match is None:
            continue
        name = match.groupdict().get("name") or ""
        if kind is ClueKind.MISSING_ENV and name in _NOT_ENV:
            continue
        return Clue(kind=kind, index=index, line=shortened(text, 300), name=name)
    return None


_SPECIFIC = tuple(kind for kind in _PATTERNS if kind is not ClueKind.EXCEPTION)
_GENERAL = (ClueKind.EXCEPTION,)
