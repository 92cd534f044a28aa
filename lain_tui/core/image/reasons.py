"""Why an engine could not fetch, push or build, in sentences: its own are those of the libraries beneath it."""

from __future__ import annotations

import re

from lain_tui.core.errors import LainError
from lain_tui.core.image.names import DOCKER_HUB, parse_reference

_ADDRESS = "The address is the registry of the cluster's values, or stands in the image's own name."
_NO_REGISTRY = "what answers at {host} is no registry, or a broken one ({said})"
FAILED = "the build failed: "
"""What the sentence of a build's failure begins with."""
DISK = "docker system df tells what takes the engine's disk; docker image prune frees some."
"""What to do about a full one."""

# What the engine says (in lower case), what that means, what to do. The first that fits counts.
_REASONS = [
    (r"no space left on device", "the docker engine's disk is full", DISK),
    (r"http response to https client", "the registry {host} speaks plain HTTP, and the engine asks for HTTPS",
     "List it under insecure-registries in the docker engine's settings."),
    (r"x509|certificate", "the certificate of the registry {host} cannot be trusted ({said})",
     "The engine takes its authority from /etc/docker/certs.d/{host}/ca.crt."),
    (r"toomanyrequests|too many requests|http 429", "the registry {host} is asked too often",
     "Try again in a few minutes; a login raises the limit of Docker Hub."),
    (r"no basic auth|unauthorized|authentication required|incorrect username", "the registry {host} wants a login",
     "Log in with: docker login {host}"),
    (r"denied|forbidden", "the registry {host} gives no access to {path}",
     "Ask for the right to it, or log in as somebody who has it: docker login {host}"),
    (r"unexpected status from .*: [45]\d\d|unexpected media type", _NO_REGISTRY, _ADDRESS),
    (r"manifest unknown|name unknown|not found|does not exist", "the registry {host} does not have it",
     "Is the name spelled right?"),
    (r"no such host|server misbehaving", "the docker engine cannot find {host} by its name", _ADDRESS),
    (r"connection refused|no route to host|network is unreachable|i/o timeout|deadline exceeded|connection reset",
     "the registry {host} cannot be reached from the docker engine ({said})", _ADDRESS),
    (r"unexpected http|content-type|error parsing http|invalid character|eof", _NO_REGISTRY, _ADDRESS),
]  # fmt: skip


class BaseUnavailable(LainError):
    """A base image is not to be had: its registry does not give it, for `why`."""

    def __init__(self, base: str, why: LainError) -> None:
        # Where: the engine when it is the one that is not there, else nothing but the image.
        super().__init__(
            f"the base image {base} cannot be had: {why.what}",
            where="" if why.where == base else why.where,
            hint=why.hint or "It is build.base or release.dest_base of the values.",
        )
        self.base, self.why = base, why


def reason(said: str, image: str) -> LainError:
    """What an engine said of an image, as what is wrong and what to do; what is not known stays as it was said."""
    reference = parse_reference(image)
    host = "Docker Hub" if reference.host == DOCKER_HUB else reference.host
    short = _shortest(said)
    for pattern, what, hint in _REASONS:
        if re.search(pattern, said.lower()):
            login = hint.replace(" {host}", "") if reference.host == DOCKER_HUB else hint
            names = {"host": host, "path": reference.path, "said": short}
            return LainError(what.format(**names), hint=login.format(**names))
    return LainError(said.strip())


def _shortest(said: str) -> str:
    """The last part of `Get "https://…": dial tcp …: connection refused` is what happened."""
    parts = [part.strip() for part in said.strip().split(": ") if part.strip(' ":')]
    last = parts[-1] if parts else said
    return last if len(last) < 80 else f"{last[:79]}…"
