"""What the tests of release changes share."""

from __future__ import annotations

import subprocess

from lain_tui.core.helm.history import History
from lain_tui.core.helm.sdk import SdkHelm
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.plan import Outcome, Plan, Step
from lain_tui.core.operations.candidate import Choice
from lain_tui.core.operations.deploy import Deploy
from lain_tui.core.operations.operation import Operation
from lain_tui.core.target import Target
from tests.embedded import EmbeddedCluster

HELM = SdkHelm()


async def run(operation: Operation) -> list[Step]:
    return [step async for step in operation.run()]


async def plan_of(kube: KubeClient, target: Target, **choice: object) -> Plan:
    return (await Deploy.prepare(kube, target, Choice(**choice), helm=HELM)).plan  # type: ignore[arg-type]


def check(plan: Plan, words: str) -> tuple[Outcome, str]:
    """How the check with these words in its name ended, and what it said."""
    found = [one for one in plan.checks if words in one.what]
    assert found, [one.what for one in plan.checks]
    return found[0].outcome, f"{found[0].detail} {found[0].hint}".strip()


async def history(kube: KubeClient) -> list[tuple[int, str, str]]:
    """Revision, status and user, newest first."""
    kept = History(kube, "default", "dummy")
    return [(one.revision, one.status, one.user) async for one in kept.details(await kept.revisions())]


async def tag_of(kube: KubeClient, revision: int = 0) -> str:
    kept = History(kube, "default", "dummy")
    return (await kept.record(await kept.find(revision))).image_tag


def git(demo: EmbeddedCluster, *arguments: str) -> str:
    return subprocess.check_output(["git", "-C", str(demo.repository), *arguments], text=True).strip()
