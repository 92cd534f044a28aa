"""The layers of an app's values, their merge, and who set what.

`Values` answers twice: `effective()` is what lain itself uses (build, procs, settings), `as_helm_sees()` what the
chart's templates find in .Values. The two differ where a null meets a map, and in numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.values.merge import NEWEST, HelmVersion, coalesce, merge, to_json
from lain_tui.core.values.node import KeyPath, Node, Table
from lain_tui.core.values.reader import read_table, read_tree

ALIASES: dict[str, tuple[str, ...]] = {
    "deployments": ("deploy", "deployment"),
    "cronjobs": ("cronjob",),
    "statefulSets": ("sts", "statefulSet", "statefulset"),
}
"""Other spellings of a key; what stands under them is merged into the first, in this order."""


class LayerKind(StrEnum):
    """Where a layer comes from; the order is that of the merge."""

    CHART = "chart"
    CLUSTER = "cluster"
    APP_ON_CLUSTER = "app on cluster"
    EXTRA = "extra"


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """One values file."""

    kind: LayerKind
    path: Path
    """The file that holds the keys; of a link, where it leads."""
    table: Table


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Who set a value, and what it overrode (the nearest layer below first)."""

    file: Path
    line: int
    value: Any
    overrode: tuple[Origin, ...] = ()

    @classmethod
    def of(cls, node: Node) -> Origin:
        below = []
        under = node.overrode
        while under is not None:
            below.append(Origin(file=under.path, line=under.line, value=under.plain()))
            under = under.overrode
        return cls(file=node.path, line=node.line, value=node.plain(), overrode=tuple(below))


class Values:
    """An app's values on one cluster."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = tuple(layers)
        table = merge(layer.table for layer in layers)
        for key, others in ALIASES.items():
            table = _with_aliases(table, key, others)
        self.table = table
        """The merge, with the origin of every node."""

    def effective(self) -> dict[str, Any]:
        """What lain uses: maps merged, everything else replaced, null included; other spellings merged in."""
        return {key: node.plain() for key, node in self.table.items()}

    def helm_table(self, version: HelmVersion = NEWEST) -> Table:
        """What the chart's templates see, with the origin of every node: its file beneath the others as `-f`."""
        chart = [layer.table for layer in self.layers if layer.kind is LayerKind.CHART]
        files = [layer.table for layer in self.layers if layer.kind is not LayerKind.CHART]
        return coalesce(merge(chart), merge(files), version)

    def as_helm_sees(self, version: HelmVersion = NEWEST) -> dict[str, Any]:
        """`.Values` in a template of the chart."""
        return to_json(self.helm_table(version))

    def find(self, *path: str) -> Node | None:
        """The node at a path of keys and list indices."""
        node = self.table.get(path[0]) if path else None
        return node.find(path[1:]) if node is not None else None

    def get(self, *path: str) -> Any:
        """The plain value at a path; None when it is absent or null."""
        node = self.find(*path)
        return None if node is None else node.plain()

    def origin(self, *path: str) -> Origin | None:
        """Who set the value at a path; None when nobody did."""
        node = self.find(*path)
        return None if node is None else Origin.of(node)

    def leaves(self) -> Iterator[tuple[KeyPath, Node]]:
        """Every effective leaf in file order; `Origin.of` tells where it comes from."""
        for key, node in self.table.items():
            yield from node.leaves((key,))

    def repeated(self) -> LainError | None:
        """The first top-level single value that values-CLUSTER.yaml only repeats; None when there is none.

        lain refuses those, nested ones pass: a copy that stays behind when the original changes is a trap.
        """
        below: Table = {}
        for layer in self.layers:
            if layer.kind is LayerKind.APP_ON_CLUSTER:
                for key, node in layer.table.items():
                    if (under := below.get(key)) is not None and _repeats(node, under):
                        return LainError(
                            f"{key} only repeats what {under.where} says",
                            where=f"{node.where}: {key}",
                            hint="Remove it from one of the two.",
                        )
            below = merge([below, layer.table])
        return None


def read_layers(
    chart: Path | None, *, cluster: str = "", cluster_values: Path | None = None, extra: Sequence[Path] = ()
) -> Values:
    """Read the layers that exist: `chart` is the folder that holds values.yaml.

    Raises LainError naming file, line and key.
    """
    layers = []

    def add(kind: LayerKind, path: Path, table: Table) -> None:
        layers.append(Layer(kind=kind, path=path, table=table))

    if chart is not None:
        add(LayerKind.CHART, chart / "values.yaml", read_table(chart / "values.yaml"))
    if cluster_values is not None:
        add(LayerKind.CLUSTER, cluster_values, read_table(cluster_values))
    if chart is not None and cluster:
        own = chart / f"values-{cluster}.yaml"
        if own.exists() or own.is_symlink():
            add(LayerKind.APP_ON_CLUSTER, *_follow(own))
    for path in extra:
        add(LayerKind.EXTRA, path, read_table(path))
    return Values(layers)


def open_values(
    chart: Path | None, *, cluster: str = "", cluster_values: Path | None = None, extra: Sequence[Path] = ()
) -> Values:
    """As `read_layers`, and refuses what lain refuses (see `Values.repeated`)."""
    values = read_layers(chart, cluster=cluster, cluster_values=cluster_values, extra=extra)
    if (fault := values.repeated()) is not None:
        raise fault
    return values


def _follow(path: Path) -> tuple[Path, Table]:
    """A values-CLUSTER.yaml that holds nothing but the name of another file stands for that file.

    Git hosts hand out symbolic links that way.
    """
    tree = read_tree(path)
    if not isinstance(tree.value, str):
        return path, read_table(path)
    linked = path.parent / tree.value
    if not linked.is_file():
        raise LainError(
            f"it holds {tree.value!r} where keys or the name of a file beside it are expected",
            where=tree.where,
        )
    return linked, read_table(linked)


def _with_aliases(table: Table, key: str, others: tuple[str, ...]) -> Table:
    for other in others:
        node = table.get(other)
        if node is None:
            continue
        table = {name: value for name, value in table.items() if name != other}
        if isinstance(node.value, dict):
            table = merge([table, {key: Node(node.value, node.path, node.line)}])
    return table


def _repeats(node: Node, under: Node) -> bool:
    return (
        not isinstance(node.value, dict)
        and type(node.value) is type(under.value)
        and node.plain() == under.plain()
    )
