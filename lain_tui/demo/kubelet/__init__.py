"""Simulated nodes' agents: they start containers, probe them, restart them, and tell the API how it went."""

from .kubelet import Kubelet

__all__ = ["Kubelet"]
