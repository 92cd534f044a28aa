"""`lain-tui use`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.output import output, print_document
from lain_tui.cli.session import Session, session
from lain_tui.core.model.text import plain

if TYPE_CHECKING:
    from lain_tui.core.config.clusters import Cluster


@click.command(epilog="Example: lain-tui use test --set-context")
@click.argument("cluster", required=False)
@click.option(
    "--set-context", is_flag=True, help="Set the context's namespace too: -n, else the cluster values'."
)
@output
def command(cluster: str | None, set_context: bool, output: str) -> int:
    """List lain's clusters, or make CLUSTER the current one.

    The link ~/.kube/config is what is current, for every shell of yours; --cluster chooses for one command only.
    """
    from lain_tui.core.config import clusters

    here = session()
    if set_context and not cluster:
        raise click.UsageError("--set-context goes with the name of a cluster.")
    if cluster:
        if here.options.read_only or here.settings.reads_only():
            click.echo("lain-tui: read-only: the current cluster stays as it is", err=True)
            return ExitCode.REFUSED
        chosen = clusters.find_cluster(cluster, os.environ)
        namespace = _namespace(chosen, here.options.namespace) if set_context else ""
        chosen = clusters.use_cluster(cluster, os.environ)
        if namespace:
            context = clusters.set_context_namespace(clusters.kubeconfig_of(chosen, os.environ), namespace)
            here.say(f"context {context}: namespace {namespace}")
    known = clusters.find_clusters(os.environ)
    if output != "text":
        from lain_tui.cli.documents.configuring import ClusterRow, ClustersDocument

        rows = tuple(
            ClusterRow(name=one.name, current=one.current, kubeconfig=one.kubeconfig, values=one.values_file)
            for one in known
        )
        print_document(ClustersDocument(clusters=rows), output)
        return ExitCode.DONE
    if not known:
        here.say(
            "No clusters of lain's: there is no kubeconfig-NAME in ~/.kube. "
            "Any context of your kubeconfig works: lain-tui --context NAME"
        )
    for one in known:
        note = "" if one.kubeconfig else f"  (no ~/.kube/kubeconfig-{one.name}: ask its administrator)"
        click.echo(f"{'*' if one.current else ' '} {plain(one.name)}{note}")
        if one.current and (docs := clusters.docs_of(one)):
            for line in docs.splitlines():
                click.echo(f"    {plain(line)}")
    if cluster and (words := here.run(_skew(here, cluster))):
        here.say(words)
    return ExitCode.DONE


async def _skew(here: Session, cluster: str) -> str:
    from lain_tui.core.config.resolve import Options, resolve_target
    from lain_tui.core.errors import LainError
    from lain_tui.core.fleet.kubectl import kubectl_skew

    try:
        target = resolve_target(
            Options(cluster=cluster), cwd=here.folder, env=here.env, settings=here.settings
        )
    except LainError:
        return ""  # whatever is wrong with its files is told when they are used
    return await kubectl_skew(target, here.env)


def _namespace(cluster: Cluster, given: str) -> str:
    from lain_tui.core.errors import LainError
    from lain_tui.core.values.reader import read_table

    if given:
        return given
    node = read_table(cluster.values_file).get("namespace") if cluster.values_file else None
    if node is None or not isinstance(node.value, str) or not node.value:
        raise LainError(
            "which namespace? The cluster's values name none",
            where=str(cluster.values_file or ""),
            hint=f"Give it: lain-tui -n NAMESPACE use {cluster.name} --set-context",
        )
    return node.value
