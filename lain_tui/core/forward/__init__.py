"""Ports of pods on this machine."""
