"""Watches: changes as lines of JSON, until the client goes, the time is up, or the history is gone."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

from aiohttp import web

from .. import errors, views
from ..clock import Clock
from ..faults import Faults
from ..kinds import Kind
from ..selectors import Predicate
from ..storage import Change, Obj, Storage, Stored, TooOldError, encode
from . import forms
from .lists import selector
from .options import flag

BOOKMARK_EVERY = 60.0
"""Seconds between bookmarks."""
_INITIAL_END = "k8s.io/initial-events-end"


class Watch:
    """One watch request."""

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        kind: Kind,
        namespace: str,
        name: str,
        query: dict[str, str],
        form: str,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._kind = kind
        self._table = storage.table(views.stored_as(kind))
        self._namespace = namespace
        self._form = form
        self._query = query
        chosen = selector(kind, query)
        self._matches: Predicate = _named(name, chosen) if name else chosen or (lambda obj: True)
        self._headed = True

    async def serve(self, request: web.BaseRequest, faults: Faults) -> web.StreamResponse:
        """Send events until the end."""
        response = web.StreamResponse(
            headers={"Content-Type": "application/json", "Cache-Control": "no-cache, private"}
        )
        response.enable_chunked_encoding()
        await response.prepare(request)
        seconds = float(self._query.get("timeoutSeconds") or random.uniform(1800, 3600))
        with contextlib.suppress(TimeoutError, ConnectionResetError):
            async with asyncio.timeout(seconds):
                async for chunk in self._chunks():
                    cut = faults.cut(self._kind)
                    if cut:
                        await response.write(chunk[: max(1, len(chunk) // 2)])
                        _hang_up(request)
                        return response
                    await response.write(chunk)
        with contextlib.suppress(ConnectionResetError):
            await response.write_eof()
        return response

    async def _chunks(self) -> AsyncIterator[bytes]:
        text = self._query.get("resourceVersion", "")
        initial = flag(self._query, "sendInitialEvents")
        version = int(text) if text else 0
        if initial or version == 0:
            now = self._storage.version
            listed = [item for item in self._table.listed(self._namespace) if self._matches(item.obj)]
            for start in range(0, len(listed), 500):
                yield b"".join(self._line("ADDED", item) for item in listed[start : start + 500])
            version = now
            if initial:
                yield self._bookmark(version, ended=True)
        bookmarks = flag(self._query, "allowWatchBookmarks")
        follow = self._table.follow(version)
        try:
            while True:
                step = asyncio.ensure_future(anext(follow))
                while not step.done():
                    await asyncio.wait({step}, timeout=BOOKMARK_EVERY)
                    if not step.done() and bookmarks:
                        yield self._bookmark(self._storage.version)
                lines = b"".join(filter(None, map(self._event, step.result())))
                if lines:
                    yield lines
        except TooOldError as error:
            status = errors.too_old(error.wanted, error.oldest).status()
            yield encode({"type": "ERROR", "object": status}) + b"\n"
        finally:
            if not step.done():
                step.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await step
            await follow.aclose()

    def _event(self, change: Change) -> bytes:
        """Say what a change is to this watch: an object may enter or leave its selection."""
        stored = change.stored
        if self._namespace and stored.key[0] != self._namespace:
            return b""
        is_in = change.type != "DELETED" and self._matches(stored.obj)
        was_in = change.previous is not None and self._matches(change.previous.obj)
        if is_in:
            return self._line("MODIFIED" if was_in else "ADDED", stored)
        return self._line("DELETED", stored) if was_in else b""

    def _line(self, word: str, stored: Stored) -> bytes:
        if self._form == "Table":
            include = self._query.get("includeObject", "Metadata")
            meta = {"resourceVersion": str(stored.version)}
            body = encode(
                forms.table(self._kind, [stored.obj], self._clock.now(), include, meta, headed=self._headed)
            )
            self._headed = False
        else:
            body = forms.one(self._kind, stored, self._form, self._clock.now())
        return b'{"type":"%s","object":%s}\n' % (word.encode(), body)

    def _bookmark(self, version: int, *, ended: bool = False) -> bytes:
        meta: Obj = {"resourceVersion": str(version), "creationTimestamp": None}
        if ended:
            meta["annotations"] = {_INITIAL_END: "true"}
        obj: Obj = {"kind": self._kind.kind, "apiVersion": self._kind.api_version, "metadata": meta}
        if self._form.startswith("Partial"):
            obj = forms.partial(obj)
        elif self._form == "Table":
            obj = forms.table(self._kind, [], 0.0, "None", {"resourceVersion": str(version)}, headed=False)
            obj["rows"] = [{"cells": [], "object": forms.partial({"metadata": meta})}]
        return encode({"type": "BOOKMARK", "object": obj}) + b"\n"


def _named(name: str, chosen: Predicate | None) -> Predicate:
    return lambda obj: obj["metadata"]["name"] == name and (chosen is None or chosen(obj))


def _hang_up(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.abort()
