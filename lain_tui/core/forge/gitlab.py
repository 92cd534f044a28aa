"""GitLab's REST API, version 4, of its Free (CE) and paid (EE) editions alike.

References: docs.gitlab.com/api/rest (paging, statuses), /api/merge_requests, /api/merge_request_approvals,
/api/project_members, /api/repositories (contributors).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp
import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.kube.backoff import Backoff
from lain_tui.core.kube.calls import Trace
from lain_tui.core.model.review import Approval, Person, Review, ReviewState

TIMEOUT = 20.0
"""Seconds for one answer."""
TRIES = 4
"""How often a request is sent that GitLab could not answer just then."""
_LONGEST_WAIT = 60.0
_DEVELOPER = 30
"""The access level from which on people merge (GitLab's "Developer")."""
_BOT = re.compile(r"(project|group)_\d+_bot|ghost$|support-bot$|alert-bot$")
_LATER = frozenset({408, 429, 500, 502, 503, 504})


class _User(msgspec.Struct, frozen=True):
    id: int
    username: str
    name: str = ""
    state: str = "active"
    access_level: int = _DEVELOPER

    def person(self) -> Person:
        return Person(id=self.id, username=self.username, name=self.name, active=self.state == "active")


class _MergeRequest(msgspec.Struct, frozen=True):
    iid: int
    title: str
    state: str
    author: _User
    draft: bool = False
    work_in_progress: bool = False
    """What `draft` was called before GitLab 14."""
    assignees: list[_User] = []
    reviewers: list[_User] | None = None
    web_url: str = ""


class _ApprovedBy(msgspec.Struct, frozen=True):
    user: _User


class _Approvals(msgspec.Struct, frozen=True):
    approved_by: list[_ApprovedBy] = []
    approvals_left: int | None = 0
    """EE only; CE knows of no rules."""


class _Contributor(msgspec.Struct, frozen=True):
    name: str
    email: str = ""


class _NotNow(Exception):
    """It may go well when it is asked again, after `wait` seconds at the least."""

    def __init__(self, error: LainError, wait: float = 0.0) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait


class GitLab:
    """One GitLab; use as an async context manager."""

    def __init__(self, url: str, token: str, *, on_request: Callable[[Trace], None] | None = None) -> None:
        self._url = f"{url.rstrip('/').removesuffix('/api/v4')}/api/v4"
        self._headers = {"PRIVATE-TOKEN": token}
        self._on_request = on_request
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        self._session = aiohttp.ClientSession(timeout=timeout, trust_env=True, headers=self._headers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def review(self, project: str, number: int) -> Review:
        found = self._decode(await self._ask("GET", _path(project, number)), _MergeRequest)
        states = {"opened": ReviewState.OPEN, "merged": ReviewState.MERGED, "closed": ReviewState.CLOSED}
        return Review(
            project=project,
            number=found.iid,
            title=found.title,
            # "locked" is a merge under way.
            state=states.get(found.state, ReviewState.OPEN),
            draft=found.draft or found.work_in_progress,
            author=found.author.person(),
            assignees=tuple(user.person() for user in found.assignees),
            reviewers=tuple(user.person() for user in found.reviewers or ()),
            url=found.web_url,
        )

    async def approval(self, project: str, number: int) -> Approval:
        told = self._decode(await self._ask("GET", f"{_path(project, number)}/approvals"), _Approvals)
        return Approval(
            by=tuple(one.user.person() for one in told.approved_by), left=told.approvals_left or 0
        )

    async def candidates(self, project: str) -> list[Person]:
        base = f"/projects/{quote(project, safe='')}"
        members = await self._all(f"{base}/members/all", _User)
        writers = await self._all(f"{base}/repository/contributors", _Contributor)
        known = {_folded(writer.name) for writer in writers}
        known |= {_folded(writer.email.partition("@")[0]) for writer in writers}
        people = {
            user.id: user
            for user in members
            if user.state == "active" and user.access_level >= _DEVELOPER and not _BOT.match(user.username)
        }
        wrote = [
            user for user in people.values() if {_folded(user.name), _folded(user.username)} & known - {""}
        ]
        return [user.person() for user in wrote or people.values()]

    async def assign(self, review: Review, *, assignees: list[Person], reviewers: list[Person]) -> None:
        body = {
            "assignee_ids": [person.id for person in assignees],
            "reviewer_ids": [person.id for person in reviewers],
        }
        await self._ask("PUT", _path(review.project, review.number), body)

    async def _all(self, path: str, kind: type[Any]) -> list[Any]:
        """Every page of a list."""
        found: list[Any] = []
        page = "1"
        while page:
            answer = await self._ask("GET", f"{path}?per_page=100&page={page}")
            found += self._decode(answer, list[kind])  # type: ignore[valid-type]
            page = answer[1].get("X-Next-Page", "").strip()
        return found

    async def _ask(self, method: str, path: str, body: Any = None) -> tuple[bytes, Mapping[str, str]]:
        """Send, again after a while when GitLab cannot answer now; what is sent says what shall be, so twice is once."""
        backoff = Backoff(base=0.5)
        for attempt in range(1, TRIES + 1):
            try:
                return await self._once(method, path, body)
            except _NotNow as reason:
                if attempt == TRIES or reason.wait > _LONGEST_WAIT:
                    raise reason.error from None
                await asyncio.sleep(backoff.next(reason.wait))
        raise AssertionError("unreachable")

    async def _once(self, method: str, path: str, body: Any) -> tuple[bytes, Mapping[str, str]]:
        assert self._session is not None, "GitLab is used outside its context"
        url, started = self._url + path, time.perf_counter()
        status, failure = None, ""
        try:
            async with self._session.request(method, url, json=body, allow_redirects=False) as answer:
                status = answer.status
                content = await answer.read()
                headers = answer.headers.copy()
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
            failure = type(error).__name__
            raise _NotNow(_unreachable(error, self._url)) from error
        finally:
            if self._on_request is not None:
                seconds = time.perf_counter() - started
                self._on_request(Trace(method=method, url=url, status=status, seconds=seconds, error=failure))
        if status < 300:
            return content, headers
        refusal = _refused(status, content, url)
        if status in _LATER:
            after = headers.get("Retry-After", "")
            raise _NotNow(refusal, float(after) if after.isdigit() else 0.0)
        raise refusal

    def _decode(self, answer: tuple[bytes, Mapping[str, str]], kind: Any) -> Any:
        try:
            return msgspec.json.decode(answer[0], type=kind)
        except msgspec.DecodeError:
            raise LainError(
                "the answer is not what GitLab answers",
                where=self._url,
                hint="Is this the address of a GitLab?",
            ) from None


def _path(project: str, number: int) -> str:
    return f"/projects/{quote(project, safe='')}/merge_requests/{number}"


def _folded(name: str) -> str:
    """A name as it is compared: `Tim Fei` and `tim.fei` are one."""
    return re.sub(r"[\W_]+", "", name).casefold()


def _refused(status: int, content: bytes, url: str) -> LainError:
    place = url.partition("?")[0]
    if status == 401:
        return LainError("GitLab does not accept the token", where=place, hint="Look at GITLAB_API_TOKEN.")
    if status == 403:
        return LainError(
            "the token may not do this",
            where=place,
            hint="It needs the scope api, and a Developer's role at least.",
        )
    if status == 404:
        return LainError(
            "GitLab has no such project or merge request, or does not show it to this token", where=place
        )
    said = _said(content)
    return LainError(f"GitLab answers HTTP {status}" + (f": {said}" if said else ""), where=place)


def _said(content: bytes) -> str:
    try:
        told = msgspec.json.decode(content)
    except msgspec.DecodeError:
        return ""
    message = (told.get("message") or told.get("error")) if isinstance(told, dict) else ""
    return str(message or "")[:200]


def _unreachable(error: Exception, url: str) -> LainError:
    if isinstance(error, TimeoutError):
        return LainError(f"GitLab does not answer within {TIMEOUT:.0f} s", where=url)
    if isinstance(error, aiohttp.ClientConnectorError):
        reason = error.os_error.strerror or str(error.os_error)
        return LainError(f"GitLab cannot be reached: {reason}", where=url)
    return LainError(f"GitLab cannot be asked: {error}", where=url)
