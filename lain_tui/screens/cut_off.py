"""The word about changes of an earlier run that were cut off, with what became of the release."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lain_tui.core.errors import LainError

if TYPE_CHECKING:
    from lain_tui.core.operations.journal import Journal
    from lain_tui.screens.session import Session

_PATIENCE = 10.0
"""Seconds that the cluster is given to say what became of the release."""


async def sentences(journal: Journal, session: Session) -> AsyncIterator[str]:
    """A sentence for each; they are taken out of the journal by it."""
    for one in await asyncio.to_thread(journal.cut_off):
        words = one.sentence(datetime.now(UTC))
        yield f"{words} {await _release_now(session, one.subject)}".rstrip()


async def _release_now(session: Session, subject: str) -> str:
    """Where this session's release stands, if the change was one of its app's; else nothing."""
    from lain_tui.core.helm.releases import current_head
    from lain_tui.core.operations.operation import subject_of

    target = session.target
    if not target.app or subject_of(target) not in subject:
        return ""
    release = target.release or target.app
    try:
        async with asyncio.timeout(_PATIENCE):
            kube, _ = await session.opened()
            head = await current_head(kube, target.namespace, release)
    except (TimeoutError, LainError):
        return ""
    return f"{release} is at revision {head.revision} now: {head.status}." if head is not None else ""
