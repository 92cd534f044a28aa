"""Taking old images out of the registry. What anything might still start from is kept."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from lain_tui.core.config.secrets_env import with_secrets
from lain_tui.core.errors import LainError
from lain_tui.core.fleet.targets import Unresolved
from lain_tui.core.image.names import LATEST, image_name, parse_reference
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.plan import Check, Outcome, Plan, Step
from lain_tui.core.model.text import counted
from lain_tui.core.operations.operation import begun, done, refuse
from lain_tui.core.overview.images import images_asked_for
from lain_tui.core.registry.catalog import Catalog, digests, remove
from lain_tui.core.registry.credentials import find_login
from lain_tui.core.registry.distribution import hub_login
from lain_tui.core.target import Target

KEEP = 20
"""The newest images of each repository that are kept."""
_OURS = re.compile(r"\d{9,11}-[0-9a-f]{7,40}(-dirty)?")
"""A tag of lain's own making: the commit's time and hash. Others are somebody's decision, and kept."""
_OWN_RULES = frozenset({"harbor", "tencent", "aliyun"})


class OldImage(msgspec.Struct, frozen=True, kw_only=True):
    """One that nothing needs."""

    repository: str
    tag: str
    digest: str


class RegistryCleanup:
    """Deletes images by digest, each only if its tag still points to it."""

    def __init__(
        self, target: Target, catalog: Catalog, old: Sequence[OldImage], checks: Sequence[Check], *, looked_at: int,
        keep: int, protected: Collection[str] = (),
    ) -> None:  # fmt: skip
        """`looked_at` is the number of images there are; `protected` are the clusters of that kind that use them."""
        self._target = target
        self._catalog = catalog
        self._old = old
        place = f"{catalog.host}/{catalog.namespace}".rstrip("/")
        self._plan = Plan(
            verb="delete",
            subject=f"{counted(len(old), 'image')} of {looked_at} in {place}",
            calls=tuple(f"delete {_named(image)}" for image in old),
            checks=tuple(checks),
            notes=(
                f"Kept: the newest {keep} of each repository, latest, prepare and every tag that lain did not make, "
                "and what any workload of a cluster may start from.",
                "The space is free once the registry has collected its garbage.",
                *([f"Protected, and with images from here: {', '.join(protected)}."] if protected else []),
            ),
            typed=target.cluster if protected or target.protected else "",
        )

    @classmethod
    async def prepare(
        cls, target: Target, clusters: Sequence[Target | Unresolved], *,
        keep: int = KEEP, repositories: Collection[str] = (), without: Collection[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> RegistryCleanup:  # fmt: skip
        """Look at the registry, and at what each of the clusters uses; `without` names clusters that need not answer.

        A cluster that does not answer forbids it all: what runs there is not known. Raises LainError.
        """
        catalog = await _open_catalog(target, environment)
        (used, checks), paths = await asyncio.gather(_used(clusters, without), _chosen(catalog, repositories))
        old: list[OldImage] = []
        looked_at = 0
        for path in paths:
            repository = catalog.repository(path)
            tags = await repository.tags()
            looked_at += len(tags)
            if gone := old_tags(tags, keep, used):
                # An image with two names is needed when one of them is; deleting is by digest, and takes both.
                known = await digests(repository, tags)
                needed = {digest for tag, digest in known.items() if tag not in gone} | used
                old += [
                    OldImage(repository=path, tag=tag, digest=known[tag])
                    for tag in sorted(gone)
                    if tag in known and known[tag] not in needed
                ]
        protected = [one.cluster for one in clusters if isinstance(one, Target) and one.protected]
        return cls(target, catalog, old, checks, looked_at=looked_at, keep=keep, protected=protected)

    @property
    def plan(self) -> Plan:
        return self._plan

    @property
    def images(self) -> Sequence[OldImage]:
        """What will be deleted."""
        return self._old

    async def run(self) -> AsyncIterator[Step]:
        """Delete, one after the other. Raises Refused and LainError."""
        refuse(self._target, self._plan)
        for image in self._old:
            what = f"delete {_named(image)}"
            yield begun(what)
            repository = self._catalog.repository(image.repository)
            yield done(what, await remove(repository, image.tag, image.digest))


def same_registry(target: Target, clusters: Iterable[Target | Unresolved]) -> list[Target | Unresolved]:
    """The clusters that may run images of the target's registry; of one whose values cannot be read nobody knows."""
    registry = target.setting("registry")
    return [
        one for one in clusters if isinstance(one, Unresolved) or one.setting("registry") in ("", registry)
    ]


def old_tags(tags: Iterable[str], keep: int, used: Collection[str]) -> set[str]:
    """Of tags of lain's making, those beyond the newest `keep` that nobody uses."""
    ours = sorted((tag for tag in tags if _OURS.fullmatch(tag)), reverse=True)
    return {tag for tag in ours[keep:] if tag not in used}


async def _open_catalog(target: Target, environment: Mapping[str, str] | None) -> Catalog:
    settings: Mapping[str, Any] = target.settings
    kind = str(settings.get("registry_type") or "registry")
    if kind in _OWN_RULES:
        raise LainError(
            f"{target.cluster}'s registry is a {kind}, which has retention rules of its own",
            hint="Set them there: they know what was pulled when.",
        )
    settings = with_secrets(settings, environment or {}, needed=())
    registry = str(settings.get("registry") or "")
    if not registry:
        raise LainError(
            "the cluster has no registry", hint="Set registry in the cluster's values: HOST[:PORT]/NAMESPACE."
        )
    reference = parse_reference(image_name(registry, "any", LATEST))
    login = hub_login(settings) if reference.host == "docker.io" else None
    if login is None or not login.known:
        login = await find_login(reference.host, environment)
    namespace = reference.path.rpartition("/")[0]
    return Catalog(
        host=reference.host, namespace=namespace, login=login, plain=bool(settings.get("registry_http"))
    )


async def _chosen(catalog: Catalog, wanted: Collection[str]) -> list[str]:
    paths = await catalog.repositories()
    if not wanted:
        return paths
    below = f"{catalog.namespace}/" if catalog.namespace else ""
    chosen = {name if name in paths else f"{below}{name}" for name in wanted}
    if missing := sorted(chosen - set(paths)):
        raise LainError(f"the registry has no repository {missing[0]}", where=catalog.host)
    return sorted(chosen)


async def _used(
    clusters: Sequence[Target | Unresolved], without: Collection[str]
) -> tuple[set[str], list[Check]]:
    """Tags and digests that a workload of any cluster names, and how asking each went."""
    asked = [one for one in clusters if one.cluster not in without]
    used: set[str] = set()
    checks = []
    for cluster, answer in zip(asked, await asyncio.gather(*map(_ask, asked)), strict=True):
        what = f"what {cluster.cluster} uses is known"
        if isinstance(answer, LainError):
            hint = f"If it is of no account: --without {cluster.cluster}."
            checks.append(Check(what=what, outcome=Outcome.FAILED, detail=str(answer), hint=hint))
        else:
            used |= {parts for image in answer for parts in _tag_and_digest(image)}
            checks.append(Check(what=what, outcome=Outcome.PASSED, detail=counted(len(answer), "image")))
    checks += [
        Check(what=f"what {name} uses", outcome=Outcome.SKIPPED, detail="it was left out")
        for name in sorted(without)
    ]
    return used, checks


async def _ask(cluster: Target | Unresolved) -> set[str] | LainError:
    if isinstance(cluster, Unresolved):
        return LainError(cluster.reason)
    try:
        async with KubeClient.open(cluster) as kube:
            return await images_asked_for(kube)
    except LainError as error:
        return error


def _tag_and_digest(image: str) -> list[str]:
    """Alone, for a cluster may know the registry by another name; tags of lain's making are told apart by the commit."""
    name, _, digest = image.partition("@")
    return [part for part in (name.rpartition("/")[2].partition(":")[2], digest) if part]


def _named(image: OldImage) -> str:
    return f"{image.repository}:{image.tag}"
