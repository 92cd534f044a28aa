"""A container that crashes: the line that proves why, and what that means for its configuration."""

from __future__ import annotations

import pytest

from lain_tui.core.model.finding import EvidenceKind
from lain_tui.core.triage.clues import ClueKind, find_clue
from lain_tui.core.triage.exits import exit_words
from tests.kubeobjects import ago, ended, event, pod, running, waiting
from tests.triage.cases import ENV_FROM, keys, log, shown, why

BACK_OFF = event(
    "BackOff",
    "Back-off restarting failed container worker in pod dummy-worker-7c9f5d4b8-q9f7c_default(uid)",
    count=14,
    seconds=38,
)
TRACEBACK = (
    "worker starting",
    "Traceback (most recent call last):",
    '  File "/lain/app/worker.py", line 12, in <module>',
    '    host = os.environ["MYSQL_HOST"]',
    '  File "<frozen os>", line 685, in __getitem__',
    "KeyError: 'MYSQL_HOST'",
)


def crashed(code: int = 1, reason: str = "", *, restarts: int = 14, **more: object) -> dict[str, object]:
    return waiting(
        "CrashLoopBackOff",
        "back-off 5m0s restarting failed container=worker",
        restartCount=restarts,
        lastState=ended(code, reason, **more),
    )


class TestMissingVariable:
    def test_says_what_is_missing_where_it_was_looked_for_and_offers_to_add_it(self) -> None:
        finding = why(
            pod(crashed(), container=ENV_FROM),
            BACK_OFF,
            tails=(log(*TRACEBACK),),
            secrets={"dummy-env": keys("FOO")},
        )
        assert finding.code == "crash-loop"
        assert finding.title == "worker crashes 2 s after start"
        assert finding.explanation == (
            "exit 1, 14 times in 4 m.  KeyError: 'MYSQL_HOST'",
            "MYSQL_HOST is in none of: Secret dummy-env, values env.",
        )
        add = finding.remedies[0]
        assert (add.text, add.verb) == ("add it to dummy-env", "env.add")
        assert add.arguments == {"secret": "dummy-env", "key": "MYSQL_HOST"}

    def test_shows_the_event_and_the_log_that_prove_it(self) -> None:
        finding = why(pod(crashed(), container=ENV_FROM), BACK_OFF, tails=(log(*TRACEBACK),))
        back_off, *lines = finding.evidence
        assert (back_off.label, back_off.count, back_off.warning) == ("BackOff", 14, True)
        assert [line.text for line in lines] == list(TRACEBACK)
        assert {line.kind for line in lines} == {EvidenceKind.PREVIOUS_LOG}

    def test_a_variable_that_is_there_is_not_offered_again(self) -> None:
        finding = why(
            pod(crashed(), container=ENV_FROM),
            tails=(log(*TRACEBACK),),
            secrets={"dummy-env": keys("MYSQL_HOST")},
        )
        assert "MYSQL_HOST is set in Secret dummy-env" in shown(finding)
        assert all(remedy.verb != "env.add" for remedy in finding.remedies)

    def test_a_secret_that_may_not_be_read_is_said_to_be_so(self) -> None:
        from lain_tui.core.triage.case import Keys

        finding = why(
            pod(crashed(), container=ENV_FROM),
            tails=(log(*TRACEBACK),),
            secrets={"dummy-env": Keys(names=None)},
        )
        assert "you may not look into dummy-env" in shown(finding)


def test_a_pod_that_ends_well_again_and_again_is_told_apart_from_a_crash() -> None:
    finding = why(pod(crashed(0)), tails=(log("all done"),))
    assert finding.code == "ends-at-once"
    assert finding.title == "worker ends by itself 2 s after start and is started again"


def test_an_empty_log_is_said_to_be_empty() -> None:
    assert "It wrote nothing to its log." in why(pod(crashed())).explanation


def test_an_init_container_is_named() -> None:
    finding = why(
        pod(
            waiting("PodInitializing"),
            phase="Pending",
            init=[{**waiting("CrashLoopBackOff", restartCount=3, lastState=ended(2)), "name": "migrate"}],
        ),
        tails=(log("django.db.utils.OperationalError: no such table: users", container="migrate"),),
    )
    assert finding.code == "init-failed"
    assert finding.title == "init container migrate of worker fails 2 s after start"
    assert "OperationalError: no such table" in finding.explanation[0]


