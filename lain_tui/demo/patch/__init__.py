"""The patch kinds of the API, each a pure function from an object and a patch to the object patched."""

from .json_patch import json_patch
from .merge import merge_patch
from .strategic import go_map, strategic_patch

__all__ = ["go_map", "json_patch", "merge_patch", "strategic_patch"]
