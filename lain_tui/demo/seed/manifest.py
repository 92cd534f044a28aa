"""Objects as the text of a helm manifest."""

from __future__ import annotations

import json
import re
from typing import Any

from ..storage import Obj

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./@-]*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def yaml(value: Any, depth: int = 0) -> str:
    """Write plain data as block YAML; whatever is not a plain word is quoted as JSON."""
    pad = "  " * depth
    if isinstance(value, dict) and value:
        lines = []
        for key, inner in value.items():
            nested = isinstance(inner, (dict, list)) and inner
            gap = "\n" if nested else " "
            deeper = depth + (0 if isinstance(inner, list) else 1)
            lines.append(f"{pad}{_word(key)}:{gap}{yaml(inner, deeper)}")
        return "\n".join(lines)
    if isinstance(value, list) and value:
        return "\n".join(f"{pad}- {yaml(item, depth + 1).lstrip()}" for item in value)
    return _word(value)


def _word(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def manifest(chart: str, objects: list[tuple[str, Obj]]) -> str:
    """Join objects, each from the template named beside it."""
    return "".join(f"---\n# Source: {chart}/templates/{file}\n{yaml(obj)}\n" for file, obj in objects)
