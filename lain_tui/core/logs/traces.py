"""Which lines belong to the entry above them: stack traces of Python, Java, Go and Node.

One `TraceTracker` reads one container's lines in order. It judges by the shapes that the runtimes print
(CPython's traceback module, the JVM's Throwable.printStackTrace, Go's runtime panics, V8's stack frames).
"""

from __future__ import annotations

import re
from enum import Enum

from lain_tui.core.logs.levels import detect_level
from lain_tui.core.model.logs import Level

SUSPECTS = frozenset(" \t|+CSTDpfg.")
"""The letters with which everything below begins; nine lines of ten need no further look."""
_INDENTED = re.compile(r"[ \t]+\S")
_JAVA = re.compile(r"(?:Caused by: |Suppressed: |\.\.\. \d+ (?:more|common frames omitted))")
_PYTHON_HEAD = re.compile(r"Traceback \(most recent call last\):|  \+ Exception Group Traceback")
_PYTHON_BRIDGE = re.compile(r"(?:During handling of the above|The above exception was the direct cause)")
_GO_HEAD = re.compile(r"(?:panic: |fatal error: |goroutine \d+ \[)")
_GO_BODY = re.compile(
    r"(?:goroutine \d+ \[|\[signal |created by |exit status |\.\.\.additional frames|\t"
    r"|[\w./*()\[\]{}$·-]+\(.*\)$)"
)


class _State(Enum):
    START = "nothing read yet"
    ENTRY = "after an ordinary line"
    PYTHON = "inside a Python traceback"
    RAISED = "after a Python exception's own line"
    GO = "inside a Go panic"


class TraceTracker:
    """Says of each line of one container, in order, whether it continues the entry above."""

    __slots__ = ("_state", "calm", "head")

    def __init__(self) -> None:
        self._state = _State.START
        self.calm = False
        """After an ordinary line: one that begins with none of `SUSPECTS` is another, and becomes the `head`."""
        self.head = ""
        """The entry's first line."""

    def continues(self, text: str) -> bool:
        """Tell whether `text` belongs to the entry above it, and remember where we are."""
        continued = self._judge(text)
        self.calm = self._state is _State.ENTRY
        return continued

    def _judge(self, text: str) -> bool:
        state = self._state
        if state is _State.ENTRY and text[:1] not in SUSPECTS:
            self.head = text
            return False
        if state is _State.GO and (not text or _GO_BODY.match(text)):
            return True
        if state is _State.PYTHON:
            if text and text[0] not in " \t|+" and not _PYTHON_HEAD.match(text):
                self._state = _State.RAISED
            return True
        if state is _State.RAISED and (not text or _PYTHON_BRIDGE.match(text)):
            return True
        if _PYTHON_HEAD.match(text):
            self._state = _State.PYTHON
            # `ERROR request failed` and the traceback after it are one entry, and so are chained exceptions;
            # after an INFO line it stands for itself, else it would hide under a line that looks harmless.
            return state is _State.RAISED or (state is _State.ENTRY and detect_level(self.head) >= Level.WARN)
        if state is not _State.START and (_INDENTED.match(text) or _JAVA.match(text)):
            return True
        self._state = _State.GO if _GO_HEAD.match(text) else _State.ENTRY
        self.head = text
        return False
