"""The one error type that users can act on."""

from __future__ import annotations


class LainError(Exception):
    """Something the user can mend: what is wrong, where, and what to do next.

    Raised in core at the boundary where the cause is known; a screen and a command show it alike, as one
    sentence. Any other exception is a bug of ours.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        """What is wrong, as a clause without a full stop."""
        self.where = where
        """The file, line and key, the URL, or the object concerned; empty when there is none."""
        self.hint = hint
        """What to do next; empty when there is nothing better than the plain statement."""

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}. {self.hint}" if self.hint else text


class Refused(LainError):
    """A change that was not begun: read-only, a check that failed, no confirmation."""
