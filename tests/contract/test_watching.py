"""Watch: what happens after a version, in order, without gap and without double."""

from __future__ import annotations

import pytest

from tests.conftest import Cluster
from tests.contract.api import PARTIAL, TABLE, Api, Obj
from tests.contract.objects import config_map


def version(api: Api, path: str) -> str:
    return str(api.get(path).ok()["metadata"]["resourceVersion"])


def told(events: list[Obj]) -> list[tuple[str, str]]:
    return [(event["type"], event["object"]["metadata"]["name"]) for event in events]


def test_a_watch_from_a_version_tells_what_came_after_it(api: Api, core: str) -> None:
    path = f"{core}/configmaps"
    api.post(path, config_map("before")).ok()
    since = version(api, path)
    api.post(path, config_map("one")).ok()
    api.patch(f"{path}/one", {"data": {"key": "new"}}).ok()
    api.delete(f"{path}/one").ok()
    with api.watch(path, within=1, resourceVersion=since) as watch:
        events = watch.rest()
    assert told(events) == [("ADDED", "one"), ("MODIFIED", "one"), ("DELETED", "one")]
    versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in events]
    assert versions == sorted(set(versions)), "each event has a version of its own, a deletion too"
    assert events[2]["object"]["data"] == {"key": "new"}, "a deletion tells the last state"
    assert events[0]["object"]["kind"] == "ConfigMap"


def test_a_watch_resumes_where_another_ended(api: Api, core: str) -> None:
    path = f"{core}/configmaps"
    with api.watch(path, resourceVersion=version(api, path)) as watch:
        api.post(path, config_map("one")).ok()
        last = watch.wait_for(lambda e: e["type"] == "ADDED")
    api.post(path, config_map("two")).ok()
    with api.watch(path, within=1, resourceVersion=last["object"]["metadata"]["resourceVersion"]) as watch:
        assert told(watch.rest()) == [("ADDED", "two")]


def test_a_watch_without_a_version_begins_with_all_there_is(api: Api, core: str) -> None:
    path = f"{core}/configmaps"
    api.post(path, config_map("here", labels={"mine": "yes"})).ok()
    with api.watch(path, within=1, labelSelector="mine=yes") as watch:
        assert told(watch.rest()) == [("ADDED", "here")]


def test_an_object_that_stops_matching_is_told_as_deleted(api: Api, core: str) -> None:
    path = f"{core}/configmaps"
    since = version(api, path)
    with api.watch(path, within=3, resourceVersion=since, labelSelector="shown=yes") as watch:
        api.post(path, config_map("one")).ok()
        api.patch(f"{path}/one", {"metadata": {"labels": {"shown": "yes"}}}).ok()
        api.patch(f"{path}/one", {"data": {"key": "new"}}).ok()
        api.patch(f"{path}/one", {"metadata": {"labels": {"shown": "no"}}}).ok()
        watch.wait_for(lambda e: e["type"] == "DELETED")
    assert told(watch.seen) == [("ADDED", "one"), ("MODIFIED", "one"), ("DELETED", "one")]


def test_one_object_is_watched_by_its_name(api: Api, core: str) -> None:
    path = f"{core}/configmaps"
    since = version(api, path)
    api.post(path, config_map("one")).ok()
    api.post(path, config_map("two")).ok()
    with api.watch(path, within=1, resourceVersion=since, fieldSelector="metadata.name=two") as watch:
        assert told(watch.rest()) == [("ADDED", "two")]


def test_the_server_ends_a_watch_after_the_time_asked(api: Api, core: str) -> None:
    with api.watch(f"{core}/secrets", within=1, resourceVersion=version(api, f"{core}/secrets")) as watch:
        assert watch.rest() == []


