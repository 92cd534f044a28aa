"""The Deploy screen: choose an image, see every check and the diff at once, then deploy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import msgspec
from textual import on, work
from textual.binding import BindingType
from textual.message import Message

from lain_tui.core.errors import LainError
from lain_tui.core.model.plan import Outcome
from lain_tui.core.operations.candidate import parse_sets
from lain_tui.screens.deploy.looking import LookingScreen
from lain_tui.screens.deploy.rollout import RolloutScreen
from lain_tui.screens.deploy.verbs import VERBS
from lain_tui.screens.places import Context
from lain_tui.screens.releases import ClusterReleases, Planned, Releases
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.diff_view import DiffView
from lain_tui.widgets.tag_list import TagList
from lain_tui.widgets.value_bar import ValueBar
from lain_tui.widgets.words import Clock, wall_clock


def deploy_screen(context: Context) -> DeployScreen:
    """The screen for where one comes from."""
    return DeployScreen(ClusterReleases(context.session, context.target))


class DeployScreen(LookingScreen):
    """`enter` asks, and the change then belongs to the app."""

    VERBS = VERBS
    BINDINGS: ClassVar[list[BindingType]] = []

    @dataclass
    class Agreed(Message):
        """The user has said yes to this one."""

        deploy: Planned

    @dataclass
    class Outdated(Message):
        """What was agreed to is not what would happen any more."""

        error: LainError

    def __init__(self, releases: Releases, *, clock: Clock = wall_clock) -> None:
        super().__init__(releases, clock=clock)
        self._typing = ""

    def refusal(self, verb: Verb) -> str:
        if verb.id != "deploy.go":
            return ""
        if self._target.read_only:
            return "read-only: deploy is off"
        if self._deploy is None:
            return str(self._error) if self._error is not None else "it is still being looked at"
        failed = next((check for check in self._checks if check.outcome is Outcome.FAILED), None)
        return f"{failed.what}: {failed.detail}. {failed.hint}" if failed is not None else ""

    # Choosing

    def verb_canary(self) -> None:
        self._choice = msgspec.structs.replace(self._choice, canary=not self._choice.canary)
        self._prepare()

    def verb_lint(self) -> None:
        self._choice = msgspec.structs.replace(self._choice, ignore_lint=not self._choice.ignore_lint)
        self._prepare()

    async def verb_set(self) -> None:
        await self._type("set", " ".join(self._choice.sets[-1:]), "KEY=VALUE; an empty line takes all away")

    async def verb_files(self) -> None:
        await self._type("values file", "", "a path; an empty line takes all away")

    async def _type(self, label: str, text: str, hint: str) -> None:
        if not self.query(ValueBar):
            self._typing = label
            await self.mount(ValueBar(label, text, hint=hint), after=self.query_one(DiffView))

    @on(ValueBar.Changed)
    def _typed(self, message: ValueBar.Changed) -> None:
        if self._typing == "set" and "=" in message.text:
            try:
                parse_sets([message.text])
            except LainError as error:
                message.bar.explain(str(error), error=True)
            else:
                message.bar.explain("")

    @on(ValueBar.Submitted)
    async def _typed_all(self, message: ValueBar.Submitted) -> None:
        label, text = self._typing, message.text.strip()
        await self._stop_typing()
        try:
            self._take(label, text)
        except LainError as error:
            self.say_error(error)
        else:
            self._prepare()

    def _take(self, label: str, text: str) -> None:
        if label == "set":
            parse_sets([text] if text else [])
            sets = (*self._choice.sets, text) if text else ()
            self._choice = msgspec.structs.replace(self._choice, sets=sets)
            return
        path = Path(text).expanduser()
        if text and not path.is_file():
            raise LainError("there is no such file", where=text)
        files = (*self._target.values_files, path.absolute()) if text else ()
        self._target = msgspec.structs.replace(self._target, values_files=files)

    @on(ValueBar.Cancelled)
    async def _stop_typing(self) -> None:
        await self.query(ValueBar).remove()
        self._typing = ""
        self.query_one(TagList).focus()

    # Deploying

    @on(ChoiceList.Chosen)
    async def _chosen(self) -> None:
        await self.action_do("deploy.go")

    @work(group="deploy-ask", exclusive=True, exit_on_error=False)
    async def verb_go(self) -> None:
        from lain_tui.screens.confirm import ConfirmScreen

        deploy = self._deploy
        assert deploy is not None, "refusal() has seen to it"
        plan = deploy.plan
        warned = [check for check in plan.checks if check.outcome is Outcome.WARNED]
        words = list(plan.notes)
        words += [f"{check.what}: {check.detail}" for check in warned]
        question = ConfirmScreen(
            f"Deploy {plan.subject}?", plan.calls, warning="\n".join(words), answer=plan.typed
        )
        if not await self.app.push_screen_wait(question):
            return
        try:
            await deploy.still_holds()
        except LainError as error:
            self.post_message(self.Outdated(error))
        else:
            self.post_message(self.Agreed(deploy))

    @on(Outdated)
    def _look_again(self, message: Outdated) -> None:
        self.say_error(message.error)
        self._find()

    @on(Agreed)
    def _begin(self, message: Agreed) -> None:
        deploy = message.deploy
        releases, target, choice = self._releases, self._target, deploy.choice
        self.app.switch_screen(
            RolloutScreen(
                releases,
                deploy.plan.subject,
                lambda: releases.prepare(target, choice, lambda check: None),
                releases.operations.start(deploy),
                back_to=deploy.before,
            )
        )
