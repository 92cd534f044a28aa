"""Deploying: chosen, checked, compared, watched."""
