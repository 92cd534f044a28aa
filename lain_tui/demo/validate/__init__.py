"""What a real server refuses, in its words (k8s.io/kubernetes/pkg/apis/*/validation). Not all of it: what people run into."""

from .objects import created, updated
from .warnings import warned

__all__ = ["created", "updated", "warned"]
