"""`lain-tui admin`: the cluster as a whole."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from lain_tui.cli import operate
from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.family import Family
from lain_tui.cli.output import age, output, print_document, print_table
from lain_tui.cli.registry_cleanup import command as cleanup_registry
from lain_tui.cli.session import Session, session

if TYPE_CHECKING:
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.model.network import Ingress
    from lain_tui.core.model.overview import Overview, Problem

URLS_WAIT = 15.0
"""Seconds that the URLs may take before what is known is printed."""


@click.group("admin", cls=Family, epilog="Example: lain-tui --cluster prod admin status")
def command() -> None:
    """All namespaces of the cluster: what is broken, what is unused."""


@command.command(epilog="Example: lain-tui admin status -o json")
@output
def status(output: str) -> int:
    """Nodes, bad pods, URLs, releases and warnings, by cause.

    Exit code 3 when something is broken.
    """
    here = session()
    view = here.run(_look(here))
    if output != "text":
        from lain_tui.cli.documents.looking import OverviewDocument

        print_document(OverviewDocument(overview=view), output)
    else:
        _print_overview(here, view)
    from lain_tui.core.model.status import Severity

    return ExitCode.NOT_READY if view.severity is Severity.BROKEN else ExitCode.DONE


@command.command("list-images", epilog="Example: lain-tui admin list-images")
@output
def list_images(output: str) -> None:
    """Every image that runs, and where."""
    here = session()
    here.run(_list_images(here, output))


@command.command("list-singletons", epilog="Example: lain-tui admin list-singletons")
@output
def list_singletons(output: str) -> None:
    """Deployments with one replica: a node's end is their end, too."""
    here = session()
    here.run(_list_singletons(here, output))


@command.command("list-unused-ingress", epilog="Example: lain-tui admin list-unused-ingress")
@output
def list_unused_ingress(output: str) -> None:
    """Ingresses that lead to no pod."""
    here = session()
    here.run(_list_unused(here, output))


@command.command("list-waste", epilog="Example: lain-tui admin list-waste")
@output
def list_waste(output: str) -> None:
    """Workloads that reserve much more memory than they use just now."""
    here = session()
    here.run(_list_waste(here, output))


@command.command("delete-bad-pod", epilog="Example: lain-tui admin delete-bad-pod --dry-run")
@operate.yes
@operate.dry_run
@output
def delete_bad_pod(yes: bool, dry_run: bool, output: str) -> int:
    """Delete what is left of evicted and failed pods."""
    here = session()
    return here.run(_delete_pods(here, yes, dry_run, output))


@command.command("delete-bad-ing", epilog="Example: lain-tui admin delete-bad-ing --dry-run")
@operate.yes
@operate.dry_run
@output
def delete_bad_ing(yes: bool, dry_run: bool, output: str) -> int:
    """Delete ingresses that lead to no pod."""
    here = session()
    return here.run(_delete_ingresses(here, yes, dry_run, output))


command.add_command(cleanup_registry, "cleanup-registry")


# -- looking


async def _look(here: Session) -> Overview:
    from lain_tui.core.errors import LainError
    from lain_tui.core.kube.store import Store
    from lain_tui.core.overview.board import OverviewBoard

    async with _kube(here) as kube, Store(kube) as store, OverviewBoard(kube, store, here.target()) as board:
        await board.first_view()
        await board.until(lambda: board.complete and not board.checking, URLS_WAIT)
        view = board.view()
    if view.blind:
        raise LainError(view.blind, hint="admin status needs to list pods, of one namespace at least.")
    return view


@asynccontextmanager
async def _kube(here: Session) -> AsyncIterator[KubeClient]:
    from lain_tui.core.kube.client import KubeClient

    async with KubeClient.open(here.target(), on_request=here.on_request) as kube:
        yield kube


def _print_overview(here: Session, view: Overview) -> None:
    from lain_tui.core.model.overview import Topic
    from lain_tui.core.model.quantity import format_bytes, format_millicores
    from lain_tui.core.model.status import Severity, Usage
    from lain_tui.core.model.text import counted, plain

    def share(usage: Usage, words: str) -> str:
        whole = usage.limit
        asked = f"{(usage.request or 0) / whole:.0%}" if whole else "?"
        return f"{words or '-'} used, {asked} requested"

    where = f"namespace {view.namespace}" if view.namespace else counted(view.namespaces, "namespace")
    click.echo(f"{view.cluster}: {counted(view.pods, 'pod')} in {where}, Kubernetes {view.version}")
    if view.nodes:
        tainted = any(row.taints for row in view.nodes)
        click.echo()
        print_table(
            ("NODE", "STATE", "PODS", "CPU", "MEMORY", "VERSION", "AGE", *(["TAINTS"] if tainted else [])),
            [
                (
                    row.name,
                    row.state,
                    str(row.pods),
                    share(row.cpu, format_millicores(row.cpu.used) if row.cpu.used is not None else ""),
                    share(row.memory, format_bytes(row.memory.used) if row.memory.used is not None else ""),
                    row.version,
                    age(row.created),
                    *([", ".join(row.taints)] if tainted else []),
                )
                for row in view.nodes
            ],
        )
    marks = {Severity.BROKEN: "x", Severity.RISK: "!"}
    for topic in Topic:
        problems = [one for one in view.problems if one.topic is topic and topic is not Topic.NODES]
        if not problems:
            continue
        click.echo()
        click.echo(click.style(str(topic), bold=True))
        for one in problems:
            count = f" ×{one.count}" if one.count > 1 else ""
            click.echo(plain(f"{marks.get(one.severity, ' ')} {one.where}  {one.title}{count}"))
    for gap in view.gaps:
        here.say(f"no {gap.pane}: {gap.reason}")


