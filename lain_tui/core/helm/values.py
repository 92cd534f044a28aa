"""The values of a revision, and how they are written."""

from __future__ import annotations

from typing import Any

from lain_tui.core.helm.record import ReleaseRecord


def whole_values(record: ReleaseRecord) -> dict[str, Any]:
    """The given values over the chart's own, as its templates saw them: a null takes a key away."""
    return _over(record.chart.values or {}, record.config or {})


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        known = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(known, dict):
            merged[key] = _over(known, value)
        else:
            merged[key] = value
    return merged


def values_yaml(values: dict[str, Any]) -> str:
    """As `helm get values` prints them: block style, keys in order."""
    import yaml  # type: ignore[import-untyped]

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(values, Dumper=dumper, allow_unicode=True, default_flow_style=False, width=1 << 20)
    return text
