"""The same Secret on two clusters: which keys differ, told by hash and never by value."""

from __future__ import annotations

import hmac
import secrets
from enum import StrEnum

import msgspec

from lain_tui.core.model.holder import Holder


class Sameness(StrEnum):
    """How the two sides of a key compare."""

    EQUAL = "equal"
    DIFFERENT = "different"
    ONLY_HERE = "only here"
    ONLY_THERE = "only there"


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One key on both sides."""

    key: str
    verdict: Sameness
    here: str = ""
    """A hash of the value: equal hashes in one comparison mean equal values; they say nothing to anybody else."""
    there: str = ""


def compare(here: Holder, there: Holder) -> list[Compared]:
    """Every key of either, in order."""
    # A salt of this comparison's own: a plain hash of a weak password is as good as the password.
    salt = secrets.token_bytes(32)

    def hashed(value: bytes | None) -> str:
        return "" if value is None else hmac.new(salt, value, "sha256").hexdigest()[:12]

    found = []
    for key in sorted({*here.data, *there.data}):
        ours, theirs = here.data.get(key), there.data.get(key)
        if theirs is None:
            verdict = Sameness.ONLY_HERE
        elif ours is None:
            verdict = Sameness.ONLY_THERE
        else:
            verdict = Sameness.EQUAL if ours == theirs else Sameness.DIFFERENT
        found.append(Compared(key=key, verdict=verdict, here=hashed(ours), there=hashed(theirs)))
    return found
