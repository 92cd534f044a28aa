"""Everything that a screen of an app's values shows, read at one moment."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from lain_tui.core.config.others import values_on
from lain_tui.core.config.resolve import target_values
from lain_tui.core.model.values import ValueLeaf
from lain_tui.core.project.chart import no_chart
from lain_tui.core.target import Target
from lain_tui.core.values.layers import LayerKind
from lain_tui.core.values.reader import read_text
from lain_tui.core.values.tree import leaves_of, masked

Stamps = tuple[tuple[int, int] | None, ...]


class ValuesPicture(msgspec.Struct, frozen=True, kw_only=True):
    """An app's values on one cluster."""

    cluster: str
    leaves: tuple[ValueLeaf, ...]
    files: tuple[Path, ...]
    """The files that were read, in the order of the merge."""
    sources: dict[str, tuple[str, ...]]
    """The lines of each file; values whose names say that they are secret are masked."""
    shared: frozenset[str]
    """Files that belong to a cluster, and so to every app on it."""
    override: Path | None
    """Where a value for this cluster alone belongs; None without a chart, or without a cluster."""
    stamps: Stamps

    @property
    def stale(self) -> bool:
        """Whether one of the files has changed since."""
        return _stamps(self.files) != self.stamps


def read_picture(target: Target, env: Mapping[str, str], cluster: str = "") -> ValuesPicture:
    """Read the values on the target's cluster, or on another one.

    Raises LainError with file and line for what cannot be read, and when the app has no chart here.
    """
    if target.chart is None:
        raise no_chart(target.app)
    own = not cluster or cluster == target.cluster
    values = target_values(target) if own else values_on(target, cluster, env)
    files = tuple(layer.path for layer in values.layers)
    stamps = _stamps(files)
    cluster = cluster or target.cluster
    here = next((layer.path for layer in values.layers if layer.kind is LayerKind.APP_ON_CLUSTER), None)
    return ValuesPicture(
        cluster=cluster,
        leaves=tuple(leaves_of(values)),
        files=files,
        sources={str(path): tuple(masked(read_text(path))) for path in files},
        shared=frozenset(str(layer.path) for layer in values.layers if layer.kind is LayerKind.CLUSTER),
        override=here or (target.chart / f"values-{cluster}.yaml" if cluster else None),
        stamps=stamps,
    )


def _stamps(files: tuple[Path, ...]) -> Stamps:
    return tuple(_stamp(path) for path in files)


def _stamp(path: Path) -> tuple[int, int] | None:
    with contextlib.suppress(OSError):
        state = path.stat()
        return state.st_mtime_ns, state.st_size
    return None
