"""From options, folder and environment to the one Target that everything is asked of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from lain_tui.core.config import clusters
from lain_tui.core.config.contexts import kubeconfig_files, read_contexts
from lain_tui.core.config.names import known_names
from lain_tui.core.config.settings import Settings, fits, for_cluster, load_settings
from lain_tui.core.errors import LainError
from lain_tui.core.project.chart import find_chart, no_chart
from lain_tui.core.target import Target
from lain_tui.core.values.layers import LayerKind, Values, open_values, read_layers

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a pod finds its own credentials (kubernetes.io, "Accessing the Kubernetes API from a Pod")."""

_CLUSTER_KEYS = """
    registry registry_type internalRegistry dockerhub_username dockerhub_password harbor_token access_key_id
    access_key_secret paas_type domain domain_suffix ingress_internal_port ingress_external_port ingressClass
    externalIngressClass supportsIngressClassName clusterIssuer ingressTLSSecretName externalIngressTLSSecretName
    clusterHostAliases hostAliases grafana_url kibana prometheus alertmanager pql_template gitlab remote_docker
    pypi_index pypi_extra_index sphinx_docs_url namespace serviceAccountName instance_ids extra_docs secrets_env
"""
CLUSTER_KEYS = frozenset(_CLUSTER_KEYS.split())
"""The keys that describe a cluster; an app's values for that cluster, and extra files, may set them too."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The ways in, as given on the command line; empty where nothing was said."""

    app: str = ""
    cluster: str = ""
    kubeconfig: Path | None = None
    context: str = ""
    namespace: str = ""
    values: tuple[Path, ...] = ()
    """Extra values files, merged last."""
    read_only: bool = False


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    """Which API: pinned, so that nobody else's `use` can move it."""

    files: tuple[Path, ...]
    context: str
    cluster: str
    namespace: str


def resolve_target(
    options: Options | None = None,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    settings: Settings | None = None,
) -> Target:
    """Settle which app on which cluster is meant.

    The app is that of `--app`, else of the chart that `cwd` lies in, else none (it is to be picked). Raises LainError
    for an unknown cluster or context, and for values files that cannot be read.
    """
    options = options or Options()
    env = os.environ if env is None else env
    settings = load_settings(env) if settings is None else settings
    place = _find_place(options, env)
    chart = find_chart(Path.cwd() if cwd is None else cwd)
    cluster_file = clusters.values_file(place.cluster, env, place.files[0] if place.files else None)
    values = read_layers(chart, cluster=place.cluster, cluster_values=cluster_file, extra=options.values)
    own = _name(values, "appname")
    if options.app and options.app != own:
        # Another app than this repository's: its chart and values are somewhere else.
        chart, own = None, ""
        values = read_layers(None, cluster_values=cluster_file, extra=options.values)
    app = options.app or own
    cluster_settings = _cluster_settings(values)
    return Target(
        app=app,
        release=(_name(values, "releaseName") or app) if chart is not None else app,
        cluster=place.cluster,
        namespace=options.namespace
        or str(cluster_settings.get("namespace") or "")
        or place.namespace
        or "default",
        kubeconfig=place.files,
        context=place.context,
        chart=chart,
        values_files=options.values,
        settings=cluster_settings,
        settings_file=cluster_file,
        protected=fits(settings.protected, place.cluster, place.context),
        read_only=options.read_only or settings.reads_only(place.cluster, place.context),
        webhook=for_cluster(settings.webhooks, place.cluster, place.context),
    )


def target_values(target: Target) -> Values:
    """The layers of a target's values, for commands and screens that show them."""
    return read_layers(
        target.chart,
        cluster=target.cluster,
        cluster_values=target.settings_file,
        extra=target.values_files,
    )


def resolve_values(
    options: Options | None = None, *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Values:
    """The values of the app that `cwd` lies in, on the cluster that is meant; needs neither a kubeconfig nor an API.

    Raises LainError when there is no chart, or when lain would refuse its values.
    """
    options = options or Options()
    env = os.environ if env is None else env
    chart = find_chart(Path.cwd() if cwd is None else cwd)
    if chart is None:
        raise no_chart()
    cluster = _cluster_by_name(options, chart, env)
    cluster_file = clusters.values_file(cluster, env)
    return open_values(chart, cluster=cluster, cluster_values=cluster_file, extra=options.values)


def _cluster_by_name(options: Options, chart: Path, env: Mapping[str, str]) -> str:
    """The cluster whose values count: one that has only values will do, and none at all, too."""
    name = options.cluster
    if name and (clusters.values_file(name, env) or (chart / f"values-{name}.yaml").exists()):
        return name
    try:
        return _find_place(options, env).cluster
    except LainError:
        if name or options.context or options.kubeconfig:
            raise
        return ""


def _find_place(options: Options, env: Mapping[str, str]) -> _Place:
    if options.cluster:
        return _lain_cluster(options.cluster, env)
    files = (options.kubeconfig.expanduser().absolute(),) if options.kubeconfig else kubeconfig_files(env)
    if not files:
        if not options.context and env.get("KUBERNETES_SERVICE_HOST"):
            return _inside_a_pod()
        raise LainError(
            "there is no kubeconfig, so there is no cluster to look at",
            where=env.get("KUBECONFIG") or "~/.kube/config",
            hint="Name one with --kubeconfig or KUBECONFIG, or look around with --demo.",
        )
    contexts = read_contexts(files)
    context = contexts.choose(options.context)
    lain_name = (
        clusters.name_of_kubeconfig(context.file) if context.file.name.startswith("kubeconfig-") else ""
    )
    is_lains = bool(lain_name) and context.name == contexts.current
    return _Place(
        files=files,
        context=context.name,
        cluster=lain_name if is_lains else context.name,
        namespace=context.namespace,
    )


def _lain_cluster(name: str, env: Mapping[str, str]) -> _Place:
    known = {cluster.name: cluster for cluster in clusters.find_clusters(env)}
    if name not in known:
        # Where nobody set clusters up, the contexts are what there is.
        contexts = read_contexts(kubeconfig_files(env))
        if name not in contexts.by_name:
            hint = known_names(name, known.keys() | contexts.by_name.keys(), noun="clusters and contexts")
            raise LainError(f"there is no cluster {name!r}", hint=hint)
        context = contexts.by_name[name]
        return _Place(files=contexts.files, context=name, cluster=name, namespace=context.namespace)
    file = clusters.kubeconfig_of(known[name], env).resolve()
    context = read_contexts([file]).choose()
    return _Place(files=(file,), context=context.name, cluster=name, namespace=context.namespace)


def _inside_a_pod() -> _Place:
    try:
        namespace = (SERVICE_ACCOUNT / "namespace").read_text().strip()
    except OSError:
        namespace = ""
    return _Place(files=(), context="", cluster="in-cluster", namespace=namespace)


def _name(values: Values, key: str) -> str:
    node = values.find(key)
    if node is None or node.value is None:
        return ""
    if not isinstance(node.value, str):
        raise LainError(
            f"{key} must be a name",
            where=f"{node.where}: {key}",
            hint="Quote it if it looks like a number or a yes.",
        )
    return node.value


def _cluster_settings(values: Values) -> dict[str, Any]:
    """What describes the cluster: its own file, overridden by the app's values for it and by extra files."""
    own: set[str] = set()
    for layer in values.layers:
        if layer.kind is LayerKind.CLUSTER:
            own |= layer.table.keys()
    above = Values([layer for layer in values.layers if layer.kind is not LayerKind.CHART])
    return {key: value for key, value in above.effective().items() if key in own or key in CLUSTER_KEYS}
