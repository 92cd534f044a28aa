"""Whatever happens, in whatever order, the store ends with the server's list."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.feed import Pace
from lain_tui.core.kube.resources import PODS
from lain_tui.core.kube.store import Store, Subscription
from lain_tui.core.model.pod import Pod
from tests.kube import kubeconfigs
from tests.kube.api import Api, drop, serve, status
from tests.kube.pace import changes

NAMES = st.sampled_from(["web", "worker", "cron", "db"])
STEPS = st.one_of(
    st.tuples(st.just("put"), NAMES),
    st.tuples(st.just("put"), NAMES),
    st.tuples(st.just("replace"), NAMES),
    st.tuples(st.just("remove"), NAMES),
    st.tuples(st.sampled_from(["cut", "cut mid-line", "end", "expire", "compact", "bookmark"])),
    st.tuples(st.sampled_from(["fail next", "drop next", "gone next", "look away"])),
    st.tuples(st.just("missed"), NAMES, st.booleans()),
    st.just(("catch up",)),
    st.just(("catch up",)),
)


def act(api: Api, number: int, step: tuple[Any, ...]) -> None:
    """Make one thing happen in the cluster or on the wire."""
    match step:
        case ("put", name):
            api.put(name, uid=_uid(api, name) or f"{name}-{number}", phase=f"phase {number}")
        case ("replace", name):
            if uid := _uid(api, name):
                api.remove(name, uid=uid)
            api.put(name, uid=f"{name}-{number}")
        case ("remove", name):
            if uid := _uid(api, name):
                api.remove(name, uid=uid)
        case ("cut",):
            api.cut()
        case ("cut mid-line",):
            api.cut(b'{"type":"DELETED","object":{"metadata":{"uid":"web')
        case ("end",):
            api.end_watches()
        case ("expire",):
            api.expire_watches()
        case ("compact",):
            api.compact()
        case ("missed", name, forgotten):
            # Removed while nobody watched, and then perhaps no longer in any history.
            api.cut()
            act(api, number, ("remove", name))
            if forgotten:
                api.compact()
        case ("bookmark",):
            api.bookmark()
        case ("fail next",):
            api.next.append(status(500, "for a moment"))
        case ("drop next",):
            api.next.append(drop)
        case ("gone next",):
            api.next.append(status(410, "too old", "Expired"))


async def catch_up(pods: Subscription[Pod], api: Api) -> None:
    """Wait until the store is live and holds what the server does, versions included."""
    await changes(pods, lambda: pods.link.live and _picture(pods.items) == _wanted(api), seconds=3)


def _uid(api: Api, name: str) -> str:
    return next((uid for uid, pod in api.pods.items() if pod["metadata"]["name"] == name), "")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=25))
def test_the_store_ends_with_the_servers_list(
    steps: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The waits are short here; that they are kept is another test's matter.
    monkeypatch.setattr("lain_tui.core.kube.backoff.random.uniform", lambda low, high: 0.002)

    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with serve() as api:
                file = kubeconfigs.write(Path(folder) / "config", api.url)
                async with (
                    KubeClient.open(kubeconfigs.target(file)) as kube,
                    Store(kube, pace=Pace(healthy=0.01)) as store,
                ):
                    pods = store.subscribe(PODS, namespace="dummy")
                    for number, step in enumerate(steps):
                        if step == ("look away",):
                            pods.close()
                            pods = store.subscribe(PODS, namespace="dummy")
                        elif step == ("catch up",):
                            await catch_up(pods, api)
                        else:
                            act(api, number, step)
                            await asyncio.sleep(0)
                    api.put("last")
                    await catch_up(pods, api)

    asyncio.run(run())


def _picture(items: Mapping[str, Pod]) -> dict[str, tuple[str, str, str]]:
    return {
        uid: (item.metadata.name, item.metadata.resource_version, item.status.phase)
        for uid, item in items.items()
    }


def _wanted(api: Api) -> dict[str, tuple[str, str, str]]:
    return {
        uid: (pod["metadata"]["name"], pod["metadata"]["resourceVersion"], pod["status"]["phase"])
        for uid, pod in api.pods.items()
    }
