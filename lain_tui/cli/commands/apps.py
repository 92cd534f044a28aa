"""`lain-tui apps`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.output import age, output, print_document, print_table
from lain_tui.cli.session import Session, session

if TYPE_CHECKING:
    from lain_tui.cli.documents.looking import AppRow
    from lain_tui.core.helm.releases import App
    from lain_tui.core.target import Target


@click.command(epilog="Example: lain-tui -n team apps -o json")
@output
def command(output: str) -> int:
    """List the apps of the namespace.

    An app is what workloads carry as app.kubernetes.io/name, or a helm release.
    """
    here = session()
    target = here.target()
    found = here.run(_find(here, target))
    if output != "text":
        from lain_tui.cli.documents.looking import AppsDocument

        rows = tuple(map(_row, found))
        print_document(AppsDocument(cluster=target.cluster, namespace=target.namespace, apps=rows), output)
    elif found:
        print_table(
            ("APP", "RELEASE", "REVISION", "STATUS", "UPDATED", "IMAGE TAG", "PROCS"),
            [
                (
                    app.name,
                    app.release,
                    str(app.revision or ""),
                    app.status,
                    age(app.updated),
                    app.image_tag[:23],
                    ", ".join(app.procs),
                )
                for app in found
            ],
        )
    else:
        here.say(f"There are no apps in namespace {target.namespace} of {target.cluster}.")
    return ExitCode.DONE


async def _find(here: Session, target: Target) -> list[App]:
    from lain_tui.core.helm.releases import find_apps
    from lain_tui.core.kube.client import KubeClient

    async with KubeClient.open(target, on_request=here.on_request) as kube:
        return await find_apps(kube, target.namespace)


def _row(app: App) -> AppRow:
    from lain_tui.cli.documents.looking import AppRow

    return AppRow(
        name=app.name,
        release=app.release or None,
        revision=app.revision or None,
        status=app.status or None,
        updated=app.updated,
        image_tag=app.image_tag or None,
        procs=app.procs,
    )
