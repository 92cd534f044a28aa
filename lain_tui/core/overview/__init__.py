"""The cluster as a whole: every namespace, by cause."""
