"""Another image for single procs, past helm: quick, and the next deploy takes it back."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from typing import Any, Self

from lain_tui.core.config.resolve import target_values
from lain_tui.core.errors import LainError
from lain_tui.core.image.names import image_name
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import ApiAbsent
from lain_tui.core.kube.ownership import disown
from lain_tui.core.kube.resources import CRONJOBS, DEPLOYMENTS, STATEFULSETS, Kind
from lain_tui.core.model.plan import Check, Outcome, Plan, Step
from lain_tui.core.model.pod import PodTemplate
from lain_tui.core.model.text import listed
from lain_tui.core.model.workload import CronJob
from lain_tui.core.operations.operation import begun, done, refuse, subject_of, typed_name
from lain_tui.core.operations.release import TIMEOUT
from lain_tui.core.operations.wait import rollout
from lain_tui.core.project.git import short_tag
from lain_tui.core.registry.tags import has_tag
from lain_tui.core.status.owners import proc_of
from lain_tui.core.target import Target

_KINDS: tuple[Kind[Any], ...] = (DEPLOYMENTS, STATEFULSETS, CRONJOBS)


class UpdateImage:
    """One image for some procs. Made by `prepare`."""

    def __init__(
        self,
        kube: KubeClient,
        target: Target,
        tag: str,
        changes: Sequence[tuple[str, Kind[Any], str, dict[str, str]]],
        checks: Sequence[Check],
        timeout: float,
    ) -> None:
        self._kube = kube
        self._target = target
        self._changes = changes
        self._timeout = timeout
        procs = [proc for proc, _, _, _ in changes]
        self._plan = Plan(
            verb="update-image",
            subject=f"{listed(procs)} of {subject_of(target)} to {tag}",
            calls=tuple(
                f"set image {kind.name} {name} {container}={image}"
                for _, kind, name, images in changes
                for container, image in images.items()
            ),
            checks=tuple(checks),
            notes=("Helm does not know of it: the next deploy or rollback sets every proc's image again.",),
            typed=typed_name(target),
        )

    @classmethod
    async def prepare(
        cls, kube: KubeClient, target: Target, procs: Sequence[str], tag: str, *, timeout: float = TIMEOUT
    ) -> Self:
        """Plan to give the procs the app's image of that tag; sidecars with other images keep theirs.

        Raises LainError for a proc that is not there, or that does not run the app's image.
        """
        release = target.release or target.app
        known: dict[str, tuple[Kind[Any], Any]] = {}
        for kind in _KINDS:
            try:
                found = await kube.list(
                    kind, target.namespace, selector=f"app.kubernetes.io/name={target.app}"
                )
            except ApiAbsent:
                continue
            known |= {proc_of(thing, release): (kind, thing) for thing in found}
        if missing := [proc for proc in procs if proc not in known]:
            raise LainError(
                f"{target.app} has no proc {listed(missing, last='or')}",
                hint=f"It has {listed(sorted(known), most=8)}." if known else "It is not deployed.",
            )
        changes = []
        for proc in procs:
            kind, thing = known[proc]
            images = _images(_template(thing), target.app, tag)
            if not images:
                raise LainError(f"{proc} does not run an image of {target.app}")
            changes.append((proc, kind, thing.metadata.name, images))
        return cls(kube, target, tag, changes, [await _check(target, tag)], timeout)

    @property
    def plan(self) -> Plan:
        return self._plan

    async def run(self) -> AsyncIterator[Step]:
        """Set the images and follow the rollout. Raises Refused, KubeError and NotReady."""
        refuse(self._target, self._plan)
        serving = []
        for proc, kind, name, images in self._changes:
            what = f"set image of {proc}"
            yield begun(what)
            containers = [{"name": container, "image": image} for container, image in images.items()]
            body: dict[str, Any] = {"spec": {"template": {"spec": {"containers": containers}}}}
            if kind is CRONJOBS:
                body = {"spec": {"jobTemplate": body}}
            else:
                serving.append(proc)
            await self._kube.patch(kind, name, body, self._target.namespace, type="strategic")
            await disown(self._kube, kind, name, self._target.namespace)
            yield done(what, "from its next run on" if kind is CRONJOBS else "")
        if serving:
            async for step in rollout(self._kube, self._target, serving, timeout=self._timeout):
                yield step


def _template(thing: Any) -> PodTemplate:
    spec = thing.spec.job_template.spec if isinstance(thing, CronJob) else thing.spec
    template: PodTemplate = spec.template
    return template


def _images(template: PodTemplate, app: str, tag: str) -> dict[str, str]:
    """By container: the app's image with the new tag, in the registry it has now."""
    images = {}
    for container in template.spec.containers or ():
        folder, _, rest = container.image.partition("@")[0].rpartition("/")
        if rest.partition(":")[0] == app:
            images[container.name] = image_name(folder, app, tag)
    return images


async def _check(target: Target, tag: str) -> Check:
    what = f"image {short_tag(tag)} is in the registry"
    try:
        settings = target_values(target).effective()
        if await has_tag(settings, target.app, tag, os.environ):
            return Check(what=what, outcome=Outcome.PASSED)
    except LainError as error:
        return Check(
            what=what, outcome=Outcome.WARNED, detail=f"it was not asked: {error.what}", hint=error.hint
        )
    return Check(
        what=what, outcome=Outcome.FAILED, detail="it is not there", hint="lain-tui tags lists them."
    )