def test_a_container_among_several_is_named() -> None:
    finding = why(pod(running(name="web"), {**crashed(), "name": "proxy"}))
    assert finding.title.startswith("container proxy of worker crashes")
    assert finding.container == "proxy"


def test_the_restart_of_a_moment_ago_is_explained_though_the_pod_runs() -> None:
    finding = why(
        pod(running(ago(seconds=30), restartCount=1, lastState=ended(1))), tails=(log("panic: boom"),)
    )
    assert finding.title == "worker crashes 2 s after start"
    assert "panic: boom" in finding.explanation[0]


class TestOutOfMemory:
    def test_names_the_limit_and_what_it_uses_now(self) -> None:
        finding = why(
            pod(
                running(
                    restartCount=3,
                    lastState=ended(137, "OOMKilled", start=ago(minutes=9), end=ago(minutes=2)),
                ),
                container={"resources": {"limits": {"memory": "80Mi"}}},
            ),
            memory=70 * 2**20,
        )
        assert finding.code == "oom-killed"
        assert finding.title == "worker needs more memory than its limit of 80Mi"
        assert finding.explanation[0] == "exit 137, OOM-killed after 7 m, 3 times in 4 m."
        assert finding.explanation[1] == "It uses 70Mi now, 88% of its limit."

    def test_without_a_limit_the_node_was_short(self) -> None:
        finding = why(pod(crashed(137, "OOMKilled")))
        assert finding.title == "worker needs more memory than its limit"
        assert "the node ran out of memory" in shown(finding)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "exit 0"),
        (1, "exit 1"),
        (2, "exit 2"),
        (126, "exit 126, the command is not executable"),
        (127, "exit 127, command not found"),
        (134, "exit 134, aborted (SIGABRT)"),
        (137, "exit 137, killed (SIGKILL)"),
        (139, "exit 139, segmentation fault (SIGSEGV)"),
        (143, "exit 143, ended by SIGTERM"),
        (138, "exit 138, ended by SIGUSR1"),
        (255, "exit 255"),
    ],
)
def test_exit_codes_in_words(code: int, words: str) -> None:
    assert exit_words(code) == words


def test_a_sigkill_for_memory_is_told_from_any_other() -> None:
    assert exit_words(137, reason="OOMKilled") == "exit 137, OOM-killed"
    assert exit_words(0, signal_number=9) == "exit 137, killed (SIGKILL)"