async def _list_singletons(here: Session, output: str) -> None:
    from lain_tui.core.kube.resources import DEPLOYMENTS
    from lain_tui.core.overview.others import singletons

    async with _kube(here) as kube:
        _print_problems(here, singletons(await kube.list(DEPLOYMENTS)), output)


async def _list_unused(here: Session, output: str) -> None:
    async with _kube(here) as kube:
        found, _ = await _unused(kube)
        _print_problems(here, found, output)


async def _unused(kube: KubeClient) -> tuple[list[Problem], list[Ingress]]:
    """The ingresses that lead to no pod, and all there are."""
    from lain_tui.core.kube.resources import INGRESSES, PODS, SERVICES
    from lain_tui.core.overview.others import unused_ingresses

    ingresses = await kube.list(INGRESSES)
    return unused_ingresses(ingresses, await kube.list(SERVICES), await kube.list(PODS)), ingresses


def _print_problems(here: Session, found: list[Problem], output: str) -> None:
    cluster = here.target().cluster
    if output != "text":
        from lain_tui.cli.documents.looking import ProblemsDocument

        print_document(ProblemsDocument(cluster=cluster, problems=tuple(found)), output)
    elif found:
        print_table(
            ("WHERE", "WHAT", "WHICH"), [(one.where, one.title, ", ".join(one.lines)) for one in found]
        )
    else:
        here.say(f"There are none on {cluster}.")


async def _list_images(here: Session, output: str) -> None:
    from lain_tui.core.kube.resources import PODS
    from lain_tui.core.overview.images import images_in_use

    async with _kube(here) as kube:
        found = images_in_use(await kube.list(PODS))
    if output != "text":
        from lain_tui.cli.documents.looking import ImagesDocument

        print_document(ImagesDocument(images=tuple(found)), output)
    else:
        print_table(
            ("IMAGE", "PODS", "NAMESPACES"),
            [(one.image, str(one.pods), ", ".join(one.namespaces)) for one in found],
        )


async def _list_waste(here: Session, output: str) -> None:
    from lain_tui.core.kube.metrics import Metrics
    from lain_tui.core.kube.resources import PODS, REPLICASETS
    from lain_tui.core.model.quantity import format_bytes
    from lain_tui.core.overview.waste import wasted_memory

    async with _kube(here) as kube, Metrics(kube, nodes=False) as metrics:
        pods, replica_sets = await kube.list(PODS), await kube.list(REPLICASETS)
        await metrics.changed(0)
        if metrics.error is not None:
            raise metrics.error
        found = wasted_memory(pods, replica_sets, metrics.pod)
    if output != "text":
        import msgspec

        from lain_tui.cli.documents.looking import WasteDocument, WasteRow

        rows = tuple(WasteRow(**msgspec.structs.asdict(one), wasted=one.wasted) for one in found)
        print_document(WasteDocument(workloads=rows), output)
    elif found:
        print_table(
            ("WORKLOAD", "PODS", "REQUESTED", "USED", "WASTED"),
            [
                (
                    f"{one.namespace}/{one.workload}",
                    str(one.pods),
                    format_bytes(one.requested),
                    format_bytes(one.used),
                    format_bytes(one.wasted),
                )
                for one in found
            ],
        )
        here.say("Measured just now only: lain-tui advice asks Prometheus for a week.")
    else:
        here.say("Nothing wastes memory just now.")


# -- deleting


async def _delete_pods(here: Session, yes: bool, dry_run: bool, output: str) -> int:
    from lain_tui.core.kube.resources import PODS
    from lain_tui.core.operations.removal import Removal

    async with _kube(here) as kube:
        failed = await kube.list(PODS, fields="status.phase=Failed")
        if not failed:
            return _nothing(here, "pod has failed", output)
        operation = Removal(
            kube, here.target(), [(PODS, one) for one in failed], why="they have failed and run no more"
        )
        return await operate.perform(here, operation, yes=yes, dry_run=dry_run, output=output)


async def _delete_ingresses(here: Session, yes: bool, dry_run: bool, output: str) -> int:
    from lain_tui.core.kube.resources import INGRESSES
    from lain_tui.core.operations.removal import Removal

    async with _kube(here) as kube:
        found, ingresses = await _unused(kube)
        unused = {(one.namespace, one.name) for one in found}
        chosen = [one for one in ingresses if (one.metadata.namespace, one.metadata.name) in unused]
        if not chosen:
            return _nothing(here, "ingress leads nowhere", output)
        operation = Removal(
            kube, here.target(), [(INGRESSES, one) for one in chosen], why="they lead to no pod"
        )
        return await operate.perform(here, operation, yes=yes, dry_run=dry_run, output=output)


def _nothing(here: Session, words: str, output: str) -> int:
    here.say(f"Nothing to delete: no {words}.")
    operate.tell_nothing(output)
    return ExitCode.DONE
