"""Finding two different people for a merge request that nobody was asked to look at."""

from __future__ import annotations

import random

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.forge.forge import Forge
from lain_tui.core.model.review import Person, Review, ReviewState


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks at it now."""

    assignee: Person | None
    reviewer: Person | None
    changed: bool
    remark: str = ""
    """Why nobody, or only one, was found or asked."""


async def assign(forge: Forge, project: str, number: int) -> Assignment:
    """Give it an assignee and a reviewer, two different active people, neither of them the author.

    Who is active and was chosen by hand stays. The same merge request finds the same people when it is asked again.
    Raises LainError when there is nobody to ask.
    """
    review = await forge.review(project, number)
    assignee, reviewer = _kept(review.assignees, review), _kept(review.reviewers, review)
    if assignee is not None and reviewer is not None and assignee.id == reviewer.id:
        # Two are wanted; the reviewer keeps the place that GitLab shows to reviewers.
        assignee = None
    settled = assignee is not None and reviewer is not None
    remark = _at_rest(review) or ("both are there already" if settled else "")
    if remark:
        return Assignment(assignee=assignee, reviewer=reviewer, changed=False, remark=remark)
    taken = {review.author.id, *(person.id for person in (assignee, reviewer) if person)}
    free = [person for person in await forge.candidates(project) if person.id not in taken]
    random.Random(f"{project}!{number}").shuffle(free)
    if not free and reviewer is None:
        raise LainError(
            "there is nobody to ask: no other active person of the project", where=f"{project}!{number}"
        )
    reviewer = reviewer or free.pop()
    assignee = assignee or (free.pop() if free else None)
    if assignee is None and any(person.id == reviewer.id for person in review.reviewers):
        return Assignment(
            assignee=None, reviewer=reviewer, changed=False, remark="there is no second person to ask"
        )
    await forge.assign(review, assignees=[assignee] if assignee else [], reviewers=[reviewer])
    remark = "" if assignee else "there is no second person to ask"
    return Assignment(assignee=assignee, reviewer=reviewer, changed=True, remark=remark)


def _kept(people: tuple[Person, ...], review: Review) -> Person | None:
    return next((person for person in people if person.active and person.id != review.author.id), None)


def _at_rest(review: Review) -> str:
    if review.state is not ReviewState.OPEN:
        return f"it is {review.state.value}"
    return "it is a draft: nobody is asked before it is ready" if review.draft else ""
