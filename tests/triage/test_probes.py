"""A container that runs and does not answer as its probe wants, or was ended for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kubeobjects import ago, ended, event, pod, running
from tests.triage.cases import log, why

HTTP = {"httpGet": {"path": "/healthz", "port": 8080}}
DECLARED = {"ports": [{"containerPort": 8080, "name": "http"}]}


def unready(**more: Any) -> dict[str, Any]:
    return running(since=ago(minutes=3), **{"ready": False, **more})


def failed(kind: str, answer: str, *, count: int = 12) -> Any:
    return event("Unhealthy", f"{kind} probe failed: {answer}", count=count)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("HTTP probe failed with statuscode: 500", "/healthz answers 500"),
        ('Get "http://10.0.0.7:8080/healthz": dial tcp 10.0.0.7:8080: connect: connection refused',
         "nothing listens on the probe's port"),
        ('Get "http://10.0.0.7:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
         "no answer in time"),
        ('Get "https://10.0.0.7:8080/healthz": http: server gave HTTP response to HTTPS client', "http and https are mixed up"),
        ('Get "http://10.0.0.7:8080/healthz": read tcp 10.0.0.1:3->10.0.0.7:8080: read: connection reset by peer',
         "the connection is cut"),
    ],
)  # fmt: skip
def test_readiness_says_what_it_asked_and_what_came_back(answer: str, words: str) -> None:
    finding = why(pod(unready(), container={"readinessProbe": HTTP, **DECLARED}), failed("Readiness", answer))
    assert (finding.code, finding.title) == ("readiness-probe", f"worker is not ready: {words}")
    assert (
        finding.explanation[0] == "The readiness probe asks GET /healthz on port 8080, and failed 12 times."
    )
    assert "Nothing is sent to it until it is ready." in finding.explanation


def test_a_probe_at_a_port_that_the_container_does_not_have_is_said_to_be_so() -> None:
    container = {"readinessProbe": {"httpGet": {"path": "/", "port": 80}}, **DECLARED}
    finding = why(pod(unready(), container=container), failed("Readiness", "connection refused"))
    assert "The probe asks port 80, but containerPort is 8080." in finding.explanation


def test_a_port_by_name_is_looked_up() -> None:
    container = {"readinessProbe": {"tcpSocket": {"port": "http"}}, **DECLARED}
    finding = why(pod(unready(), container=container), failed("Readiness", "connection refused"))
    assert "asks for a connection on port 8080" in finding.explanation[0]


def test_a_time_out_names_the_time_it_has() -> None:
    container = {"readinessProbe": {**HTTP, "timeoutSeconds": 1}}
    finding = why(pod(unready(), container=container), failed("Readiness", "context deadline exceeded"))
    assert "It may take 1 second (timeoutSeconds)." in finding.explanation


def test_a_command_that_fails_shows_what_it_printed() -> None:
    container = {"readinessProbe": {"exec": {"command": ["pg_isready", "-U", "app"]}}}
    finding = why(pod(unready(), container=container), failed("Readiness", "no response"))
    assert finding.title == "worker is not ready: its check command fails: no response"
    assert "asks `pg_isready -U app`" in finding.explanation[0]


class TestLiveness:
    def test_before_it_is_ended_the_restart_is_foretold(self) -> None:
        container = {"livenessProbe": HTTP, **DECLARED}
        finding = why(
            pod(unready(), container=container), failed("Liveness", "HTTP probe failed with statuscode: 503")
        )
        assert (finding.code, finding.title) == (
            "liveness-probe",
            "worker will be restarted: /healthz answers 503",
        )

    def test_what_was_ended_for_it_is_no_crash(self) -> None:
        end = ended(137, "Error", start=ago(seconds=90), end=ago(seconds=30))
        state = running(since=ago(seconds=20), ready=False, restartCount=6, lastState=end)
        finding = why(
            pod(state, container={"livenessProbe": HTTP, **DECLARED}),
            failed("Liveness", "HTTP probe failed with statuscode: 503"),
            event(
                "Killing",
                "Container worker failed liveness probe, will be restarted",
                seconds=31,
                warning=False,
            ),
            tails=(log("GET /healthz 503"),),
        )
        assert finding.code == "liveness-probe"
        assert finding.title == "worker is restarted again and again: /healthz answers 503"
        assert finding.remedies[0].verb == "logs"


def test_startup_says_that_it_does_not_come_up_in_time() -> None:
    container = {"startupProbe": HTTP, **DECLARED}
    finding = why(
        pod(unready(started=False), container=container),
        failed("Startup", "HTTP probe failed with statuscode: 404"),
    )
    assert (finding.code, finding.title) == (
        "startup-probe",
        "worker does not come up in time: /healthz answers 404",
    )


def test_when_the_events_are_gone_the_probe_is_still_named() -> None:
    finding = why(pod(unready(), container={"readinessProbe": HTTP, **DECLARED}))
    assert (finding.code, finding.title) == ("not-ready", "worker runs for 3 m, and is not ready")
    assert finding.explanation[0] == "Its readiness probe asks GET /healthz on port 8080."
    assert "No event tells what it answered." in finding.explanation
