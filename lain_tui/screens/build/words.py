"""What the Build screen says before a build: the image, its stages, the engine, and what to be careful about."""

from __future__ import annotations

from collections.abc import Mapping

from lain_tui.core.image.plan import BuildPlan
from lain_tui.core.image.spec import Stage
from lain_tui.core.model.build import EngineView, RunState, RunView
from lain_tui.core.model.text import counted, spell, spell_bytes
from lain_tui.core.operations.build import calls
from lain_tui.core.project.git import GitFacts
from lain_tui.widgets.canvas import Line, Span, clip
from lain_tui.widgets.notices import sentence


def facts(
    plan: BuildPlan,
    engine: EngineView | None,
    git: GitFacts | None,
    keys: Mapping[str, str],
    width: int,
    *,
    low: bool,
) -> list[tuple[str, list[Span]]]:
    """What will be made, from what, with what, and how; anything that needs care has a colour."""
    rows: list[tuple[str, list[Span]]] = [("Image", [(plan.image, "strong")])]
    rows.append(("Commit", _commit(plan, git, width)))
    rows.append(("Stages", _stages(plan)))
    if plan.spec.prepare is not None and plan.dockerfile.stage is not Stage.PREPARE:
        rows.append(("Prepare", _prepare(engine, keys)))
    rows.append(("Context", _context(plan)))
    rows.append(("Engine", _engine(engine)))
    if not low:
        push = bool(plan.registry) and plan.dockerfile.stage is not Stage.PREPARE
        done = calls(plan, push=push)
        rows += [("" if place else "Does", [(call, "")]) for place, call in enumerate(done)]
        if push:
            rows[-1][1][:0] = [(keys.get("push", "P"), "key"), (" goes on: ", "quiet")]
    return rows


def careful(plan: BuildPlan) -> str:
    """What a build asks about first; empty when nothing needs care."""
    said = []
    if plan.dirty:
        said.append("The work tree has uncommitted changes: the image says so (-dirty), its tag does not.")
    if plan.context.large:
        context = plan.context
        most = f"{spell_bytes(context.most_size)} of it in {context.most}"
        said.append(
            f"{counted(context.files, 'file')}, {spell_bytes(context.size)} go to the engine, {most}."
        )
    return " ".join(said)


def _commit(plan: BuildPlan, git: GitFacts | None, width: int) -> list[Span]:
    spans: list[Span] = []
    if git is None or git.head is None:
        why = plan.unnamed or "there is no commit"
        return [(f"{why}: the tag is latest, and nothing tells builds apart", "risk")]
    spans.append((f'"{clip(git.head.subject, max(10, width // 3))}"', ""))
    spans.append((f" on {git.branch}" if git.branch else " (detached)", "quiet"))
    if plan.dirty:
        spans.append((" · uncommitted changes: marked -dirty", "risk"))
    return spans


def _stages(plan: BuildPlan) -> list[Span]:
    spec = plan.spec
    parts = [("prepare", spec.prepare), ("build", spec.build), ("release", spec.release)]
    spans: list[Span] = []
    for name, part in parts:
        if part is not None:
            spans += [(" → ", "faint")] if spans else []
            spans.append((name, "accent strong" if name == plan.dockerfile.stage.value else ""))
            spans.append((f" {part.base}", "quiet") if name != "build" or spec.prepare is None else ("", ""))
    return spans


def _prepare(engine: EngineView | None, keys: Mapping[str, str]) -> list[Span]:
    if engine is None or engine.trouble:
        return [("not known without an engine" if engine is not None else "…", "quiet")]
    if not engine.prepare_stale:
        return [(engine.prepare, "")]
    key = keys.get("prepare", "p")
    return [(f"{engine.prepare} since it was made  ", "risk"), (key, "key"), (" makes it anew", "quiet")]


def _context(plan: BuildPlan) -> list[Span]:
    context = plan.context
    origin = "ignoring what .gitignore does" if context.derived else "less what .dockerignore names"
    large: list[Span] = [(" · more than 200 MB: a build asks first", "risk")] if context.large else []
    size = spell_bytes(context.size)
    return [(f"{counted(context.files, 'file')}, {size}", ""), (f", {origin}", "quiet"), *large]


def _engine(engine: EngineView | None) -> list[Span]:
    if engine is None:
        return [("…", "quiet")]
    if engine.trouble:
        return [(engine.trouble, "risk")]
    built: list[Span] = (
        [(f" · has this image already, {spell_bytes(engine.built)}", "quiet")] if engine.built else []
    )
    return [(engine.name, ""), (f", {engine.builder}", "quiet"), *built]


def state_words(run: RunView | None) -> list[Span]:
    """The title bar's right side: what is going on."""
    if run is None:
        return []
    if run.state is RunState.RUNNING:
        return [("◌ ", "progress"), (f"{run.title}, {spell(int(run.seconds))}", "")]
    tone = {RunState.DONE: "ok", RunState.FAILED: "broken"}.get(run.state, "quiet")
    return [(f"{run.title} {run.state.value}", tone), (f" after {run.seconds:.1f} s", "quiet")]


def cannot(error: str, width: int) -> list[Line]:
    """Why there is nothing to build."""
    return [[], *sentence(error, "", width)]
