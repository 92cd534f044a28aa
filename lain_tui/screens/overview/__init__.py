"""The cluster as a whole."""
