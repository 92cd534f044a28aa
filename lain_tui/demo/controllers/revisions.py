"""The past of stateful and daemon sets: each template they had, so that kubectl can list it and go back to it."""

from __future__ import annotations

from ..api import Api
from ..kinds import CONTROLLER_REVISION
from ..storage import Obj
from .owners import controller_of, reference

_LIMIT = 10
"""Kept by default, beside the newest."""


def record(api: Api, owner: Obj, name: str, template: Obj) -> None:
    """See to it that the newest revision of `owner` is this one; an older equal one becomes it again."""
    meta = owner["metadata"]
    past = sorted(_of(api, owner), key=lambda one: one["revision"])
    newest = past[-1] if past else None
    if newest is not None and newest["metadata"]["name"] == name:
        return
    number = newest["revision"] + 1 if newest is not None else 1
    known = api.storage.get(CONTROLLER_REVISION, meta["namespace"], name)
    if known is not None:
        api.storage.put(
            CONTROLLER_REVISION, {**known, "metadata": dict(known["metadata"]), "revision": number}
        )
        return
    labels = owner["spec"]["selector"].get("matchLabels") or {}
    body = {
        "metadata": {
            "name": name,
            "labels": {**labels, "controller.kubernetes.io/hash": name.rpartition("-")[2]},
            "ownerReferences": [reference(owner)],
        },
        "data": {"spec": {"template": {**template, "$patch": "replace"}}},
        "revision": number,
    }
    api.create(CONTROLLER_REVISION, meta["namespace"], body)
    for old in past[: max(0, len(past) - owner["spec"].get("revisionHistoryLimit", _LIMIT))]:
        api.storage.remove(CONTROLLER_REVISION, meta["namespace"], old["metadata"]["name"])


def _of(api: Api, owner: Obj) -> list[Obj]:
    uid, namespace = owner["metadata"]["uid"], owner["metadata"]["namespace"]
    found = api.storage.objects(CONTROLLER_REVISION, namespace)
    return [one for one in found if (controller := controller_of(one)) and controller["uid"] == uid]
