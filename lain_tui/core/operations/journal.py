"""Changes under way, written down as they go, so that the next start can tell of one that nobody saw the end of.

A file for each, held locked by the process that makes the change: one that is not locked was left behind, by whatever
ended its process. It holds the plan's verb and subject and the names of steps, and nothing that a step told: no value,
no line of a log.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import msgspec

from lain_tui.core.model.plan import Plan, Step, StepState
from lain_tui.core.model.text import listed, since
from lain_tui.core.state import state_folder


class CutOff(msgspec.Struct, frozen=True, kw_only=True):
    """A change whose end nobody saw."""

    verb: str
    subject: str
    began: datetime
    why: str = ""
    """What ended lain-tui, as a clause; empty when it had no time to say."""
    done: tuple[str, ...] = ()
    under_way: tuple[str, ...] = ()

    def sentence(self, now: datetime) -> str:
        """What the user is told of it."""
        told = [
            f"{self.verb} {self.subject}, begun {since(self.began, now)} ago, was cut off: "
            f"{self.why or 'lain-tui was ended from outside'}."
        ]
        if self.done:
            told.append(f"Done by then: {listed(self.done, most=6)}.")
        if self.under_way:
            told.append(f"Under way: {listed(self.under_way)}.")
        if any(what.startswith("helm ") for what in self.under_way):
            told.append(
                "Helm was let finish, and nobody followed the pods."
                if self.why
                else "Whether helm finished, lain-tui history tells."
            )
        if not self.done and not self.under_way:
            told.append("Nothing was done.")
        return " ".join(told)


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a file: the first says what the change is, the others how it went."""

    verb: str = ""
    subject: str = ""
    began: datetime | None = None
    what: str = ""
    state: str = ""
    why: str = ""


def _encoded(line: _Line) -> bytes:
    return msgspec.json.encode(line) + b"\n"


class Page:
    """One change's file. Nothing here raises: a full disk must not stop a change."""

    def __init__(self, file: IO[bytes] | None, path: Path) -> None:
        self._file, self._path = file, path
        self._known: set[tuple[str, str]] = set()

    def step(self, step: Step) -> None:
        """Note that a step has begun, is done or has failed."""
        known = (step.what, step.state.value)
        if step.state is not StepState.TOLD and known not in self._known:
            self._known.add(known)
            self._write(_Line(what=step.what, state=step.state.value))

    def ended(self) -> None:
        """The user knows how it ended."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
        self._close()

    def leave(self, why: str) -> None:
        """It is left as it is, for the next start to tell."""
        self._write(_Line(why=why))
        self._close()

    def _write(self, line: _Line) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError, ValueError):
                self._file.write(_encoded(line))

    def _close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None


class Journal:
    """The folder of those files."""

    def __init__(self, folder: Path | None = None) -> None:
        """In the state directory, unless another folder is named."""
        self._folder = folder if folder is not None else state_folder() / "changes"

    def begin(self, plan: Plan) -> Page:
        """Open a file for a change that is about to be made."""
        began = datetime.now(UTC)
        path = self._folder / f"{began:%Y%m%d-%H%M%S-%f}-{os.getpid()}.jsonl"
        fresh = path.with_suffix(".new")  # not to be found before it is locked
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            file = os.fdopen(handle, "wb", buffering=0)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.write(_encoded(_Line(verb=plan.verb, subject=plan.subject, began=began)))
            fresh.rename(path)
        except OSError:
            return Page(None, path)
        return Page(file, path)

    def cut_off(self) -> list[CutOff]:
        """Take out the changes that were left behind, oldest first: who asks has to tell the user."""
        try:
            paths = sorted(self._folder.glob("*.jsonl"))
        except OSError:
            return []
        found = [_take(path) for path in paths]
        return [one for one in found if one is not None]


def _take(path: Path) -> CutOff | None:
    """Read and remove a file, unless its change is still being made, or another start is reading it."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            lines = file.read().splitlines()
            path.unlink()
    except OSError:
        return None
    told: list[_Line] = []
    for line in lines:
        with contextlib.suppress(msgspec.MsgspecError):  # cut off in the middle of a line
            told.append(msgspec.json.decode(line, type=_Line))
    head = told[0] if told else _Line()
    if not head.verb or head.began is None:
        return None
    states = {line.what: line.state for line in told if line.what}
    return CutOff(
        verb=head.verb,
        subject=head.subject,
        began=head.began,
        why=next((line.why for line in reversed(told) if line.why), ""),
        done=tuple(what for what, state in states.items() if state == StepState.DONE),
        under_way=tuple(what for what, state in states.items() if state == StepState.BEGUN),
    )
