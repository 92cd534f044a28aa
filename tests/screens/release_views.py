"""The dummy app's releases as they are at one moment, for pictures of History and Deploy without a cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from typing import Any

from textual.app import App
from textual.screen import Screen

from lain_tui.core.diff.keys import ObjectKey
from lain_tui.core.diff.three import compare
from lain_tui.core.errors import LainError
from lain_tui.core.helm.objects import Rendered
from lain_tui.core.model.diff import ReleaseDiff
from lain_tui.core.model.plan import Check, Outcome, Plan, Step
from lain_tui.core.model.release import Revision
from lain_tui.core.operations.candidate import Choice
from lain_tui.core.operations.operation import Operation
from lain_tui.core.project.git import Commit
from lain_tui.core.registry.tags import Tag
from lain_tui.core.target import Target
from lain_tui.screens.deploy.choices import Choices
from lain_tui.screens.deploy.screen import DeployScreen
from lain_tui.screens.history.pane import Shown, View
from lain_tui.screens.history.screen import HistoryScreen
from lain_tui.screens.operations import Operations
from lain_tui.screens.themes import DARK, OWN
from tests.screens.views import NOW, FixedBoard, ago, view

SUBJECTS = (
    "add MYSQL_HOST",
    "fix login redirect",
    "bump deps",
    "一个提交, 标题很长, 用来看它在窄的列表里怎样断开",
)
TAGS = tuple(f"16346{99 - number}031-{number + 1}{'0f1c9a8e' * 5}"[:51] for number in range(len(SUBJECTS)))


def objects(tag: str, *, host: str = "mysql.internal", paths: str = "/") -> list[dict[str, Any]]:
    env = [{"name": "IMAGE_TAG", "value": tag}, {"name": "MYSQL_HOST", "value": host}]
    pod = {"containers": [{"name": "web", "image": f"registry.example.com/dummy:{tag}", "env": env}]}
    spec = {"replicas": 3, "selector": {"matchLabels": {"a": "b"}}, "template": {"spec": pod}}
    web = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "dummy-web"}, "spec": spec}
    worker = deepcopy(web)
    worker["metadata"] = {"name": "dummy-worker"}
    worker["spec"]["replicas"] = 1  # type: ignore[index]
    rule = {"host": "dummy.example.com", "http": {"paths": [{"path": paths}]}}
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "dummy-example-com"},
        "spec": {"rules": [rule]},
    }
    token = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "token"}, "data": {"key": "c2VjcmV0"}}
    return [web, worker, ingress, token]


def rendered(bodies: list[dict[str, Any]]) -> list[Rendered]:
    return [Rendered(source="templates/all.yaml", body=body) for body in bodies]


def next_diff() -> ReleaseDiff:
    """With an object that drifted, a Secret that changed, and a note."""
    old, new = objects(TAGS[1]), objects(TAGS[0], host="mysql.prod", paths="/v2")
    new[3]["data"] = {"key": "aHVudGVyMg=="}
    live = deepcopy(old[1])
    live["spec"]["replicas"] = 2
    note = "Secret dummy-env changed 2 h ago (lain-tui), after this release: no deploy carries that."
    diff = compare(
        rendered(old), rendered(new), {ObjectKey("apps", "Deployment", "dummy-worker"): live}, notes=[note]
    )
    import msgspec

    return msgspec.structs.replace(diff, asked_server="accepts it (dry run)")


CHECKS = (
    Check(what="lint", outcome=Outcome.PASSED),
    Check(what="image 10f1c9a8 is in the registry", outcome=Outcome.PASSED),
    Check(
        what="Secret dummy-secret has topsecret.txt",
        outcome=Outcome.FAILED,
        detail="topsecret.txt is not in it (web mounts it)",
        hint="Add it: lain-tui secret edit.",
    ),
    Check(
        what="the work tree is clean",
        outcome=Outcome.WARNED,
        detail="uncommitted changes: what is in chart/ goes out, the image is the commit's",
    ),
    Check(what="1 commit goes out", outcome=Outcome.PASSED, detail="add MYSQL_HOST"),
    Check(what="the API server accepts every object", outcome=Outcome.PASSED),
)


class FixedDeploy:
    """A deploy whose steps a test decides."""

    before = 15
    choice = Choice(tag=TAGS[0])

    def __init__(
        self,
        checks: Sequence[Check] = CHECKS,
        steps: Sequence[Step] = (),
        *,
        moved: LainError | None = None,
        error: LainError | None = None,
    ) -> None:
        """`moved` is what there is to say once, after the release has changed; `error` ends every run."""
        self._steps = steps
        self._moved = moved
        self._error = error
        self.diff = next_diff()
        self.ran = False
        self.plan = Plan(
            verb="deploy",
            subject="10f1c9a8 to dummy on test, namespace default",
            calls=(f"helm upgrade --install dummy chart/ with imageTag={TAGS[0]} (helm 3.20.0)",),
            checks=tuple(checks),
        )

    async def still_holds(self) -> None:
        moved, self._moved = self._moved, None
        if moved is not None:
            raise moved

    async def run(self) -> AsyncIterator[Step]:
        self.ran = True
        for step in self._steps:
            yield step
        if self._error is not None:
            raise self._error


class FixedReleases:
    """What the two screens ask, answered from memory."""

    def __init__(
        self, *, deploy: FixedDeploy | None = None, error: LainError | None = None, **target: Any
    ) -> None:
        known = {"namespace": "default", "cluster": "test", "app": "dummy", "release": "dummy"}
        self.target = Target(**{**known, **target})
        self.operations = Operations(lambda running: None)
        self.deploy = deploy or FixedDeploy()
        self.error = error
        self.chosen: list[Choice] = []
        self.rolled_back: list[int] = []
        self.living = FixedBoard(view())

    async def revisions(self) -> list[Revision]:
        if self.error is not None:
            raise self.error
        return [
            Revision(
                release="dummy",
                namespace="default",
                revision=15 - number,
                status="deployed" if number == 0 else "failed" if number == 2 else "superseded",
                updated=ago(hours=3 + 30 * number),
            )
            for number in range(len(TAGS))
        ]

    async def details(self, revisions: Sequence[Revision]) -> AsyncIterator[tuple[Revision, str]]:
        import msgspec

        for one in revisions:
            number = 15 - one.revision
            words = (
                'Upgrade "dummy" failed: timed out waiting for the condition'
                if number == 2
                else "Upgrade complete"
            )
            yield (
                msgspec.structs.replace(one, image_tag=TAGS[number], user="timfei", description=words),
                SUBJECTS[number],
            )

    async def load(self, view: View, revision: Revision, other: Revision | None) -> Shown:
        if view is View.VALUES:
            return Shown(
                f"values given to revision {revision.revision}", text="imageTag: '1'\nuser: timfei\n"
            )
        before = rendered(objects(TAGS[15 - other.revision])) if other is not None else []
        diff = compare(before, rendered(objects(TAGS[15 - revision.revision])))
        title = f"revision {other.revision} → {revision.revision}" if other is not None else "the first"
        return Shown(title, diff=diff, words=(("2 objects change.", "quiet"),))

    async def choices(self, target: Target) -> Choices:
        if self.error is not None:
            raise self.error
        commits = [
            Commit(sha="1" * 40, time=ago(hours=1 + 30 * number), author="timfei", subject=subject)
            for number, subject in enumerate(SUBJECTS)
        ]
        tags = [
            Tag(name=tag, commit=commit, in_branch=number != 2)
            for number, (tag, commit) in enumerate(zip(TAGS, commits, strict=True))
        ]
        return Choices(tags=tags, running=TAGS[1], revision=15, head=TAGS[0])

    async def prepare(self, target: Target, choice: Choice, on_check: Callable[[Check], None]) -> FixedDeploy:
        self.chosen.append(choice)
        return self.deploy

    async def rollback(self, revision: int) -> Operation:
        self.rolled_back.append(revision)
        return self.deploy

    @asynccontextmanager
    async def board(self) -> AsyncIterator[FixedBoard]:
        yield self.living


class ReleasesApp(App[int]):
    """Opens on one of the screens, over an empty one to go back to."""

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        self._first = screen
        for theme in OWN:
            self.register_theme(theme)
        self.theme = DARK.name

    def on_mount(self) -> None:
        self.push_screen(self._first)


def history_app(releases: FixedReleases | None = None) -> ReleasesApp:
    return ReleasesApp(HistoryScreen(releases or FixedReleases(), clock=lambda: NOW))


def deploy_app(releases: FixedReleases | None = None) -> ReleasesApp:
    return ReleasesApp(DeployScreen(releases or FixedReleases(), clock=lambda: NOW))
