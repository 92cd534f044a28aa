"""How much of the traffic a canary gets: annotations on its ingresses, which the nginx controller reads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import NotFound
from lain_tui.core.kube.ownership import disown
from lain_tui.core.kube.resources import INGRESSES
from lain_tui.core.model.plan import Step
from lain_tui.core.model.text import listed
from lain_tui.core.operations.candidate import CANARY_ANNOTATION, WEIGHT
from lain_tui.core.operations.operation import done
from lain_tui.core.target import Target

NONE = {WEIGHT: "0"}
"""Nobody is let through."""
_OTHERS = tuple(
    f"{CANARY_ANNOTATION}-{name}"
    for name in ("by-header", "by-header-value", "by-header-pattern", "by-cookie", "weight")
)


def call(ingress: str, annotations: Mapping[str, str]) -> str:
    """What will be called, in words."""
    return f"annotate ingress {ingress} {_words(annotations)}"


async def annotate(
    kube: KubeClient, target: Target, ingresses: Sequence[str], annotations: Mapping[str, str]
) -> AsyncIterator[Step]:
    """Give ingresses these canary annotations and no others."""
    wanted: dict[str, Any] = {**dict.fromkeys(_OTHERS), CANARY_ANNOTATION: "true", **annotations}
    for name in ingresses:
        try:
            await kube.patch(INGRESSES, name, {"metadata": {"annotations": wanted}}, target.namespace)
        except NotFound:
            continue
        await disown(kube, INGRESSES, name, target.namespace)
        yield done(f"annotate ingress {name}", _words(annotations))


def _words(annotations: Mapping[str, str]) -> str:
    return listed(
        [f"{key.removeprefix(f'{CANARY_ANNOTATION}-')}={value}" for key, value in annotations.items()]
    )
