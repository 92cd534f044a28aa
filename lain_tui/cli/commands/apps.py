"""`lain-tui apps`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.output import age, print_json, print_table
from lain_tui.cli.session import Session, session

if TYPE_CHECKING:
    from lain_tui.core.helm.releases import App
    from lain_tui.core.target import Target


@click.command(epilog="Example: lain-tui -n team apps -o json")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(output: str) -> int:
    """List the apps of the namespace.

    An app is what workloads carry as app.kubernetes.io/name, or a helm release.
    """
    here = session()
    target = here.target()
    found = here.run(_find(here, target))
    if output == "json":
        print_json(
            "Apps",
            {"cluster": target.cluster, "namespace": target.namespace, "apps": [_row(app) for app in found]},
        )
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


def _row(app: App) -> dict[str, object]:
    return {
        "name": app.name,
        "release": app.release or None,
        "revision": app.revision or None,
        "status": app.status or None,
        "updated": app.updated,
        "imageTag": app.image_tag or None,
        "procs": app.procs,
    }
