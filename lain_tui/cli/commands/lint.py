"""`lain-tui lint`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from lain_tui.cli.building import app_values
from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.output import output, print_document
from lain_tui.cli.session import Session, session

if TYPE_CHECKING:
    from lain_tui.core.model.lint import LintFinding


@click.command(epilog="Example: lain-tui --cluster test lint -o json")
@click.option(
    "--server/--no-server",
    default=None,
    help="Let the cluster check the rendered objects, keeping none; by default when one answers.",
)
@click.option("--simple", is_flag=True, help="Look at the values only: no helm.")
@output
def command(server: bool | None, simple: bool, output: str) -> int:
    """Find what is wrong in the chart and its values, with file, line and what to write instead."""
    from lain_tui.core.lint.run import has_errors

    here = session()
    findings = here.run(_lint(here, server=server, simple=simple))
    if output != "text":
        from lain_tui.cli.documents.configuring import LintDocument

        print_document(LintDocument(findings=tuple(findings)), output)
    else:
        for finding in findings:
            click.echo(_line(finding))
        if not findings:
            here.say("Nothing to mend.")
    return ExitCode.NOT_READY if has_errors(findings) else ExitCode.DONE


async def _lint(here: Session, *, server: bool | None, simple: bool) -> list[LintFinding]:
    from lain_tui.core.errors import LainError
    from lain_tui.core.helm.find import find_helm
    from lain_tui.core.kube.client import KubeClient
    from lain_tui.core.lint.appetite import lint_resources
    from lain_tui.core.lint.rendered import is_unasked
    from lain_tui.core.lint.run import lint_app

    values, folder = app_values(here)
    chart = folder / "chart"
    helm = None if simple else await find_helm(fast=True)
    async with contextlib.AsyncExitStack() as stack:
        kube = None
        cluster, namespace = here.options.cluster, here.options.namespace or "default"
        if server or (server is None and not simple):
            with contextlib.nullcontext() if server else contextlib.suppress(LainError):
                target = here.target()
                cluster, namespace = target.cluster, target.namespace
                kube = await stack.enter_async_context(KubeClient.open(target, on_request=here.on_request))
        found = await lint_app(values, chart, cluster=cluster, namespace=namespace, helm=helm, kube=kube)
        if kube is not None:
            found += await lint_resources(kube, target, values)
    if server:
        return found
    # Nobody asked for the cluster: that it was not there is a remark, and no finding.
    for finding in found:
        if is_unasked(finding):
            here.say(f"{finding.what}.")
    return [finding for finding in found if not is_unasked(finding)]


def _line(finding: LintFinding) -> str:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    key = f" {finding.key}:" if finding.key else ""
    mend = f". {finding.mend}" if finding.mend else ""
    return f"{place}: {finding.severity.value}:{key} {finding.what}{mend} [{finding.rule}]"
