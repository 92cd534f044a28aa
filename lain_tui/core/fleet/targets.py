"""Which clusters an app may be on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from lain_tui.core.config import clusters
from lain_tui.core.config.contexts import kube_folder, read_contexts
from lain_tui.core.config.resolve import Options, resolve_target
from lain_tui.core.config.settings import Settings
from lain_tui.core.errors import LainError
from lain_tui.core.target import Target


class Unresolved(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster whose files cannot be used, and why."""

    cluster: str
    reason: str


def fleet(
    target: Target, *, env: Mapping[str, str] | None = None, settings: Settings | None = None
) -> list[Target | Unresolved]:
    """The target's app on every cluster that is known beside it, the target itself included; by name.

    From one of lain's clusters that is all of lain's clusters; from any other kubeconfig, its contexts. So the
    embedded cluster never leads to a real one.
    """
    env = os.environ if env is None else env
    known = [one for one in clusters.find_clusters(env) if one.kubeconfig is not None]
    if any(_is(target, one, env) for one in known):
        options = [(one.name, Options(cluster=one.name, app=target.app)) for one in known]
    else:
        contexts = read_contexts(target.kubeconfig).by_name if target.kubeconfig else {}
        options = [
            (name, Options(kubeconfig=context.file, context=name, app=target.app))
            for name, context in sorted(contexts.items())
        ]
    return [_resolved(target, name, chosen, env, settings) for name, chosen in options] or [target]


def is_same(one: Target, other: Target) -> bool:
    """Both are the same place of the same cluster."""
    return (one.cluster, one.context, one.kubeconfig) == (other.cluster, other.context, other.kubeconfig)


def _is(target: Target, one: clusters.Cluster, env: Mapping[str, str]) -> bool:
    if one.kubeconfig is None or one.name != target.cluster or not target.kubeconfig:
        return False
    return target.kubeconfig[0].resolve().is_relative_to(kube_folder(env).resolve()) or (
        target.kubeconfig[0].resolve() == one.kubeconfig.resolve()
    )


def _resolved(
    target: Target, name: str, options: Options, env: Mapping[str, str], settings: Settings | None
) -> Target | Unresolved:
    here = target.chart.parent if target.chart is not None else Path.cwd()
    try:
        found = resolve_target(options, cwd=here, env=env, settings=settings)
    except LainError as error:
        return Unresolved(cluster=name, reason=str(error))
    if is_same(found, target):
        return target
    # Read-only goes along, but not where it is only the settings' word on the cluster one comes from.
    told = settings is not None and settings.reads_only(target.cluster, target.context)
    return msgspec.structs.replace(found, read_only=found.read_only or (target.read_only and not told))
