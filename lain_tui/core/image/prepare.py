"""Whether a prepare image is still what the values and the dependency files ask for."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import msgspec

from lain_tui.core.image.spec import BuildSpec

LABEL = "lain-tui.prepare"

_DEPENDENCY_FILES = frozenset(
    {
        "Cargo.lock", "Cargo.toml", "Gemfile", "Gemfile.lock", "Pipfile", "Pipfile.lock", "build.gradle",
        "composer.json", "composer.lock", "go.mod", "go.sum", "package-lock.json", "package.json", "pnpm-lock.yaml",
        "poetry.lock", "pom.xml", "pyproject.toml", "setup.cfg", "setup.py", "uv.lock", "yarn.lock",
    }
)  # fmt: skip
_WORD = re.compile(r"[\w./-]+")


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What a prepare image was made from; kept in a label of the image."""

    base: str
    script: str
    """Digest of the script, the env and what is kept."""
    files: dict[str, str]
    """Digest of each dependency file: those known by name, and those that the script names."""

    def label(self) -> str:
        return msgspec.json.encode(self, order="sorted").decode()


def read_inputs(spec: BuildSpec, folder: Path) -> Inputs | None:
    """What a prepare image made now would be made from; None when the values have no prepare."""
    part = spec.prepare
    if part is None:
        return None
    names = {name for name in _DEPENDENCY_FILES if (folder / name).is_file()}
    names |= {path.name for path in folder.glob("requirements*.txt")}
    for line in part.script:
        for word in _WORD.findall(line):
            if not word.startswith(("/", "..")) and (folder / word).is_file():
                names.add(word)
    return Inputs(
        base=part.base,
        script=_digest(msgspec.json.encode([part.script, part.env, part.keep, part.workdir])),
        files={name: _digest((folder / name).read_bytes()) for name in sorted(names)},
    )


def changes(label: str, now: Inputs) -> list[str]:
    """What changed since the prepare image with this label was made, each as a clause; [] when nothing did.

    An image without the label, made by other means, says nothing.
    """
    try:
        then = msgspec.json.decode(label, type=Inputs)
    except msgspec.DecodeError:
        return []
    said = []
    if then.base != now.base:
        said.append(f"base was {then.base}, now it is {now.base}")
    if then.script != now.script:
        said.append("prepare has changed in the values")
    for name in sorted(then.files.keys() | now.files.keys()):
        if then.files.get(name) != now.files.get(name):
            how = (
                "is new" if name not in then.files else "is gone" if name not in now.files else "has changed"
            )
            said.append(f"{name} {how}")
    return said


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
