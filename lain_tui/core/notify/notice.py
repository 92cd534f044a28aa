"""What is told: who did what, where; never a value of a Secret."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping

import msgspec


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One message."""

    title: str
    """`deployed dummy`, `changed Secret dummy-env` …"""
    fields: tuple[tuple[str, str], ...] = ()
    """Names and what they are, in order; those without a text are left out."""

    @property
    def text(self) -> str:
        lines = [f"{name}: {value}" for name, value in self.fields if value]
        return "\n".join([self.title, *lines])


def executor(env: Mapping[str, str] | None = None) -> str:
    """Who does it: in GitLab's CI the person whose push it was, else the user."""
    env = os.environ if env is None else env
    if env.get("GITLAB_CI") or env.get("CI"):
        named = env.get("GITLAB_USER_NAME") or env.get("GITLAB_USER_LOGIN") or env.get("GITHUB_ACTOR")
        if named:
            return named
    return env.get("USER") or env.get("LOGNAME") or _account()


def _account() -> str:
    """The account's own name, where no shell has set it; a container's may have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
