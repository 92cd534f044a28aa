"""A Secret or ConfigMap as one YAML document to read and edit, as `lain env edit` has it.

Text is text: literal blocks for several lines, `''` for nothing, numbers and booleans quoted; what is read back as a
number without quotes stays the text it was written as. What is no UTF-8 is `!!binary`. Nothing is lost on the way.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.model.holder import Holder, HolderKind
from lain_tui.core.values.writer import to_yaml

MASK = "***"
_BINARY = "tag:yaml.org,2002:binary"
_NULL = "tag:yaml.org,2002:null"


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What a document says."""

    data: Mapping[str, bytes]
    kind: HolderKind | None = None
    name: str = ""

    def __repr__(self) -> str:
        return f"Document({self.kind} {self.name}, keys={sorted(self.data)})"


def to_document(holder: Holder, data: Mapping[str, bytes] | None = None, *, reveal: bool = True) -> str:
    """The document of a holder, or of it with other values; without `reveal`, `***` in the place of each."""
    data = holder.data if data is None else data
    head: dict[str, Any] = {"apiVersion": "v1", "kind": holder.ref.kind}
    if holder.ref.kind == "Secret":
        head["type"] = holder.type
    head["metadata"] = {"name": holder.ref.name, "namespace": holder.ref.namespace}
    lines = [to_yaml(head).rstrip("\n"), "data:" if data else "data: {}"]
    for key, value in data.items():
        lines += [f"  {line}" if line else "" for line in _entry(key, value, reveal=reveal)]
    return "\n".join(lines) + "\n"


_EXAMPLES = {
    "-env": ("A variable:", "FOO: BAR"),
    "-secret": ("A file of several lines:", "topsecret.txt: |-", "  I", "  AM", "  BATMAN"),
}


def to_edit(holder: Holder, data: Mapping[str, bytes] | None = None) -> str:
    """The document for an editor: one that holds nothing yet shows, in a comment, how it is written."""
    text = to_document(holder, data)
    if not text.endswith("\ndata: {}\n"):
        return text
    found = next((lines for end, lines in _EXAMPLES.items() if holder.ref.name.endswith(end)), ())
    example = "".join(f"  # {line}\n" for line in found)
    return text.removesuffix(" {}\n") + f"\n{example}" if example else text


def _entry(key: str, value: bytes, *, reveal: bool) -> list[str]:
    if not reveal:
        return to_yaml({key: MASK}).rstrip("\n").split("\n")
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        encoded = base64.b64encode(value).decode("ascii")
        name = to_yaml({key: ""}).partition(":")[0]
        return [f"{name}: !!binary |", *(f"  {encoded[at : at + 76]}" for at in range(0, len(encoded), 76))]
    if not text:
        return [to_yaml({key: ""}).partition(":")[0] + ": ''"]
    return to_yaml({key: text}).removesuffix("\n").split("\n")


def parse_document(text: str, *, what: str = "the document") -> Document:
    """Read a document: a whole Secret or ConfigMap with its values as text, or a bare map of keys and values.

    Raises LainError naming line and key, never a value.
    """
    root = _compose(text, what)
    if root is None:
        return Document(data={})
    if not _is_map(root):
        raise LainError("it must be a map of keys and values", where=what)
    top = {str(key.value): value for key, value in root.value}
    if "data" not in top and "kind" not in top and "stringData" not in top:
        return Document(data=_values(root, what))
    data: dict[str, bytes] = {}
    for part in ("data", "stringData"):
        node = top.get(part)
        if node is None or _is_null(node):
            continue
        if not _is_map(node):
            raise LainError(f"{part} must be a map", where=f"{what}:{_line(node)}")
        data.update(_values(node, what))
    kind = str(top["kind"].value) if "kind" in top else None
    if kind not in (None, "Secret", "ConfigMap"):
        raise LainError("it is neither a Secret nor a ConfigMap", where=f"{what}:{_line(top['kind'])}")
    meta = top.get("metadata")
    names = {str(key.value): value for key, value in meta.value} if meta is not None and _is_map(meta) else {}
    name = str(names["name"].value) if "name" in names else ""
    return Document(data=data, kind=kind, name=name)  # type: ignore[arg-type]


def parse_values(text: str, *, what: str) -> dict[str, bytes]:
    """A bare map of keys and values, or the values of a document. Raises as `parse_document`."""
    return dict(parse_document(text, what=what).data)


def _values(node: Any, what: str) -> dict[str, bytes]:
    data: dict[str, bytes] = {}
    for key_node, value in node.value:
        key = str(key_node.value)
        where = f"{what}:{_line(key_node)}: {key}"
        if not _is_scalar(key_node):
            raise LainError("a key must be text", where=f"{what}:{_line(key_node)}")
        if key in data:
            raise LainError("the key stands there twice", where=where)
        data[key] = _value(value, where)
    return data


def _value(node: Any, where: str) -> bytes:
    if not _is_scalar(node):
        raise LainError(
            "a value must be text, not a map or a list", where=where, hint="Several lines begin with |"
        )
    if node.tag == _BINARY:
        try:
            return base64.b64decode("".join(node.value.split()), validate=True)
        except (binascii.Error, ValueError):
            raise LainError("!!binary is no base64", where=where) from None
    try:
        return str(node.value).encode()
    except UnicodeEncodeError:
        raise LainError("the value is no Unicode text", where=where, hint="Write it as !!binary.") from None


def _compose(text: str, what: str) -> Any:
    """The node tree: what was written, before anything is taken for a number."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        # Its own words quote the line, which may hold a value.
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark is not None else ""
        raise LainError(
            "it is no YAML there", where=f"{what}{line}", hint="Several lines need a | after the key."
        ) from None
    except (YAMLError, ValueError):
        raise LainError("it is no YAML", where=what) from None


def _is_map(node: Any) -> bool:
    return type(node).__name__ == "MappingNode"


def _is_scalar(node: Any) -> bool:
    return type(node).__name__ == "ScalarNode"


def _is_null(node: Any) -> bool:
    return _is_scalar(node) and str(node.tag) == _NULL


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def texts_and_bytes(holder: Holder, *, reveal: bool) -> tuple[dict[str, str | None], dict[str, str]]:
    """The values as JSON can hold them: text by key, None when it is not to be revealed; and in base64 what is no UTF-8."""
    data: dict[str, str | None] = {}
    binary: dict[str, str] = {}
    for key, value in holder.data.items():
        if not reveal:
            data[key] = None
            continue
        try:
            data[key] = value.decode("utf-8")
        except UnicodeDecodeError:
            binary[key] = base64.b64encode(value).decode("ascii")
    return data, binary
