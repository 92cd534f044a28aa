"""lain's clusters: a kubeconfig and a file of values for each, and a symbolic link that says which one is current.

A cluster NAME exists when `~/.kube/kubeconfig-NAME` is a file. Its values, when there are any, are
`values-NAME.yaml` in the folder that LAIN_CLUSTER_VALUES_DIR (or CLUSTER_VALUES_DIR) names.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from lain_tui.core.config.contexts import kube_folder
from lain_tui.core.config.names import known_names
from lain_tui.core.errors import LainError
from lain_tui.core.files import write_whole
from lain_tui.core.values.reader import read_table

_KUBECONFIG = "kubeconfig-"


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """One cluster that lain knows."""

    name: str
    kubeconfig: Path | None
    """None when there are values but no kubeconfig: it cannot be used yet."""
    values_file: Path | None
    current: bool = False


def values_folder(env: Mapping[str, str]) -> Path | None:
    """The folder of cluster values; None when neither variable is set."""
    named = env.get("LAIN_CLUSTER_VALUES_DIR") or env.get("CLUSTER_VALUES_DIR")
    return Path(named).expanduser() if named else None


def values_file(name: str, env: Mapping[str, str], kubeconfig: Path | None = None) -> Path | None:
    """The values of a cluster, when there are any: in the folder of them, else beside its `kubeconfig-NAME`."""
    folders = [values_folder(env)]
    if kubeconfig is not None and kubeconfig.name == f"{_KUBECONFIG}{name}":
        folders.append(kubeconfig.parent)
    paths = [folder / f"values-{name}.yaml" for folder in folders if folder is not None and name]
    return next((path for path in paths if path.is_file()), None)


def name_of_kubeconfig(path: Path) -> str:
    """The cluster that a kubeconfig belongs to: what follows the first dash of its name; empty without one."""
    return path.name.partition("-")[2]


def current_cluster(env: Mapping[str, str]) -> str:
    """The cluster that the link `~/.kube/config` leads to; empty when it is no link, or not to a lain cluster."""
    try:
        target = (kube_folder(env) / "config").readlink()
    except OSError:
        return ""
    return name_of_kubeconfig(target)


def find_clusters(env: Mapping[str, str]) -> list[Cluster]:
    """Every cluster by name, those without a kubeconfig too."""
    current = current_cluster(env)
    kubeconfigs = {
        path.name.removeprefix(_KUBECONFIG): path
        for path in _files(kube_folder(env), f"{_KUBECONFIG}*")
        if path.name != _KUBECONFIG
    }
    folder = values_folder(env)
    values = {
        path.name.removeprefix("values-").removesuffix(".yaml"): path
        for path in (_files(folder, "values-*.yaml") if folder is not None else [])
    }
    return [
        Cluster(
            name=name, kubeconfig=kubeconfigs.get(name), values_file=values.get(name), current=name == current
        )
        for name in sorted(kubeconfigs.keys() | values.keys())
    ]


def find_cluster(name: str, env: Mapping[str, str]) -> Cluster:
    """The cluster of that name; raises LainError that names the nearest and the known ones."""
    clusters = {cluster.name: cluster for cluster in find_clusters(env)}
    if name not in clusters:
        raise LainError(f"there is no cluster {name!r}", hint=known_names(name, clusters, noun="clusters"))
    return clusters[name]


def kubeconfig_of(cluster: Cluster, env: Mapping[str, str]) -> Path:
    """The cluster's kubeconfig; raises LainError when it has only values so far."""
    if cluster.kubeconfig is None:
        place = kube_folder(env) / f"{_KUBECONFIG}{cluster.name}"
        raise LainError(
            f"cluster {cluster.name} has values but no kubeconfig",
            where=str(cluster.values_file),
            hint=f"Get one from its administrator and put it to {place}.",
        )
    return cluster.kubeconfig


def docs_of(cluster: Cluster) -> str:
    """What the cluster's values tell its users (`extra_docs`); empty without."""
    if cluster.values_file is None:
        return ""
    node = read_table(cluster.values_file).get("extra_docs")
    return str(node.value).strip() if node is not None and isinstance(node.value, str) else ""


def use_cluster(name: str, env: Mapping[str, str]) -> Cluster:
    """Make a cluster the current one, for this user's every shell.

    The link is replaced in one step. A `~/.kube/config` that is a file of its own is never overwritten.
    """
    cluster = find_cluster(name, env)
    kubeconfig = kubeconfig_of(cluster, env)
    link = kube_folder(env) / "config"
    if link.exists() and not link.is_symlink():
        raise LainError(
            "this is a file of its own, not a link to a cluster's kubeconfig",
            where=str(link),
            hint=f"Keep it under another name, for instance: mv {link} {link.parent}/kubeconfig-mine",
        )
    try:
        with tempfile.TemporaryDirectory(prefix=".use-", dir=link.parent) as folder:
            fresh = Path(folder) / "config"
            fresh.symlink_to(kubeconfig.absolute())
            fresh.replace(link)
    except OSError as error:
        raise LainError(f"the link cannot be replaced: {error.strerror}", where=str(link)) from None
    return msgspec.structs.replace(cluster, current=True)


def set_context_namespace(kubeconfig: Path, namespace: str) -> str:
    """Set the namespace of a kubeconfig's current context, and return the context's name.

    The rest of the file stays as it is written. Raises LainError when there is no current context.
    """
    from io import StringIO

    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    file = kubeconfig.resolve()
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1 << 16
    try:
        with file.open(encoding="utf-8") as stream:
            body = yaml.load(stream)
        current = body["current-context"]
        entry = next(entry for entry in body["contexts"] if entry["name"] == current)
        entry["context"]["namespace"] = namespace
    except (YAMLError, KeyError, TypeError, StopIteration):
        raise LainError("no current context is set there", where=str(file)) from None
    except OSError as error:
        raise LainError(f"it cannot be read: {error.strerror}", where=str(file)) from None
    text = StringIO()
    yaml.dump(body, text)
    _replace(file, text.getvalue())
    return str(current)


def _replace(file: Path, text: str) -> None:
    """Write a file in one step, with the owner and mode it had."""
    try:
        write_whole(file, text, replace=True)
    except OSError as error:
        raise LainError(f"it cannot be written: {error.strerror}", where=str(file)) from None


def _files(folder: Path, pattern: str) -> list[Path]:
    try:
        return [path for path in folder.glob(pattern) if path.is_file()]
    except OSError:
        return []
