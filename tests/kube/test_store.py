"""The store through every fault: its picture is the server's, and it says when it is not."""

from __future__ import annotations

import asyncio
import json
import tracemalloc

import pytest
from aiohttp import web

from lain_tui.core.kube import backoff
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import (
    ApiAbsent,
    Forbidden,
    ServerFault,
    TooManyRequests,
    Unauthorized,
    Unreachable,
)
from lain_tui.core.kube.feed import Pace
from lain_tui.core.kube.resources import DEPLOYMENTS, PODS
from lain_tui.core.kube.store import Store
from tests.kube.api import PODS_PATH, Api, drop, pod, status
from tests.kube.pace import QUICK, changes, names, until


async def test_the_list_comes_first_then_every_change(api: Api, store: Store) -> None:
    api.put("web")
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await pods.settled()
        assert names(pods.items.values()) == {"web"} and pods.synced and pods.link.live
        api.put("worker")
        await changes(pods, lambda: names(pods.items.values()) == {"web", "worker"})
        api.put("worker", phase="Failed")
        await changes(pods, lambda: pods.items["uid-worker"].status.phase == "Failed")
        api.remove("web")
        await changes(pods, lambda: names(pods.items.values()) == {"worker"})


async def test_an_empty_list_is_an_answer(api: Api, store: Store) -> None:
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await pods.settled()
        assert pods.synced and not pods.items


async def test_two_who_look_share_one_watch(api: Api, store: Store) -> None:
    async with (
        store.subscribe(PODS, namespace="dummy") as one,
        store.subscribe(PODS, namespace="dummy") as two,
    ):
        await one.settled()
        await until(lambda: api.watches == 1)
        api.put("web")
        await changes(one, lambda: bool(one.items))
        await changes(two, lambda: bool(two.items))
        assert api.verbs() == {"GET": 1, "watch": 1}


async def test_another_selector_is_another_watch(api: Api, store: Store) -> None:
    store.subscribe(PODS, namespace="dummy")
    store.subscribe(PODS, namespace="dummy", selector="app=web")
    store.subscribe(PODS, namespace="dummy", fields="spec.nodeName=n1")
    await until(lambda: api.watches == 3)
    queries = {
        (seen.query.get("labelSelector"), seen.query.get("fieldSelector"))
        for seen in api.requests(watch=True)
    }
    assert queries == {(None, None), ("app=web", None), (None, "spec.nodeName=n1")}


async def test_what_two_watches_have_is_kept_once(api: Api, store: Store) -> None:
    api.put("web")
    async with (
        store.subscribe(PODS, namespace="dummy") as all_,
        store.subscribe(PODS, namespace="dummy", selector="app=web") as some,
    ):
        await changes(all_, lambda: all_.synced)
        await changes(some, lambda: some.synced)
        assert all_.items["uid-web"] is some.items["uid-web"]
        api.put("web", phase="Failed")
        for pods in (all_, some):
            await changes(pods, lambda pods=pods: pods.items["uid-web"].status.phase == "Failed")
        assert all_.items["uid-web"] is some.items["uid-web"]


async def test_a_watch_stays_warm_for_a_moment_and_then_ends(api: Api, store: Store) -> None:
    pods = store.subscribe(PODS, namespace="dummy")
    await pods.settled()
    await until(lambda: api.watches == 1)
    pods.close()
    again = store.subscribe(PODS, namespace="dummy")
    assert again.synced, "the picture is still there"
    again.close()
    again.close()  # closing twice counts once
    await until(lambda: api.watches == 0)
    assert api.verbs() == {"GET": 1, "watch": 1}
    assert not store.link.live


async def test_closing_the_store_leaves_no_connection(api: Api, kube: KubeClient) -> None:
    store = Store(kube)
    for selector in ("a=1", "a=2", "a=3"):
        store.subscribe(PODS, namespace="dummy", selector=selector)
    await until(lambda: api.watches == 3)
    await store.close()
    await until(lambda: api.watches == 0)
    with pytest.raises(RuntimeError):
        store.subscribe(PODS)


async def test_a_slow_looker_gets_the_latest_picture_once(api: Api, store: Store) -> None:
    async with (
        store.subscribe(PODS, namespace="dummy") as slow,
        store.subscribe(PODS, namespace="dummy") as quick,
    ):
        await slow.settled()
        for number in range(200):
            api.put("web", phase=f"phase {number}")
        await changes(
            quick, lambda: quick.items["uid-web"].status.phase == "phase 199" if quick.items else False
        )
        await asyncio.wait_for(slow.changed(), 1)
        assert slow.items["uid-web"].status.phase == "phase 199"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(slow.changed(), 0.05)


