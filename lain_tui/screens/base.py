"""What every screen has: one gate for its verbs, the footer of its keys, a word when the terminal is too small."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import ActiveBinding, BindingType
from textual.keys import format_key
from textual.screen import Screen

from lain_tui.core.errors import LainError
from lain_tui.screens.verbs import Verb, bindings
from lain_tui.widgets.key_footer import Hint, KeyFooter
from lain_tui.widgets.notices import TooSmall

if TYPE_CHECKING:
    from lain_tui.screens.operations import Running

LEAST_WIDTH, LEAST_HEIGHT = 60, 12
_FOCUSED = 100
"""The worth of the keys of the widget that has focus."""
_TOLD_FOR = 5.0
"""Seconds that a word in the corner stays at least."""
_READ = 15
"""Characters that a tired reader takes in within a second."""

T = TypeVar("T")

COMMON = (
    Verb("screen.help", "question_mark", "keys", "Show all keys of this screen, and search them", worth=88),
    Verb("screen.quit", "q", "quit", "Leave lain-tui", worth=35),
)


class LainScreen(Screen[T], Generic[T]):
    """A full screen. Its `VERBS` become key bindings, footer, help and palette entries."""

    VERBS: ClassVar[tuple[Verb, ...]] = COMMON
    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    LainScreen {
        background: $background;
        overflow: hidden;
        & > TooSmall { display: none; }
        &.-too-small > * { display: none; }
        &.-too-small > TooSmall { display: block; }
    }
    """

    def __init_subclass__(cls, **options: Any) -> None:
        cls.BINDINGS = [*bindings(cls.VERBS), *cls.__dict__.get("BINDINGS", ())]
        super().__init_subclass__(**options)

    def __init__(self) -> None:
        super().__init__()
        self._keys: dict[str, str] = {}
        self._seen = asyncio.Event()
        self._seen.set()

    def compose(self) -> ComposeResult:
        yield from self.compose_content()
        yield KeyFooter()
        yield TooSmall(LEAST_WIDTH, LEAST_HEIGHT)

    def compose_content(self) -> ComposeResult:
        """Everything between the edges of the screen and its footer."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.bindings_updated_signal.subscribe(self, lambda _: self.show_keys())

    def on_resize(self, event: events.Resize) -> None:
        size = event.size
        self.set_class(size.width < LEAST_WIDTH or size.height < LEAST_HEIGHT, "-too-small")

    # In sight

    async def in_sight(self) -> None:
        """Wait until there is somebody to see it: pictures of what another screen covers would only cost keys."""
        await self._seen.wait()

    def on_screen_suspend(self) -> None:
        if not self.app.screen.is_modal:  # around a dialog it is still seen
            self._seen.clear()

    def on_screen_resume(self) -> None:
        self._seen.set()

    # Verbs

    def refusal(self, verb: Verb) -> str:
        """Why the verb cannot be done just now; empty when it can."""
        return ""

    def worth(self, verb: Verb) -> int:
        """How long it stays in the footer of a narrow terminal just now."""
        return verb.worth

    async def action_do(self, id: str) -> None:
        """The one gate: nothing is done that `refusal` speaks against, and errors become a sentence."""
        verb = next(verb for verb in self.VERBS if verb.id == id)
        if reason := self.refusal(verb):
            self.say(reason, severity="warning")
            return
        try:
            done = self.do(verb)
            if inspect.isawaitable(done):
                await done
        except LainError as error:
            self.say_error(error)

    def do(self, verb: Verb) -> Any:
        """Do it; what is awaitable is awaited."""
        return getattr(self, f"verb_{verb.name}")()

    @on(KeyFooter.Pressed)
    async def _footer_pressed(self, message: KeyFooter.Pressed) -> None:
        await self.run_action(message.action)

    def verb_help(self) -> None:
        from lain_tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self))

    async def verb_quit(self) -> None:
        await self.app.action_quit()

    def verb_back(self) -> None:
        self.dismiss()

    # Words

    def shows(self, running: Running) -> bool:
        """Whether it is a change's own picture, so that its end need not be told besides."""
        return False

    def say(self, text: str, *, severity: str = "information") -> None:
        """Tell the user in a corner of the screen; never reads the text as markup.

        What is still told there is told anew, not twice: words that pile up hide what they are about.
        """
        from lain_tui.core.model.text import plain

        words = plain(text)
        for told in list(self.app._notifications):
            if told.message == words:
                self.app._unnotify(told, refresh=False)
        level = severity if severity in ("warning", "error") else "information"
        stays = max(_TOLD_FOR, len(words) / _READ)
        self.notify(words, severity=level, timeout=stays, markup=False)  # type: ignore[arg-type]

    def say_error(self, error: LainError) -> None:
        self.say(str(error), severity="error")

    # Keys

    def keys(self) -> dict[str, str]:
        """The key in force for each verb, by the last part of the verb's name."""
        for key, active in reversed(self.active_bindings.items()):
            if active.node is self and active.binding.id:
                self._keys[active.binding.id.rpartition(".")[2]] = key_name(key, active)
        return dict(self._keys)

    def _is_typed(self, key: str) -> bool:
        """The line that has focus takes it for a letter: Textual knows that of keys named by one sign only."""
        focused, letter = self.focused, format_key(key)
        return focused is not None and len(letter) == 1 and focused.check_consume_key(key, letter)

    def show_keys(self) -> None:
        """Bring the footer up to date with what has focus."""
        if not self.is_mounted or not (footers := self.query(KeyFooter)):
            return
        verbs = {verb.id: verb for verb in self.VERBS}
        hints: dict[str, Hint] = {}
        for key, active in reversed(self.active_bindings.items()):
            binding = active.binding
            if not binding.show or binding.id is None or self._is_typed(key):
                continue
            verb = verbs.get(binding.id)
            if verb is not None:
                enabled = not self.refusal(verb)
                hint = Hint(key_name(key, active), verb.label, binding.action, enabled, self.worth(verb))
            else:
                hint = Hint(key_name(key, active), binding.description, worth=_FOCUSED)
            hints[binding.id] = hint
        order = {verb.id: place for place, verb in enumerate(self.VERBS)}
        footers.first().show([hints[id] for id in sorted(hints, key=lambda id: order.get(id, -1))])


def key_name(key: str, active: ActiveBinding) -> str:
    """A key as people write it: `ctrl+z`, `?`, `esc`."""
    if active.binding.key_display:
        return active.binding.key_display
    *modifiers, last = key.split("+") if key != "+" else [key]
    name = {"escape": "esc", "enter": "enter"}.get(last) or format_key(last)
    return "+".join([*modifiers, name])
