"""A namespace on each cluster, as in the contract suite."""

from __future__ import annotations

from tests.contract.conftest import api, core, namespace

__all__ = ["api", "core", "namespace"]
