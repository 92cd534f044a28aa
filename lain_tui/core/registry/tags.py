"""The tags that can be deployed: from the cluster's registry, newest first, each with the commit it comes from."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

from lain_tui.core.config.secrets_env import with_secrets
from lain_tui.core.errors import LainError
from lain_tui.core.image.names import LATEST, PREPARE, image_name, parse_reference
from lain_tui.core.project.git import Commit, find_commits, outside_branch
from lain_tui.core.registry.aliyun import Aliyun, region_of
from lain_tui.core.registry.credentials import find_login
from lain_tui.core.registry.distribution import Distribution, hub_login
from lain_tui.core.registry.harbor import Harbor
from lain_tui.core.registry.tencent import Tencent

_NEEDED = {
    "harbor": ("harbor_token",),
    "tencent": ("access_key_id", "access_key_secret"),
    "aliyun": ("access_key_id", "access_key_secret"),
}
"""The credentials that each kind of registry is asked with."""


class Repository(Protocol):
    """Where an app's images are."""

    async def tags(self) -> list[str]:
        """All tags, in no order; raises LainError."""


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """An image that can be deployed."""

    name: str
    commit: Commit | None = None
    """What it was built from; None when the repository here does not know it."""
    in_branch: bool = False
    """Whether the commit belongs to the branch that is checked out."""


async def open_repository(
    settings: Mapping[str, Any], app: str, environment: Mapping[str, str] | None = None
) -> Repository:
    """The app's repository in the cluster's registry, asked the way that the cluster's values call for.

    Harbor and the clouds are asked by their own API when the values hold the keys for it, else, like every other
    registry, by the distribution API with docker's login. Raises LainError when there is no registry.
    """
    kind = str(settings.get("registry_type") or "registry")
    needed = _NEEDED.get(kind, ())
    settings = with_secrets(settings, os.environ if environment is None else environment, needed=needed)
    registry = str(settings.get("registry") or "")
    if not registry:
        raise LainError(
            "the cluster has no registry", hint="Set registry in the cluster's values: HOST[:PORT]/NAMESPACE."
        )
    reference = parse_reference(image_name(registry, app, LATEST))
    key, secret = (str(settings.get(name) or "") for name in ("access_key_id", "access_key_secret"))
    plain = bool(settings.get("registry_http"))
    if kind == "harbor" and settings.get("harbor_token"):
        token = str(settings["harbor_token"])
        return Harbor(host=reference.host, path=reference.path, token=token, plain=plain)
    if kind == "tencent" and key and secret:
        return Tencent(path=reference.path, key_id=key, secret=secret)
    if kind == "aliyun" and key and secret and (region := region_of(reference.host)):
        return Aliyun(region=region, path=reference.path, key_id=key, secret=secret)
    return await _distribution(settings, reference.host, reference.path, plain, environment)


async def _distribution(
    settings: Mapping[str, Any], host: str, path: str, plain: bool, environment: Mapping[str, str] | None
) -> Distribution:
    login = hub_login(settings) if host == "docker.io" else None
    if login is None or not login.known:
        login = await find_login(host, environment)
    return Distribution(host=host, path=path, login=login, plain=plain)


async def has_tag(
    settings: Mapping[str, Any], app: str, tag: str, environment: Mapping[str, str] | None = None
) -> bool:
    """Whether the cluster's registry has this tag of the app."""
    repository = await open_repository(settings, app, environment)
    if isinstance(repository, Distribution):
        return await repository.has(tag)
    return tag in await repository.tags()


def newest_first(tags: list[str]) -> list[str]:
    """Without `prepare…`; the ASCII order of tags is that of time."""
    return sorted({tag for tag in tags if not tag.startswith(PREPARE)}, reverse=True)


async def join_commits(folder: Path | None, tags: list[str]) -> list[Tag]:
    """Put each tag beside its commit; outside of git, or for tags of another make, there is none."""
    if folder is None:
        return [Tag(name=tag) for tag in tags]
    commits, outside = await asyncio.gather(find_commits(folder, tags), outside_branch(folder, tags))
    return [
        Tag(name=tag, commit=commit, in_branch=commit is not None and commit.sha not in outside)
        for tag in tags
        for commit in (commits.get(tag),)
    ]


async def list_tags(
    settings: Mapping[str, Any], app: str, folder: Path | None, environment: Mapping[str, str] | None = None
) -> list[Tag]:
    """Every tag of the app in the cluster's registry, newest first, with its commit."""
    repository = await open_repository(settings, app, environment)
    return await join_commits(folder, newest_first(await repository.tags()))
