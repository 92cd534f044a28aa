"""Incoming webhooks of Feishu and Slack, as the app's values name them.

The bodies follow open.feishu.cn, "Custom bot usage guide", and api.slack.com, "Sending messages using incoming
webhooks".
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from lain_tui.core.errors import LainError
from lain_tui.core.notify.notice import Notice
from lain_tui.core.target import Target

TIMEOUT = 5.0
"""Seconds that a webhook is given."""


def webhook_of(target: Target, values: Any = None) -> str:
    """The address to tell of changes on this cluster; empty when there is none.

    It is that of the app's values, else the one of the user's settings. `values` are the app's effective values, read from its files when they are not given.
    """
    if values is None:
        from lain_tui.core.config.resolve import target_values

        try:
            values = target_values(target).effective()
        except LainError:
            return target.webhook
    hook = values.get("webhook")
    if hook is None:
        return target.webhook
    if isinstance(hook, str):
        return hook
    if not isinstance(hook, dict) or not isinstance(hook.get("url"), str):
        return ""
    clusters = hook.get("clusters")
    wanted = [clusters] if isinstance(clusters, str) else clusters
    if wanted and target.cluster not in [str(name) for name in wanted]:
        return ""
    return str(hook["url"])


def body_for(url: str, text: str) -> dict[str, Any]:
    """The JSON that the service behind the address wants."""
    host = urlsplit(url).hostname or ""
    if "feishu" in host or "larksuite" in host:
        return {"msg_type": "text", "content": {"text": text}}
    return {"text": text}


async def notify(target: Target, notice: Notice, *, values: Any = None) -> str:
    """Tell the app's webhook; return why it could not be told, empty when it was or when there is none.

    Never raises: what it tells of has happened already.
    """
    url = webhook_of(target, values)
    return await post(url, notice.text) if url else ""


async def post(url: str, text: str) -> str:
    """Send one text; return what went wrong, without the address, which is a secret of its own."""
    import aiohttp

    host = urlsplit(url).hostname or "the webhook"
    try:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
            session.post(url, json=body_for(url, text)) as answer,
        ):
            if answer.status >= 300:
                return f"{host} answers {answer.status}"
            return _complaint(host, await answer.content.read(65_536))
    except TimeoutError:
        return f"{host} does not answer within {TIMEOUT:.0f} s"
    except (aiohttp.ClientError, ValueError, OSError) as error:
        return f"{host} cannot be reached ({type(error).__name__})"


def _complaint(host: str, body: bytes) -> str:
    """Feishu answers 200 and tells in the body that it refused."""
    import msgspec

    try:
        told = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ""
    code = told.get("code") or told.get("StatusCode") if isinstance(told, dict) else 0
    return f"{host} refused it: {told.get('msg') or code}" if code else ""
