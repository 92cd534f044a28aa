"""Reading Secrets and ConfigMaps, and the one request that changes them."""

from __future__ import annotations

from typing import Any

from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import Forbidden, NotFound
from lain_tui.core.kube.resources import CONFIG_MAPS, SECRETS, Kind
from lain_tui.core.model.holder import Holder, HolderKind, Ref
from lain_tui.core.secrets.codec import decode, encode_edits, encode_whole
from lain_tui.core.secrets.draft import Draft

KINDS: dict[HolderKind, Kind[Any]] = {"Secret": SECRETS, "ConfigMap": CONFIG_MAPS}


async def read_holder(kube: KubeClient, ref: Ref) -> Holder:
    """Read one with its values; one that is not there comes back empty, with `exists` false.

    Raises KubeError; Forbidden says which permission is missing.
    """
    try:
        body = await kube.get_raw(KINDS[ref.kind], ref.name, ref.namespace)
    except NotFound:
        return Holder(ref=ref, exists=False)
    except Forbidden as error:
        raise LainError(
            f"you may not read {ref.title}", where=f"namespace {ref.namespace}", hint=error.hint
        ) from None
    return decode(body, ref.kind)


async def list_names(kube: KubeClient, namespace: str) -> list[Ref]:
    """Every Secret and ConfigMap of the namespace; values are not sent. Raises KubeError."""
    refs: list[Ref] = []
    for name, kind in KINDS.items():
        found = await kube.list(kind, namespace)
        refs += [Ref(kind=name, name=one.metadata.name, namespace=namespace) for one in found]
    return refs


async def write(
    kube: KubeClient, draft: Draft, annotations: dict[str, str], *, dry_run: bool = False
) -> Holder:
    """Send a draft as one request that touches only what it changes, and return what is there now.

    The resourceVersion that was read goes with it: raises Conflict when somebody was faster, so that nothing of theirs
    is lost, and AlreadyExists when what was to be created is there by now.
    """
    base, ref = draft.base, draft.ref
    kind = KINDS[ref.kind]
    if base.exists:
        body: dict[str, Any] = {
            "metadata": {"annotations": annotations},
            **encode_edits(ref.kind, draft.edits),
        }
        written = await kube.patch(
            kind, ref.name, body, ref.namespace, resource_version=base.version, dry_run=dry_run
        )
    else:
        body = {
            "apiVersion": "v1",
            "kind": ref.kind,
            "metadata": {"name": ref.name, "namespace": ref.namespace, "annotations": annotations},
            **({"type": base.type} if ref.kind == "Secret" else {}),
            **encode_whole(ref.kind, draft.values),
        }
        written = await kube.create(kind, body, ref.namespace, dry_run=dry_run)
    meta = written.metadata
    return Holder(
        ref=ref,
        data=draft.values,
        type=base.type,
        uid=meta.uid,
        version=meta.resource_version,
        labels=meta.labels or {},
        annotations=meta.annotations or {},
        owner=base.owner,
    )
