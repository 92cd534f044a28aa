"""What lain-tui asks of a forge; GitLab is the one that answers so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, Self

from lain_tui.core.errors import LainError
from lain_tui.core.model.review import Approval, Person, Review

if TYPE_CHECKING:
    from types import TracebackType

    from lain_tui.core.kube.calls import Trace

TOKEN = "GITLAB_API_TOKEN"


class Forge(Protocol):
    """One forge, for as long as its context is open. Everything raises LainError."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    async def review(self, project: str, number: int) -> Review:
        """The merge request as it is now."""

    async def approval(self, project: str, number: int) -> Approval:
        """Who agreed to it, as it is now."""

    async def candidates(self, project: str) -> list[Person]:
        """Who may be asked to look: active people (no bots) of the project; those who wrote code of it when any did."""

    async def assign(self, review: Review, *, assignees: list[Person], reviewers: list[Person]) -> None:
        """Set both; an empty list leaves nobody."""


def open_forge(
    settings: Mapping[str, Any],
    env: Mapping[str, str],
    on_request: Callable[[Trace], None] | None = None,
) -> Forge:
    """The forge that the cluster's values name (`gitlab`), else the one whose CI this runs in (CI_SERVER_URL)."""
    from lain_tui.core.forge.gitlab import GitLab

    address = str(settings.get("gitlab") or env.get("CI_SERVER_URL") or "")
    if not address:
        raise LainError(
            "where is GitLab?",
            hint="Set gitlab in the cluster's values; in GitLab's CI it is known by itself.",
        )
    token = env.get(TOKEN, "")
    if not token:
        raise LainError(
            f"GitLab wants a token, and {TOKEN} is not set",
            hint="Make a project access token with the scope api, and give it to CI as a masked variable.",
        )
    if "://" not in address:
        address = f"https://{address}"
    return GitLab(address, token, on_request=on_request)
