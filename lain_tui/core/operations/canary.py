"""A canary release: how much of the traffic it gets, and how it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Self

from lain_tui.core.config.resolve import target_values
from lain_tui.core.errors import LainError
from lain_tui.core.helm.find import find_helm
from lain_tui.core.helm.history import objects_of
from lain_tui.core.helm.runner import Helm
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.plan import Plan, Step
from lain_tui.core.model.text import listed
from lain_tui.core.operations import traffic
from lain_tui.core.operations.candidate import CANARY, WEIGHT, Choice
from lain_tui.core.operations.deploy import Deploy
from lain_tui.core.operations.operation import begun, done, refuse, subject_of, told, typed_name
from lain_tui.core.operations.release import TIMEOUT, Known, look_up, tell_team
from lain_tui.core.target import Target


class CanaryGroup:
    """Let one of the values' canaryGroups through to the canary. Made by `prepare`."""

    def __init__(
        self,
        kube: KubeClient,
        target: Target,
        group: str,
        annotations: Mapping[str, str],
        ingresses: Sequence[str],
    ) -> None:
        self._kube = kube
        self._target = target
        self._annotations = annotations
        self._ingresses = ingresses
        self._plan = Plan(
            verb="set-canary-group",
            subject=f"{group} of {subject_of(target)}",
            calls=tuple(traffic.call(name, annotations) for name in ingresses),
            typed=typed_name(target),
        )

    @classmethod
    async def prepare(cls, kube: KubeClient, target: Target, group: str) -> Self:
        """Raises LainError for an unknown group, and when no canary is out."""
        groups = target_values(target).effective().get("canaryGroups") or {}
        if group not in groups:
            names = listed(sorted(groups), most=8)
            raise LainError(
                f"there is no canary group {group}",
                hint=f"The values have {names}." if names else "Add canaryGroups to the values.",
            )
        known = await canary_of(kube, target)
        ingresses = (
            [one.name for one in objects_of(known.record) if one.kind == "Ingress"] if known.record else []
        )
        if not ingresses:
            raise LainError("the canary has no ingress, so no traffic can be sent to it")
        wanted = {str(key): str(value) for key, value in groups[group].items()}
        return cls(kube, target, group, wanted, ingresses)

    @property
    def plan(self) -> Plan:
        return self._plan

    async def run(self) -> AsyncIterator[Step]:
        """Replace the canary annotations. Raises Refused and KubeError."""
        refuse(self._target, self._plan)
        async for step in traffic.annotate(self._kube, self._target, self._ingresses, self._annotations):
            yield step


class CanaryEnd:
    """Finish a canary: `final` gives everybody its image, otherwise it is given up. Made by `prepare`."""

    def __init__(
        self, kube: KubeClient, target: Target, helm: Helm, known: Known, deploy: Deploy | None
    ) -> None:
        self._kube = kube
        self._target = target
        self._helm = helm
        self._known = known
        self._deploy = deploy
        assert known.newest is not None
        self._release = known.newest.release
        calls = [f"helm uninstall {self._release} ({helm.name})"]
        if deploy is not None:
            calls = [*deploy.plan.calls, f"annotate its ingresses {WEIGHT}=0", *calls]
        self._plan = Plan(
            verb="finish canary" if deploy is not None else "abort canary",
            subject=f"{self._release} of {subject_of(target)}",
            calls=tuple(calls),
            checks=deploy.plan.checks if deploy is not None else (),
            notes=deploy.plan.notes if deploy is not None else ("The main release stays as it is.",),
            typed=typed_name(target),
        )

    @classmethod
    async def prepare(
        cls, kube: KubeClient, target: Target, *, final: bool, helm: Helm | None = None
    ) -> Self:
        """Raises LainError when no canary is out."""
        helm = helm or await find_helm()
        known = await canary_of(kube, target)
        deploy = None
        if final:
            assert known.record is not None
            choice = Choice(tag=known.record.image_tag, after_canary=True)
            deploy = await Deploy.prepare(kube, target, choice, helm=helm)
        return cls(kube, target, helm, known, deploy)

    @property
    def plan(self) -> Plan:
        return self._plan

    async def run(self) -> AsyncIterator[Step]:
        """Deploy (for good), take the traffic away, remove the canary. Raises as Deploy does."""
        refuse(self._target, self._plan)
        if self._deploy is not None:
            async for step in self._deploy.run():
                yield step
        record = self._known.record
        assert record is not None
        ingresses = [one.name for one in objects_of(record) if one.kind == "Ingress"]
        async for step in traffic.annotate(self._kube, self._target, ingresses, traffic.NONE):
            yield step
        what = f"helm uninstall {self._release}"
        yield begun(what)
        await self._helm.uninstall(on=self._target, release=self._release, timeout=TIMEOUT)
        yield done(what)
        title = f"{'finished' if self._deploy is not None else 'gave up'} the canary of {self._target.app}"
        if reason := await tell_team(self._target, title, release=self._release, tag=record.image_tag):
            yield told("webhook", reason)


async def canary_of(kube: KubeClient, target: Target) -> Known:
    """The canary's release; raises LainError when none is out."""
    release = f"{target.release or target.app}{CANARY}"
    known = await look_up(kube, target, release)
    if known.newest is None:
        raise LainError("no canary is out", hint="lain-tui deploy --canary makes one.")
    return known
