"""What one object is and how it is, in ordered sections of lines."""

from __future__ import annotations

import msgspec


class Line(msgspec.Struct, frozen=True):
    """A key and its value; an empty key continues the line above."""

    key: str
    value: str
    tone: str = ""
    """`broken`, `risk` or `quiet` where the value asks for it; else empty."""


class Section(msgspec.Struct, frozen=True):
    title: str
    """Empty for the first one, which says what the object is."""
    lines: tuple[Line, ...]


class Description(msgspec.Struct, frozen=True):
    title: str
    """`Pod dummy-web-5f6c-x2kqp`."""
    sections: tuple[Section, ...]
