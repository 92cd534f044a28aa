"""A whole registry by the distribution API: its repositories, what their tags point to, and taking images away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.registry.credentials import Login
from lain_tui.core.registry.distribution import MANIFESTS, PAGE, Distribution
from lain_tui.core.registry.http import Http, NotAllowed, NotThere

_AT_ONCE = 8
"""Requests under way to one repository."""


class Catalog(msgspec.Struct, frozen=True, kw_only=True):
    """The repositories under one namespace of a registry."""

    host: str
    namespace: str
    """Empty for all of them."""
    login: Login
    plain: bool = False

    def repository(self, path: str) -> Distribution:
        return Distribution(host=self.host, path=path, login=self.login, plain=self.plain)

    async def repositories(self) -> list[str]:
        """The paths of all, by name. Raises LainError."""
        found: list[str] = []
        seen = set()
        url = f"{self.repository('').base}/_catalog?n={PAGE}"
        async with Http(self.login) as http:
            while url and url not in seen:
                seen.add(url)
                answer = await http.get(url)
                found += [str(path) for path in answer.json().get("repositories") or []]
                url = answer.next_page()
        below = f"{self.namespace}/" if self.namespace else ""
        return sorted(path for path in found if path.startswith(below))


async def digests(repository: Distribution, tags: Iterable[str]) -> dict[str, str]:
    """What each tag points to; without tags that have gone meanwhile. Raises LainError."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async with Http(repository.login) as http:

        async def ask(tag: str) -> tuple[str, str]:
            async with gate:
                return tag, await _digest(http, repository, tag)

        return {tag: digest for tag, digest in await asyncio.gather(*map(ask, tags)) if digest}


async def remove(repository: Distribution, tag: str, digest: str) -> str:
    """Take an image away, if its tag still points to it; returns a remark when it was not there to be taken.

    Raises LainError, also when the registry is set to delete nothing.
    """
    async with Http(repository.login) as http:
        now = await _digest(http, repository, tag)
        if now != digest:
            return "its tag points to another image by now, which is kept" if now else "it was gone already"
        try:
            await http.get(f"{repository.base}/{repository.path}/manifests/{digest}", method="DELETE")
        except NotThere:
            return "it was gone already"
        except NotAllowed as error:
            raise LainError(
                "the registry is set to delete nothing", where=error.where,
                hint="Set storage.delete.enabled in its configuration (REGISTRY_STORAGE_DELETE_ENABLED=true).",
            ) from None  # fmt: skip
    return ""


async def _digest(http: Http, repository: Distribution, tag: str) -> str:
    url = f"{repository.base}/{repository.path}/manifests/{tag}"
    try:
        answer = await http.get(url, method="HEAD", headers={"Accept": MANIFESTS})
    except NotThere:
        return ""
    return str(answer.headers.get("Docker-Content-Digest", ""))
