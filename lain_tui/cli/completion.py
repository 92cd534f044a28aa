"""Completing names on the command line: what a parameter is called says which names it wants.

A metavar of `PROC`, `POD`, `TAG` … anywhere in a command is enough; nothing else has to be said there.
"""

from __future__ import annotations

import re
from typing import Any

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class

_WORDS = {
    "CLUSTER": "cluster",
    "CONTEXT": "context",
    "NAMESPACE": "namespace",
    "APP": "app",
    "PROC": "proc",
    "POD": "pod",
    "REVISION": "revision",
    "TAG": "tag",
}
_PARAMS = {
    **{name: name for name in ("app", "cluster", "context", "namespace", "revision")},
    "revisions": "revision",
}


_TAG = "imageTag="
"""The value of --set that has live names."""


class LiveName(click.ParamType[Any]):
    """What names something: whatever `taken` takes is taken, those that exist are offered."""

    name = "text"

    def __init__(self, kind: str, taken: click.ParamType[Any]) -> None:
        self.kind, self.taken = kind, taken

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return self.taken.convert(value, param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return [
            CompletionItem(text, help=about or None)
            for text, about in _offered(ctx, self.kind)
            if text.startswith(incomplete)
        ]


class SetValue(LiveName):
    """KEY=VALUE, of which one key has live values: `imageTag=`, with the tags there are."""

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        if not (incomplete.startswith(_TAG) or _TAG.startswith(incomplete)):
            return []
        # Whole, so that a shell has no reason to put a blank behind the sign.
        tags = super().shell_complete(ctx, param, incomplete[len(_TAG) :])
        return [CompletionItem(_TAG + item.value, help=item.help) for item in tags]


@add_completion_class
class Bash(BashComplete):
    """As click's, but for KEY=VALUE: bash takes it apart at the sign, and replaces only what stands behind."""

    _key = ""

    def get_completion_args(self) -> tuple[list[str], str]:
        words, incomplete = super().get_completion_args()
        if incomplete == "=" and words:
            words, self._key, incomplete = words[:-1], f"{words[-1]}=", ""
        elif words[-1:] == ["="] and len(words) > 1:
            words, self._key = words[:-2], f"{words[-2]}="
        return words, self._key + incomplete

    def format_completion(self, item: CompletionItem) -> str:
        return super().format_completion(
            CompletionItem(item.value.removeprefix(self._key), type=item.type, help=item.help)
        )


def complete_names(command: click.Command) -> None:
    """Offer the names that its parameters ask for by their metavar, or (the common options) by their own name."""
    for param in command.params:
        if isinstance(param, click.Option) and not param.expose_value:
            param.hidden = False  # a common option: not in the command's help, but offered
        words = set(re.findall(r"[A-Z]+", param.metavar or ""))
        kinds = [kind for word, kind in _WORDS.items() if word in words]
        kind = _PARAMS.get(str(param.name)) or "|".join(kinds)
        if str(param.name) == "sets":
            param.type = SetValue("tag", param.type)
        elif kind and (param.type is click.STRING or kind == "revision"):
            param.type = LiveName(kind, param.type)


def _offered(ctx: click.Context, kind: str) -> list[tuple[str, str]]:
    """The names there are; none when it cannot be told, since a shell has no place for errors."""
    from lain_tui.cli.session import Session
    from lain_tui.core.errors import LainError

    here = ctx.find_object(Session)
    if here is None:
        return []
    try:
        if kind in ("cluster", "context"):
            return _local(here, kind)
        from lain_tui.core.names.cache import names

        return names(kind, here.target(), here.env)
    except (LainError, click.UsageError, KeyError):
        return []


def _local(here: Any, kind: str) -> list[tuple[str, str]]:
    """What kubeconfigs say, without asking anybody."""
    from pathlib import Path

    from lain_tui.core.config.clusters import find_clusters
    from lain_tui.core.config.contexts import kubeconfig_files, read_contexts

    clusters = [
        (one.name, "current" if one.current else "cluster")
        for one in find_clusters(here.env)
        if one.kubeconfig
    ]
    if kind == "cluster" and clusters:
        return clusters
    given = here.given.get("kubeconfig")
    files = (Path(given),) if given else kubeconfig_files(here.env)
    return [(name, "context") for name in read_contexts(files).by_name]
