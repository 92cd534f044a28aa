"""What lives in the cluster at its start. Each seed is a function that is given a new cluster."""

from __future__ import annotations

from collections.abc import Callable

from ..cluster import Cluster

Seed = Callable[[Cluster, str], None]


def _empty(cluster: Cluster, argument: str) -> None:
    from . import basics

    with cluster.clock.simulate(cluster.clock.now() - 60):
        basics.nodes(cluster, ["demo-1", "demo-2"])
        basics.namespaces(cluster)
        cluster.engine.live_through(cluster.clock.now() + 60)


def _demo(cluster: Cluster, argument: str) -> None:
    from . import demo

    demo.plant(cluster)


def _load(cluster: Cluster, argument: str) -> None:
    from . import load

    load.plant(cluster, int(argument or 5000))


SEEDS: dict[str, Seed] = {"demo": _demo, "empty": _empty, "load": _load}


def plant(cluster: Cluster, name: str) -> None:
    """Fill a cluster: ``demo``, ``empty`` or ``load:PODS``. ValueError for another name."""
    word, _, argument = name.partition(":")
    if word not in SEEDS:
        raise ValueError(f"there is no seed {word!r}; there are {', '.join(SEEDS)}")
    SEEDS[word](cluster, argument)
