"""Cron jobs: a job each time the schedule says so."""

from __future__ import annotations

from ..clock import parse, stamp
from ..finalize import DeleteOptions, delete
from ..kinds import CRON_JOB, JOB
from ..storage import Obj, copy
from .base import Controller
from .cron import next_run
from .jobs import finished
from .owners import reference


class CronJobs(Controller):
    kind = CRON_JOB
    name = "cronjob"
    owns = (JOB,)
    component = "cronjob-controller"

    def reconcile(self, obj: Obj) -> float | None:
        spec, now = obj["spec"], self.clock.now()
        status = dict(obj.get("status") or {})
        jobs = self.owners.objects(obj["metadata"]["uid"], JOB)
        running = [job for job in jobs if not finished(job)]
        self._note_ends(obj, status, jobs)
        due = self._due(obj, status)
        again: float | None = None
        if due is not None and not spec.get("suspend"):
            if due <= now:
                running = self._start(obj, status, due, running)
                due = next_run(spec["schedule"], now)
            again = None if due is None else max(due - now, 0.1)
        self._forget(spec, jobs)
        status["active"] = [
            {
                "kind": "Job",
                "apiVersion": "batch/v1",
                "namespace": job["metadata"]["namespace"],
                "name": job["metadata"]["name"],
                "uid": job["metadata"]["uid"],
                "resourceVersion": job["metadata"]["resourceVersion"],
            }
            for job in running
        ]
        if not status["active"]:
            del status["active"]
        self.set_status(obj, status)
        return again

    def _due(self, obj: Obj, status: Obj) -> float | None:
        last = status.get("lastScheduleTime") or obj["metadata"]["creationTimestamp"]
        due = next_run(obj["spec"]["schedule"], parse(last))
        now = self.clock.now()
        while due is not None and (later := next_run(obj["spec"]["schedule"], due)) and later <= now:
            due = later
        return due

    def _start(self, obj: Obj, status: Obj, due: float, running: list[Obj]) -> list[Obj]:
        policy = obj["spec"]["concurrencyPolicy"]
        deadline = obj["spec"].get("startingDeadlineSeconds")
        status["lastScheduleTime"] = stamp(due)
        if deadline is not None and self.clock.now() - due > deadline:
            self.say(obj, "MissSchedule", f"Missed scheduled time to start a job: {stamp(due)}", warning=True)
            return running
        if running and policy == "Forbid":
            self.say(
                obj,
                "JobAlreadyActive",
                "Not starting job because prior execution is running and concurrency policy is Forbid",
            )
            return running
        if running and policy == "Replace":
            for job in running:
                self._remove(job)
            running = []
        template = copy(obj["spec"]["jobTemplate"])
        meta = template.get("metadata") or {}
        own = obj["metadata"]
        body = {
            "metadata": {
                "name": f"{own['name']}-{int(due // 60)}",
                "namespace": own["namespace"],
                "labels": meta.get("labels") or {},
                "annotations": {
                    **(meta.get("annotations") or {}),
                    "batch.kubernetes.io/cronjob-scheduled-timestamp": stamp(due),
                },
                "ownerReferences": [reference(obj)],
            },
            "spec": template["spec"],
        }
        job = self.api.create(JOB, own["namespace"], body).obj
        self.say(obj, "SuccessfulCreate", f"Created job {job['metadata']['name']}")
        return [*running, job]

    def _note_ends(self, obj: Obj, status: Obj, jobs: list[Obj]) -> None:
        for job in jobs:
            ended = (job.get("status") or {}).get("completionTime")
            if ended and ended > status.get("lastSuccessfulTime", ""):
                status["lastSuccessfulTime"] = ended
                word = finished(job)
                self.say(
                    obj, "SawCompletedJob", f"Saw completed job: {job['metadata']['name']}, condition: {word}"
                )

    def _forget(self, spec: Obj, jobs: list[Obj]) -> None:
        for word, limit in (
            ("Complete", spec["successfulJobsHistoryLimit"]),
            ("Failed", spec["failedJobsHistoryLimit"]),
        ):
            done = sorted(
                (job for job in jobs if finished(job) == word),
                key=lambda job: str(job["status"].get("startTime")),
            )
            for job in done[: max(0, len(done) - limit)]:
                self._remove(job)

    def _remove(self, job: Obj) -> None:
        stored = self.storage.stored(JOB, job["metadata"]["namespace"], job["metadata"]["name"])
        if stored is not None:
            delete(self.storage, self.clock, JOB, stored, DeleteOptions(propagation="Background"))
