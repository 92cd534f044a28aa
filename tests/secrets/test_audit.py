"""Who is told of a change, and what: the names of keys, who and where; never a value."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.plan import Step
from lain_tui.core.notify.webhook import body_for
from lain_tui.core.secrets.apply import Apply, Conflicted
from lain_tui.core.secrets.draft import Draft
from lain_tui.core.target import Target
from tests.secrets.conftest import Make

OLD, NEW = b"canary-old-71b3", b"canary-new-90aa"
On = Callable[..., Target]


class Hook:
    """A webhook that keeps what it is sent, and answers as it is told."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.status, self.answer = 200, {}
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.received.append(await request.read() + str(request.headers).encode())
        return web.json_response(self.answer, status=self.status)


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.take)
    async with TestServer(app) as server:
        hook.url = str(server.make_url("/hook"))
        yield hook


async def apply(kube: KubeClient, target: Target, base: Any) -> list[Step]:
    draft = Draft(base, {"ADDED": NEW, "CHANGED": NEW, "GONE": None})
    return [step async for step in Apply(kube, target, [draft]).run()]


async def test_the_webhook_is_told_the_keys_who_and_where_and_no_value(
    kube: KubeClient, on: On, fresh: Make, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USER", "ann")
    base = await fresh({"CHANGED": OLD, "GONE": OLD, "KEPT": OLD})
    steps = await apply(kube, on(webhook=hook.url), base)
    assert steps[-1].detail == "webhook told, event left"
    (received,) = hook.received
    text = json.JSONDecoder().raw_decode(received.decode())[0]["text"]
    assert text.splitlines() == [
        f"changed Secret {base.ref.name} of dummy",
        "cluster: demo",
        "namespace: default",
        "executor: ann",
        f"secret: {base.ref.name}",
        "added: ADDED",
        "changed: CHANGED",
        "removed: GONE",
    ]
    for value in (OLD, NEW):
        assert value not in received and base64.b64encode(value) not in received
        assert str(len(value)).encode() not in text.encode(), "nor how long it is"


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (500, {}, "127.0.0.1 answers 500"),
        (200, {"code": 19024, "msg": "Key Words Not Found"}, "127.0.0.1 refused it: Key Words Not Found"),
    ],
)
async def test_a_webhook_that_refuses_is_told_and_the_change_stands(
    kube: KubeClient, on: On, fresh: Make, hook: Hook, status: int, answer: dict[str, Any], words: str
) -> None:
    hook.status, hook.answer = status, answer
    base = await fresh({"CHANGED": OLD, "GONE": OLD})
    steps = await apply(kube, on(webhook=hook.url), base)
    assert steps[-1].detail == f"webhook: {words}, event left"
    assert hook.url not in steps[-1].detail, "its address is a secret of its own"


async def test_nobody_is_told_of_what_was_not_applied(
    kube: KubeClient, on: On, fresh: Make, hook: Hook
) -> None:
    base = await fresh({"CHANGED": OLD, "GONE": OLD})
    await apply(kube, on(), base)
    with pytest.raises(Conflicted):
        mine = Draft(base, {"CHANGED": b"mine"})
        [step async for step in Apply(kube, on(webhook=hook.url), [mine]).run()]
    assert hook.received == []


def test_feishu_and_slack_get_the_body_that_they_want() -> None:
    assert body_for("https://open.feishu.cn/open-apis/bot/v2/hook/x", "a") == {
        "msg_type": "text",
        "content": {"text": "a"},
    }
    assert body_for("https://hooks.slack.com/services/x", "a") == {"text": "a"}
