"""The pieces tables are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..duration import since
from ..storage import Obj

Row = list[Any]


@dataclass(frozen=True)
class Column:
    """One column; priority 1 shows only with ``-o wide``."""

    name: str
    kind: str = "string"
    priority: int = 0
    form: str = ""
    about: str = ""

    def definition(self) -> Obj:
        return {
            "name": self.name,
            "type": self.kind,
            "format": "name" if self.name == "Name" else self.form,
            "description": self.about or self.name,
            "priority": self.priority,
        }


NAME = Column("Name", form="name")
AGE = Column("Age")


def wide(*names: str) -> list[Column]:
    return [Column(name, priority=1) for name in names]


def plain(*names: str) -> list[Column]:
    return [Column(name) for name in names]


def age(obj: Obj, now: float) -> str:
    return since(obj["metadata"].get("creationTimestamp"), now)


def selector_text(selector: Obj | None) -> str:
    """Show a label selector as text, or ``<none>``."""
    selector = selector or {}
    parts = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for each in selector.get("matchExpressions") or []:
        values = ",".join(each.get("values") or [])
        parts.append(f"{each['key']} {each['operator'].lower()} ({values})")
    return ",".join(parts) or "<none>"


def labels_text(labels: dict[str, str] | None) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or "<none>"


def containers_text(template: Obj) -> tuple[str, str]:
    """Give the names and the images of a template's containers."""
    containers = (template.get("spec") or {}).get("containers") or []
    return ",".join(c["name"] for c in containers), ",".join(c.get("image", "") for c in containers)