@pytest.mark.parametrize(
    ("line", "kind", "name"),
    [
        ("KeyError: 'MYSQL_HOST'", "missing-env", "MYSQL_HOST"),
        ("django.core.exceptions.ImproperlyConfigured: Set the SECRET_KEY environment variable", "missing-env", "SECRET_KEY"),
        ("decouple.UndefinedValueError: DATABASE_URL not found. Declare it as envvar", "missing-env", "DATABASE_URL"),
        ("Error: Environment variable REDIS_URL is not set", "missing-env", "REDIS_URL"),
        ("Error: Missing required environment variable: API_TOKEN", "missing-env", "API_TOKEN"),
        ("Missing required env var STRIPE_KEY", "missing-env", "STRIPE_KEY"),
        ("DB_PASSWORD is not set", "missing-env", "DB_PASSWORD"),
        ("config error: JWT_SECRET must be set", "missing-env", "JWT_SECRET"),
        ("panic: required key DB_HOST missing value", "missing-env", "DB_HOST"),
        ('2025/03/04 12:00:00 env: required environment variable "PG_DSN" is not set', "missing-env", "PG_DSN"),
        ("Caused by: Could not resolve placeholder 'spring.datasource.url' in value", "missing-env", "spring.datasource.url"),
        ("/entry.sh: line 3: APP_MODE: unbound variable", "missing-env", "APP_MODE"),
        ("/entry.sh: 3: QUEUE_NAME: parameter not set", "missing-env", "QUEUE_NAME"),
        ('KeyError: key not found: "RAILS_MASTER_KEY"', "missing-env", "RAILS_MASTER_KEY"),
        ('(System.EnvError) could not fetch environment variable "POOL_SIZE" because it is not set', "missing-env", "POOL_SIZE"),
        ("\x1b[31mFATAL\x1b[0m missing env \x1b[1mSENTRY_DSN\x1b[0m", "missing-env", "SENTRY_DSN"),
        ("ModuleNotFoundError: No module named 'celery'", "missing-module", "celery"),
        ("Error: Cannot find module 'express'", "missing-module", "express"),
        ("java.lang.ClassNotFoundException: com.example.Main", "missing-module", "com.example.Main"),
        ("PermissionError: [Errno 13] Permission denied: '/lain/logs/a.log'", "permission-denied", "/lain/logs/a.log"),
        ("Error: EACCES: permission denied, mkdir '/app/cache'", "permission-denied", "/app/cache"),
        ("open /data/db: permission denied", "permission-denied", "/data/db"),
        ("OSError: [Errno 98] Address already in use", "port-in-use", ""),
        ("Error: listen EADDRINUSE: address already in use :::8080", "port-in-use", "8080"),
        ("Error: connect ECONNREFUSED 10.0.0.9:6379", "service-unreachable", "10.0.0.9:6379"),
        ("dial tcp 10.96.3.4:3306: connect: connection refused", "service-unreachable", "10.96.3.4:3306"),
        ("Error: getaddrinfo ENOTFOUND mysql.internal", "host-unknown", "mysql.internal"),
        ("lookup mysql.internal on 10.96.0.10:53: no such host", "host-unknown", "mysql.internal"),
        ("ERROR 1045 (28000): Access denied for user 'dummy'@'10.0.0.1'", "login-refused", "dummy"),
        ("FileNotFoundError: [Errno 2] No such file or directory: '/lain/app/conf.yml'", "missing-file", "/lain/app/conf.yml"),
        ("python: can't open file '/lain/app/wrk.py': [Errno 2] No such file or directory", "missing-file", "/lain/app/wrk.py"),
        ("java.lang.OutOfMemoryError: Java heap space", "out-of-memory", ""),
        ("OSError: [Errno 28] No space left on device", "disk-full", ""),
        ("ValueError: invalid literal for int() with base 10: 'x'", "exception", ""),
        ("thread 'main' panicked at src/main.rs:3:5:", "exception", ""),
        ("panic: runtime error: index out of range [3] with length 3", "exception", ""),
    ],
)  # fmt: skip
def test_the_telling_line_of_each_language(line: str, kind: str, name: str) -> None:
    clue = find_clue(["starting up", line])
    assert clue is not None
    assert (clue.kind.value, clue.name, clue.index) == (kind, name, 1)


@pytest.mark.parametrize(
    "line",
    [
        "INFO: listening on 0.0.0.0:8080",
        "GET /healthz 200",
        "KeyError: 'user'",
        "loaded settings from ENV",
        "HTTP is required",
        "ERROR is not set",
        "a warning: 3 items missing",
    ],
)
def test_ordinary_lines_are_no_missing_variables(line: str) -> None:
    clue = find_clue([line])
    assert clue is None or clue.kind is not ClueKind.MISSING_ENV


def test_the_cause_outweighs_the_exception_it_was_wrapped_in() -> None:
    clue = find_clue(
        ["KeyError: 'MYSQL_HOST'", "", "The above exception was …", "RuntimeError: cannot start"]
    )
    assert clue is not None and clue.name == "MYSQL_HOST"


def test_a_log_cannot_write_to_the_terminal() -> None:
    finding = why(pod(crashed()), tails=(log("\x1b]0;owned\x07RuntimeError: \x1b[2J\u202eboom"),))
    text = shown(finding) + "".join(line.text for line in finding.evidence)
    assert "RuntimeError" in text
    assert not any(unsafe in text for unsafe in ("\x1b", "\x07", "\u202e"))


def test_a_huge_line_is_searched_quickly() -> None:
    import time

    start = time.process_time()
    find_clue(["A_" * 500_000, "missing " * 200_000, "/" * 1_000_000])
    assert time.process_time() - start < 1.0
