"""What an image pull's error says, however the runtime wrapped it.

The wordings are those of the kubelet (pkg/kubelet/images), containerd (core/remotes/docker), CRI-O and Docker.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache


class PullFault(StrEnum):
    """Why an image cannot be pulled; the value is how a row words it."""

    BAD_NAME = "not a valid image name"
    NEVER = "not on the node, and never pulled"
    UNAUTHORIZED = "registry refuses access"
    NOT_FOUND = "image not found"
    UNREACHABLE = "registry unreachable"
    UNTRUSTED = "registry certificate not trusted"
    PLAIN_HTTP = "registry speaks plain HTTP"
    RATE_LIMITED = "registry limits the pulls"
    PLATFORM = "no image for this node's platform"
    NO_SPACE = "no space left on the node"
    UNKNOWN = ""


# The first that matches tells: a registry that hides what it has answers "pull access denied, repository does not
# exist or may require authorization", which is a refusal until somebody signs in.
_RULES: tuple[tuple[PullFault, re.Pattern[str]], ...] = tuple(
    (fault, re.compile(pattern, re.IGNORECASE))
    for fault, pattern in (
        (PullFault.BAD_NAME,
         r"InvalidImageName|invalid reference format|couldn't parse image|failed to apply default image tag"),
        (PullFault.NEVER, r"ErrImageNeverPull|is not present with pull policy of Never"),
        (PullFault.RATE_LIMITED, r"toomanyrequests|429 Too Many Requests|rate limit"),
        (PullFault.PLAIN_HTTP, r"server gave HTTP response to HTTPS client"),
        (PullFault.UNTRUSTED,
         r"x509:|certificate signed by unknown authority|certificate has expired|failed to verify certificate"),
        (PullFault.NO_SPACE, r"no space left on device"),
        (PullFault.PLATFORM, r"no match for platform|no matching manifest for"),
        (PullFault.UNAUTHORIZED,
         r"unauthorized|pull access denied|insufficient_scope|authentication required|authorization failed"
         r"|no basic auth credentials|40[13] (?:Forbidden|Unauthorized)"
         r"|access (?:to the requested resource )?is denied"
         r"|requested access .* denied|failed to authorize|failed to fetch (?:anonymous|oauth) token: .*40[13]"),
        (PullFault.NOT_FOUND,
         r"manifest unknown|name unknown|code = NotFound|: not found|404 Not Found|repository .* not found"
         r"|image .* not found|does not exist"),
        (PullFault.UNREACHABLE,
         r"no such host|connection refused|i/o timeout|deadline exceeded|network is unreachable|no route to host"
         r"|connection reset|TLS handshake timeout|server misbehaving|RegistryUnavailable|dial tcp|EOF$"
         r"|50[0234] (?:Internal|Bad|Service|Gateway)|temporary failure in name resolution|Client\.Timeout"),
    )
)  # fmt: skip

_REGISTRY_PORT = re.compile(r"[.:]|^localhost$")


@lru_cache(maxsize=1024)
def pull_fault(*texts: str) -> PullFault:
    """The fault that the texts (a waiting reason, its message, events) tell of; UNKNOWN when none does."""
    for text in texts:
        for fault, pattern in _RULES:
            if text and pattern.search(text):
                return fault
    return PullFault.UNKNOWN


def split_image(image: str) -> tuple[str, str, str]:
    """A reference as (registry, repository, tag or digest); the registry is empty for Docker Hub's short names.

    Rules: github.com/distribution/reference. `localhost:5000/a/b:1` has the registry `localhost:5000`.
    """
    name, at, digest = image.partition("@")
    head, slash, rest = name.partition("/")
    registry = head if slash and _REGISTRY_PORT.search(head) else ""
    repository = rest if registry else name
    tag = ""
    if ":" in repository.rpartition("/")[2]:
        repository, _, tag = repository.rpartition(":")
    return registry, repository, digest if at else tag


def image_tag(image: str) -> str:
    """The tag of a reference; `latest` when there is none, the digest's start for one that is pinned."""
    _, _, tag = split_image(image)
    return tag[:19] if tag.startswith("sha256:") else tag or "latest"
