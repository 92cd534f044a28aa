"""The documents' JSON schema (2020-12), made from their structs: the names, and the sentence beneath each field."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import Enum, IntEnum
from functools import cache
from pathlib import Path
from typing import Any, get_args

import msgspec

from lain_tui.cli.documents import changing, configuring, imaging, looking, operating, releases
from lain_tui.cli.documents.document import API_VERSION, Document, camel
from lain_tui.core.model.described import sentences

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MODULES = (looking, releases, changing, configuring, imaging, operating)


@cache
def documents() -> dict[str, type[Document]]:
    """Every document by its kind."""
    found = [
        one
        for module in _MODULES
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Document) and one is not Document
    ]
    return {one.kind(): one for one in found}


def printed_by(command: str) -> list[str]:
    """The kinds that a command prints; `env` stands for all beneath it."""
    return [
        kind
        for kind, one in documents().items()
        if any(name == command or name.startswith(f"{command} ") for name in one.of)
    ]


def schema_of(*kinds: str) -> dict[str, Any]:
    """The schema of a document that is of one of these kinds."""
    wanted = [documents()[kind] for kind in kinds]
    references, components = msgspec.json.schema_components(
        wanted, schema_hook=_hook, ref_template="#/$defs/{name}"
    )
    known = {one.__name__: one for kind in wanted for one in _types(kind, set())}
    definitions = {name: _mended(body, known[name]) for name, body in components.items()}
    one = references[0] if len(references) == 1 else {"oneOf": list(references)}
    return {"$schema": DIALECT, "title": API_VERSION, **one, "$defs": definitions}


def _hook(kind: type) -> dict[str, Any]:
    assert issubclass(kind, Path), kind
    return {"type": "string"}


def _types(kind: Any, seen: set[Any]) -> Iterator[type]:
    """The structs and enums that a type is made of, itself among them."""
    info = msgspec.inspect.type_info(kind) if isinstance(kind, type) else kind
    if isinstance(info, msgspec.inspect.StructType | msgspec.inspect.EnumType):
        if info.cls in seen:
            return
        seen.add(info.cls)
        yield info.cls
    for name in info.__struct_fields__:
        below = getattr(info, name)
        for each in below if isinstance(below, tuple) else (below,):
            if isinstance(each, msgspec.inspect.Field):
                yield from _types(each.type, seen)
            elif isinstance(each, msgspec.inspect.Type):
                yield from _types(each, seen)


def _mended(body: dict[str, Any], kind: type) -> dict[str, Any]:
    """As it is printed: names in camel case, each field always there, grades by name."""
    if issubclass(kind, IntEnum):
        return {"title": kind.__name__, "enum": [one.name.lower() for one in kind], **_about(kind)}
    if issubclass(kind, Enum):
        return {**body, **_about(kind)}
    told = sentences(kind)
    assert issubclass(kind, msgspec.Struct)
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    properties = {}
    for name, schema in body["properties"].items():
        kept = {key: value for key, value in schema.items() if key != "default"}
        if (field := fields.get(name)) is not None:
            is_time = field.type is datetime or datetime in get_args(field.type)
            kept |= {"format": "date-time"} if is_time else {}
            kept |= {"description": told[field.name]} if told.get(field.name) else {}
        properties[camel(name) if "_" in name else name] = kept
    return {**body, **_about(kind), "properties": properties, "required": list(properties)}


def _about(kind: type) -> dict[str, str]:
    return {"description": " ".join(kind.__doc__.split())} if kind.__doc__ else {}
