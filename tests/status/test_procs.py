"""An app's objects as procs with their pods: what the table shows."""

from __future__ import annotations

from datetime import timedelta

from lain_tui.core.model.status import ProcRow, ReleaseHead, Severity
from lain_tui.core.status.view import Objects, ProcBoard
from tests.kubeobjects import NOW, ago, ended, running, waiting
from tests.status.workloads import (
    IMAGE,
    autoscaler,
    cron,
    deployment,
    job,
    pod,
    replica_set,
    stateful_set,
)

OF_WEB = ("ReplicaSet", "dummy-web-1")


def procs(head: ReleaseHead | None = None, **objects: object) -> dict[str, ProcRow]:
    """The procs by name."""
    rows = ProcBoard("dummy").procs(Objects(**objects), NOW, head=head)  # type: ignore[arg-type]
    return {row.name: row for row in rows}


def release(tag: str) -> ReleaseHead:
    return ReleaseHead(name="dummy", revision=3, status="deployed", image_tag=tag)


class TestGrouping:
    def test_pods_stand_under_the_workload_that_made_them(self) -> None:
        rows = procs(
            deployments=[deployment(desired=1)],
            stateful_sets=[stateful_set()],
            replica_sets=[replica_set("dummy-web-1")],
            pods=[
                pod(running(), owner=OF_WEB, name="dummy-web-1-aaaaa"),
                pod(running(), owner=("StatefulSet", "dummy-db"), name="dummy-db-0"),
            ],
        )
        assert {name: [one.name for one in row.pods] for name, row in rows.items()} == {
            "db": ["dummy-db-0"],
            "web": ["dummy-web-1-aaaaa"],
        }

    def test_without_the_right_to_read_replica_sets_their_name_tells(self) -> None:
        labels = {"labels": {"pod-template-hash": "1"}}
        one = pod(running(), owner=OF_WEB, name="dummy-web-1-aaaaa", metadata=labels)
        assert [one.name for one in procs(deployments=[deployment(desired=1)], pods=[one])["web"].pods] == [
            "dummy-web-1-aaaaa"
        ]

    def test_a_pod_that_nobody_made_stands_alone(self) -> None:
        rows = procs(pods=[pod(running(), owner=None, name="dummy-shell")])
        assert (rows["shell"].kind, rows["shell"].summary) == ("Pod", "pod by itself, 1 of 1 ready")

    def test_what_serves_comes_first_then_crons_jobs_and_lone_pods(self) -> None:
        rows = procs(
            deployments=[deployment("dummy-web"), deployment("dummy-api")], cron_jobs=[cron()], jobs=[job()],
            pods=[pod(running(), owner=None, name="dummy-a-shell")],
        )  # fmt: skip
        assert list(rows) == ["api", "web", "daily", "migrate", "a-shell"]

    def test_an_autoscaler_tells_its_range(self) -> None:
        assert procs(deployments=[deployment()], autoscalers=[autoscaler()])["web"].hpa == (2, 10)


class TestDrift:
    def test_an_image_set_by_hand_differs_from_the_releases(self) -> None:
        row = procs(release("v1"), deployments=[deployment(image="registry.example.com/dummy:v2")])["web"]
        assert (row.drift, row.severity) == ("runs v2, the release has v1", Severity.RISK)

    def test_an_old_pod_is_being_replaced_while_the_rollout_goes_on(self) -> None:
        old = pod(
            running(),
            owner=OF_WEB,
            name="dummy-web-1-aaaaa",
            container={"image": "registry.example.com/dummy:v1"},
        )
        rows = procs(
            deployments=[deployment(image="registry.example.com/dummy:v2", updated=1, total=4)],
            replica_sets=[replica_set("dummy-web-1", revision=1), replica_set("dummy-web-2", revision=2)],
            pods=[old],
        )
        shown = rows["web"].pods[0]
        assert shown.drift == "old image, being replaced by v2" and shown.outdated

    def test_a_registry_under_another_address_is_no_drift(self) -> None:
        mirrored = pod(running(), owner=OF_WEB, name="dummy-web-1-aaaaa",
                       container={"image": IMAGE.replace("registry.example.com", "mirror.internal:5000")})  # fmt: skip
        rows = procs(deployments=[deployment()], replica_sets=[replica_set("dummy-web-1")], pods=[mirrored])
        assert rows["web"].pods[0].drift == ""


