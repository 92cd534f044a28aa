"""Reusable parts of the screens: they are given data, paint it, and post messages."""
