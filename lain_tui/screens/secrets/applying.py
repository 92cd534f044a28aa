"""A draft on its way to the cluster; from there on to those that still run the old values."""

from __future__ import annotations

from collections.abc import Callable

from lain_tui.screens.operation import OperationScreen
from lain_tui.screens.operations import Operations, Running
from lain_tui.screens.verbs import Verb


class ApplyScreen(OperationScreen):
    """Follows the change, and offers the restart that it calls for."""

    VERBS = (
        Verb(
            "operation.readers",
            "R",
            "restart readers",
            "Restart those that still run the old values, one pod after the other",
            worth=95,
            changes=True,
        ),
        *OperationScreen.VERBS,
    )

    def __init__(
        self,
        operations: Operations,
        running: Running,
        *,
        behind: Callable[[], bool],
        restart: Callable[[], object],
    ) -> None:
        """`behind` says whether anybody still runs the old values; `restart` asks to restart them."""
        super().__init__(operations, "apply", None, running)
        self._behind = behind
        self._restart = restart

    def refusal(self, verb: Verb) -> str:
        if verb.id == "operation.readers":
            if self._under_way is None or not self._under_way.over:
                return "it is under way"
            return "" if self._behind() else "nothing was applied here that a proc does not see yet"
        return super().refusal(verb)

    def verb_readers(self) -> None:
        self.dismiss()
        self._restart()
