"""The Build screen as far as it looks: the stages and their Dockerfile, each line beside its value, and the engine."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from textual import on, work
from textual.message import Message

from lain_tui.core.config.picture import ValuesPicture, read_picture
from lain_tui.core.config.resolve import target_values
from lain_tui.core.errors import LainError
from lain_tui.core.image.build import NETWORK, BuildOptions
from lain_tui.core.image.host import resolve_host
from lain_tui.core.image.outlook import look_at_engine
from lain_tui.core.image.plan import BuildPlan, plan_build
from lain_tui.core.image.sources import with_sources
from lain_tui.core.image.spec import Stage
from lain_tui.core.model.build import DockerfileLine, EngineView
from lain_tui.core.model.values import ValueRow
from lain_tui.core.project.chart import no_chart
from lain_tui.core.project.git import GitFacts, read_facts
from lain_tui.core.target import Target
from lain_tui.screens.base import LainScreen
from lain_tui.screens.build.words import cannot, facts
from lain_tui.screens.editor import edit_file
from lain_tui.widgets.choice_list import ChoiceList
from lain_tui.widgets.dockerfile_list import DockerfileList
from lain_tui.widgets.fact_pane import FactPane
from lain_tui.widgets.value_pane import ValuePane

LOW = 30
"""Lines under which the steps have the screen for themselves, and values are told by their lines alone."""


class LookingScreen(LainScreen[None]):
    """Reads the values, git and what the engine has; changes nothing."""

    @dataclass
    class Planned(Message):
        """Everything that a build will use has been looked at, or cannot be."""

        plan: BuildPlan | None
        lines: list[DockerfileLine]
        values: ValuesPicture | None = None
        git: GitFacts | None = None
        error: LainError | None = None

    @dataclass
    class Asked(Message):
        """The engine has answered."""

        engine: EngineView

    def __init__(self, target: Target) -> None:
        super().__init__()
        self._target = target
        self._plan: BuildPlan | None = None
        self._values: ValuesPicture | None = None
        self._git: GitFacts | None = None
        self._engine: EngineView | None = None
        self._stage: Stage | None = None
        """The one whose Dockerfile is shown; None for the last."""
        self._remote = False

    @property
    def _folder(self) -> Path:
        if self._target.chart is None:
            raise no_chart(self._target.app)
        return self._target.chart.parent

    def _options(self) -> BuildOptions:
        remote = self._target.setting("remote_docker") if self._remote else ""
        return BuildOptions(
            host=resolve_host(os.environ, remote=remote),
            push_prepare=not self._target.read_only,
            network=os.environ.get(NETWORK, ""),
        )

    @work(group="build-plan", exclusive=True, exit_on_error=False)
    async def verb_reload(self) -> None:
        try:
            folder = self._folder
            values = await asyncio.to_thread(target_values, self._target)
            plan = await plan_build(values, folder, stage=self._stage)
            git = await read_facts(folder)
            picture = await asyncio.to_thread(read_picture, self._target, os.environ)
            self.post_message(self.Planned(plan, with_sources(plan.dockerfile, values), picture, git))
            self.post_message(self.Asked(await look_at_engine(plan, self._options())))
        except LainError as error:
            self.post_message(self.Planned(None, [], error=error))

    @on(Planned)
    def _planned(self, message: Planned) -> None:
        self._plan, self._values, self._git = message.plan, message.values, message.git
        width = self.size.width or 80
        notice = cannot(str(message.error), width) if message.error is not None else ()
        self.query_one(DockerfileList).show_lines(message.lines, notice)
        self._show()

    @on(ChoiceList.Highlighted)
    def _show_value(self) -> None:
        """The value behind the instruction, with the file around it."""
        line, values = self.query_one(DockerfileList).current, self._values
        row: ValueRow | None = None
        source: tuple[str, ...] = ()
        if line is not None and line.path and values is not None:
            leaves = [leaf for leaf in values.leaves if leaf.path[: len(line.path)] == line.path]
            exact = next((leaf for leaf in leaves if leaf.path == line.path), None)
            row = ValueRow(path=line.path, leaf=exact, is_map=exact is None, leaves=len(leaves))
            source = values.sources.get(line.file, ())
        self.query_one(ValuePane).show(row, source=source, line=line.line if line is not None else 0)

    @on(Asked)
    def _asked(self, message: Asked) -> None:
        self._engine = message.engine
        self._show()

    def _show(self) -> None:
        plan, size = self._plan, self.size
        rows = (
            []
            if plan is None
            else facts(plan, self._engine, self._git, self.keys(), size.width or 80, low=size.height < LOW)
        )
        self.query_one(FactPane).show(rows)
        self.set_class(size.height < LOW, "-low")
        self._show_value()
        self.show_keys()

    def look(self) -> None:
        """Show the Dockerfile, where something else has its place."""
        self.query_one(DockerfileList).focus()

    def verb_stage(self) -> None:
        plan = self._plan
        assert plan is not None, "refusal() has seen to it"
        spec = plan.spec
        there = [
            stage for stage, part in zip(Stage, (spec.prepare, spec.build, spec.release), strict=True) if part
        ]
        self._stage = there[(there.index(plan.dockerfile.stage) + 1) % len(there)]
        if self._stage is spec.last:
            self._stage = None
        self.look()
        self.verb_reload()

    @on(ChoiceList.Chosen)
    def _chosen_line(self) -> None:
        self.verb_open()

    @work(group="build-outside", exclusive=True, exit_on_error=False)
    async def verb_open(self) -> None:
        line = self.query_one(DockerfileList).current
        if line is None or not line.file:
            self.say("No file of values sets this")
            return
        try:
            await edit_file(self.app, Path(line.file), line.line)
        except LainError as error:
            self.say_error(error)
        self.verb_reload()

    def verb_remote(self) -> None:
        self._remote = not self._remote
        self._engine = None
        self.verb_reload()
