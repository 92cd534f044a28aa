"""The Status screen: the picture of an app, and what can be done with the row under the cursor."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import BindingType

from lain_tui.core.errors import LainError
from lain_tui.core.model.finding import Remedy
from lain_tui.core.model.status import PodRow
from lain_tui.screens.status.picturing import PicturingScreen
from lain_tui.screens.status.verbs import POD_VERBS, ROW_VERBS, VERBS
from lain_tui.screens.status.words import KEY_REMEDIES, lone_pods, not_restarted, to_restart
from lain_tui.screens.verbs import Verb
from lain_tui.widgets.pod_rows import Row
from lain_tui.widgets.pod_table import PodTable

if TYPE_CHECKING:
    # Loaded when they are first opened, not before the first frame.
    from lain_tui.screens.detail import Load
    from lain_tui.widgets.viewer import Highlighter


class StatusScreen(PicturingScreen):
    """Procs and pods above; below, why the selected one is unhealthy, and the app's URLs."""

    VERBS = VERBS
    BINDINGS: ClassVar[list[BindingType]] = []
    AUTO_FOCUS = "PodTable"

    def refusal(self, verb: Verb) -> str:
        table = self.query_one(PodTable)
        if verb.changes and self.target.read_only:
            return f"read-only: {verb.label} is off"
        if verb.id in POD_VERBS and not table.chosen:
            return f"{verb.label} needs a pod: select one first"
        if verb.id in ROW_VERBS and table.row is None:
            return f"{verb.label} needs a row: there is none"
        if verb.id == "status.restart" and (why := not_restarted(table.row, table.chosen, self._view.procs)):
            return why
        if verb.id == "status.add-key" and self._key_remedy() is None:
            return "no crash asks for a setting here"
        if verb.id == "status.urls" and not self._view.urls:
            return "the app has no ingress, so no URL to check"
        return ""

    def do(self, verb: Verb) -> Any:
        if verb.id.startswith("go."):
            return self.app.push_screen(self._source.place(verb.id, self.query_one(PodTable).row))
        return super().do(verb)

    def _row(self) -> Row:
        row = self.query_one(PodTable).row
        assert row is not None, "refusal() lets no verb through without a row"
        return row

    def _pod(self) -> PodRow:
        row = self.query_one(PodTable).row
        return row.pod if row is not None and row.pod is not None else self.query_one(PodTable).chosen[0]

    @on(PodTable.Opened)
    def _opened(self) -> None:
        self.verb_describe()

    def verb_describe(self) -> None:
        row = self._row()
        self._open_detail("description", _name(row), partial(self._source.describe, row))

    def verb_yaml(self) -> None:
        from lain_tui.widgets.viewer import highlight_yaml

        row = self._row()
        self._open_detail("yaml", _name(row), partial(self._source.yaml, row), highlight=highlight_yaml)

    def verb_logs(self, *, previous: bool = False) -> None:
        chosen = [pod.name for pod in self.query_one(PodTable).chosen]
        pods = chosen if len(chosen) > 1 else []
        self.app.push_screen(self._source.logs_screen(self._row(), pods, previous=previous))

    def _open_detail(
        self,
        title: str,
        subject: str,
        load: Load,
        *,
        highlight: Highlighter | None = None,
        at_end: bool = False,
    ) -> None:
        from lain_tui.screens.detail import DetailScreen

        self.app.push_screen(DetailScreen(title, subject, load, highlight=highlight, at_end=at_end))

    def verb_previous_log(self) -> None:
        self.verb_logs(previous=True)

    def _key_remedy(self) -> Remedy | None:
        finding = self._finding()
        remedies = finding.remedies if finding is not None else ()
        return next((remedy for remedy in remedies if remedy.verb in KEY_REMEDIES), None)

    def verb_add_key(self) -> None:
        self.app.push_screen(self._source.place("go.env", self.query_one(PodTable).row, self._key_remedy()))

    def verb_copy(self) -> None:
        name = _name(self._row())
        self.app.copy_to_clipboard(name)
        self.say(f"Copied {name}")

    @work(group="status-web", exclusive=True, exit_on_error=False)
    async def verb_web(self) -> None:
        from lain_tui.screens.links import ask_for_link

        row = self.query_one(PodTable).row
        urls = [url.url for url in self._view.urls]
        try:
            done = await ask_for_link(self.app, self.target, row.proc.name if row is not None else "", urls)
        except LainError as error:
            self.say_error(error)
        else:
            if done:
                self.say(done)

    def verb_urls(self) -> None:
        if self._board is not None:
            self._board.retry_now()
            self.say("Asking the URLs again")

    def verb_retry(self) -> None:
        self._source.retry_now()

    @work(group="status-shell", exclusive=True, exit_on_error=False)
    async def verb_shell(self) -> None:
        row = self._row()
        try:
            ended = await self._source.open_shell(self.app, row.pod.name if row.pod else row.proc.name)
        except LainError as error:
            self.say_error(error)
        else:
            if ended:
                self.say(ended)

    @work(group="status-transfer", exclusive=True, exit_on_error=False)
    async def verb_transfer(self) -> None:
        row = self._row()
        try:
            await self._source.copy(self.app, row.pod.name if row.pod else row.proc.name)
        except LainError as error:
            self.say_error(error)

    @work(group="status-restart", exclusive=True, exit_on_error=False)
    async def verb_restart(self) -> None:
        procs, pods = to_restart(self.query_one(PodTable).chosen, self._view.procs)
        if not procs and not pods:
            procs = [self._row().proc.name]
        await self._source.restart(self.app, procs=procs, pods=pods)

    @work(group="status-delete", exit_on_error=False)
    async def verb_delete(self) -> None:
        from lain_tui.screens.confirm import ConfirmScreen

        pods = self.query_one(PodTable).chosen
        count = f"{len(pods)} pods" if len(pods) > 1 else "this pod"
        calls = [f"delete pod {pod.name} in namespace {pod.namespace}" for pod in pods[:8]]
        if len(pods) > 8:
            calls.append(f"… and {len(pods) - 8} more")
        answer = (self.target.app or self.target.namespace) if self.target.protected else ""
        question = ConfirmScreen(
            f"Delete {count} on {self.target.cluster}?",
            calls,
            warning=lone_pods(pods, self._view.procs),
            answer=answer,
        )
        if not await self.app.push_screen_wait(question):
            return
        for pod in pods:
            try:
                await self._source.delete(pod)
            except LainError as error:
                self.say_error(error)
                return
        self.say(f"Deleted {pods[0].name}" if len(pods) == 1 else f"Deleted {len(pods)} pods")


def _name(row: Row) -> str:
    return row.pod.name if row.pod is not None else row.proc.resource
