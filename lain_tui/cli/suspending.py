"""What `suspend` and `resume` share."""

from __future__ import annotations

from lain_tui.cli import operate
from lain_tui.cli.session import Session


async def set_suspended(
    here: Session, proc: str, suspend: bool, *, yes: bool, dry_run: bool, output: str
) -> int:
    from lain_tui.core.jobs.suspend import Suspend
    from lain_tui.core.kube.client import KubeClient

    target = here.app_target()
    async with KubeClient.open(target, on_request=here.on_request) as kube:
        operation = await Suspend.prepare(kube, target, proc, suspend=suspend)
        return await operate.perform(here, operation, yes=yes, dry_run=dry_run, output=output)
