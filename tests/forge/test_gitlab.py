"""Merge requests on GitLab: who is asked to look, when one counts as approved, and what happens in between."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.forge.approval import Outcome, Verdict, wait_for_approval
from lain_tui.core.forge.assign import Assignment, assign
from lain_tui.core.forge.forge import open_forge
from tests.forge.gitlab_server import PROJECT, TOKEN, GitLabServer, user

ADA, GRACE, AUTHOR = user(2, "ada"), user(3, "grace"), user(1, "author")


@pytest.fixture
def server() -> Iterator[GitLabServer]:
    with GitLabServer() as running:
        yield running


async def assigned(server: GitLabServer) -> Assignment:
    async with open_forge({"gitlab": server.url}, {"GITLAB_API_TOKEN": TOKEN}) as forge:
        return await assign(forge, PROJECT, 3)


async def waited(server: GitLabServer, *, least: int = 1, timeout: float = 20.0) -> tuple[Outcome, list[str]]:
    said: list[str] = []
    async with open_forge({"gitlab": server.url}, {"GITLAB_API_TOKEN": TOKEN}) as forge:
        ended = await wait_for_approval(
            forge, PROJECT, 3, least=least, timeout=timeout, interval=0.02, say=said.append
        )
    return ended, said


def names(done: Assignment) -> set[str]:
    return {person.username for person in (done.assignee, done.reviewer) if person}


# -- who is asked


async def test_two_different_active_people_who_wrote_code_are_asked(server: GitLabServer) -> None:
    done = await assigned(server)
    assert done.changed and names(done) == {"ada", "grace"}
    (reviewer,) = server.merge_request["reviewers"]
    (assignee,) = server.merge_request["assignees"]
    assert {reviewer["username"], assignee["username"]} == {"ada", "grace"}


async def test_asked_twice_nothing_changes(server: GitLabServer) -> None:
    first, again = await assigned(server), await assigned(server)
    assert not again.changed and names(again) == names(first)
    assert [method for method, _, _ in server.requests].count("PUT") == 1


async def test_whom_somebody_chose_stays(server: GitLabServer) -> None:
    server.merge_request["reviewers"] = [user(7, "manager")]
    done = await assigned(server)
    assert done.reviewer and done.reviewer.username == "manager"
    assert done.assignee and done.assignee.username in {"ada", "grace"}


async def test_somebody_who_left_is_replaced(server: GitLabServer) -> None:
    server.merge_request["reviewers"] = [user(4, "gone", state="blocked")]
    server.merge_request["assignees"] = [ADA]
    done = await assigned(server)
    assert done.assignee and done.assignee.username == "ada"
    assert done.reviewer and done.reviewer.username == "grace"


async def test_one_person_in_both_places_is_not_two(server: GitLabServer) -> None:
    server.merge_request["reviewers"] = server.merge_request["assignees"] = [ADA]
    assert names(await assigned(server)) == {"ada", "grace"}


async def test_without_contributors_any_developer_is_asked(server: GitLabServer) -> None:
    server.contributors = []
    assert names(await assigned(server)) < {"ada", "grace", "manager"}


async def test_one_person_is_better_than_nobody(server: GitLabServer) -> None:
    server.members = server.members[:2]
    done = await assigned(server)
    assert names(done) == {"ada"} and "no second person" in done.remark
    assert not (await assigned(server)).changed


async def test_nobody_to_ask_is_an_error(server: GitLabServer) -> None:
    server.members = server.members[:1]
    with pytest.raises(LainError, match="nobody to ask"):
        await assigned(server)


@pytest.mark.parametrize(("field", "value"), [("draft", True), ("state", "merged"), ("state", "closed")])
async def test_drafts_and_what_is_over_are_left_alone(
    server: GitLabServer, field: str, value: object
) -> None:
    server.merge_request[field] = value
    done = await assigned(server)
    assert not done.changed and done.remark


# -- when it is approved


async def test_it_is_approved_once_somebody_else_agrees(server: GitLabServer) -> None:
    def agree(server: GitLabServer) -> None:
        if len(server.requests) > 6:
            server.approved_by = [ADA]

    server.on_request = agree
    ended, said = await waited(server)
    assert (ended.verdict, ended.by) == (Verdict.APPROVED, ("ada",))
    assert said == ["waiting: 1 approval missing"]


async def test_the_authors_own_approval_does_not_count(server: GitLabServer) -> None:
    server.approved_by = [AUTHOR]
    ended, _ = await waited(server, timeout=0.2)
    assert (ended.verdict, ended.waiting_for) == (Verdict.TIMED_OUT, "1 approval missing")


async def test_two_can_be_asked_for(server: GitLabServer) -> None:
    server.approved_by = [ADA]
    ended, _ = await waited(server, least=2, timeout=0.2)
    assert ended.waiting_for == "1 approval missing (ada agreed)"
    server.approved_by = [ADA, GRACE]
    assert (await waited(server, least=2))[0].verdict is Verdict.APPROVED


async def test_the_rules_of_ee_are_met_too() -> None:
    with GitLabServer(edition="ee") as server:
        server.required = 2
        server.approved_by = [ADA]
        assert (await waited(server, timeout=0.2))[0].verdict is Verdict.TIMED_OUT
        server.approved_by = [ADA, GRACE]
        assert (await waited(server))[0].verdict is Verdict.APPROVED


async def test_ee_without_rules_calls_everything_approved_and_we_do_not() -> None:
    with GitLabServer(edition="ee") as server:
        assert (await waited(server, timeout=0.2))[0].verdict is Verdict.TIMED_OUT


async def test_a_draft_is_waited_for(server: GitLabServer) -> None:
    server.merge_request["draft"] = True
    server.approved_by = [ADA]
    ended, said = await waited(server, timeout=0.2)
    assert (ended.verdict, said) == (Verdict.TIMED_OUT, ["waiting: it is a draft"])


@pytest.mark.parametrize(("state", "verdict"), [("merged", Verdict.MERGED), ("closed", Verdict.CLOSED)])
async def test_what_is_over_is_not_waited_for(server: GitLabServer, state: str, verdict: Verdict) -> None:
    server.merge_request["state"] = state
    assert (await waited(server))[0].verdict is verdict


# -- what goes wrong


async def test_a_gitlab_that_cannot_answer_now_is_asked_again(server: GitLabServer) -> None:
    server.failures = [(502, {}), (429, {"Retry-After": "0"})]
    assert (await assigned(server)).changed


async def test_a_gitlab_that_never_can_is_told(server: GitLabServer) -> None:
    server.failures = [(503, {})] * 10
    with pytest.raises(LainError, match="HTTP 503: 503 as ordered"):
        await assigned(server)


async def test_a_refusal_is_not_repeated(server: GitLabServer) -> None:
    server.failures = [(403, {})]
    with pytest.raises(LainError, match="scope api"):
        await assigned(server)
    assert len(server.requests) == 1


async def test_a_wrong_token_is_told_without_it(server: GitLabServer) -> None:
    with pytest.raises(LainError) as caught:
        async with open_forge({"gitlab": server.url}, {"GITLAB_API_TOKEN": "wrong-token"}) as forge:
            await assign(forge, PROJECT, 3)
    assert "does not accept the token" in str(caught.value)
    assert "wrong-token" not in str(caught.value)


async def test_an_unknown_project(server: GitLabServer) -> None:
    with pytest.raises(LainError, match="no such project or merge request"):
        async with open_forge({"gitlab": server.url}, {"GITLAB_API_TOKEN": TOKEN}) as forge:
            await assign(forge, "team/other", 3)


def test_the_address_and_the_token_are_needed() -> None:
    with pytest.raises(LainError, match="Set gitlab in the cluster's values"):
        open_forge({}, {"GITLAB_API_TOKEN": TOKEN})
    with pytest.raises(LainError, match="GITLAB_API_TOKEN is not set"):
        open_forge({"gitlab": "gitlab.example.com"}, {})
