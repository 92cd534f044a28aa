"""A change from the command line: its plan first, then its steps as lines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from lain_tui.cli.exit_codes import ExitCode
from lain_tui.cli.moving import MovingLine
from lain_tui.cli.output import print_document
from lain_tui.cli.session import Session
from lain_tui.core.errors import LainError, Refused

if TYPE_CHECKING:
    from lain_tui.core.model.plan import Plan, Step
    from lain_tui.core.operations.operation import Operation

yes = click.option("--yes", "-y", is_flag=True, help="Do not ask; needed on a protected cluster in scripts.")
dry_run = click.option("--dry-run", is_flag=True, help="Show the plan only.")


async def perform(
    here: Session, operation: Operation, *, yes: bool, dry_run: bool, output: str = "text"
) -> int:
    """Plan, ask, run; return the exit code. The plan and the steps go to standard error, JSON to standard output.

    On a terminal it asks, unless `yes`; elsewhere it goes on as a script expects, but on a protected cluster only
    with `yes`. Raises Refused, and LainError when the change fails; what was done before is told.
    """
    from lain_tui.core.operations.journal import Journal

    plan = operation.plan
    if not here.quiet:
        for one in Journal().cut_off():
            here.say(one.sentence(datetime.now(UTC)))
    tell_or_print(here, plan, dry_run=dry_run, output=output)
    if dry_run:
        return ExitCode.REFUSED if plan.refusal is not None else ExitCode.DONE
    if plan.refusal is None:
        agree(here, plan, yes=yes)
    steps: list[Step] = []
    error = ""
    page = Journal().begin(plan)
    try:
        async for step in follow(here, operation):
            page.step(step)
            steps.append(step)
        page.ended()
    except BaseException as failure:
        error = str(failure) or "interrupted"
        _tell_done(here, steps, failure)
        page.ended()  # told, unless the terminal went away: then this is not reached
        raise
    finally:
        if output != "text":
            from lain_tui.cli.documents.changing import OperationDocument

            copied = getattr(operation, "copied", None)
            document = OperationDocument(plan=plan, steps=tuple(steps), error=error, copied=copied)
            print_document(document, output)
    return ExitCode.DONE


async def follow(here: Session, operation: Operation) -> AsyncIterator[Step]:
    """Run it, and tell each step before it is handed on; how far one is moves in a line of its own."""
    from lain_tui.core.model.text import plain

    line = MovingLine(here)
    try:
        async for step in operation.run():
            if step.state == "moving":
                # What changes stands first: a narrow terminal cuts the rest off.
                line.show(f"{plain(step.detail)}  {plain(step.what)}")
                continue
            line.clear()
            tell_step(here, step)
            yield step
    finally:
        line.clear()


def tell_or_print(here: Session, plan: Plan, *, dry_run: bool, output: str) -> None:
    """The plan as lines, or (when it is all that is wanted) as a document."""
    if not dry_run or output == "text":
        return tell_plan(here, plan)
    from lain_tui.cli.documents.changing import PlanDocument

    return print_document(PlanDocument(plan=plan, refused=plan.refusal is not None), output)


def tell_nothing(output: str) -> None:
    """The document of a change that had nothing to do."""
    if output != "text":
        from lain_tui.cli.documents.changing import OperationDocument

        print_document(OperationDocument(plan=None, steps=(), error=""), output)


def tell_plan(here: Session, plan: Plan) -> None:
    """The plan as lines."""
    from lain_tui.core.model.text import plain

    here.say(f"{plan.verb}: {plain(plan.subject)}")
    marks = {"passed": "ok  ", "warned": "!   ", "failed": "x   ", "skipped": "-   "}
    for check in plan.checks:
        detail = f": {check.detail}" if check.detail else ""
        hint = f" ({check.hint})" if check.hint and check.outcome in ("failed", "warned") else ""
        here.say(f"  {marks[check.outcome]}{plain(check.what)}{plain(detail)}{plain(hint)}")
    for call in plan.calls:
        here.say(f"  > {plain(call)}")
    for note in plan.notes:
        here.say(f"  {plain(note)}")


def tell_step(here: Session, step: Step) -> None:
    """One step as a line."""
    here.say(_spelled(step))


def _spelled(step: Step) -> str:
    from lain_tui.core.model.text import plain

    marks = {"begun": "…", "told": "…", "done": "done", "failed": "FAILED"}
    detail = f": {step.detail}" if step.detail else ""
    return f"{marks[step.state]:<6} {plain(step.what)}{plain(detail)}"


def agree(here: Session, plan: Plan, *, yes: bool) -> None:
    """Have the change agreed to; raises Refused when it is not."""
    if yes:
        return
    asks = here.asks
    if plan.typed and not asks:
        raise Refused(
            f"{plan.typed} is to be typed first, and this is no terminal: nothing was done",
            hint="--yes stands for it.",
        )
    if plan.typed:
        answer = click.prompt(f"Type {plan.typed} to {plan.verb}", default="", show_default=False, err=True)
        if answer.strip() != plan.typed:
            raise Refused(f"that is not {plan.typed}: nothing was done")
    elif asks and not click.confirm("Go on?", default=False, err=True):
        raise Refused("nothing was done")


def _tell_done(here: Session, steps: list[Step], failure: BaseException) -> None:
    """After a failure or an interrupt: what was done, and what was under way besides what failed."""
    from lain_tui.core.model.text import plain

    states = {step.what: step.state for step in steps}
    finished = [what for what, state in states.items() if state == "done"]
    open_ones = [what for what, state in states.items() if state in ("begun", "told")]
    if finished:
        here.say(f"Done before it stopped: {', '.join(map(plain, finished))}.")
    if open_ones and (finished or len(open_ones) > 1 or not isinstance(failure, LainError)):
        here.say(f"Under way when it stopped: {', '.join(map(plain, open_ones))}.")
