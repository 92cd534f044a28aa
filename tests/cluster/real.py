"""A real cluster for tests and benchmarks.

    with RealCluster() as cluster:
        subprocess.run(["kubectl", "--kubeconfig", cluster.kubeconfig, "get", "pods"])

It ends with the process that started it, however that ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.cluster import images, launch
from tests.cluster.binary import Unavailable
from tests.cluster.registry import Registry

__all__ = ["RealCluster", "Registry", "Unavailable"]


class RealCluster:
    """Kubernetes itself, on free ports of 127.0.0.1, with a folder of its own.

    With a node (the default), pods run in containers; the node pulls from `registry` and `locked_registry`.
    Without one, `kwok_nodes` simulated nodes are all there is: they carry the label `type=kwok` and a taint
    that keeps pods away which do not tolerate it.
    """

    kind = "real"

    def __init__(self, *, node: bool = True, kwok_nodes: int = 0, registry: bool | None = None) -> None:
        self._node = node
        self._kwok_nodes = kwok_nodes
        self._registry = node if registry is None else registry
        self._running: launch.Running | None = None

    @staticmethod
    def available(*, node: bool = True) -> str | None:
        """None when such a cluster can run here, else why not, in plain words."""
        return launch.unavailable(node=node)

    def start(self) -> None:
        """Start it and return when it is ready. Raises Unavailable when this machine cannot run one."""
        if (reason := self.available(node=self._node)) is not None:
            raise Unavailable(reason)
        self._running = launch.start(node=self._node, registry=self._registry, kwok_nodes=self._kwok_nodes)

    def stop(self) -> None:
        """End it; nothing is left behind. Twice does no harm."""
        if self._running is not None:
            self._running.stop()
            self._running = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _up(self) -> launch.Running:
        assert self._running is not None, "the cluster is not started"
        return self._running

    @property
    def kubeconfig(self) -> Path:
        """An administrator's, with everything in the one file; its namespace is `default`."""
        return Path(self._up.told["kubeconfig"])

    @property
    def url(self) -> str:
        return str(self._up.told["server"])

    @property
    def version(self) -> str:
        """As Kubernetes writes it: `v1.36.3`."""
        return str(self._up.told["version"])

    @property
    def data(self) -> Path:
        """Everything the cluster writes is in here, each process's log in `logs/`."""
        return self._up.data

    @property
    def guard_pid(self) -> int:
        """The process that outlives the cluster to clear up after it."""
        return int(self._up.told["guard_pid"])

    @property
    def node_name(self) -> str:
        """The real node's."""
        name: str = self._up.told["node_name"]
        return name

    @property
    def registry(self) -> Registry:
        """A registry anyone may use."""
        return Registry(**self._up.told["registries"][0])

    @property
    def locked_registry(self) -> Registry:
        """A registry that wants a name and a password."""
        return Registry(**self._up.told["registries"][1])

    @property
    def images(self) -> Mapping[str, str]:
        """Image references by what a container does that says nothing more than the image.

        They are in the node already, but for `missing`, which no registry has.
        """
        references = {name: f"{images.NAMES}/{name}:1" for name in images.PROGRAMS}
        if self._registry:
            references["missing"] = f"{self.registry.host}/missing:1"
        return references

    def load(self, archive: Path) -> None:
        """Load an image archive (OCI's or docker's) into the node."""
        self._up.wish(f"load {archive}")

    def load_python(self) -> str:
        """Load an image with Debian's Python into the node; returns its reference."""
        self.load(images.python_archive())
        return f"{images.NAMES}/python:1"

    def load_full_screen(self) -> str:
        """Load an image with Debian's bash, vim and htop into the node; returns its reference."""
        self.load(images.full_screen_archive())
        return f"{images.NAMES}/full-screen:1"

    def compact(self) -> None:
        """Forget the versions before now: to list at one, or go on from one, is 410 Gone."""
        self._up.wish("compact")

    def kill_apiserver(self) -> None:
        """Kill the API server; returns when it is gone. Its port stays its own."""
        self._up.wish("stop kube-apiserver")

    def start_apiserver(self) -> None:
        """Start it again; returns when it is ready."""
        self._up.wish("start kube-apiserver")

    def kill_kubelet(self) -> None:
        """Kill the real node's kubelet: its containers go on, and nobody reaches them."""
        self._up.wish("stop kubelet")

    def start_kubelet(self) -> None:
        self._up.wish("start kubelet")
