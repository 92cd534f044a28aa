"""A namespace on each cluster, as in the contract suite."""

from __future__ import annotations

from tests.contract.conftest import api, apps, core, namespace

__all__ = ["api", "apps", "core", "namespace"]
