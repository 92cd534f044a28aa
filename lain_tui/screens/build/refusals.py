"""Why something cannot be done just now on the Build screen."""

from __future__ import annotations

from lain_tui.core.image.plan import BuildPlan
from lain_tui.core.target import Target
from lain_tui.screens.build.runs import Runs
from lain_tui.screens.build.verbs import BUILDING
from lain_tui.screens.verbs import Verb


def why_not(verb: Verb, target: Target, plan: BuildPlan | None, runs: Runs, *, built: bool) -> str:
    """The reason as a clause; empty when it can be done. `built`: the engine has the image of the plan."""
    if verb.changes and target.read_only:
        return f"read-only: {verb.label} is off"
    if verb.id in BUILDING and runs.under_way is not None:
        return "a build is under way: ctrl+x stops it"
    if verb.id in BUILDING | {"build.shell", "build.stage"} and plan is None:
        return "there is nothing to build yet"
    if verb.id == "build.push" and plan is not None and not plan.registry:
        return "the cluster has no registry: set registry in its values"
    if verb.id == "build.prepare" and plan is not None and plan.spec.prepare is None:
        return "the values have no build.prepare"
    if verb.id == "build.shell" and not built:
        return "this commit's image has not been built here yet"
    if verb.id == "build.stop" and runs.under_way is None:
        return "no build is under way"
    if verb.id in {"build.log", "build.before", "build.after"} and not runs:
        return "nothing has been built yet"
    if verb.id == "build.remote" and not target.setting("remote_docker"):
        return "the cluster has no remote docker: set remote_docker in its values"
    return ""
