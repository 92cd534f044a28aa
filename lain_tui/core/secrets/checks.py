"""What would go wrong with a draft, told before anything is sent.

The rules are the API server's: pkg/apis/core/validation (ValidateSecret, ValidateConfigMap), IsConfigMapKey and
IsEnvVarName of k8s.io/apimachinery.
"""

from __future__ import annotations

import re

from lain_tui.core.model.holder import Usage, Way
from lain_tui.core.model.plan import Check, Outcome
from lain_tui.core.model.text import listed
from lain_tui.core.secrets.draft import Draft

LIMIT = 1024 * 1024
"""Bytes of all values together (MaxSecretSize)."""
_NEAR = 0.9
_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_LONGEST_KEY = 253
_POSIX = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")

_FIXED: dict[str, frozenset[str]] = {
    "kubernetes.io/tls": frozenset({"tls.crt", "tls.key"}),
    "kubernetes.io/dockerconfigjson": frozenset({".dockerconfigjson"}),
    "kubernetes.io/dockercfg": frozenset({".dockercfg"}),
    "kubernetes.io/ssh-auth": frozenset({"ssh-privatekey"}),
}
"""Keys that the API server wants to be there, by the Secret's type."""
_MANAGED = frozenset({"helm.sh/release.v1", "kubernetes.io/service-account-token"})
"""Types that a program writes for itself."""


def key_fault(key: str) -> str:
    """Why this cannot be a key; empty when it can."""
    if not key:
        return "a key needs a name"
    if len(key) > _LONGEST_KEY:
        return f"a key has at most {_LONGEST_KEY} characters"
    if key in (".", "..") or key.startswith(".."):
        return "a key may not begin with .."
    if not _KEY.fullmatch(key):
        return "a key consists of letters, digits, - _ and ."
    return ""


def env_fault(key: str) -> str:
    """Why a key is no good as a variable; empty when it is."""
    if not _POSIX.fullmatch(key):
        return "shells know names of letters, digits and _ only, none of them beginning with a digit"
    return ""


def is_env(draft: Draft, usage: Usage | None, app: str) -> bool:
    """Its keys become variables: pods take it whole by envFrom, or it is the app's `APP-env`."""
    if app and draft.ref.name == f"{app}-env":
        return True
    return any(reader.way is Way.ENV_FROM for reader in usage.readers) if usage else False


def check(draft: Draft, usage: Usage | None = None, *, app: str = "") -> tuple[Check, ...]:
    """Every check of a draft; the change is refused when one has failed."""
    base, checks = draft.base, []
    title = draft.ref.title
    written = [key for key, change in draft.changes.items() if change != "removed"]
    if base.immutable:
        checks.append(
            _failed(
                f"{title} can be changed",
                "it is immutable",
                "Make another one, and let the app's volumes name it.",
            )
        )
    if base.type in _MANAGED:
        checks.append(_failed(f"{title} can be changed", f"it is of type {base.type}: a program's own"))
    if base.owner and base.exists:
        checks.append(
            _warned(f"{title} is yours", f"{base.owner} wrote it, and may write it again over your change")
        )
    if draft.conflicts:
        keys = [conflict.key for conflict in draft.conflicts]
        checks.append(
            _failed("nobody else changed the same keys", listed(keys, most=6), "Resolve the conflict first.")
        )
    checks.append(_names(written))
    if is_env(draft, usage, app) and (odd := [key for key in written if env_fault(key)]):
        hint = env_fault(odd[0])
        checks.append(
            _warned("keys are good as variables", listed(odd, most=6), f"{hint[:1].upper()}{hint[1:]}.")
        )
    if (wanted := _FIXED.get(base.type)) and (missing := sorted(wanted - draft.values.keys())):
        checks.append(
            _failed(
                f"a {base.type} has its keys", f"{listed(missing)} would be missing", "The API refuses it."
            )
        )
    checks.append(_size(draft))
    if usage is not None:
        checks += _read(draft, usage)
    return tuple(checks)


def _names(written: list[str]) -> Check:
    what = "keys are named as the API wants"
    bad = [key for key in written if key_fault(key)]
    if bad:
        fault = key_fault(bad[0])
        return _failed(what, f"{listed(bad, most=6)}: {fault}")
    return Check(what=what, outcome=Outcome.PASSED)


def _size(draft: Draft) -> Check:
    what = "it is small enough"
    size = sum(map(len, draft.values.values()))
    detail = f"{size / 1024:,.0f} of {LIMIT // 1024:,} KiB"
    if size > LIMIT:
        return _failed(what, detail, "The API takes 1 MiB at most: keep large files in a volume.")
    if size > LIMIT * _NEAR:
        return _warned(what, detail)
    return Check(what=what, outcome=Outcome.PASSED, detail=detail)


def _read(draft: Draft, usage: Usage) -> list[Check]:
    """What the procs that read it will find."""
    changes = draft.changes
    hidden = [
        _warned(f"{shadow.proc} will see {shadow.key}", f"it is hidden by {shadow.by}")
        for shadow in usage.shadows
        if changes.get(shadow.key) in ("added", "changed")
    ]
    needed = [
        _warned(
            f"nobody needs {reader.key}", f"{reader.proc} reads it by name, and will not start without it"
        )
        for reader in usage.readers
        if reader.key and changes.get(reader.key) == "removed" and not reader.optional
    ]
    return [*hidden, *needed]


def _failed(what: str, detail: str, hint: str = "") -> Check:
    return Check(what=what, outcome=Outcome.FAILED, detail=detail, hint=hint)


def _warned(what: str, detail: str, hint: str = "") -> Check:
    return Check(what=what, outcome=Outcome.WARNED, detail=detail, hint=hint)
