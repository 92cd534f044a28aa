"""What ``kubectl get`` prints: columns and cells by kind (k8s.io/kubernetes/pkg/printers/internalversion)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..kinds import Kind
from ..storage import Obj
from . import batch, core, custom, network, workloads
from .columns import AGE, NAME, Column, Row

Cells = Callable[[Obj, float], Row]

TABLES: dict[Kind, tuple[list[Column], Cells]] = {
    **core.TABLES,
    **workloads.TABLES,
    **batch.TABLES,
    **network.TABLES,
}


def columns(kind: Kind) -> list[Obj]:
    """Give the column definitions of a kind."""
    if kind.custom is not None:
        return custom.columns(kind)
    chosen = TABLES[kind][0] if kind in TABLES else [NAME, Column("Created At", form="date")]
    return [column.definition() for column in chosen]


def cells(kind: Kind, obj: Obj, now: float) -> list[Any]:
    """Give one row's cells, in the order of `columns`."""
    if kind.custom is not None:
        return custom.cells(kind, obj, now)
    if kind not in TABLES:
        return [obj["metadata"]["name"], obj["metadata"].get("creationTimestamp", "")]
    return TABLES[kind][1](obj, now)


__all__ = ["AGE", "cells", "columns"]
