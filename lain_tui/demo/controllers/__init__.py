"""What makes a cluster more than a store: each controller brings one kind closer to what its objects ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..cluster import Cluster
    from .owners import Owners


def start_controllers(cluster: Cluster) -> Owners:
    """Put all controllers to work on a cluster; give the index of owners they share."""
    from .accounts import Accounts
    from .autoscaler import Autoscalers
    from .budgets import Budgets
    from .cronjobs import CronJobs
    from .daemonsets import DaemonSets
    from .definitions import Definitions
    from .deployments import Deployments
    from .endpoints import EndpointSlices
    from .garbage import Garbage
    from .jobs import Jobs
    from .limits import Limits
    from .nodes import Nodes
    from .owners import Owners
    from .quota import Quotas
    from .replicasets import ReplicaSets
    from .scheduler import Scheduler
    from .statefulsets import StatefulSets
    from .volumes import Volumes

    owners = Owners(cluster.storage)
    for controller in (ReplicaSets, Deployments, StatefulSets, DaemonSets, Jobs, CronJobs, Autoscalers):
        controller(cluster, owners)
    Garbage(cluster, owners)
    for simple in (Scheduler, EndpointSlices, Limits, Quotas, Nodes, Volumes, Budgets, Accounts, Definitions):
        simple(cluster)
    return owners
