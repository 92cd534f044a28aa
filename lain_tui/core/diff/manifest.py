"""A manifest to look at: as helm rendered it, but for what its Secrets hold."""

from __future__ import annotations

import re

from lain_tui.core.diff.secrets import masked
from lain_tui.core.diff.written import written
from lain_tui.core.errors import LainError
from lain_tui.core.helm.objects import split_manifest

_DOCUMENT = re.compile(r"^(?=---[ \t]*(?:#.*)?\r?$)", re.MULTILINE)
_COMMENT = re.compile(r"(?:---.*\n|#.*\n|\s*\n)*")


def without_secrets(manifest: str) -> str:
    """Each value of a Secret as its length; everything else as it stands, comments too."""
    return "".join(map(_hidden, _DOCUMENT.split(manifest)))


def _hidden(document: str) -> str:
    if "Secret" not in document:
        return document
    try:
        objects = split_manifest(document)
    except LainError:
        return document
    if not any(one.kind == "Secret" for one in objects):
        return document
    head = _COMMENT.match(document)
    parts = []
    for one in objects:
        body = masked(None, one.body)[1] if one.kind == "Secret" else one.body
        parts.append("".join(f"{line}\n" for line, _ in written(body or {})))
    return (head[0] if head else "") + "---\n".join(parts)
