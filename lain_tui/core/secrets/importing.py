"""Values from files: `.env`, YAML, JSON, or any file under its own name. No error ever quotes a value."""

from __future__ import annotations

import json
import re
from pathlib import Path

from lain_tui.core.errors import LainError
from lain_tui.core.secrets.checks import LIMIT, key_fault
from lain_tui.core.secrets.document import parse_values

_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?(?P<key>[A-Za-z_][\w.-]*)\s*=(?P<rest>.*)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "$": "$", "`": "`"}


def read_values(path: Path) -> dict[str, bytes]:
    """The keys and values of a file, by its name: `.json`, `.yml` and `.yaml`, anything else as `.env` lines."""
    body = read_file(path)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LainError(
            "it is no text in UTF-8", where=str(path), hint="Add it as one value: lain-tui secret add FILE"
        ) from None
    return parse_text(text, path.suffix.lower(), what=str(path))


def parse_text(text: str, suffix: str, *, what: str) -> dict[str, bytes]:
    """As `read_values`, for text that is here already. Raises LainError naming line and key."""
    if suffix == ".json":
        values = _from_json(text, what)
    elif suffix in (".yml", ".yaml"):
        values = parse_values(text, what=what)
    else:
        values = _from_env(text, what)
    for key in values:
        if fault := key_fault(key):
            raise LainError(fault, where=f"{what}: {key}")
    return values


def read_file(path: Path) -> bytes:
    """A file's bytes; raises LainError when it cannot be read or could never fit."""
    try:
        if path.is_dir():
            raise LainError("it is a folder", where=str(path), hint="Name the files in it.")
        with path.open("rb") as stream:
            body = stream.read(LIMIT + 1)
    except OSError as error:
        raise LainError(error.strerror or "cannot be read", where=str(path)) from None
    if len(body) > LIMIT:
        raise LainError("it is larger than the 1 MiB that a Secret can hold", where=str(path))
    return body


def _from_json(text: str, what: str) -> dict[str, bytes]:
    try:
        found = json.loads(text, object_pairs_hook=_pairs, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        raise LainError("it is no JSON there", where=f"{what}:{error.lineno}") from None
    except _Twice as error:
        raise LainError("the key stands there twice", where=f"{what}: {error}") from None
    if isinstance(found, dict) and isinstance(found.get("data"), dict):
        found = found["data"]
    if not isinstance(found, dict):
        raise LainError("it must be an object of keys and values", where=what)
    return {key: _json_text(value, f"{what}: {key}") for key, value in found.items()}


class _Twice(ValueError):
    """A key that an object has twice."""


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise _Twice(key)
        found[key] = value
    return found


def _json_text(value: object, where: str) -> bytes:
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if value is None:
        return b""
    if not isinstance(value, str):
        raise LainError("a value must be text, not an object or a list", where=where)
    return value.encode("utf-8", "surrogatepass")


def _from_env(text: str, what: str) -> dict[str, bytes]:
    """Lines of KEY=VALUE as shells and docker know them: comments, `export`, quotes, several lines within quotes."""
    values: dict[str, bytes] = {}
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        line, at = lines[number].removesuffix("\r"), number + 1
        number += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _ASSIGNMENT.fullmatch(line)
        if match is None:
            raise LainError("it is not KEY=VALUE", where=f"{what}:{at}")
        key, rest = match["key"], match["rest"].lstrip()
        quote = rest[:1] if rest[:1] in ("'", '"') else ""
        if quote:
            body = rest[1:]
            while (end := _closing(body, quote)) < 0 and number < len(lines):
                body += "\n" + lines[number]
                number += 1
            if end < 0:
                raise LainError("a quote is not closed", where=f"{what}:{at}: {key}")
            value = body[:end]
            if quote == '"':
                value = re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[0]), value)
        else:
            value = re.split(r"\s+#", rest, maxsplit=1)[0].rstrip()
        if key in values:
            raise LainError("the key stands there twice", where=f"{what}:{at}: {key}")
        values[key] = value.encode()
    return values


def _closing(text: str, quote: str) -> int:
    """Where the quote closes; -1 when it does not."""
    at = 0
    while at < len(text):
        if text[at] == "\\" and quote == '"':
            at += 2
            continue
        if text[at] == quote:
            return at
        at += 1
    return -1
