"""What can be deployed: the registry's tags, HEAD's own, and which of them runs."""

from __future__ import annotations

import os
from typing import NamedTuple

from lain_tui.core.config.resolve import target_values
from lain_tui.core.errors import LainError
from lain_tui.core.helm.history import History
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.operations.candidate import chart_of
from lain_tui.core.project.git import read_facts
from lain_tui.core.registry.tags import Tag, join_commits, list_tags
from lain_tui.core.target import Target


class Choices(NamedTuple):
    """The tags, newest first."""

    tags: list[Tag]
    running: str
    """The tag of the newest revision; empty for an app that is not deployed."""
    revision: int
    head: str
    """HEAD's tag; empty outside git."""
    missing: frozenset[str] = frozenset()
    """Tags that are listed though the registry does not have them, or could not be asked."""
    trouble: str = ""
    """Why the registry could not be asked."""


async def find_choices(kube: KubeClient, target: Target) -> Choices:
    """Raises LainError when the app's chart is not here, and KubeError."""
    chart = chart_of(target)
    facts = await read_facts(chart.parent)
    head = facts.tag if facts is not None and facts.head is not None else ""
    history = History(kube, target.namespace, target.release or target.app)
    revisions = await history.revisions()
    running = (await history.record(revisions[0])).image_tag if revisions else ""
    trouble = ""
    try:
        tags = await list_tags(target_values(target).effective(), target.app, chart.parent, os.environ)
        tags = [tag for tag in tags if tag.name != "latest"]
    except LainError as error:
        trouble, tags = str(error), []
    known = {tag.name for tag in tags}
    missing = [tag for tag in dict.fromkeys((head, running)) if tag and tag not in known]
    tags = sorted([*await join_commits(chart.parent, missing), *tags], key=lambda tag: tag.name, reverse=True)
    return Choices(
        tags=tags,
        running=running,
        revision=revisions[0].revision if revisions else 0,
        head=head,
        missing=frozenset(missing),
        trouble=trouble,
    )
