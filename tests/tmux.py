"""A program in a real terminal that a person could look at too: tmux, with a server of the test's own."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.cluster.binary import mortal


class Tmux:
    """One terminal of 120×40; a context manager. It ends with this process, however that ends."""

    def __init__(self, folder: Path, *, size: tuple[int, int] = (120, 40)) -> None:
        self._socket = folder / "tmux"
        self._size = size

    def __enter__(self) -> Self:
        self._server = subprocess.Popen(
            mortal(["tmux", "-S", self._socket, "-f", os.devnull, "-D"]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while not self._socket.exists():
            assert time.monotonic() < deadline, "tmux did not start"
            time.sleep(0.05)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.terminate()
        self._server.wait(10)
        self._socket.unlink(missing_ok=True)

    def run(self, argv: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> None:
        """Run a program in it, with this environment and no other."""
        columns, lines = map(str, self._size)
        settings = [f"{name}={value}" for name, value in env.items()]
        shell = shlex.join(["env", "-i", "TERM=tmux-256color", *settings, *argv])
        self._tmux("new-session", "-d", "-s", "it", "-x", columns, "-y", lines, "-c", str(cwd), shell)

    def press(self, *keys: str) -> None:
        """Press keys by their names (Enter, Escape, C-p), other words letter by letter."""
        for key in keys:
            self._tmux("send-keys", "-t", "it", key)

    def click(self, column: int, row: int) -> None:
        """Press and let go of the mouse there, as a terminal reports it (SGR); both count from 1."""
        for way in "Mm":
            self._tmux("send-keys", "-t", "it", "-l", f"\x1b[<0;{column};{row}{way}")
            time.sleep(0.1)  # as a finger does

    def resize(self, columns: int, rows: int) -> None:
        self._tmux("resize-window", "-t", "it", "-x", str(columns), "-y", str(rows))

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p", "-t", "it")

    def history(self) -> str:
        """The screen, and everything that can be scrolled back to."""
        return self._tmux("capture-pane", "-p", "-S", "-", "-t", "it")

    @property
    def alternate(self) -> bool:
        """A full-screen program has the terminal to itself."""
        return self._tmux("display-message", "-p", "-t", "it", "#{alternate_on}").strip() == "1"

    @property
    def modes(self) -> str:
        """What is on, as 0 and 1: alternate screen, mouse, cursor, cursor keys, keypad, wrap."""
        names = (
            "alternate_on",
            "mouse_any_flag",
            "cursor_flag",
            "keypad_cursor_flag",
            "keypad_flag",
            "wrap_flag",
        )
        asked = " ".join(f"#{{{name}}}" for name in names)
        return self._tmux("display-message", "-p", "-t", "it", asked).strip()

    def wait_for(self, *words: str, seconds: float = 60) -> str:
        """The screen once all of these are on it."""
        return self.wait_until(lambda screen: all(word in screen for word in words), seconds=seconds)

    def wait_until(self, is_so: Callable[[str], bool], seconds: float = 60) -> str:
        """The screen once it is so."""
        deadline = time.monotonic() + seconds
        while not is_so(screen := self.screen()):
            assert time.monotonic() < deadline, f"it never became so within {seconds} s:\n{screen}"
            time.sleep(0.1)
        return screen

    def ended(self, seconds: float = 20) -> bool:
        """Whether the program ends by itself within that time."""
        deadline = time.monotonic() + seconds
        while (
            subprocess.run(
                self._command("has-session", "-t", "it"), capture_output=True, check=False
            ).returncode
            == 0
        ):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(self._command(*words), capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"tmux {words[0]}: {done.stderr}"
        return done.stdout

    def _command(self, *words: str) -> list[str]:
        return ["tmux", "-S", str(self._socket), *words]