def test_bookmarks_come_when_allowed(api: Api, core: str) -> None:
    """The first list of a streaming client: all objects, then a bookmark that says they were all."""
    path = f"{core}/configmaps"
    api.post(path, config_map("one", labels={"mine": "yes"})).ok()
    with api.watch(
        path,
        labelSelector="mine=yes",
        allowWatchBookmarks="true",
        sendInitialEvents="true",
        resourceVersionMatch="NotOlderThan",
    ) as watch:
        bookmark = watch.wait_for(lambda e: e["type"] == "BOOKMARK")
    assert told(watch.seen[:-1]) == [("ADDED", "one")]
    metadata = bookmark["object"]["metadata"]
    assert metadata["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert int(metadata["resourceVersion"]) >= int(watch.seen[0]["object"]["metadata"]["resourceVersion"])
    assert bookmark["object"]["kind"] == "ConfigMap"


def test_initial_events_need_their_match(api: Api, core: str) -> None:
    answer = api.get(f"{core}/configmaps", watch="true", sendInitialEvents="true", timeoutSeconds=1)
    status = answer.refused(422, "Invalid")
    assert "resourceVersionMatch" in status["message"]


# Events are the one kind that a real server reads from etcd alone: of the others it remembers versions in its own
# cache beyond a compaction.


@pytest.fixture
def forgotten(api: Api, core: str, namespace: str, cluster: Cluster) -> str:
    """A version, with three events after it, that the server has since forgotten."""
    old = version(api, f"{core}/events")
    for number in range(3):
        about = {"kind": "Pod", "name": "p", "namespace": namespace}
        api.post(f"{core}/events", {"metadata": {"name": f"p.{number}"}, "involvedObject": about}).ok()
    cluster.compact()
    return old


def test_a_watch_from_a_forgotten_version_is_told_to_list_again(api: Api, core: str, forgotten: str) -> None:
    with api.watch(f"{core}/events", within=2, resourceVersion=forgotten) as watch:
        (event,) = watch.rest()
    assert event["type"] == "ERROR"
    status = event["object"]
    assert (status["kind"], status["status"], status["code"]) == ("Status", "Failure", 410)
    assert status["reason"] in ("Expired", "Gone")


def test_a_list_of_a_forgotten_version_is_gone(api: Api, core: str, forgotten: str) -> None:
    answer = api.get(f"{core}/events", resourceVersion=forgotten, resourceVersionMatch="Exact")
    assert "too old" in answer.refused(410, "Expired")["message"]


def test_the_next_page_of_a_forgotten_version_is_gone(
    api: Api, core: str, namespace: str, cluster: Cluster
) -> None:
    """The refusal holds a token with which the rest can be read, of a newer version."""
    for number in range(3):
        about = {"kind": "Pod", "name": "p", "namespace": namespace}
        api.post(f"{core}/events", {"metadata": {"name": f"p.{number}"}, "involvedObject": about}).ok()
    first = api.get(f"{core}/events", limit=1).ok()
    api.delete(f"{core}/events/p.1").ok()
    cluster.compact()
    token = first["metadata"]["continue"]
    status = api.get(f"{core}/events", limit=1, **{"continue": token}).refused(410, "Expired")
    assert status["message"].startswith(
        "The provided continue parameter is too old to display a consistent list result. "
        "You can start a new list without the continue parameter"
    )
    rest = api.get(f"{core}/events", **{"continue": status["metadata"]["continue"]}).ok()
    assert [item["metadata"]["name"] for item in rest["items"]] == ["p.2"]


@pytest.mark.parametrize(("accept", "kind"), [(TABLE, "Table"), (PARTIAL, "PartialObjectMetadata")])
def test_events_come_in_the_shape_asked_for(api: Api, core: str, accept: str, kind: str) -> None:
    path = f"{core}/configmaps"
    since = version(api, path)
    api.post(path, config_map("one")).ok()
    with api.watch(path, within=1, accept=accept, resourceVersion=since) as watch:
        (event,) = watch.rest()
    assert (event["type"], event["object"]["kind"]) == ("ADDED", kind)
