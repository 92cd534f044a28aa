"""A change to images from the command line: its plan, its steps with their bytes, and what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from lain_tui.cli.operate import tell_or_print
from lain_tui.cli.output import print_document
from lain_tui.cli.progress import tell
from lain_tui.cli.session import Session
from lain_tui.core.model.build import BuildEvent, BuildStep
from lain_tui.core.operations.build import step_of

if TYPE_CHECKING:
    from lain_tui.core.model.plan import Plan, Step


class Making:
    """What one command makes: told while it is made, printed at its end."""

    def __init__(self, here: Session, plan: Plan, *, dry_run: bool, output: str) -> None:
        self._here, self._plan, self._dry_run, self._output = here, plan, dry_run, output
        self._steps: list[Step] = []
        if dry_run or output == "text":
            tell_or_print(here, plan, dry_run=dry_run, output=output)

    async def follow(self, *changes: AsyncIterator[BuildEvent]) -> str:
        """Do one after the other, and return what was made last; raises what they raise.

        With JSON wanted the document of all of them is printed, whether they end well or not.
        """
        made, error = "", ""
        try:
            for change in changes:
                made = await tell(self._here, self._noted(change))
        except BaseException as failure:
            error = str(failure) or "interrupted"
            raise
        finally:
            if self._output != "text":
                from lain_tui.cli.documents.changing import OperationDocument

                document = OperationDocument(
                    plan=self._plan, steps=tuple(self._steps), error=error, result=made if not error else None
                )
                print_document(document, self._output)
        return made

    async def _noted(self, change: AsyncIterator[BuildEvent]) -> AsyncIterator[BuildEvent]:
        async for event in change:
            if isinstance(event, BuildStep):
                self._steps.append(step_of(event))
            yield event