class TestSeverity:
    def test_the_worst_pod_is_the_procs(self) -> None:
        rows = procs(
            deployments=[deployment()],
            replica_sets=[replica_set("dummy-web-1")],
            pods=[
                pod(running(), owner=OF_WEB, name="dummy-web-1-aaaaa"),
                pod(waiting("CrashLoopBackOff", restartCount=4, lastState=ended(137, "OOMKilled")), owner=OF_WEB, name="dummy-web-1-bbbbb"),
            ],
        )  # fmt: skip
        assert rows["web"].severity is Severity.BROKEN
        assert [one.severity for one in rows["web"].pods] == [Severity.OK, Severity.BROKEN]
        assert (rows["web"].pods[1].state, rows["web"].pods[1].detail) == (
            "CrashLoopBackOff",
            "exit 137, OOM-killed",
        )

    def test_a_pod_that_has_only_begun_gets_time(self) -> None:
        young = pod(waiting("ContainerCreating"), owner=None, name="dummy-a", phase="Pending",
                    metadata={"creationTimestamp": ago(seconds=20)})  # fmt: skip
        board = ProcBoard("dummy")
        assert board.procs(Objects(pods=[young]), NOW)[0].pods[0].severity is Severity.PROGRESS
        assert board.changes_at is not None and board.changes_at > NOW
        later = board.procs(Objects(pods=[young]), NOW + timedelta(minutes=3))
        assert later[0].pods[0].severity is Severity.BROKEN

    def test_a_recent_restart_is_a_risk_for_a_while(self) -> None:
        once = running(restartCount=1, lastState=ended(1, end=ago(minutes=2)))
        shown = procs(pods=[pod(once, owner=None, name="dummy-a")])["a"].pods[0]
        assert (shown.severity, shown.restarts) == (Severity.RISK, 1)

    def test_evicted_records_are_counted_apart_and_are_no_fault(self) -> None:
        gone = pod(owner=OF_WEB, name="dummy-web-1-gone", phase="Failed",
                   status={"reason": "Evicted", "message": "The node was low on resource: memory."})  # fmt: skip
        row = procs(deployments=[deployment()], replica_sets=[replica_set("dummy-web-1")], pods=[gone])["web"]
        assert (row.severity, row.pods, len(row.evicted)) == (Severity.OK, (), 1)
        assert row.summary == "3 of 3, up to date · 1 evicted pod left over"


class TestJobs:
    @staticmethod
    def failed(**more: object) -> dict[str, object]:
        return {
            "conditions": [{"type": "Failed", "status": "True", "lastTransitionTime": ago(minutes=5), **more}]
        }

    def test_one_that_runs_is_done_or_has_failed(self) -> None:
        assert procs(jobs=[job(active=1, startTime=ago(minutes=3))])["migrate"].summary == "running for 3 m"
        done = job(succeeded=1, startTime=ago(minutes=9), completionTime=ago(minutes=8))
        assert (procs(jobs=[done])["migrate"].summary, procs(jobs=[done])["migrate"].severity) == (
            "done 8 m ago, took 1 m",
            Severity.DONE,
        )
        late = procs(jobs=[job(**self.failed(reason="DeadlineExceeded"))])["migrate"]
        assert (late.summary, late.severity) == ("failed 5 m ago, past its deadline", Severity.BROKEN)

    def test_a_cronjob_tells_its_last_and_its_next_run(self) -> None:
        ran = job(
            "dummy-daily-1", owner="dummy-daily", startTime=ago(hours=9), completionTime=ago(hours=8.75)
        )
        row = procs(cron_jobs=[cron()], jobs=[ran])["daily"]
        assert row.cron is not None and row.severity is Severity.OK
        assert row.cron.last_duration == 900
        assert row.cron.next_run == NOW.replace(hour=17)

    def test_a_cronjob_whose_last_run_failed_needs_somebody(self) -> None:
        ran = job("dummy-daily-1", owner="dummy-daily", **self.failed(reason="BackoffLimitExceeded"))
        row = procs(cron_jobs=[cron()], jobs=[ran])["daily"]
        assert (row.summary, row.severity) == ("last run failed 5 m ago, no more tries", Severity.BROKEN)

    def test_a_failed_try_of_a_job_that_got_done_is_history(self) -> None:
        done = job(succeeded=1, failed=1, startTime=ago(minutes=9), completionTime=ago(minutes=8))
        first = pod(ended_state(1), owner=("Job", "dummy-migrate"), name="dummy-migrate-a", phase="Failed")
        assert procs(jobs=[done], pods=[first])["migrate"].pods[0].severity is Severity.DONE

    def test_a_schedule_that_is_not_understood_is_said_to_be_so(self) -> None:
        row = procs(cron_jobs=[cron(schedule="at noon")])["daily"]
        assert (row.summary, row.severity) == ("schedule not understood: at noon", Severity.RISK)

    def test_a_suspended_cronjob_has_no_next_run(self) -> None:
        row = procs(cron_jobs=[cron(suspend=True)])["daily"]
        assert row.cron is not None and row.cron.suspended and row.cron.next_run is None


def ended_state(code: int) -> dict[str, object]:
    return {"state": ended(code), "ready": False}


def test_names_from_the_cluster_cannot_steer_the_terminal() -> None:
    row = procs(
        deployments=[deployment("dummy-\x1b[31mred")],
        pods=[pod(running(), owner=None, name="dummy-\x1b]0;x\x07")],
    )
    assert not any("\x1b" in text for one in row.values() for text in (one.name, one.resource))
    assert not any("\x1b" in one.name for proc in row.values() for one in proc.pods)
