"""The Linux kernel's keyring of the user: memory that outlives a process, is never swapped and never a file.

Called through libc (add_key(2), keyctl(2)). It is not there on other systems, nor in containers whose seccomp profile
forbids the calls: then everything here answers that nothing is kept.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from pathlib import Path
from typing import Any

_CALLS = {"x86_64": (248, 250), "aarch64": (217, 219)}
"""The numbers of add_key and keyctl by machine."""
_USER_KEYRING = -4
_LIMIT = 32_000
"""Bytes in one key; the kernel takes 32,767."""
_UNLINK, _DESCRIBE, _SET_PERMISSIONS, _READ, _SET_TIMEOUT = 9, 6, 5, 11, 15
_PERMISSIONS = 0x3F3F0000
"""Everything for this user, nothing for anybody else."""
LIFETIME = 3 * 86_400
"""Seconds until a key that nobody fetched is gone."""


class Keyring:
    """Named pieces of memory. No call raises: what cannot be kept is not kept."""

    def __init__(self) -> None:
        self._numbers = _CALLS.get(platform.machine()) if platform.system() == "Linux" else None
        self._libc: Any = ctypes.CDLL(None, use_errno=True) if self._numbers else None

    def put(self, name: str, body: bytes) -> bool:
        """Keep it under that name, in the place of what was there; False when the kernel would not."""
        if self._numbers is None:
            return False
        parts = [body[at : at + _LIMIT] for at in range(0, len(body), _LIMIT)] or [b""]
        self._drop_from(name, len(parts))
        for number, part in enumerate(parts):
            payload = struct.pack("!I", len(parts)) + part
            key = self._call(
                self._numbers[0], b"user", f"{name}#{number}".encode(), payload, len(payload), _USER_KEYRING
            )
            if key < 0:
                self.drop(name)
                return False
            self._control(_SET_PERMISSIONS, key, _PERMISSIONS)
            self._control(_SET_TIMEOUT, key, LIFETIME)
        return True

    def get(self, name: str) -> bytes | None:
        """What is kept under that name; None when there is nothing, or not all of it."""
        keys = self._keys()
        body, number, count = b"", 0, 1
        while number < count:
            key = keys.get(f"{name}#{number}")
            payload = self._read(key) if key is not None else None
            if payload is None or len(payload) < 4:
                return None
            (count,) = struct.unpack("!I", payload[:4])
            body += payload[4:]
            number += 1
        return body

    def drop(self, name: str) -> None:
        """Forget it."""
        self._drop_from(name, 0)

    def names(self, prefix: str) -> list[str]:
        """The names that begin so."""
        return sorted({key.rpartition("#")[0] for key in self._keys() if key.startswith(prefix)})

    def _drop_from(self, name: str, first: int) -> None:
        for text, key in self._keys().items():
            of, _, number = text.rpartition("#")
            if of == name and int(number) >= first:
                self._control(_UNLINK, key, _USER_KEYRING)

    def _keys(self) -> dict[str, int]:
        """The user's keys of type `user` that have our form, by their description."""
        listed = self._read(_USER_KEYRING)
        found = {}
        for (key,) in struct.iter_unpack("=i", listed or b""):
            text = self._text(key)
            kind, _, rest = text.partition(";")
            name = rest.split(";", 3)[-1]
            if kind == "user" and name.rpartition("#")[2].isdigit():
                found[name] = key
        return found

    def _read(self, key: int) -> bytes | None:
        size = self._control(_READ, key, None, 0)
        if size < 0:
            return None
        buffer = ctypes.create_string_buffer(size)
        read = self._control(_READ, key, buffer, size)
        return buffer.raw[:read] if 0 <= read <= size else None

    def _text(self, key: int) -> str:
        size = self._control(_DESCRIBE, key, None, 0)
        if size <= 0:
            return ""
        buffer = ctypes.create_string_buffer(size)
        return (
            buffer.value.decode("utf-8", "replace") if self._control(_DESCRIBE, key, buffer, size) > 0 else ""
        )

    def _control(self, *arguments: Any) -> int:
        return self._call(self._numbers[1], *arguments) if self._numbers is not None else -1

    def _call(self, number: int, *arguments: Any) -> int:
        result = self._libc.syscall(
            ctypes.c_long(number),
            *(ctypes.c_long(one) if isinstance(one, int) else one for one in arguments),
        )
        return int(result)


def is_alive(pid: int, started: int) -> bool:
    """The process that began then still runs."""
    return started != 0 and start_time(pid) == started


def start_time(pid: int | None = None) -> int:
    """When a process began, in the kernel's ticks since boot; 0 when there is none."""
    try:
        stat = Path(f"/proc/{os.getpid() if pid is None else pid}/stat").read_text("utf-8", "replace")
        # The second field is the program's name in brackets, which may hold blanks and brackets of its own.
        return int(stat.rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0
