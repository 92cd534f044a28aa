"""Where Grafana and Kibana show an app."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import msgspec

from lain_tui.core.target import Target

_HALF = timedelta(minutes=15)


class Shortcut(msgspec.Struct, frozen=True, kw_only=True):
    """A link to another tool, or the setting that it would need."""

    name: str
    url: str = ""
    missing: str = ""
    """Which cluster setting is absent, and where it belongs; empty when there is a URL."""


def grafana_link(target: Target) -> Shortcut:
    """The release's dashboard."""
    base = target.setting("grafana_url")
    if not base:
        return _missing("Grafana", "grafana_url", target)
    query = f"orgId=1&refresh=10s&var-label_app={quote(_release(target), safe='')}"
    return Shortcut(name="Grafana", url=f"{base}{'&' if '?' in base else '?'}{query}")


def kibana_link(target: Target, proc: str = "", around: datetime | None = None) -> Shortcut:
    """The log stream of the release, or of one of its procs: of the last half hour, or around a moment."""
    host = target.setting("kibana")
    if not host:
        return _missing("Kibana", "kibana", target)
    name = f"{_release(target)}-{proc}" if proc else _release(target)
    place = "(end:now,start:now-30m,streamLive:!f)"
    if around is not None:
        start, end = (
            f"%27{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}%27".replace(":", "%3A")
            for moment in (around - _HALF, around + _HALF)
        )
        place = f"(end:{end},start:{start},streamLive:!f)"
    words = f"(expression:%27kubernetes.pod_name.keyword:{quote(name, safe='')}*%27,kind:kuery)"
    return Shortcut(name="Kibana", url=f"http://{host}/app/logs/stream?logPosition={place}&logFilter={words}")


def links(target: Target) -> tuple[Shortcut, ...]:
    """All of them, for `status`."""
    return grafana_link(target), kibana_link(target)


def _release(target: Target) -> str:
    return target.release or target.app


def _missing(name: str, key: str, target: Target) -> Shortcut:
    where = target.settings_file.name if target.settings_file is not None else "the cluster's values"
    return Shortcut(name=name, missing=f"{name} needs `{key}` in {where}")
