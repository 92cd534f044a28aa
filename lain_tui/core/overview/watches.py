"""What of a cluster is watched: all of it, or as much as the user may see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lain_tui.core.kube.errors import ApiAbsent, Forbidden, KubeError
from lain_tui.core.kube.resources import (
    DEPLOYMENTS,
    EVENTS,
    INGRESSES,
    JOBS,
    NODES,
    PODS,
    REPLICASETS,
    SECRETS,
    SERVICES,
    Kind,
)
from lain_tui.core.kube.store import Store, Subscription
from lain_tui.core.model.status import Gap
from lain_tui.core.model.text import counted

_KINDS: tuple[tuple[Kind[Any], str, str], ...] = (
    (PODS, "", ""),
    (NODES, "", ""),
    (DEPLOYMENTS, "", ""),
    (REPLICASETS, "", ""),
    (JOBS, "", ""),
    (SERVICES, "", ""),
    (INGRESSES, "", ""),
    (EVENTS, "", "type=Warning"),
    (SECRETS, "owner=helm", ""),
)
"""Each kind with its selector and field selector."""
_NAMESPACED = {kind.name: kind.namespaced for kind, _, _ in _KINDS}
_NEEDED = ("Pod", "Node")
"""The kinds without an answer about which there is no picture."""


class Watches:
    """Every kind in the whole cluster; in one namespace where the user may not see more."""

    def __init__(self, store: Store, namespace: str) -> None:
        self._store = store
        self._namespace = namespace
        self._found: dict[str, Subscription[Any]] = {}
        self._refused: dict[str, Forbidden] = {}
        """Why a kind is watched in the one namespace only."""
        for kind, selector, fields in _KINDS:
            self._found[kind.name] = store.subscribe(kind, selector=selector, fields=fields)

    def close(self) -> None:
        for found in self._found.values():
            found.close()

    def narrow(self) -> None:
        """Look at the one namespace alone for what may not be seen in all."""
        for kind, selector, fields in _KINDS:
            found = self._found[kind.name]
            if kind.namespaced and kind.name not in self._refused and isinstance(found.error, Forbidden):
                self._refused[kind.name] = found.error
                found.close()
                self._found[kind.name] = self._store.subscribe(
                    kind, namespace=self._namespace, selector=selector, fields=fields
                )

    def items(self, kind: Kind[Any]) -> list[Any]:
        return list(self._found[kind.name].items.values())

    def sees(self, namespace: str, *kinds: Kind[Any]) -> bool:
        """Nothing of these kinds is hidden in that namespace."""
        return all(
            self._denied(kind.name) is None
            and (kind.name not in self._refused or namespace == self._namespace)
            for kind in kinds
        )

    @property
    def answered(self) -> bool:
        """There is a first answer about every kind."""
        return all(map(self._is_answered, self._found))

    @property
    def synced(self) -> bool:
        """There is one about those without which there is no picture."""
        return all(map(self._is_answered, _NEEDED))

    @property
    def namespace(self) -> str:
        """The only one whose pods may be seen; empty for all."""
        return self._namespace if "Pod" in self._refused else ""

    @property
    def blind(self) -> KubeError | None:
        """Why no pod may be seen at all."""
        return self._denied("Pod")

    def gaps(self) -> Iterator[Gap]:
        """What is missing, and why."""
        if self._refused:
            resources = _few([error.resource for error in self._refused.values()])
            what = "" if self.namespace else f"{resources} of any "
            yield Gap(
                pane=f"{what}namespace but {self._namespace}",
                reason=f"you may not list {resources} in the whole cluster",
            )
        for kind, _, _ in _KINDS:
            if (error := self._denied(kind.name)) is not None:
                yield Gap(pane=kind.plural, reason=error.what, hint=error.hint)

    def _is_answered(self, name: str) -> bool:
        return self._found[name].synced or self._denied(name) is not None

    def _denied(self, name: str) -> KubeError | None:
        """Why nothing of a kind can be had, in the one namespace neither."""
        error = self._found[name].error
        if isinstance(error, Forbidden) and name not in self._refused and _NAMESPACED[name]:
            return None  # the one namespace is still to be asked
        return error if isinstance(error, Forbidden | ApiAbsent) else None


def _few(names: list[str]) -> str:
    """The first ones, and how many more there are."""
    first, more = names[:3], len(names) - 3
    return f"{', '.join(first)} and {counted(more, 'more kind')}" if more > 0 else ", ".join(first)
