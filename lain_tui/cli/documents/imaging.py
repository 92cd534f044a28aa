"""What the commands about images print, beside those that change something."""

from __future__ import annotations

from typing import ClassVar

from lain_tui.cli.documents.document import Document
from lain_tui.core.registry.tags import Tag


class ImageDocument(Document, frozen=True, kw_only=True):
    """The image that belongs to this commit, whether it was built or not."""

    of: ClassVar[tuple[str, ...]] = ("image",)

    image: str
    registry: str | None
    app: str
    tag: str
    dirty: bool
    """The work tree has changes that the tag does not tell of."""


class TagsDocument(Document, frozen=True, kw_only=True):
    """The app's images in the registry, newest first."""

    of: ClassVar[tuple[str, ...]] = ("tags",)

    tags: tuple[Tag, ...]


class DockerfileDocument(Document, frozen=True, kw_only=True):
    """The Dockerfile that the values stand for."""

    of: ClassVar[tuple[str, ...]] = ("dockerfile",)

    stage: str
    """The last of it: prepare, build or release."""
    text: str
    bases: tuple[str, ...]
    """The images that it starts from."""
    arguments: tuple[str, ...]
    """The build arguments that it asks for."""
