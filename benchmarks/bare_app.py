"""The peer of the start-up claim: the least that Textual can be, a word on a screen."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class BareApp(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("a bare app")


if __name__ == "__main__":
    BareApp().run()
