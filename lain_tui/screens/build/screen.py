"""The Build screen: the Dockerfile beside its values, one key for each thing to do, and every build of this run."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType

from lain_tui.core.config.resolve import target_values
from lain_tui.core.errors import LainError
from lain_tui.core.image.plan import plan_build
from lain_tui.core.image.run import SHELL, fetch_image, run_image
from lain_tui.core.image.spec import Stage
from lain_tui.core.operations.build import ImageBuild, calls
from lain_tui.core.target import Target
from lain_tui.screens.build.looking import LookingScreen
from lain_tui.screens.build.refusals import why_not
from lain_tui.screens.build.runs import Runs
from lain_tui.screens.build.verbs import VERBS
from lain_tui.screens.build.words import careful, state_words
from lain_tui.screens.editor import terminal_lent
from lain_tui.screens.places import Context
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.build_history import BuildHistory
from lain_tui.widgets.build_steps import BuildSteps
from lain_tui.widgets.dockerfile_list import DockerfileList
from lain_tui.widgets.fact_pane import FactPane
from lain_tui.widgets.pod_columns import short_tag
from lain_tui.widgets.title_bar import TitleBar
from lain_tui.widgets.value_pane import ValuePane

if TYPE_CHECKING:
    from lain_tui.screens.operations import Operations, Running

FRAME = 0.1
"""Seconds between two pictures of a build under way."""


def build_screen(context: Context) -> BuildScreen:
    """The screen for where one comes from."""
    return BuildScreen(context.session.operations, context.target)


class BuildScreen(LookingScreen):
    """Builds belong to the app: leaving ends none, and coming back shows them all."""

    VERBS = VERBS
    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = "DockerfileList"
    DEFAULT_CSS = """
    BuildScreen {
        FactPane { margin-bottom: 1; }
        BuildSteps { display: none; }
        &.-steps BuildSteps { display: block; }
        &.-steps DockerfileList { display: none; }
        &.-low FactPane { margin-bottom: 0; }
        &.-steps FactPane { display: none; }
        ValuePane { height: 11; }
        &.-low ValuePane, &.-steps ValuePane { display: none; }
    }
    """

    def __init__(self, operations: Operations, target: Target) -> None:
        super().__init__(target)
        self._runs = Runs(operations)
        self._fresh = False
        """Whether a build was under way at the last beat: its end has not been shown yet."""

    def compose_content(self) -> ComposeResult:
        target = self._target
        yield TitleBar(target.app, target.cluster, protected=target.protected, read_only=target.read_only)
        yield FactPane()
        yield DockerfileList()
        yield ValuePane()
        yield BuildSteps()
        yield BuildHistory()

    def on_mount(self) -> None:
        super().on_mount()
        self.set_class(self._runs.under_way is not None, "-steps")
        self._show_runs()
        self.verb_reload()
        self.set_interval(FRAME, self._beat)

    def _show(self) -> None:
        super()._show()
        self._show_runs()

    # Builds under way, and those that are over

    @property
    def _built(self) -> bool:
        """Whether the engine has the image of what is planned: it has said so, or has just built it."""
        image = self._plan.image if self._plan is not None else ""
        return self._runs.has_made(image) or (self._engine is not None and self._engine.built > 0)

    def _beat(self) -> None:
        going = self._runs.under_way is not None
        if self.is_current and (going or self._fresh):
            self._fresh = going
            self._show_runs()
            if not going:
                self.verb_reload()

    def shows(self, running: Running) -> bool:
        shown = self._runs.shown
        return self.has_class("-steps") and shown is not None and shown[0] is running

    def _show_runs(self) -> None:
        views, place = self._runs.views()
        shown = views[place] if views else None
        self.query_one(BuildSteps).show(shown)
        self.query_one(BuildHistory).show(views, place)
        remote = f" on {self._target.setting('remote_docker')}" if self._remote else ""
        tag = short_tag(shown.image.rpartition(":")[2]) if shown is not None else ""
        image = f" · {tag}" if self.has_class("-steps") else ""
        self.query_one(TitleBar).show([(f"build{remote}", "quiet"), (image, "")], state_words(shown))

    def _step(self, by: int) -> None:
        if self._runs.step(by):
            self._turn(steps=True)

    def verb_before(self) -> None:
        self._step(-1)

    def verb_after(self) -> None:
        self._step(1)

    def look(self) -> None:
        self._turn(steps=False)

    def verb_turn(self) -> None:
        self._turn(steps=not self.has_class("-steps"))

    def _turn(self, *, steps: bool) -> None:
        self.set_class(steps, "-steps")
        self.query_one(BuildSteps if steps else DockerfileList).focus()
        self._show_runs()
        self.show_keys()

    # Verbs

    def verb_build(self) -> None:
        self._begin(None, push=False)

    def verb_push(self) -> None:
        self._begin(None, push=True)

    def verb_prepare(self) -> None:
        self._begin(Stage.PREPARE, push=self._plan is not None and bool(self._plan.registry))

    @work(group="build-begin", exclusive=True, exit_on_error=False)
    async def _begin(self, stage: Stage | None, *, push: bool) -> None:
        """Look again at what is there now, ask where care is due, and build."""
        from lain_tui.screens.confirm import ConfirmScreen

        try:
            values = await asyncio.to_thread(target_values, self._target)
            plan = await plan_build(values, self._folder, stage=stage)
            build = ImageBuild(plan, self._options(), push=push)
        except LainError as error:
            self.say_error(error)
            return
        if warning := careful(plan):
            question = ConfirmScreen(f"{build.plan.verb}?", calls(plan, push=push), warning=warning)
            if not await self.app.push_screen_wait(question):
                return
        self._runs.start(build)
        self._fresh = True
        self._turn(steps=True)

    def verb_stop(self) -> None:
        running = self._runs.under_way
        if running is not None:
            running.cancel()
            self.say("Stopping the build")

    def verb_log(self) -> None:
        from lain_tui.screens.build.log import BuildLogScreen

        shown = self._runs.shown
        assert shown is not None, "refusal() has seen to it"
        running, build = shown
        self.app.push_screen(BuildLogScreen(build.progress, running))

    @work(group="build-outside", exclusive=True, exit_on_error=False)
    async def verb_shell(self) -> None:
        plan = self._plan
        assert plan is not None, "refusal() has seen to it"
        try:
            host = self._options().host
            async for _ in fetch_image(host, plan.image, os.environ):
                pass
            with terminal_lent(self.app):
                code = await run_image(host, plan.image, SHELL, environment=os.environ)
        except LainError as error:
            self.say_error(error)
            return
        if code not in (0, 130):
            self.say(f"The shell ended with {code}")

    def worth(self, verb: Verb) -> int:
        # While one builds, to stop it is what cannot wait.
        return 100 if verb.id == "build.stop" and self._runs.under_way is not None else verb.worth

    def refusal(self, verb: Verb) -> str:
        return why_not(verb, self._target, self._plan, self._runs, built=self._built)
