"""What a program leaves switched on in a terminal, so that it can be switched off again.

A program that is cut off (its pod deleted, the network gone) has no chance to tidy up: the alternate screen, mouse
reports, a hidden cursor stay. Only what was switched on is undone, for some of it is harmful to undo for nothing:
leaving an alternate screen that was never entered moves the cursor.

Sequences: ECMA-48, xterm's ctlseqs (DECSET/DECRST private modes), the kitty keyboard protocol.
"""

from __future__ import annotations

import re

_ON_BY_DEFAULT = {7, 25}
"""Private modes that a terminal at rest has on: line wrap, and the cursor's being seen."""
_ALTERNATE = (1049, 1047, 47)
_KNOWN = {
    1, 5, 6, 7, 9, 25, 66, 69, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 2004, 2026, 2031, 2048, *_ALTERNATE,
}  # fmt: skip
"""Cursor keys, reverse video, origin, wrap, cursor, keypad, margins, mouse, focus, paste, synchronised output, colour and size reports, screens."""
_KNOWN_ANSI = {2, 4, 20}
"""A locked keyboard, inserting in place of overwriting, line feeds that return: binary output switches them on."""

_SEQUENCE = re.compile(
    rb"\x1b\[\?(?P<modes>[\d;]+)(?P<set>[hl])"
    rb"|\x1b\[(?P<ansi>[\d;]+)(?P<ansi_set>[hl])"
    rb"|\x1b\[(?P<region>\d*(?:;\d*)?)r"
    rb"|\x1b\[(?P<shape>\d*) q"
    rb"|\x1b\[>(?P<push>\d*)u"
    rb"|\x1b\[<(?P<pop>\d*)u"
    rb"|\x1b\[>4(?:;(?P<keys>\d+))?m"
    rb"|\x1b(?P<keypad>[=>])"
    rb"|\x1b(?P<reset>c)"
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[?<>]?[\d;]*[ ]?)?\Z")
_LONGEST = 64
"""Bytes that a sequence of these takes at most; what is longer is none."""


class Modes:
    """Follows a program's output, and knows how to undo what it left."""

    def __init__(self) -> None:
        self._forget()
        self._tail = b""

    def _forget(self) -> None:
        self._changed: set[int] = set()
        self._ansi: set[int] = set()
        self._region = self._shape = self._keypad = self._keys = False
        self._pushed = 0

    @property
    def alternate(self) -> bool:
        """A program has the whole screen to itself."""
        return not self._changed.isdisjoint(_ALTERNATE)

    def feed(self, data: bytes) -> None:
        """Take note of the next piece of output, wherever it was cut."""
        data = self._tail + data
        unfinished = _UNFINISHED.search(data, max(0, len(data) - _LONGEST))
        self._tail = data[unfinished.start() :] if unfinished else b""
        for match in _SEQUENCE.finditer(data):
            self._note(match)

    def _note(self, match: re.Match[bytes]) -> None:
        if match["modes"]:
            on = match["set"] == b"h"
            for mode in _numbers(match["modes"]) & _KNOWN:
                (self._changed.add if on != (mode in _ON_BY_DEFAULT) else self._changed.discard)(mode)
        elif match["ansi"]:
            for mode in _numbers(match["ansi"]) & _KNOWN_ANSI:
                (self._ansi.add if match["ansi_set"] == b"h" else self._ansi.discard)(mode)
        elif match["region"] is not None:
            self._region = bool(match["region"].strip(b";"))
        elif match["shape"] is not None:
            self._shape = match["shape"] not in (b"", b"0")
        elif match["push"] is not None:
            self._pushed += 1
        elif match["pop"] is not None:
            self._pushed = max(0, self._pushed - int(match["pop"][:3] or b"1"))
        elif match["keypad"]:
            self._keypad = match["keypad"] == b"="
        elif match["reset"]:
            self._forget()
        else:
            self._keys = match["keys"] not in (None, b"0")

    def undo(self) -> bytes:
        """What to write so that the terminal is as it was; colours and character sets are always set right."""
        parts = [b"\x1b\\"]  # ends a title or the like that was cut off, which would swallow all that follows
        parts += [b"\x1b[%dl" % mode for mode in sorted(self._ansi)]
        if self._pushed:
            parts.append(b"\x1b[<%du" % self._pushed)
        # The screen last, so that all else is undone on the program's own.
        order = sorted(self._changed, key=lambda mode: (mode in _ALTERNATE, mode))
        for mode in order:
            if mode in _ALTERNATE and self._region:
                parts.append(b"\x1b[r")
                self._region = False
            parts.append(b"\x1b[?%d%c" % (mode, b"h" if mode in _ON_BY_DEFAULT else b"l"))
        if self._region:
            parts.append(b"\x1b7\x1b[r\x1b8")
        if self._keys:
            parts.append(b"\x1b[>4;0m")
        if self._keypad:
            parts.append(b"\x1b>")
        if self._shape:
            parts.append(b"\x1b[0 q")
        parts.append(b"\x1b[0m\x1b(B\x0f")
        self._forget()
        self._tail = b""
        return b"".join(parts)


def _numbers(listed: bytes) -> set[int]:
    return {int(number) for number in listed.split(b";") if number and len(number) < 6}
