"""Drive a program in a real pseudo-terminal and time what it paints.

Nothing is interpreted while the program runs: a thread notes each chunk of output with its time, and `Replay`
draws the chunks afterwards on an emulated screen to find when something became visible. The measuring
therefore takes next to no processor time from what is measured.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import termios
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Self

import psutil
import pyte

COLUMNS, LINES = 160, 50

_ESCAPES = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]*[0-~])"
)


class Chunk(NamedTuple):
    time: float
    """`time.perf_counter()` when it was read."""
    data: bytes


class Terminal:
    """A program in a pseudo-terminal; a context manager that ends the program and all it started."""

    def __init__(
        self, argv: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: str | None = None
    ) -> None:
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            **(env or {}),
        }
        for size in ("COLUMNS", "LINES"):  # they would count for more than the terminal's own
            environment.pop(size, None)
        self.chunks: list[Chunk] = []
        self.started = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
            with contextlib.suppress(OSError):
                if cwd:
                    os.chdir(cwd)
                os.execvpe(argv[0], list(argv), environment)
            os._exit(127)
        self.process = psutil.Process(self.pid)
        self._news = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        family = [self.process, *self._children()]
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGTERM)
        _, alive = psutil.wait_procs(family, timeout=5)
        for process in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        self._reader.join(timeout=5)
        self.hang_up()

    def hang_up(self) -> None:
        """Close the terminal, as when its window is closed; it is gone once the program has written again."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)

    def _children(self) -> list[psutil.Process]:
        try:
            return self.process.children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._fd, 1 << 16)
            except OSError:  # Linux answers EIO when the other end is closed
                data = b""
            with self._news:
                if data:
                    self.chunks.append(Chunk(time.perf_counter(), data))
                else:
                    self._ended = True
                self._news.notify_all()
            if not data:
                return

    def send(self, keys: str) -> float:
        """Press keys, and return when."""
        at = time.perf_counter()
        os.write(self._fd, keys.encode())
        return at

    def wait_for(self, pattern: str, *, since: float = 0.0, timeout: float = 60.0) -> float:
        """Wait until the text painted since `since` matches; return the time of the chunk that completed it.

        The text is what was written with the escape sequences taken out: good enough for a word that is
        painted in one go. `Replay` is for everything else.
        """
        sought = re.compile(pattern.encode())
        deadline = time.perf_counter() + timeout
        text = b""
        seen = 0
        while fresh := self._chunks_after(seen, deadline):
            seen += len(fresh)
            for chunk in fresh:
                if chunk.time >= since:
                    text = (text + chunk.data)[-(1 << 18) :]
                    if sought.search(_ESCAPES.sub(b"", text)):
                        return chunk.time
        why = f"the program ended{self._fate()} before" if self._ended else f"{timeout:g} s passed without"
        raise TimeoutError(
            f"{why} {pattern!r} being painted; the screen was:\n{Replay(self.chunks).to_end()}"
        )

    def _fate(self) -> str:
        """How it ended: ` with code 1`, ` by SIGHUP`; empty for one that has only closed its terminal."""
        deadline = time.perf_counter() + 1
        while (told := os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is None:
            if time.perf_counter() > deadline:
                return ""
            time.sleep(0.01)
        if told.si_code == os.CLD_EXITED:
            return f" with code {told.si_status}"
        return f" by {signal.Signals(told.si_status).name}"

    def _chunks_after(self, seen: int, deadline: float) -> list[Chunk]:
        """Wait for more than the `seen` first chunks; nothing once the program has ended or time is up."""
        with self._news:
            self._news.wait_for(
                lambda: len(self.chunks) > seen or self._ended, max(0.0, deadline - time.perf_counter())
            )
            return self.chunks[seen:]

    def resident(self) -> float:
        """Memory of the program and all it started, in MiB, pages shared between them counted once (PSS).

        Of a single process the kernel's figure for resident memory is taken, which is the larger one.
        """
        family = [self.process, *self._children()]
        if len(family) == 1:
            return float(family[0].memory_info().rss) / 2**20
        return float(sum(process.memory_full_info().pss for process in family)) / 2**20

    def cpu_seconds(self) -> float:
        """Processor time that the program and all it started have used so far."""
        return float(
            sum(t.user + t.system for t in (p.cpu_times() for p in [self.process, *self._children()]))
        )


class Replay:
    """What a recording looks like on a screen, chunk by chunk."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._chunks = list(chunks)
        self.screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self.screen)
        self._backgrounds = ["default"] * LINES

    def __iter__(self) -> Iterator[float]:
        """Draw chunk after chunk; yields each one's time once it is on the screen."""
        for chunk in self._chunks:
            self._stream.feed(_KITTY.sub(b"", chunk.data))
            yield chunk.time

    def to_end(self) -> str:
        for _ in self:
            pass
        return self.text()

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def when(self, visible: Callable[[Replay], bool], *, since: float = 0.0) -> float | None:
        """Draw on until it is visible, from the moment `since` on; the time of the chunk that made it so."""
        return next((at for at in self if at >= since and visible(self)), None)

    def selected_row(self) -> int | None:
        """The row that the selection is on: the only one of its background; None when no row stands out.

        Header and footer, the first and the last row, do not count.
        """
        for y in self.screen.dirty:
            row = self.screen.buffer[y]
            backgrounds = Counter(row[x].bg for x in range(0, COLUMNS, 8))
            self._backgrounds[y] = backgrounds.most_common(1)[0][0]
        self.screen.dirty.clear()
        between = self._backgrounds[1 : LINES - 1]
        alone = [y for y, background in enumerate(between, 1) if between.count(background) == 1]
        return alone[0] if len(alone) == 1 else None


# pyte takes the private sequences of newer protocols (CSI > … u, CSI ? … $ p) for ones it knows.
_KITTY = re.compile(rb"\x1b\[[<=>?][0-9;]*(?:u|\$p)|\x1b\[>[0-9;]*[a-z]")
