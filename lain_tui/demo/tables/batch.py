"""Rows of jobs and cron jobs."""

from __future__ import annotations

from ..clock import parse
from ..duration import human, since
from ..kinds import CRON_JOB, JOB
from ..storage import Obj
from .columns import AGE, NAME, Row, age, containers_text, plain, selector_text, wide


def job_state(status: Obj) -> str:
    """Tell a job's state in one word, as the Status column does."""
    true = {c["type"] for c in status.get("conditions") or [] if c.get("status") == "True"}
    for condition, word in (
        ("Complete", "Complete"),
        ("Failed", "Failed"),
        ("Suspended", "Suspended"),
        ("FailureTarget", "FailureTarget"),
        ("SuccessCriteriaMet", "SuccessCriteriaMet"),
    ):
        if condition in true:
            return word
    return "Running"


def _job(obj: Obj, now: float) -> Row:
    spec, status = obj["spec"], obj.get("status") or {}
    names, images = containers_text(spec["template"])
    wanted = spec.get("completions")
    completions = (
        f"{status.get('succeeded', 0)}/{wanted if wanted is not None else '1 of ' + str(spec['parallelism'])}"
    )
    took = ""
    if status.get("startTime"):
        end = parse(status["completionTime"]) if status.get("completionTime") else now
        took = human(end - parse(status["startTime"]))
    return [
        obj["metadata"]["name"],
        job_state(status),
        completions,
        took,
        age(obj, now),
        names,
        images,
        selector_text(spec.get("selector")),
    ]


def _cron_job(obj: Obj, now: float) -> Row:
    spec, status = obj["spec"], obj.get("status") or {}
    names, images = containers_text(spec["jobTemplate"]["spec"]["template"])
    last = status.get("lastScheduleTime")
    return [
        obj["metadata"]["name"],
        spec["schedule"],
        spec.get("timeZone", "<none>"),
        str(bool(spec.get("suspend"))),
        len(status.get("active") or []),
        since(last, now) if last else "<none>",
        age(obj, now),
        names,
        images,
        selector_text(spec["jobTemplate"]["spec"].get("selector")),
    ]


TABLES = {
    JOB: (
        [NAME, *plain("Status", "Completions", "Duration"), AGE, *wide("Containers", "Images", "Selector")],
        _job,
    ),
    CRON_JOB: (
        [
            NAME,
            *plain("Schedule", "Timezone", "Suspend", "Active", "Last Schedule"),
            AGE,
            *wide("Containers", "Images", "Selector"),
        ],
        _cron_job,
    ),
}
