"""What the containers of one node share: its images, its voice, its addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..events import Recorder
from ..storage import Obj, Storage

if TYPE_CHECKING:
    from .container import Container


class Node:
    """One node, as its kubelet sees it."""

    def __init__(self, name: str, index: int, storage: Storage, events: Recorder) -> None:
        self.name = name
        self.index = index
        self.storage = storage
        self._events = events
        self._images: set[str] = set()
        self._addresses = 1

    def has(self, image: str) -> bool:
        return image in self._images

    def keep(self, image: str) -> None:
        self._images.add(image)

    @property
    def host_ip(self) -> str:
        return f"172.18.0.{self.index + 2}"

    def address(self) -> str:
        """Give the next pod address of this node."""
        self._addresses += 1
        return f"10.244.{self.index + self._addresses // 250 * 16}.{self._addresses % 250 + 1}"

    def record(
        self,
        pod: Obj,
        reason: str,
        message: str,
        container: Container | None = None,
        *,
        warning: bool = False,
    ) -> None:
        self._events.record(
            pod,
            reason,
            message,
            component="kubelet",
            warning=warning,
            host=self.name,
            field_path=container.path if container else "",
        )
