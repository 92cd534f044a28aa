"""What the app is made of: `python -m tests.packaging.sbom FILE` writes the tree of this installation as CycloneDX 1.6.

Reference: cyclonedx.org/docs/1.6/json; package URLs after github.com/package-url/purl-spec.
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, NamedTuple

PYPROJECT = Path(__file__).parent.parent.parent / "pyproject.toml"
APP = "lain-tui"

_ENTRY = re.compile(
    r'"(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?(?P<bound>>=[\d.]+)"\s*(?:,|\])\s*#\s*(?P<why>.+)'
)
_CLASSIFIER = "License :: OSI Approved :: "


class Dependency(NamedTuple):
    """One that we ask for ourselves."""

    name: str
    bound: str
    why: str
    extra: str = ""


def direct_dependencies() -> list[Dependency]:
    """Those of the app and of its extra, with the reason that stands beside each."""
    text = PYPROJECT.read_text()
    own, _, rest = text.partition("[project.optional-dependencies]")
    found = [Dependency(m["name"], m["bound"], m["why"]) for m in _ENTRY.finditer(own)]
    helm = next(line for line in rest.splitlines() if line.startswith("helm ="))
    return [*found, *(Dependency(m["name"], m["bound"], m["why"], "helm") for m in _ENTRY.finditer(helm))]


def licence_of(name: str) -> str:
    """The licence that a package says it has; empty when it says nothing."""
    told = distribution(name).metadata
    if expression := told.get("License-Expression"):
        return expression
    classified = [
        c.removeprefix(_CLASSIFIER) for c in told.get_all("Classifier") or () if c.startswith(_CLASSIFIER)
    ]
    short = (told.get("License") or "").splitlines()[:1]
    return " or ".join(one.removesuffix(" License") for one in classified) or (
        short[0] if short and len(short[0]) < 40 else ""
    )


def bill() -> dict[str, Any]:
    """The document."""
    tree = _tree()
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": _component(distribution(APP))},
        "components": [_component(distribution(name)) for name in sorted(tree) if name != APP],
        "dependencies": [
            {
                "ref": _purl(distribution(name)),
                "dependsOn": [_purl(distribution(below)) for below in sorted(tree[name])],
            }
            for name in sorted(tree)
        ],
    }


def _tree() -> dict[str, set[str]]:
    """Each package and those it brings, from the app down; only what is installed."""
    tree: dict[str, set[str]] = {}
    waiting = [(APP, {"helm"})]
    while waiting:
        name, extras = waiting.pop()
        below = tree.setdefault(name, set())
        for needed, wanted in _needs(name, extras):
            if needed not in tree:
                waiting.append((needed, wanted))
            below.add(needed)
    return tree


def _needs(name: str, extras: set[str]) -> list[tuple[str, set[str]]]:
    from packaging.requirements import Requirement

    found = []
    for text in distribution(name).requires or ():
        needed = Requirement(text)
        applies = needed.marker is None or any(
            needed.marker.evaluate({"extra": extra}) for extra in (extras or {""}) | {""}
        )
        if not applies:
            continue
        try:
            found.append((distribution(needed.name).metadata["Name"].lower(), set(needed.extras)))
        except PackageNotFoundError:
            continue
    return found


def _component(package: Distribution) -> dict[str, Any]:
    name = package.metadata["Name"]
    licence = licence_of(name)
    why = next((one.why for one in direct_dependencies() if one.name.lower() == name.lower()), "")
    return {
        "type": "application" if name == APP else "library",
        "bom-ref": _purl(package),
        "name": name,
        "version": package.version,
        "purl": _purl(package),
        **({"licenses": [{"license": {"name": licence}}]} if licence else {}),
        **({"description": why} if why else {}),
    }


def _purl(package: Distribution) -> str:
    name = re.sub(r"[-_.]+", "-", package.metadata["Name"]).lower()
    return f"pkg:pypi/{name}@{package.version}"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(bill(), indent=2) + "\n")
