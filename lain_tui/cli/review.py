"""What the commands about merge requests share."""

from __future__ import annotations

from typing import Any

import click

from lain_tui.cli.session import Session

project = click.argument("project", metavar="PROJECT")
number = click.argument("number", metavar="NUMBER", type=click.IntRange(1))


def cluster_settings(here: Session) -> dict[str, Any]:
    """The cluster's own values, where GitLab's address is; none where no cluster is meant."""
    from lain_tui.core.errors import LainError

    try:
        return here.target().settings
    except LainError:
        if here.given.get("cluster") or here.given.get("context") or here.given.get("kubeconfig"):
            raise
        return {}
