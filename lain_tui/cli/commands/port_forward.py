"""`lain-tui port-forward`."""

from __future__ import annotations

import click

from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.outcome import tell
from lain_tui.cli.session import Session, session


@click.command(epilog="Example: lain-tui port-forward web 8080:80")
@click.argument("name", metavar="PROC|POD")
@click.argument("ports", nargs=-1, metavar="[[LOCAL:]REMOTE]…")
def command(name: str, ports: tuple[str, ...]) -> int:
    """Bring ports of a proc's pod to 127.0.0.1, until ctrl+c.

    Each connection goes to the newest running pod, so that a replaced pod is followed. Without ports it is the one
    that the container declares. `:80` takes any free port here; 80 alone becomes 8080, 8000 stays 8000.
    """
    here = session()
    return here.run(_forward(here, name, ports))


async def _forward(here: Session, name: str, ports: tuple[str, ...]) -> int:
    import asyncio

    from lain_tui.core.forward.forward import parse_ports
    from lain_tui.core.forward.forwards import Forwards
    from lain_tui.core.kube.client import KubeClient

    asked = [parse_ports(text) for text in ports] or [(0, 0)]
    told: dict[int, str] = {}

    def changed() -> None:
        for row in forwards.rows:
            if row.error and told.get(row.local) != row.error:
                tell(f"{row.address}: {row.error}")
            told[row.local] = row.error

    forwards = Forwards(changed)
    target = here.target()
    async with KubeClient.open(target, on_request=here.on_request) as kube:
        try:
            for local, remote in asked:
                row = await forwards.start(kube, target, name, remote=remote, local=local)
                click.echo(f"{row.address} -> {row.name} {row.remote}")
            here.say("ctrl+c ends it.")
            await asyncio.Event().wait()
        finally:
            await forwards.close()
    return ExitCode.DONE
