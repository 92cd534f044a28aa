"""What a value is, told without showing it: lines, size, a certificate's subject and expiry, a hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from lain_tui.core.model.text import counted
from lain_tui.core.secrets.certificates import Certificate, read_pem

_LANGUAGES = {
    ".yaml": "yaml", ".yml": "yaml", ".json": "json", ".toml": "toml", ".ini": "toml", ".cfg": "toml",
    ".conf": "toml", ".sh": "bash", ".py": "python", ".xml": "xml", ".sql": "sql", ".md": "markdown",
    ".html": "html", ".js": "javascript",
}  # fmt: skip
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\\]")
_ESCAPED = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|(.))", re.DOTALL)
_LETTERS = {"\\": "\\", "r": "\r"}


def is_binary(value: bytes) -> bool:
    """No text: it holds a NUL, or is no UTF-8."""
    if b"\0" in value:
        return True
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def needs_escapes(value: bytes) -> bool:
    """Text that an editor of lines would not give back as it was: other controls, or line ends of two kinds."""
    text = value.decode("utf-8")
    plain = text.replace("\r\n", "\n") if _line_end(text) == "\r\n" else text
    return bool(_ODD.search(plain.replace("\\", "")))


def _line_end(text: str) -> str:
    """CRLF when every line ends so, else LF."""
    return "\r\n" if "\r\n" in text and text.count("\r\n") == text.count("\n") else "\n"


def to_editor(value: bytes) -> tuple[str, bool]:
    """The text to edit, its lines ended by LF, and whether odd characters are written as escapes, as in C."""
    text = value.decode("utf-8")
    if needs_escapes(value):
        return _ODD.sub(_escape, text), True
    return text.replace("\r\n", "\n"), False


def from_editor(text: str, *, like: bytes, escaped: bool) -> bytes:
    """What was edited as bytes; `like` is the value that went into the editor: its line ends are kept."""
    if escaped:
        return _ESCAPED.sub(_unescape, text).encode("utf-8", "surrogatepass")
    if _line_end(like.decode("utf-8")) == "\r\n":
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    return text.encode()


def _escape(match: re.Match[str]) -> str:
    sign = match[0]
    if sign in "\\\r":
        return "\\\\" if sign == "\\" else "\\r"
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _unescape(match: re.Match[str]) -> str:
    if code := match[1] or match[2]:
        return chr(int(code, 16))
    return _LETTERS.get(match[3], match[0])


def summary(value: bytes) -> str:
    """In a few characters: `3 lines`, `binary, 4.1 KiB`, `empty`; of one line of text nothing but that it is there."""
    if not value:
        return "empty"
    if is_binary(value):
        return f"binary, {size_words(len(value))}"
    lines = value.count(b"\n") + (not value.endswith(b"\n"))
    return counted(lines, "line") if lines > 1 else ""


def size_words(size: int) -> str:
    return f"{size} B" if size < 1024 else f"{size / 1024:.1f} KiB"


def digest(value: bytes) -> str:
    """The SHA-256 in hexadecimal."""
    return hashlib.sha256(value).hexdigest()


def certificates(value: bytes) -> list[Certificate]:
    """The certificates of a PEM value."""
    return read_pem(value) if b"-----BEGIN CERTIFICATE-----" in value else []


def language(key: str) -> str:
    """How to highlight it, by the file's name; empty for not at all."""
    return _LANGUAGES.get(PurePosixPath(key).suffix.lower(), "")


def hex_lines(value: bytes, most: int = 4096) -> Iterator[str]:
    """The bytes as hexadecimal and text, 16 a line."""
    for at in range(0, min(len(value), most), 16):
        part = value[at : at + 16]
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)
        yield f"{at:06x}  {part.hex(' '):<47}  {text}"
    if len(value) > most:
        yield f"… and {len(value) - most:,} bytes more"
