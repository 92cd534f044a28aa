"""The Secrets that rendered objects refer to, and whether the cluster has them with those keys."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from lain_tui.core.diff.normal import Body, pod_template
from lain_tui.core.helm.objects import Rendered
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import Forbidden, KubeError, NotFound
from lain_tui.core.kube.resources import SECRETS
from lain_tui.core.model.plan import Check, Outcome
from lain_tui.core.model.text import listed


class _Secret(msgspec.Struct, frozen=True):
    data: dict[str, str] | None = None


_Wanted = dict[str, dict[str, list[str]]]
"""By Secret: the keys that must be in it, each with who refers to it; an empty key stands for the Secret itself."""


async def check_secrets(
    kube: KubeClient, namespace: str, app: str, objects: Iterable[Rendered]
) -> list[Check]:
    """One check for each Secret, the app's own first."""
    objects = list(objects)
    made_here = {one.name for one in objects if one.kind == "Secret"}
    wanted = {name: keys for name, keys in _wanted(objects).items() if name not in made_here}
    names = sorted(wanted, key=lambda name: (name != f"{app}-env", name != f"{app}-secret", name))
    checks = await asyncio.gather(*(_check(kube, namespace, name, wanted[name]) for name in names))
    hidden = await _hidden(kube, namespace, f"{app}-env", objects)
    return [*checks, *hidden]


def _wanted(objects: Iterable[Rendered]) -> _Wanted:
    wanted: _Wanted = {}
    for one in objects:
        for name, key, who in _references(one.body):
            wanted.setdefault(name, {}).setdefault(key, []).append(who)
    return wanted


def _references(body: Body) -> Iterator[tuple[str, str, str]]:
    """Secret, key (or empty), and who refers to it."""
    template = body if body.get("kind") == "Pod" else pod_template(body)
    spec: Any = (template or {}).get("spec")
    if not isinstance(spec, dict):
        return
    volumes: dict[str, str] = {}
    owner = str((spec.get("containers") or [{}])[0].get("name", ""))
    for volume in spec.get("volumes") or []:
        secret = volume.get("secret") or {}
        if name := secret.get("secretName"):
            if secret.get("optional"):
                continue
            volumes[str(volume.get("name"))] = str(name)
            yield str(name), "", owner
            for item in secret.get("items") or []:
                yield str(name), str(item.get("key")), owner
    for container in [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]:
        who = str(container.get("name", ""))
        for source in container.get("envFrom") or []:
            ref = source.get("secretRef") or {}
            if ref.get("name") and not ref.get("optional"):
                yield str(ref["name"]), "", who
        for variable in container.get("env") or []:
            ref = (variable.get("valueFrom") or {}).get("secretKeyRef") or {}
            if ref.get("name") and not ref.get("optional"):
                yield str(ref["name"]), str(ref.get("key")), f"{who} env {variable.get('name')}"
        for mount in container.get("volumeMounts") or []:
            if mount.get("subPath") and mount.get("name") in volumes:
                yield volumes[mount["name"]], str(mount["subPath"]), f"{who} mounts it"


async def _check(kube: KubeClient, namespace: str, name: str, keys: dict[str, list[str]]) -> Check:
    asked = [key for key in keys if key]
    what = f"Secret {name}" + (f" has {listed(asked)}" if asked else " exists")
    try:
        body = await kube.get_raw(SECRETS, name, namespace)
    except NotFound:
        who = listed(sorted({who.partition(" ")[0] for refers in keys.values() for who in refers}))
        hint = "Make it: lain-tui " + ("secret" if name.endswith("-secret") else "env") + " edit."
        return Check(
            what=what,
            outcome=Outcome.FAILED,
            detail=f"there is none, and {who} cannot start without it",
            hint=hint,
        )
    except Forbidden as error:
        return Check(what=what, outcome=Outcome.SKIPPED, detail=error.what)
    except KubeError as error:
        return Check(what=what, outcome=Outcome.WARNED, detail=error.what)
    present = msgspec.json.decode(body, type=_Secret).data or {}
    if missing := [key for key in asked if key not in present]:
        return Check(
            what=what,
            outcome=Outcome.FAILED,
            detail=f"{listed(missing)} is not in it ({keys[missing[0]][0]})",
            hint="Add it: lain-tui " + ("secret" if name.endswith("-secret") else "env") + " edit.",
        )
    return Check(what=what, outcome=Outcome.PASSED)


async def _hidden(kube: KubeClient, namespace: str, name: str, objects: Iterable[Rendered]) -> list[Check]:
    """Keys of the app's Secret that an env of the values hides: a trap, since an edit of the Secret does nothing."""
    try:
        present = msgspec.json.decode(await kube.get_raw(SECRETS, name, namespace), type=_Secret).data or {}
    except KubeError:
        return []
    own = {
        str(variable.get("name"))
        for one in objects
        for container in ((pod_template(one.body) or {}).get("spec") or {}).get("containers") or []
        for variable in container.get("env") or []
    }
    hidden = sorted(own & present.keys())
    if not hidden:
        return []
    return [
        Check(
            what=f"env of the values and {name} do not overlap",
            outcome=Outcome.WARNED,
            detail=f"{listed(hidden)} of {name} is hidden by the values' env",
            hint="Take it out of one of the two.",
        )
    ]
