"""Every verb in the command palette, with its key; what cannot be done just now says why."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from textual.binding import ActiveBinding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.types import IgnoreReturnCallbackType

from lain_tui.screens.base import LainScreen, key_name


class _Command(NamedTuple):
    text: str
    help: str
    refused: bool
    run: IgnoreReturnCallbackType


class Verbs(Provider):
    """The bindings in force on the screen beneath the palette."""

    def _commands(self) -> Iterator[_Command]:
        screen = self.screen
        verbs = {verb.id: verb for verb in screen.VERBS} if isinstance(screen, LainScreen) else {}
        first: dict[str, tuple[str, ActiveBinding]] = {}
        for key, active in screen.active_bindings.items():
            binding = active.binding
            if not binding.system and binding.tooltip and binding.id is not None:
                first.setdefault(binding.id, (key, active))
        # What the screen is for comes before how one moves about in it.
        for id in sorted(first, key=lambda id: id not in verbs):
            key, active = first[id]
            binding = active.binding
            verb = verbs.get(id)
            reason = screen.refusal(verb) if verb is not None and isinstance(screen, LainScreen) else ""
            text = f"{binding.description}   {key_name(key, active)}"
            run = partial(self.app.run_action, binding.action, active.node)
            yield _Command(text, reason or binding.tooltip, bool(reason), run)

    def _display(self, command: _Command, shown: Content) -> Content:
        return shown.stylize("dim") if command.refused else shown

    async def discover(self) -> Hits:
        for command in self._commands():
            yield DiscoveryHit(
                self._display(command, Content(command.text)), command.run, command.text, command.help
            )

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._commands():
            score = max(matcher.match(command.text), matcher.match(command.help) * 0.8)
            if score > 0:
                shown = self._display(command, matcher.highlight(command.text))
                yield Hit(score, shown, command.run, command.text, command.help)
