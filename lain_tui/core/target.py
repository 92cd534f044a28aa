"""Which app, on which cluster: everything is asked of a Target.

A Target is frozen when an operation begins, so that another shell that moves `~/.kube/config` mid-way changes
nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One app (or one namespace, before an app is picked) on one cluster."""

    namespace: str
    cluster: str
    """What the header calls it: the lain cluster's name, else the kubeconfig context's."""
    app: str = ""
    """`app.kubernetes.io/name` of its objects; empty until one is picked."""
    release: str = ""
    """The helm release; `app` unless values say otherwise (releaseName)."""
    kubeconfig: tuple[Path, ...] = ()
    """The kubeconfig files, merged in order as KUBECONFIG is; empty inside a cluster."""
    context: str = ""
    """The kubeconfig context; empty for the files' current one."""
    chart: Path | None = None
    """The app's `chart/` directory when there is one."""
    values_files: tuple[Path, ...] = ()
    """Extra values files (`--values`), merged last."""
    settings: dict[str, Any] = {}
    """The cluster's own values (registry, domain, grafana_url …); empty when there are none."""
    settings_file: Path | None = None
    """Where `settings` came from, for messages that ask for a missing one."""
    protected: bool = False
    """Changes ask for the app's name to be typed."""
    read_only: bool = False
    """No changes at all."""
    webhook: str = ""
    """Whom the user's own settings want told of changes, when the app's values name nobody."""

    def setting(self, key: str, default: str = "") -> str:
        """A scalar setting of the cluster as text."""
        value = self.settings.get(key)
        return default if value is None else str(value)
