"""What becomes of a chart's `crds/`, in words: it is no part of the release, and so of no diff."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lain_tui.core.diff.keys import Body, Live, ObjectKey, keyed
from lain_tui.core.diff.normal import normal
from lain_tui.core.helm.objects import Rendered
from lain_tui.core.model.text import listed

_BY_HAND = "kubectl apply --server-side -f chart/crds/ does."


def absent(crds: Iterable[Rendered], live: Live, namespace: str = "") -> list[Rendered]:
    """Those that the cluster is known not to have."""
    return [one for key, one in keyed(crds, namespace).items() if key in live and live[key] is None]


def in_words(
    crds: Iterable[Rendered], live: Live, namespace: str = "", *, first: bool, renews: bool
) -> Iterator[str]:
    """What a deploy, the `first` or a later one, does about them; silent about those that are there and the same.

    `renews` tells helm 4, whose first install changes those that differ, from helm 3.
    """
    known = keyed(crds, namespace)
    missing = [key for key in known if key in live and live[key] is None]
    unread = [key for key in known if key not in live]
    other = [key for key, one in known.items() if (body := live.get(key)) and _says(body) != _says(one.body)]
    if missing and first:
        yield f"Of crds/, {_named(missing)} {_is(missing)} made before all else. No later deploy changes what is there."
    elif missing:
        yield (
            f"{_named(missing)} of crds/ {_is(missing)} not in the cluster, and helm makes "
            f"{_them(missing)} with a first deploy only: {_BY_HAND}"
        )
    if other and first and renews:
        yield (
            f"{_named(other)} of crds/ {_is(other)} changed before all else, to what the chart has: "
            f"the cluster has {_them(other)} otherwise, which others may go by."
        )
    elif other:
        yield (
            f"{_named(other)} of crds/ {'stays' if len(other) == 1 else 'stay'} as the cluster has {_them(other)}, "
            f"though the chart's {'differs' if len(other) == 1 else 'differ'}: helm changes none. {_BY_HAND}"
        )
    if unread and first:
        rest = "changes what differs" if renews else "leaves the rest as it is"
        yield f"{_named(unread)} of crds/ may not be read: helm makes what is absent, and {rest}."


def _says(body: Body) -> Body:
    return {key: value for key, value in normal(body).items() if key != "metadata"}


def _named(keys: list[ObjectKey]) -> str:
    return listed([f"{key.kind} {key.name}" for key in keys], most=6)


def _is(keys: list[ObjectKey]) -> str:
    return "is" if len(keys) == 1 else "are"


def _them(keys: list[ObjectKey]) -> str:
    return "it" if len(keys) == 1 else "them"
