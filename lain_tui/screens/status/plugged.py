"""The Status screen with the user's own commands among its verbs."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import App
from textual.binding import Binding

from lain_tui.core.config import plugins
from lain_tui.core.errors import LainError
from lain_tui.core.process import attend
from lain_tui.screens.editor import terminal_lent
from lain_tui.screens.status.screen import StatusScreen
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.pod_table import PodTable

if TYPE_CHECKING:
    from lain_tui.core.config.settings import Plugin

_PREFIX = "plugin."


def plugged(own: Mapping[str, Plugin]) -> type[StatusScreen]:
    """The screen's class for these plugins; raises LainError for one that cannot be: its key is taken, its names wrong."""
    taken = {key: binding.description for binding in _bindings() for key in binding.key.split(",")}
    verbs = []
    for name, plugin in own.items():
        plugins.check(name, plugin)
        if plugin.key in taken:
            raise LainError(
                f"the key {plugin.key} is that of {taken[plugin.key]!r}",
                where=f"plugin {name}",
                hint="Take another one; ? shows those in use.",
            )
        told = f"Run {shlex.join(plugin.command)}"
        verbs.append(
            Verb(f"{_PREFIX}{name}", plugin.key, plugin.label or name, told, worth=60, changes=plugin.changes)
        )
        taken[plugin.key] = name
    members = {"VERBS": (*StatusScreen.VERBS, *verbs), "PLUGINS": dict(own)}
    return type("PluggedStatusScreen", (_Plugged,), members)


def _bindings() -> Iterator[Binding]:
    """What keys do on the screen, and in the table that has focus."""
    for owner in (StatusScreen, PodTable, App):
        yield from Binding.make_bindings(owner.BINDINGS)


class _Plugged(StatusScreen):
    PLUGINS: ClassVar[Mapping[str, Plugin]] = {}

    def do(self, verb: Verb) -> Any:
        if verb.id.startswith(_PREFIX):
            return self._run(verb.id.removeprefix(_PREFIX))
        return super().do(verb)

    def refusal(self, verb: Verb) -> str:
        if reason := super().refusal(verb):
            return reason
        if verb.id.startswith(_PREFIX):
            name = verb.id.removeprefix(_PREFIX)
            try:
                plugins.resolved(name, self.PLUGINS[name], self._selection())
            except LainError as error:
                return str(error)
        return ""

    def _selection(self) -> dict[str, str]:
        found = plugins.of_target(self.target)
        row = self.query_one(PodTable).row
        if row is not None:
            found |= {"PROC": row.proc.name, "RESOURCE": row.proc.resource, "KIND": row.proc.kind}
            if row.pod is not None:
                found |= {"POD": row.pod.name, "NODE": row.pod.node}
        return found

    @work(group="status-plugin", exclusive=True, exit_on_error=False)
    async def _run(self, name: str) -> None:
        from lain_tui.screens.confirm import ConfirmScreen

        plugin, selection = self.PLUGINS[name], self._selection()
        argv = plugins.resolved(name, plugin, selection)
        guarded = plugin.changes and self.target.protected
        question = ConfirmScreen(
            f"Run {name} on {self.target.cluster}?",
            [shlex.join(argv)],
            answer=(self.target.app or self.target.namespace) if guarded else "",
        )
        if not await self.app.push_screen_wait(question):
            return
        try:
            with terminal_lent(self.app):
                code = await plugins.run(argv, selection)
                if plugin.pause:
                    print(f"\n[exit code {code}: press enter to go back to lain-tui] ", end="", flush=True)
                    await attend(["sh", "-c", "read -r _"])
        except LainError as error:
            self.say_error(error)
            return
        if code:
            self.say(f"{name} ended with exit code {code}", severity="warning")
