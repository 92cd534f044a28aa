"""Whether pods may be evicted now, asked by dry runs: before a change, so that its plan tells."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import Forbidden, KubeError, TooManyRequests
from lain_tui.core.model.plan import Check, Outcome
from lain_tui.core.model.status import PodRow, ProcRow
from lain_tui.core.model.text import spell


async def budget_checks(
    kube: KubeClient, rows: Sequence[tuple[ProcRow, PodRow]], patience: float
) -> tuple[Check, ...]:
    """One check for each proc of which no pod may be evicted now; `patience` is how long an eviction is tried.

    One pod of each proc is asked for, its healthiest: budgets let broken ones go.
    """
    healthiest: dict[str, tuple[ProcRow, PodRow]] = {}
    for row, pod in rows:
        known = healthiest.get(row.uid)
        if known is None or pod.severity <= known[1].severity:
            healthiest[row.uid] = row, pod
    found = await asyncio.gather(*(_check(kube, row, pod, patience) for row, pod in healthiest.values()))
    return tuple(check for check in found if check is not None)


async def _check(kube: KubeClient, row: ProcRow, pod: PodRow, patience: float) -> Check | None:
    what = f"evicting pods of {row.name}"
    try:
        await kube.evict(pod.name, pod.namespace, uid=pod.uid, dry_run=True)
    except TooManyRequests as error:
        hint = f"Each eviction waits for its budget, {spell(patience)} at most."
        return Check(what=what, outcome=Outcome.WARNED, detail=error.what, hint=hint)
    except Forbidden as error:
        return Check(what=what, outcome=Outcome.FAILED, detail=error.what, hint=error.hint)
    except KubeError:
        # It went meanwhile, or a webhook refuses dry runs: the eviction itself will tell.
        return None
    return None
