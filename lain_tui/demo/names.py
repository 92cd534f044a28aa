"""Names, uids and hashes, made in the shapes real ones have, and the same ones in every run of the same seed."""

from __future__ import annotations

import hashlib
import random
import uuid

from .storage import Obj, encode

SAFE = "bcdfghjklmnpqrstvwxz2456789"
"""The letters Kubernetes makes names of: no vowels, so no words."""


class Names:
    """One source of randomness for a cluster."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def suffix(self, length: int = 5) -> str:
        return "".join(self._random.choices(SAFE, k=length))

    def uid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def hex(self, length: int) -> str:
        return "".join(self._random.choices("0123456789abcdef", k=length))

    def uniform(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)


def safe_hash(value: Obj, length: int = 10) -> str:
    """Hash an object into a label such as pod-template-hash."""
    digest = hashlib.sha256(encode(_sorted(value))).digest()
    return "".join(SAFE[byte % len(SAFE)] for byte in digest[:length])


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value


def fake_digest(text: str) -> str:
    """Give the digest an image of this name would have."""
    return hashlib.sha256(text.encode()).hexdigest()
