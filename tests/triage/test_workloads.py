"""A workload that as a whole does not get where it should."""

from __future__ import annotations

from typing import Any

import pytest

from lain_tui.core.model.finding import Finding
from lain_tui.core.model.status import Severity
from lain_tui.core.model.workload import CronJob, Deployment, HorizontalPodAutoscaler, Job
from lain_tui.core.triage.workloads import WorkloadCase, diagnose_workload
from tests.kubeobjects import NOW, ago, decode, event, pod, waiting
from tests.triage.cases import why

FORBIDDEN = 'pods "dummy-worker-7c9-" is forbidden: '


def deployment(*conditions: dict[str, Any], spec: dict[str, Any] | None = None, **status: Any) -> Deployment:
    return decode(
        Deployment,
        {
            "metadata": {"name": "dummy-worker", "namespace": "default", "uid": "d1", "generation": 2},
            "spec": {"replicas": 3, **(spec or {})},
            "status": {"observedGeneration": 2, "conditions": list(conditions), **status},
        },
    )


def condition(type_: str, status: str, reason: str = "", message: str = "") -> dict[str, Any]:
    return {
        "type": type_,
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": ago(minutes=12),
    }


def found(workload: Any, kind: str = "Deployment", **known: Any) -> Finding | None:
    return diagnose_workload(WorkloadCase(workload=workload, kind=kind, proc="worker", now=NOW, **known))


def sure(workload: Any, kind: str = "Deployment", **known: Any) -> Finding:
    finding = found(workload, kind, **known)
    assert finding is not None
    return finding


@pytest.mark.parametrize(
    ("message", "code", "title", "sentence"),
    [
        (FORBIDDEN + "exceeded quota: team, requested: limits.memory=512Mi, used: limits.memory=4Gi, limited: limits.memory=4Gi",
         "quota-exceeded", "worker gets no new pods: quota team is used up",
         "Asked for limits.memory=512Mi; used limits.memory=4Gi of limits.memory=4Gi."),
        (FORBIDDEN + "failed quota: team: must specify limits.cpu for: worker", "quota-needs-resources",
         "worker gets no new pods: quota team wants limits.cpu for: worker",
         "Every container in this namespace must say what it asks for."),
        (FORBIDDEN + "maximum memory usage per Container is 1Gi, but limit is 2Gi", "limit-range",
         "worker gets no new pods: the namespace limits memory", "At most 1Gi per Container."),
        (FORBIDDEN + 'violates PodSecurity "restricted:latest": runAsNonRoot != true', "pod-security",
         "worker gets no new pods: they break the namespace's pod security (restricted)", "runAsNonRoot != true"),
        (FORBIDDEN + 'error looking up service account default/bot: serviceaccount "bot" not found', "no-service-account",
         "worker gets no new pods: service account bot does not exist", ""),
        ('admission webhook "policy.example.com" denied the request: no latest tag', "webhook",
         "worker gets no new pods: webhook policy.example.com refuses them",
         'admission webhook "policy.example.com" denied the request: no latest tag'),
    ],
)  # fmt: skip
def test_pods_that_the_api_refuses(message: str, code: str, title: str, sentence: str) -> None:
    failure = condition("ReplicaFailure", "True", "FailedCreate", message)
    finding = sure(deployment(failure), events=(event("FailedCreate", f"Error creating: {message}"),))
    assert (finding.code, finding.title) == (code, title)
    assert finding.explanation == ((sentence,) if sentence else ())
    assert finding.evidence[0].label == "FailedCreate"


class TestPastItsDeadline:
    LATE = condition(
        "Progressing", "False", "ProgressDeadlineExceeded", 'ReplicaSet "dummy-worker-7c9" has timed out'
    )

    def test_it_says_how_far_it_came_and_offers_to_roll_back(self) -> None:
        late = deployment(
            self.LATE, updatedReplicas=1, availableReplicas=2, spec={"progressDeadlineSeconds": 600}
        )
        finding = sure(late)
        assert finding.code == "rollout-stuck"
        assert finding.title == "worker's rollout is stuck: no progress for 10 m"
        assert finding.explanation == ("1 of 3 updated, 2 available.",)
        assert [remedy.verb for remedy in finding.remedies] == ["rollback"]

    def test_its_worst_pod_explains_it(self) -> None:
        cause = why(
            pod(waiting("CreateContainerConfigError", 'secret "dummy-env" not found'), phase="Pending")
        )
        finding = sure(deployment(self.LATE), pod_finding=cause)
        assert finding.explanation[0] == f"{cause.title}."
        assert finding.pod == cause.pod and finding.evidence[1:] == cause.evidence


def test_a_paused_rollout_waits_for_somebody() -> None:
    finding = sure(deployment(spec={"paused": True}))
    assert (finding.code, finding.severity) == ("rollout-paused", Severity.RISK)
    assert "kubectl rollout resume deployment/dummy-worker" in finding.explanation[0]


def test_a_healthy_workload_has_no_finding() -> None:
    assert found(deployment(updatedReplicas=3, availableReplicas=3)) is None


class TestJob:
    @staticmethod
    def job(reason: str, **spec: Any) -> Job:
        failed = condition("Failed", "True", reason, "it failed")
        return decode(Job, {
            "metadata": {"name": "dummy-migrate", "uid": "j1"},
            "spec": spec, "status": {"failed": 1, "conditions": [failed]},
        })  # fmt: skip

    def test_one_that_ran_past_its_deadline(self) -> None:
        finding = sure(self.job("DeadlineExceeded", activeDeadlineSeconds=3600), "Job")
        assert finding.title == "worker was stopped 12 m ago: it ran past its deadline of 60 m"

    def test_one_that_failed_each_time(self) -> None:
        finding = sure(self.job("BackoffLimitExceeded", backoffLimit=2), "Job")
        assert (finding.code, finding.title) == ("job-failed", "worker failed 12 m ago")
        assert finding.explanation == ("Tried 1 of 3 times.",)

    def test_a_cronjob_is_as_its_last_job(self) -> None:
        cron = decode(CronJob, {"metadata": {"name": "dummy-daily"}, "spec": {"schedule": "@daily"}})
        finding = sure(cron, "CronJob", jobs=(self.job("BackoffLimitExceeded"),))
        assert finding.code == "job-failed"


class TestAutoscaler:
    @staticmethod
    def scaler(message: str) -> HorizontalPodAutoscaler:
        blind = condition("ScalingActive", "False", "FailedGetResourceMetric", message)
        return decode(HorizontalPodAutoscaler, {
            "metadata": {"name": "dummy-worker"},
            "spec": {"maxReplicas": 5, "scaleTargetRef": {"kind": "Deployment", "name": "dummy-worker"}},
            "status": {"currentReplicas": 2, "conditions": [blind]},
        })  # fmt: skip

    @pytest.mark.parametrize(
        ("message", "words"),
        [
            ("failed to get cpu utilization: missing request for cpu in container worker", "A container asks for no cpu"),
            ("unable to get metrics for resource cpu: no metrics returned from resource metrics API", "is metrics-server installed?"),
        ],
    )  # fmt: skip
    def test_what_it_cannot_read(self, message: str, words: str) -> None:
        finding = sure(deployment(), autoscaler=self.scaler(message))
        assert (finding.code, finding.severity) == ("autoscaler-blind", Severity.RISK)
        assert words in finding.explanation[0]
        assert "The count stays at 2." in finding.explanation
