"""Jobs: pods that run to their end."""

from __future__ import annotations

from ..clock import parse, stamp
from ..kinds import JOB
from ..storage import Obj
from .base import Controller, is_active

_FINISHED = ("Complete", "Failed")


def finished(job: Obj) -> str:
    """Tell whether a job is over: "Complete", "Failed" or ""."""
    for condition in (job.get("status") or {}).get("conditions") or []:
        if condition["type"] in _FINISHED and condition["status"] == "True":
            return str(condition["type"])
    return ""


class Jobs(Controller):
    kind = JOB
    name = "job"
    component = "job-controller"

    def reconcile(self, obj: Obj) -> float | None:
        if finished(obj):
            return self._expire(obj)
        spec, now = obj["spec"], self.clock.now()
        status = dict(obj.get("status") or {})
        status.setdefault("startTime", stamp(now))
        pods = self.pods(obj)
        active = [p for p in pods if is_active(p)]
        succeeded = sum((p.get("status") or {}).get("phase") == "Succeeded" for p in pods)
        failed = sum((p.get("status") or {}).get("phase") == "Failed" for p in pods)
        wanted = spec.get("completions") or spec["parallelism"]
        late = self._lateness(spec, status, now)
        verdict = self._verdict(spec, succeeded, failed + self._retries(pods), wanted, late)
        again: float | None = None if late is None else max(-late, 0.0)
        if verdict:
            for pod in active:
                self.delete_pod(obj, pod)
            active = []
            again = 0.0
        elif not spec.get("suspend"):
            due = self._due_after_failure(pods, failed, now)
            if due > 0:
                again = due if again is None else min(again, due)
            else:
                missing = min(spec["parallelism"], wanted - succeeded) - len(active)
                made = [self.create_pod(obj, spec["template"]) for _ in range(max(0, missing))]
                active += [pod for pod in made if pod is not None]
                if None in made:
                    again = 20.0
        self._tell(obj, status, active, succeeded, failed, verdict)
        return again

    @staticmethod
    def _lateness(spec: Obj, status: Obj, now: float) -> float | None:
        """Give the seconds past the deadline (negative: still to go); None without one."""
        deadline = spec.get("activeDeadlineSeconds")
        return None if deadline is None else now - parse(status["startTime"]) - deadline

    @staticmethod
    def _retries(pods: list[Obj]) -> int:
        """Count container restarts inside pods that restart on failure."""
        return sum(
            status.get("restartCount", 0)
            for pod in pods
            if pod["spec"].get("restartPolicy") == "OnFailure"
            for status in (pod.get("status") or {}).get("containerStatuses") or []
        )

    @staticmethod
    def _verdict(spec: Obj, succeeded: int, failed: int, wanted: int, late: float | None) -> str:
        if succeeded >= wanted:
            return "Complete"
        if late is not None and late >= 0:
            return "DeadlineExceeded"
        return "BackoffLimitExceeded" if failed > spec["backoffLimit"] else ""

    @staticmethod
    def _due_after_failure(pods: list[Obj], failed: int, now: float) -> float:
        """Give the seconds to wait before trying again: 10 s doubled with each failure, six minutes at most."""
        if not failed:
            return 0.0
        ends = [
            parse(state["terminated"]["finishedAt"])
            for pod in pods
            for status in (pod.get("status") or {}).get("containerStatuses") or []
            if "terminated" in (state := status.get("state") or {})
        ]
        return float(max(ends, default=now) + min(10.0 * 2 ** (failed - 1), 360.0) - now)

    def _tell(
        self, obj: Obj, status: Obj, active: list[Obj], succeeded: int, failed: int, verdict: str
    ) -> None:
        ready = sum(
            any(
                c["type"] == "Ready" and c["status"] == "True"
                for c in (p.get("status") or {}).get("conditions") or []
            )
            for p in active
        )
        counts = {"active": len(active), "succeeded": succeeded, "failed": failed}
        for name, count in counts.items():
            status.pop(name, None)
            if count:
                status[name] = count
        status |= {"ready": ready, "terminating": 0, "uncountedTerminatedPods": {}}
        if verdict:
            now = self.now_stamp()
            messages = {
                "Complete": ("CompletionsReached", "Reached expected number of succeeded pods"),
                "DeadlineExceeded": ("DeadlineExceeded", "Job was active longer than specified deadline"),
                "BackoffLimitExceeded": (
                    "BackoffLimitExceeded",
                    "Job has reached the specified backoff limit",
                ),
            }
            reason, message = messages[verdict]
            kinds = (
                ("SuccessCriteriaMet", "Complete") if verdict == "Complete" else ("FailureTarget", "Failed")
            )
            status["conditions"] = [
                {
                    "type": each,
                    "status": "True",
                    "lastProbeTime": now,
                    "lastTransitionTime": now,
                    "reason": reason,
                    "message": message,
                }
                for each in kinds
            ]
            if verdict == "Complete":
                status["completionTime"] = now
                self.say(obj, "Completed", "Job completed")
            else:
                self.say(obj, reason, message, warning=True)
        self.set_status(obj, status)

    def _expire(self, obj: Obj) -> float | None:
        ttl = obj["spec"].get("ttlSecondsAfterFinished")
        if ttl is None:
            return None
        ended = max(parse(c["lastTransitionTime"]) for c in obj["status"]["conditions"])
        left = ended + float(ttl) - self.clock.now()
        if left > 0:
            return left
        self.storage.remove(JOB, obj["metadata"]["namespace"], obj["metadata"]["name"])
        return None
