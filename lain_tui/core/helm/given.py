"""What is handed to helm beside the chart."""

from __future__ import annotations

from typing import Any

from lain_tui.core.values.layers import LayerKind, Values
from lain_tui.core.values.merge import merge, to_json


def given_values(values: Values, **settings: Any) -> dict[str, Any]:
    """Every layer above the chart's own values.yaml, and what a deploy sets (cluster, imageTag …) over them.

    The chart's own layer stays out: helm puts it beneath by itself, and only so does a null take a key of it away.
    """
    layers = [layer.table for layer in values.layers if layer.kind is not LayerKind.CHART]
    return {**to_json(merge(layers)), **settings}


def release_name(values: Values) -> str:
    """`releaseName`, else the app's name; empty when the values have neither."""
    return str(values.get("releaseName") or values.get("appname") or "")
