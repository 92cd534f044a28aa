"""The values of a target's app on the other clusters, to compare with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lain_tui.core.config import clusters
from lain_tui.core.target import Target
from lain_tui.core.values.layers import Values, read_layers

_PREFIX, _SUFFIX = "values-", ".yaml"


def other_clusters(target: Target, env: Mapping[str, str]) -> list[str]:
    """Every cluster but the target's that lain knows, or that the chart or the folder of cluster values names."""
    names = {cluster.name for cluster in clusters.find_clusters(env)}
    for folder in (target.chart, target.settings_file.parent if target.settings_file else None):
        names |= {path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX) for path in _files(folder)}
    return sorted(names - {target.cluster})


def values_on(target: Target, cluster: str, env: Mapping[str, str]) -> Values:
    """The app's values on another cluster; extra files count there, too. Raises LainError for what cannot be read."""
    file = clusters.values_file(cluster, env)
    if file is None and target.settings_file is not None:
        beside = target.settings_file.parent / f"{_PREFIX}{cluster}{_SUFFIX}"
        file = beside if beside.is_file() else None
    return read_layers(target.chart, cluster=cluster, cluster_values=file, extra=target.values_files)


def _files(folder: Path | None) -> list[Path]:
    try:
        return (
            [] if folder is None else [path for path in folder.glob(f"{_PREFIX}*{_SUFFIX}") if path.is_file()]
        )
    except OSError:
        return []
