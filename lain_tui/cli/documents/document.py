"""What every document has, and how the model's structs become JSON: names in camel case, grades by their name."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

import msgspec

API_VERSION: Final = "lain-tui/v1"
"""Of every document. Under it fields are only ever added, none is renamed or removed."""


class Document(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    tag_field="kind",
    tag=lambda name: name.removesuffix("Document"),
):
    """One document; its kind is the class's name without `Document`."""

    of: ClassVar[tuple[str, ...]] = ()
    """The commands that print it."""

    api_version: Literal["lain-tui/v1"] = API_VERSION
    """Fields are only ever added under it."""

    @classmethod
    def kind(cls) -> str:
        return str(cls.__struct_config__.tag)

    def as_builtins(self) -> dict[str, Any]:
        """What is printed."""
        fields: dict[str, Any] = _builtins(self)
        return {"apiVersion": fields.pop("apiVersion"), "kind": self.kind(), **fields}


def camel(name: str) -> str:
    """`image_tag` as `imageTag`."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _builtins(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return {camel(name): _builtins(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, IntEnum):
        return value.name.lower()
    if isinstance(value, Mapping):
        return {str(key): _builtins(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_builtins(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    return msgspec.to_builtins(value)
