"""Raw JSON of the API into typed structs, and what to do with an object that does not fit.

Decoders are built once a kind. A list is decoded in one go; only when that fails is it taken apart, so that one
odd object costs itself and not the list.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import cache
from typing import Any, Generic, TypeVar

import msgspec

from lain_tui.core.kube.errors import BadAnswer
from lain_tui.core.model.meta import KubeObject, PartialObject
from lain_tui.core.turns import batches, drain, in_turns

T = TypeVar("T", bound=KubeObject)
I = TypeVar("I")  # noqa: E741 - an item of a list, typed or raw


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """An object that could not be decoded, and why."""

    uid: str
    name: str
    namespace: str
    reason: str


class ListMeta(msgspec.Struct, frozen=True, rename="camel"):
    resource_version: str = ""
    continue_token: str = msgspec.field(default="", name="continue")


class ListOf(msgspec.Struct, Generic[I], frozen=True):
    """The envelope of a list; Go writes an empty one as null."""

    kind: str
    metadata: ListMeta = ListMeta()
    items: list[I] | None = None


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list."""

    items: list[T]
    version: str
    """The resourceVersion of the whole list, from which to watch."""
    continue_token: str
    """Asks for the next page; empty on the last one."""
    unreadable: list[Unreadable]


class WatchEvent(msgspec.Struct, frozen=True):
    """One line of a watch, its object still raw."""

    type: str
    object: msgspec.Raw


_LONG = 1 << 20
"""Bytes from which a page is decoded in turns; few are as long, such as one of metrics, which have no pages."""

_watch_event = msgspec.json.Decoder(WatchEvent)


@cache
def decoder(struct: type[T]) -> msgspec.json.Decoder[T]:
    """The decoder of one object."""
    return msgspec.json.Decoder(struct)


@cache
def _list_decoder(item: Any) -> msgspec.json.Decoder[ListOf[Any]]:
    return msgspec.json.Decoder(ListOf[item])


def decode_object(body: bytes | msgspec.Raw, struct: type[T]) -> T:
    """Decode one object.

    Raises BadAnswer when it is no JSON, or not of that kind's shape.
    """
    try:
        made: T = decoder(struct).decode(body)
        return made
    except msgspec.DecodeError as error:
        raise BadAnswer(f"the API's answer is not a {struct.__name__}: {error}") from None


async def read_page(body: bytes, struct: type[T]) -> Page[T]:
    """Decode one page of a list, in turns when it is long: thousands of objects at once would hold up a key.

    Objects that do not fit are left out and told in `unreadable`. Raises BadAnswer when the body is no list at all.
    """
    if len(body) > _LONG:
        return await in_turns(_one_by_one(body, struct))
    try:
        whole: ListOf[T] = _list_decoder(struct).decode(body)
    except msgspec.ValidationError:
        return drain(_one_by_one(body, struct))
    except msgspec.DecodeError:
        raise _not_a_list() from None
    return _page(whole, whole.items or [], [])


def _one_by_one(body: bytes, struct: type[T]) -> Generator[None, None, Page[T]]:
    try:
        whole: ListOf[msgspec.Raw] = _list_decoder(msgspec.Raw).decode(body)
    except msgspec.DecodeError:
        raise _not_a_list() from None
    one = decoder(struct)
    items: list[T] = []
    unreadable: list[Unreadable] = []
    for batch in batches(whole.items or []):
        yield
        for raw in batch:
            try:
                items.append(one.decode(raw))
            except msgspec.ValidationError as error:
                unreadable.append(describe_unreadable(raw, error))
    return _page(whole, items, unreadable)


def _page(whole: ListOf[Any], items: list[T], unreadable: list[Unreadable]) -> Page[T]:
    if not whole.kind.endswith("List"):
        raise _not_a_list()
    meta = whole.metadata
    return Page(
        items=items, version=meta.resource_version, continue_token=meta.continue_token, unreadable=unreadable
    )


def describe_unreadable(raw: bytes | msgspec.Raw, error: msgspec.DecodeError) -> Unreadable:
    """Name an object that could not be decoded, as far as its metadata can be read."""
    try:
        meta = decoder(PartialObject).decode(raw).metadata
    except msgspec.DecodeError:
        return Unreadable(uid="", name="", namespace="", reason=str(error))
    return Unreadable(uid=meta.uid, name=meta.name, namespace=meta.namespace, reason=str(error))


def decode_watch_event(line: bytes) -> WatchEvent:
    """Decode the envelope of one watch line.

    Raises BadAnswer when the line is no watch event, such as one that was cut.
    """
    try:
        return _watch_event.decode(line)
    except msgspec.DecodeError:
        raise BadAnswer("a line of the watch is not an event") from None


def _not_a_list() -> BadAnswer:
    return BadAnswer(
        "the server's answer is not a list of Kubernetes objects",
        hint="Check the cluster's server address in the kubeconfig.",
    )
