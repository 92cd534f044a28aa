"""Text of a cluster made harmless, and durations and lists in words: the same on a screen and in a finding.

Names, events, annotations and logs are written by others: they are data. What a terminal would execute or use to
reorder and hide text is shown as a picture of itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_ESCAPE = re.compile(
    # CSI sequences, strings ended by BEL or ST (OSC, DCS, APC, PM, SOS), and the short escapes (ECMA-48).
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[\\]PX^_].*?(?:\x07|\x1b\\\\|$)|\x1b[ -/]*[0-~]"
)


def plain(text: str | bytes) -> str:
    """The text on one line, its control characters shown as pictures of themselves and never executed.

    Tabs and line ends become blanks; other C0 controls their Unicode picture (`␛` for escape); what would reorder or
    hide text (directional marks, zero-width characters, lone surrogates) and bytes that are not UTF-8 a replacement
    character.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return _UNSAFE.sub(_picture, text) if _UNSAFE.search(text) else text


def uncoloured(text: str | bytes) -> str:
    """`plain`, without the whole terminal sequences that programs colour their logs with."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return plain(_ESCAPE.sub("", text))


def overwritten(text: str) -> str:
    """What is left of a line that a program has written several times over, as progress bars are."""
    return next((part for part in reversed(text.split("\r")) if part.strip()), text)


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] in "\t\n\r":
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "\ufffd"


def shortened(text: str, most: int) -> str:
    """The text in at most so many characters, an ellipsis at its end when some are gone."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def spell(seconds: float) -> str:
    """A duration as prose has it, in at most two units: `300 ms`, `38 s`, `2 m 13 s`, `9 h`, `4 d`."""
    seconds = max(0.0, seconds)
    if 0 < seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{int(seconds)} s"
    if seconds < 600:
        minutes, rest = divmod(int(seconds), 60)
        return f"{minutes} m {rest} s" if rest else f"{minutes} m"
    if seconds < 7200:
        return f"{int(seconds // 60)} m"
    if seconds < 172_800:
        return f"{int(seconds // 3600)} h"
    return f"{int(seconds // 86_400)} d"


def since(moment: datetime | None, now: datetime) -> str:
    """How long a moment is ago, as `spell` words it in whole units; empty when it is not known."""
    if moment is None:
        return ""
    seconds = max(0.0, (now - moment).total_seconds())
    return spell(int(seconds)) if seconds < 60 else spell(seconds // 60 * 60)


def listed(words: Sequence[str], *, last: str = "and", most: int = 4) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b, c and 5 more`."""
    if len(words) > most:
        words = [*words[: most - 1], f"{len(words) - most + 1} more"]
        last = "and"
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 node`, `3 nodes`."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or noun + 's'}"


LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for a time that is not known where times are compared."""


def spell_bytes(count: float) -> str:
    """Bytes in powers of ten, as docker tells them: `12.1 MB`."""
    for unit, least in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= least:
            return f"{count / least:.1f} {unit}"
    return f"{count:.0f} B"
