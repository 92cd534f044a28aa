"""What stands beneath each field of a struct: written once in the source, told in every list of fields."""

from __future__ import annotations

import ast
import inspect
import sys
from itertools import pairwise


def sentences(kind: type) -> dict[str, str]:
    """The sentence beneath each field, by the field's name; empty where none is written."""
    tree = ast.parse(inspect.getsource(sys.modules[kind.__module__]))
    body = next(
        node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == kind.__name__
    )
    found = {}
    for field, below in pairwise([*body, ast.Pass()]):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            is_text = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
            text = str(below.value.value) if is_text else ""  # type: ignore[attr-defined]
            found[field.target.id] = " ".join(text.split())
    return found
