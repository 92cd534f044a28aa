"""`lain-tui demo`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.family import Family
from lain_tui.cli.paths import PathName
from lain_tui.cli.session import session
from lain_tui.core.errors import LainError

if TYPE_CHECKING:
    from pathlib import Path


@click.group("demo", cls=Family)
def command() -> None:
    """The embedded demo cluster: a small Kubernetes API with a living app in it, on this machine only."""


@command.command(
    epilog="Example: lain-tui demo serve --kubeconfig demo.yaml & kubectl --kubeconfig demo.yaml get pods"
)
@click.option(
    "--port", default=0, metavar="N", type=click.IntRange(0, 65535), help="The port; any free one by default."
)
@click.option(
    "--kubeconfig",
    metavar="FILE",
    type=PathName(dir_okay=False),
    help="Where to write its kubeconfig; a temporary file by default.",
)
def serve(port: int, kubeconfig: Path | None) -> int:
    """Run it until ctrl+c, so that kubectl, helm or k9s can be pointed at it."""
    from lain_tui.cli.demo_cluster import DemoCluster

    with DemoCluster(port=port, kubeconfig=kubeconfig) as cluster, contextlib.suppress(KeyboardInterrupt):
        click.echo(f"export KUBECONFIG={cluster.kubeconfig}")
        session().say(f"The demo cluster answers at {cluster.url}; ctrl+c ends it.")
        cluster.wait()
        raise LainError("the demo cluster ended by itself")
    return ExitCode.DONE