async def test_nobody_reading_costs_no_memory(api: Api, store: Store) -> None:
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await until(lambda: api.watches == 1)

        async def updates(count: int) -> None:
            for _ in range(count // 100):
                for _ in range(100):
                    api.put("web", phase="x" * 2000)
                await until(
                    lambda: (
                        pods.items["uid-web"].metadata.resource_version == str(api.version)
                        if pods.items
                        else False
                    )
                )
                api.log.clear()

        await updates(200)
        tracemalloc.start()
        try:
            await updates(200)
            before = tracemalloc.get_traced_memory()[0]
            await updates(2000)
            grown = tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()
        assert grown < 500_000, "2,000 updates of 2 KB each were not kept"


# -- the watch breaks


async def test_a_watch_cut_in_the_middle_of_a_line_resumes_where_it_was(api: Api, store: Store) -> None:
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await until(lambda: api.watches == 1)
        api.put("web")
        await changes(pods, lambda: bool(pods.items))
        seen = api.version
        api.cut(half_a_line=b'{"type":"ADDED","object":{"metadata":{"na')
        await changes(pods, lambda: not pods.link.live)
        assert (
            pods.link.stale_since is not None and "cut" in pods.link.reason and pods.link.retry_at is not None
        )
        api.put("worker")
        await changes(pods, lambda: names(pods.items.values()) == {"web", "worker"} and pods.link.live)
        assert pods.error is None
        assert len(api.requests(watch=False)) == 1, "nothing was listed again"
        assert api.requests(watch=True)[1].query["resourceVersion"] == str(seen)


async def test_a_watch_that_ends_politely_goes_on_without_a_word(api: Api, store: Store) -> None:
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await until(lambda: api.watches == 1)
        api.put("web")
        await changes(pods, lambda: bool(pods.items))
        version = pods.version
        api.end_watches()
        await until(lambda: len(api.requests(watch=True)) == 2 and api.watches == 1)
        assert pods.version == version and pods.link.live


async def test_a_server_that_ends_each_watch_at_once_is_not_asked_in_a_loop(api: Api, store: Store) -> None:
    async def ends(request: web.Request) -> web.StreamResponse:
        return web.Response(text="") if "watch" in request.query else await api.list_pods(request)

    api.always["GET", PODS_PATH] = ends
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await changes(pods, lambda: "ends the watch at once" in pods.link.reason)
        await asyncio.sleep(0.5)
        assert len(api.requests(watch=True)) < 12


async def test_bookmarks_move_the_version_on_while_nothing_happens(api: Api, store: Store) -> None:
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await until(lambda: api.watches == 1)
        version = pods.version
        api.bookmark()
        api.end_watches()
        await until(lambda: len(api.requests(watch=True)) == 2)
        first, second = api.requests(watch=True)
        assert first.query["allowWatchBookmarks"] == "true"
        assert second.query["resourceVersion"] == str(api.version) != first.query["resourceVersion"]
        assert pods.version == version, "a bookmark changes nothing that is shown"


async def test_a_watch_without_a_byte_for_too_long_is_opened_anew(api: Api, kube: KubeClient) -> None:
    async with (
        Store(kube, pace=Pace(idle=0.2, healthy=0.1)) as store,
        store.subscribe(PODS, namespace="dummy") as pods,
    ):
        await until(lambda: len(api.requests(watch=True)) >= 3)
        assert pods.link.live, "silence alone is not a broken link"
        api.put("web")
        await changes(pods, lambda: bool(pods.items))


@pytest.mark.parametrize("how", ["event", "status"])
async def test_410_lists_again_and_keeps_what_did_not_change(api: Api, store: Store, how: str) -> None:
    for name in ("kept", "changed", "removed"):
        api.put(name)
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await pods.settled()
        await until(lambda: api.watches == 1)
        before = dict(pods.items)
        await asyncio.sleep(QUICK.healthy + 0.05)
        if how == "status":
            api.next.append(status(410, "too old resource version", "Expired"))
            api.cut()
        else:
            api.expire_watches()
        api.pods["uid-changed"] = pod("changed", version=api.version + 1, phase="Failed")
        del api.pods["uid-removed"]
        api.pods["uid-new"] = pod("new", version=api.version + 2)
        api.version += 3
        shown: list[set[str]] = []
        while names(pods.items.values()) != {"kept", "changed", "new"}:
            await asyncio.wait_for(pods.changed(), 5)
            shown.append(names(pods.items.values()))
        assert set() not in shown, "the picture was never blank"
        assert pods.items["uid-kept"] is before["uid-kept"]
        assert pods.items["uid-changed"].status.phase == "Failed"


async def test_410_without_end_backs_off(api: Api, store: Store) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return await (status(410)(request) if "watch" in request.query else api.list_pods(request))

    api.always["GET", PODS_PATH] = answer
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await changes(pods, lambda: pods.synced and not pods.link.live)
        await asyncio.sleep(0.5)
        assert len(api.requests(watch=True)) < 12


# -- the API fails


async def test_the_api_goes_down_and_comes_up(api: Api, store: Store) -> None:
    api.put("web")
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await until(lambda: api.watches == 1)
        await pods.settled()
        await api.down()
        await changes(pods, lambda: isinstance(pods.error, Unreachable) and "refuses" in pods.link.reason)
        assert names(pods.items.values()) == {"web"}, "the last picture stays"
        assert store.link.reason == pods.link.reason and store.link.stale_since is not None
        assert store.error is pods.error
        api.put("worker")
        await api.up()
        await changes(pods, lambda: pods.link.live)
        await changes(pods, lambda: names(pods.items.values()) == {"web", "worker"})
        assert store.link.live and store.error is None


async def test_starting_with_no_api_says_why_and_then_works(api: Api, store: Store) -> None:
    await api.down()
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await pods.settled()
        assert (
            not pods.synced and "refuses the connection" in str(pods.error) and pods.link.stale_since is None
        )
        await api.up()
        await changes(pods, lambda: pods.synced)


async def test_retry_now_ends_the_wait(api: Api, kube: KubeClient) -> None:
    async with Store(kube, pace=QUICK) as store, store.subscribe(PODS, namespace="dummy") as pods:
        api.next.append(status(429, "slow down", retryAfterSeconds=3600))
        await pods.settled()
        assert isinstance(pods.error, TooManyRequests)
        store.retry_now()
        await changes(pods, lambda: pods.synced and pods.link.live)


async def test_retry_after_is_honoured(api: Api, store: Store) -> None:
    api.next.append(status(429, "slow down", retryAfterSeconds=1))
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await changes(pods, lambda: pods.synced)
    assert loop.time() - started >= 1.0


async def test_when_one_watch_recovers_the_others_do_not_wait(
    api: Api, kube: KubeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.down()
    waits = iter([0.3, *[3600.0] * 1000])
    monkeypatch.setattr(backoff.random, "uniform", lambda low, high: next(waits) if low < 1 else low)
    async with Store(kube, pace=QUICK) as store:
        one = store.subscribe(PODS, namespace="dummy", selector="a=1")
        await one.settled()
        two = store.subscribe(PODS, namespace="dummy", selector="a=2")
        await two.settled()
        await api.up()
        await changes(one, lambda: one.link.live)
        await changes(two, lambda: two.link.live)


@pytest.mark.parametrize(
    ("code", "error"), [(500, ServerFault), (503, ServerFault), (429, TooManyRequests), (409, Exception)]
)
async def test_a_passing_failure_is_told_and_survived(
    api: Api, store: Store, code: int, error: type[Exception]
) -> None:
    api.next.append(status(code, "for a moment"))
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await pods.settled()
        assert isinstance(pods.error, error) and "for a moment" in str(pods.error)
        await changes(pods, lambda: pods.synced and pods.error is None)


async def test_a_dropped_connection_is_survived(api: Api, store: Store) -> None:
    # Twice: aiohttp itself repeats a GET on a connection that it had kept.
    api.next.extend([drop, drop])
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await changes(pods, lambda: pods.synced)


async def test_a_missing_permission_names_verb_and_resource_and_leaves_the_link_live(
    api: Api, store: Store
) -> None:
    path = "/apis/apps/v1/namespaces/dummy/deployments"
    api.always["GET", path] = status(
        403, 'deployments.apps is forbidden: User "jane" cannot list', "Forbidden"
    )
    async with (
        store.subscribe(PODS, namespace="dummy") as pods,
        store.subscribe(DEPLOYMENTS, namespace="dummy") as deployments,
    ):
        await pods.settled()
        await deployments.settled()
        error = deployments.error
        assert isinstance(error, Forbidden)
        assert (error.verb, error.resource, error.namespace) == ("list", "deployments", "dummy")
        assert "you may not list deployments in namespace dummy" in str(error)
        assert store.link.live and pods.link.live and not deployments.link.live
        assert len(api.requests(path)) == 1, "and is not asked for again and again"


async def test_a_permission_given_later_is_found_by_retry(api: Api, store: Store) -> None:
    api.always["GET", PODS_PATH] = status(403, "", "Forbidden")
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await pods.settled()
        assert isinstance(pods.error, Forbidden)
        api.always.clear()
        store.retry_now()
        await changes(pods, lambda: pods.synced and pods.error is None)


async def test_a_permission_that_is_gone_for_a_moment_is_found_without_retry(api: Api, store: Store) -> None:
    """An API server that has just started knows of no roles yet."""
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await until(lambda: api.watches == 1)
        api.next.append(status(403, "", "Forbidden"))
        api.cut()
        await changes(pods, lambda: isinstance(pods.error, Forbidden))
        await changes(pods, lambda: pods.link.live)


async def test_a_kind_that_is_not_served_is_told(api: Api, store: Store) -> None:
    async with store.subscribe(DEPLOYMENTS, namespace="dummy") as deployments:
        await deployments.settled()
        assert isinstance(deployments.error, ApiAbsent) and store.link.live


async def test_refused_credentials_are_told_and_not_tried_again_at_once(api: Api, store: Store) -> None:
    api.token = "other"
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await pods.settled()
        assert isinstance(pods.error, Unauthorized) and not store.link.live
        assert "credentials" in store.link.reason
        await asyncio.sleep(0.3)
        assert len(api.seen) == 1


# -- odd data


async def test_an_object_that_does_not_fit_costs_only_itself(api: Api, store: Store) -> None:
    api.put("web")
    odd = {"metadata": {"name": "odd", "namespace": "dummy"}, "spec": {"containers": "none"}}
    api.put_raw("uid-odd", odd)
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await pods.settled()
        assert names(pods.items.values()) == {"web"}
        assert pods.unreadable["uid-odd"].name == "odd" and "containers" in pods.unreadable["uid-odd"].reason
        await until(lambda: api.watches == 1)
        later = json.loads(json.dumps(odd))
        later["metadata"]["name"] = "later"
        api.put_raw("uid-later", later)
        api.put("worker")
        await changes(pods, lambda: names(pods.items.values()) == {"web", "worker"})
        assert set(pods.unreadable) == {"uid-odd", "uid-later"}
        api.put("odd", uid="uid-odd")
        await changes(pods, lambda: "uid-odd" in pods.items)
        assert set(pods.unreadable) == {"uid-later"}


async def test_so_it_is_in_a_list_of_megabytes_which_is_read_in_turns(api: Api, store: Store) -> None:
    padding = {"padding": "x" * 5000}
    api.put_raw(
        "uid-odd", {"metadata": {"name": "odd", "namespace": "dummy"}, "spec": {"containers": "none"}}
    )
    for number in range(400):
        meta = {"name": f"web-{number}", "namespace": "dummy", "annotations": padding}
        api.put_raw(f"uid-web-{number}", {"metadata": meta})
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await pods.settled()
        assert names(pods.items.values()) == {f"web-{number}" for number in range(400)}
        assert set(pods.unreadable) == {"uid-odd"}


async def test_an_event_of_a_megabyte_is_one_event(api: Api, store: Store) -> None:
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await until(lambda: api.watches == 1)
        api.put("web", phase="x" * 1_500_000)
        await changes(pods, lambda: bool(pods.items))
        assert len(pods.items["uid-web"].status.phase) == 1_500_000


async def test_nonsense_on_a_watch_is_a_failure_not_a_crash(api: Api, store: Store) -> None:
    async with store.subscribe(PODS, namespace="dummy") as pods:
        await until(lambda: api.watches == 1)
        api.say(b"<html>sorry</html>\n")
        await changes(pods, lambda: pods.error is not None)
        assert "not an event" in str(pods.error)
        await changes(pods, lambda: pods.link.live)
