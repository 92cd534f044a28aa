"""lain-tui: the whole life of an application on Kubernetes and Helm, in a terminal."""

__version__ = "0.1.0"
