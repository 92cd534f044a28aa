"""A request to merge, and who has a word in it: what forges have in common."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the forge."""

    id: int
    username: str
    name: str = ""
    active: bool = True
    """Neither blocked nor deactivated."""


class ReviewState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """A merge request (GitLab) or pull request (GitHub)."""

    project: str
    number: int
    """Within its project."""
    title: str
    state: ReviewState
    draft: bool
    author: Person
    assignees: tuple[Person, ...] = ()
    reviewers: tuple[Person, ...] = ()
    url: str = ""


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """Who agreed to it so far."""

    by: tuple[Person, ...] = ()
    left: int = 0
    """How many the forge's own rules still ask for; 0 where it has no such rules."""
