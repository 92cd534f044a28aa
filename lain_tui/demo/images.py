"""Registries, as a node sees them: which images can be had, and how the others fail."""

from __future__ import annotations

from dataclasses import dataclass

from .names import fake_digest


@dataclass(frozen=True)
class Pull:
    """How a pull ends: an error in containerd's words, or "" and what was pulled in how many seconds."""

    error: str = ""
    seconds: float = 1.2
    size: int = 0


def full_name(image: str) -> str:
    """Give the reference containerd resolves: with registry and tag."""
    first = image.partition("/")[0]
    if "/" not in image:
        image = f"docker.io/library/{image}"
    elif not ("." in first or ":" in first or first == "localhost"):
        image = f"docker.io/{image}"
    if ":" not in image.rpartition("/")[2] and "@" not in image:
        image += ":latest"
    return image


def pull(image: str) -> Pull:
    """Try to pull. A host ending in ``.invalid`` does not exist; ``private`` and ``missing`` in a name say what happens."""
    name = full_name(image)
    host, _, path = name.partition("/")
    repository, _, tag = path.rpartition(":")
    failed = f'failed to pull and unpack image "{name}": failed to resolve reference "{name}"'
    if host.split(":")[0].endswith(".invalid"):
        url = f"https://{host}/v2/{repository}/manifests/{tag}"
        return Pull(
            f'{failed}: failed to do request: Head "{url}": dial tcp: lookup {host} on 10.96.0.10:53: no such host'
        )
    if "private" in repository:
        why = "pull access denied, repository does not exist or may require authorization"
        return Pull(f"{failed}: {why}: server message: insufficient_scope: authorization failed")
    if "missing" in tag or "missing" in repository or "no-such" in path:
        return Pull(f"rpc error: code = NotFound desc = {failed}: {name}: not found")
    number = int(fake_digest(image)[:6], 16)
    return Pull(seconds=0.8 + (number % 1400) / 1000, size=24_000_000 + number * 7)


def image_id(image: str) -> str:
    name = full_name(image)
    repository = name.rpartition(":")[0] if "@" not in name else name.partition("@")[0]
    return f"{repository}@sha256:{fake_digest(name)}"
