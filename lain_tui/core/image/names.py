"""Image names and tags.

Grammar: github.com/distribution/reference, `[host[:port]/]path[:tag][@digest]`.
"""

from __future__ import annotations

import re

import msgspec

from lain_tui.core.errors import LainError

LATEST = "latest"
PREPARE = "prepare"
DOCKER_HUB = "docker.io"

_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_PATH = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d+)?")


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """An image's name in its parts."""

    host: str
    """Registry host and port; docker.io when the name has none."""
    path: str
    """Repository in the registry, nested namespaces included."""
    tag: str = ""
    digest: str = ""

    @property
    def repository(self) -> str:
        return f"{self.host}/{self.path}"


def image_name(registry: str, app: str, tag: str) -> str:
    """`REGISTRY/APP:TAG`; without a registry `APP:TAG`."""
    registry = registry.strip("/")
    return f"{registry}/{app}:{tag}" if registry else f"{app}:{tag}"


def parse_reference(name: str) -> Reference:
    """Take an image's name apart; raises LainError when it is none."""
    rest, _, digest = name.partition("@")
    first, slash, _ = rest.partition("/")
    host = first if slash and ("." in first or ":" in first or first == "localhost") else ""
    path = rest[len(host) + 1 :] if host else rest
    path, _, tag = path.partition(":")
    if not host:
        host = DOCKER_HUB
        path = path if "/" in path else f"library/{path}"
    if not _PATH.fullmatch(path) or not _HOST.fullmatch(host) or (tag and not _TAG.fullmatch(tag)):
        raise LainError(
            f"{name!r} is no image name", hint="It is [HOST[:PORT]/]PATH[:TAG], the path in lower case."
        )
    return Reference(host=host, path=path, tag=tag, digest=digest)


def moved_name(image: str, to: str) -> str:
    """The image's name in another place: `to` is a registry, which keeps the image's own name and tag."""
    reference = parse_reference(image)
    return image_name(to, reference.path.rpartition("/")[2], reference.tag or LATEST)


def archive_name(image: str) -> str:
    """What `save` calls the file: `REPO_TAG.tar.gz`."""
    reference = parse_reference(image)
    return f"{reference.path.rpartition('/')[2]}_{reference.tag or LATEST}.tar.gz"
