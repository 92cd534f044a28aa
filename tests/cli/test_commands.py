"""What the commands print, as text and as JSON."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lain_tui.cli.status_report import Report, document_of, report_lines
from lain_tui.core.insight.links import Shortcut
from lain_tui.core.model.finding import Evidence, EvidenceKind, Finding, Remedy
from lain_tui.core.model.status import (
    CronRow,
    Gap,
    Link,
    PodRow,
    ProcRow,
    ReleaseHead,
    Severity,
    StatusView,
    UrlRow,
    Usage,
)
from tests.cli.conftest import Done, Program
from tests.embedded import EmbeddedCluster


def document(done: Done, kind: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(done.stdout)
    assert (body["apiVersion"], body["kind"]) == ("lain-tui/v1", kind)
    return body


# -- values


@pytest.fixture
def layered(program: Program) -> Program:
    (program.chart / "values.yaml").write_text(
        "appname: dummy\nenv:\n  DEBUG: off\n  WORKERS: 1_000\nprepare: {a: 1}\n"
    )
    (program.chart / "values-test.yaml").write_text("env:\n  WORKERS: 4\nprepare:\n")
    return program


def test_values_are_those_of_helms_templates(layered: Program) -> None:
    done = layered("--cluster", "test", "values")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "appname: dummy\nenv:\n  DEBUG: false\n  WORKERS: 4\n"


def test_values_with_their_origins(layered: Program) -> None:
    done = layered("--cluster", "test", "values", "--provenance")
    assert done.stdout == (
        "appname: dummy  # values.yaml:1\n"
        "env:\n"
        "  DEBUG: false  # values.yaml:3\n"
        "  WORKERS: 4    # values-test.yaml:2, over values.yaml:4 (1000)\n"
    )


def test_values_as_json(layered: Program) -> None:
    body = document(layered("--cluster", "test", "values", "--provenance", "-o", "json"), "Values")
    chart = str(layered.chart / "values.yaml")
    assert body["files"] == [chart, str(layered.chart / "values-test.yaml")]
    assert body["values"]["env"] == {"DEBUG": False, "WORKERS": 4}
    assert body["provenance"][-1] == {
        "path": ["env", "WORKERS"],
        "file": str(layered.chart / "values-test.yaml"),
        "line": 2,
        "value": 4,
        "overrode": [{"file": chart, "line": 4, "value": 1000}],
    }


def test_extra_values_come_last(layered: Program, tmp_path: Path) -> None:
    extra = tmp_path / "extra.yaml"
    extra.write_text("env: {WORKERS: 8}\n")
    assert "WORKERS: 8" in layered("--values", str(extra), "values").stdout


def test_broken_values_are_told_with_their_line(layered: Program) -> None:
    (layered.chart / "values.yaml").write_text("a: 1\n\tb: 2\n")
    done = layered("values")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"lain-tui: {layered.chart}/values.yaml:2: broken YAML")
    assert done.stderr.count("\n") == 1


def test_a_repeated_value_is_refused(layered: Program) -> None:
    (layered.chart / "values-test.yaml").write_text("appname: dummy\n")
    done = layered("--cluster", "test", "values")
    assert done.returncode == 1 and "appname only repeats" in done.stderr


# -- use


def test_use_lists_and_switches(program: Program, tmp_path: Path) -> None:
    values = tmp_path / "cluster-values"
    values.mkdir()
    (values / "values-test.yaml").write_text("extra_docs: Ask in the ops channel.\nnamespace: team\n")
    (values / "values-later.yaml").write_text("domain: x\n")
    program.kubeconfig("kubeconfig-test")
    program.kubeconfig("kubeconfig-prod")
    assert program("use").stdout == (
        "  later  (no ~/.kube/kubeconfig-later: ask its administrator)\n  prod\n  test\n"
    )
    done = program("use", "test", "--set-context")
    assert done.returncode == 0
    assert "* test\n    Ask in the ops channel.\n" in done.stdout
    assert done.stderr == "context here: namespace team\n"
    assert "namespace: team" in (program.home / ".kube" / "config").read_text()
    body = document(program("use", "-o", "json"), "Clusters")
    assert [(row["name"], row["current"]) for row in body["clusters"]] == [
        ("later", False),
        ("prod", False),
        ("test", True),
    ]


def test_use_of_an_unknown_cluster(program: Program) -> None:
    program.kubeconfig("kubeconfig-test")
    done = program("use", "tset")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "lain-tui: there is no cluster 'tset'. Did you mean 'test'? Known clusters: test.\n"


def test_use_is_refused_when_read_only(program: Program) -> None:
    program.kubeconfig("kubeconfig-test")
    assert program("--read-only", "use", "test").returncode == 4
    assert not (program.home / ".kube" / "config").exists()


# -- apps


def test_apps_of_the_demo(program: Program, demo: Path) -> None:
    done = program("--kubeconfig", str(demo), "apps")
    header, *rows = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert header.split() == ["APP", "RELEASE", "REVISION", "STATUS", "UPDATED", "IMAGE", "TAG", "PROCS"]
    assert [row.split()[:4] for row in rows] == [
        ["dummy", "dummy", "5", "deployed"],
        ["hello", "hello", "1", "deployed"],
    ]
    body = document(program("--kubeconfig", str(demo), "apps", "-o", "json"), "Apps")
    assert [app["name"] for app in body["apps"]] == ["dummy", "hello"]
    assert "dummy-web" in body["apps"][0]["procs"]


def test_no_apps_there(program: Program, demo: Path) -> None:
    done = program("--kubeconfig", str(demo), "-n", "nobody", "apps")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "There are no apps in namespace nobody of demo.\n"
    assert program("--kubeconfig", str(demo), "-n", "nobody", "--quiet", "apps").stderr == ""


def test_verbose_tells_of_requests_on_standard_error(program: Program, demo: Path) -> None:
    done = program("--verbose", "--kubeconfig", str(demo), "apps")
    assert "/apis/apps/v1/namespaces/default/deployments" in done.stderr
    assert "GET" not in done.stdout


# -- status, the printed form


NOW = datetime(2026, 3, 5, 8, 4, 35, tzinfo=UTC)


def pod(name: str, **changes: Any) -> PodRow:
    row: dict[str, Any] = {
        "uid": name,
        "name": name,
        "namespace": "default",
        "proc": "web",
        "ready": 1,
        "containers": 1,
    }
    return PodRow(
        **{**row, "state": "Running", "created": NOW - timedelta(hours=3), "node": "node-1", **changes}
    )


def picture(**changes: Any) -> Report:
    crash = pod(
        "dummy-worker-q9f7c",
        ready=0,
        state="CrashLoopBackOff",
        detail="exit 1",
        restarts=14,
        last_restart=NOW - timedelta(seconds=38),
        severity=Severity.BROKEN,
    )
    running = pod(
        "dummy-web-x2kqp", cpu=Usage(used=12, limit=1000), memory=Usage(used=61 * 2**20, limit=80 * 2**20)
    )
    view = StatusView(
        app="dummy",
        cluster="prod",
        namespace="default",
        release=ReleaseHead(
            name="dummy",
            revision=15,
            status="deployed",
            updated=NOW - timedelta(hours=3),
            image_tag="1634699031-1176",
            user="timfei",
            subject="fix login",
        ),
        procs=(
            ProcRow(
                name="web",
                kind="Deployment",
                resource="dummy-web",
                summary="1 of 1, up to date",
                pods=(running,),
            ),
            ProcRow(
                name="worker",
                kind="Deployment",
                resource="dummy-worker",
                summary="0 of 1",
                severity=Severity.BROKEN,
                pods=(crash,),
            ),
            ProcRow(
                name="daily",
                kind="CronJob",
                resource="dummy-daily",
                cron=CronRow(
                    schedule="0 17 * * *",
                    last_successful=NOW - timedelta(hours=9),
                    next_run=NOW + timedelta(hours=15),
                ),
            ),
        ),
        urls=(
            UrlRow(url="http://dummy.info/", severity=Severity.OK, status=200, latency=0.034),
            UrlRow(
                url="https://dummy.example.com/",
                severity=Severity.BROKEN,
                cause="certificate expired 2 d ago",
            ),
        ),
        gaps=(Gap(pane="metrics", reason="this cluster does not serve nodes"),),
        link=Link(live=True),
        synced=True,
    )
    finding = Finding(
        code="crash-loop",
        title="worker crashes 2 s after start",
        explanation=("exit 1, 14 times",),
        evidence=(Evidence(kind=EvidenceKind.PREVIOUS_LOG, text="KeyError: \x1b[1mMYSQL_HOST"),),
        remedies=(Remedy(text="add MYSQL_HOST to dummy-env", verb="env.add"),),
    )
    return Report(
        **{
            "view": view,
            "findings": (finding,),
            "now": NOW,
            "links": (
                Shortcut(name="Kibana", url="http://k"),
                Shortcut(name="Grafana", missing="Grafana needs `grafana_url`"),
            ),
            **changes,
        }
    )


def test_status_as_text() -> None:
    assert [line for line, _ in report_lines(picture())] == [
        "dummy on prod, namespace default",
        'release dummy, revision 15 deployed 3 h ago by timfei: 1634699031-1176 "fix login"',
        "no metrics: this cluster does not serve nodes",
        "",
        "PROC / POD              READY  STATE                     RESTARTS       AGE  CPU        MEMORY     NODE",
        "  web: 1 of 1, up to date",
        "    dummy-web-x2kqp     1/1    Running                   0              3 h  12m/1000m  61Mi/80Mi  node-1",
        "x worker: 0 of 1",
        "x   dummy-worker-q9f7c  0/1    CrashLoopBackOff, exit 1  14 (38 s ago)  3 h                        node-1",
        "  daily: CronJob 0 17 * * *; last ok 9 h ago; next in 15 h",
        "",
        "x worker crashes 2 s after start",
        "    exit 1, 14 times",
        "    previous log  KeyError: ␛[1mMYSQL_HOST",
        "    → add MYSQL_HOST to dummy-env",
        "",
        "  http://dummy.info/          200  34 ms",
        "x https://dummy.example.com/  certificate expired 2 d ago",
        "",
        "Kibana: http://k",
        "Grafana needs `grafana_url`",
    ]


def test_status_as_json() -> None:
    body = document_of(picture()).as_builtins()
    assert (body["app"], body["severity"], body["release"]["imageTag"]) == (
        "dummy",
        "broken",
        "1634699031-1176",
    )
    assert body["procs"][1]["pods"][0]["lastRestart"] == msgspec.to_builtins(NOW - timedelta(seconds=38))
    assert body["findings"][0]["code"] == "crash-loop"
    assert body["urls"][0] == {
        "url": "http://dummy.info/",
        "severity": "ok",
        "status": 200,
        "latency": 0.034,
        "cause": "",
        "redirect": "",
        "expires": None,
        "checked": None,
        "ingress": "",
        "namespace": "",
    }


def test_of_many_pods_only_those_that_need_a_look_are_listed() -> None:
    pods = tuple(
        pod(f"web-{number}", severity=Severity.BROKEN if number == 7 else Severity.OK) for number in range(40)
    )
    proc = ProcRow(
        name="web", kind="Deployment", resource="web", summary="39 of 40", pods=pods, severity=Severity.BROKEN
    )
    view = StatusView(app="a", cluster="c", namespace="n", procs=(proc,), link=Link(live=True), synced=True)
    lines = [line for line, _ in report_lines(Report(view=view, now=NOW))]
    assert [line.split()[1] for line in lines if "Running" in line] == ["web-7"]
    assert lines[-1] == "  … and 39 more that are well"


def test_an_app_with_nothing_in_the_cluster_is_broken() -> None:
    view = StatusView(app="a", cluster="c", namespace="n", link=Link(live=True), synced=True)
    report = Report(view=view, now=NOW)
    assert report.is_broken
    assert "nothing of a is in the cluster" in [line for line, _ in report_lines(report)]


# -- status, of a cluster


def test_status_of_the_demo_is_3_and_says_why(program: Program, demo: Path) -> None:
    done = program("--kubeconfig", str(demo), "--app", "dummy", "status", "--once")
    assert (done.returncode, done.stderr) == (3, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "dummy on demo, namespace default"
    assert any(line.startswith("x worker: 0 of 1") for line in lines)
    assert any("KeyError: 'MYSQL_HOST'" in line for line in lines)
    assert any("http://dummy.localhost" in line and "  200  " in line for line in lines)
    assert "\x1b" not in done.stdout


def test_each_remedy_of_the_demo_is_a_command_that_is_there(program: Program, demo: Path) -> None:
    done = program("--kubeconfig", str(demo), "--app", "dummy", "status", "--once")
    told = [line.partition(": lain-tui ")[2].split() for line in done.stdout.splitlines() if "    → " in line]
    assert ["env", "set", "MYSQL_HOST=-"] in told
    assert any(words[0] == "logs" and words[-1] == "--previous" for words in told)
    for words in told:
        assert program(words[0], "--help").returncode == 0


def test_status_of_a_healthy_app_is_0(program: Program, demo: Path) -> None:
    done = program("--kubeconfig", str(demo), "--app", "hello", "status", "--once")
    assert (done.returncode, done.stderr) == (0, "")


def test_status_as_json_with_links(program: Program, demo: Path) -> None:
    done = program("--kubeconfig", str(demo), "--app", "dummy", "status", "-s", "-o", "json")
    body = document(done, "Status")
    assert done.returncode == 3
    assert (body["severity"], body["live"], body["release"]["revision"]) == ("broken", True, 5)
    assert {proc["name"] for proc in body["procs"]} >= {"web", "worker", "daily"}
    (finding,) = [finding for finding in body["findings"] if finding["pod"].startswith("dummy-worker")]
    assert finding["evidence"], "the logs are waited for"
    assert all(url["checked"] for url in body["urls"])
    assert {link["name"] for link in body["links"]} == {"Kibana", "Grafana"}


def test_status_needs_an_app(program: Program, demo: Path) -> None:
    done = program("--kubeconfig", str(demo), "status")
    assert done.returncode == 1 and "Name it with --app" in done.stderr


def test_status_of_a_cluster_that_is_away(program: Program) -> None:
    program.kubeconfig("config")
    done = program("--app", "dummy", "status", "--once")
    assert (done.returncode, done.stdout) == (1, "")
    assert "refuses the connection" in done.stderr


# -- config


def test_config_shows_where_each_setting_was_said(program: Program) -> None:
    folder = program.home / ".config" / "lain-tui"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text("logs: {lines: 5000}\n")
    done = program("config", "show", "--origin", "--read-only", LAIN_TUI_THEME="nord")
    assert done.returncode == 0
    assert f"  lines: 5000  # {folder}/config.yaml:1\n" in done.stdout
    assert "theme: nord  # $LAIN_TUI_THEME\n" in done.stdout
    assert "read_only: true  # --read-only\n" in done.stdout
    assert program("config", "path").stdout == f"{folder}/config.yaml\n"


def test_what_config_shows_is_a_file_of_settings(program: Program) -> None:
    folder = program.home / ".config" / "lain-tui"
    folder.mkdir(parents=True)
    shown = program("config", "show", "--about").stdout
    (folder / "config.yaml").write_text(shown)
    assert program("config", "show", "--about").stdout == shown
    body = document(program("config", "show", "-o", "json"), "Settings")
    assert {setting["origin"] == "default" for setting in body["settings"]} == {False}


def test_admin_status_tells_the_cluster_as_a_whole(program: Program, demo: Path) -> None:
    # For two seconds in five minutes the worker runs, before it crashes again.
    crashing, deadline = "x default/dummy  CrashLoopBackOff, exit 1", time.monotonic() + 60
    while True:
        done = program("--kubeconfig", str(demo), "admin", "status")
        assert (done.returncode, done.stderr) == (3, "")
        if crashing in done.stdout.splitlines():
            break
        assert time.monotonic() < deadline, done.stdout
    body = document(
        program("--kubeconfig", str(demo), "admin", "list-unused-ingress", "-o", "json"), "Problems"
    )
    assert [one["title"] for one in body["problems"]] == ["service dummy-admin does not exist"]


def test_admin_never_calls_empty_what_may_not_be_seen(program: Program) -> None:
    with EmbeddedCluster() as cluster:
        admin = ("--kubeconfig", str(cluster.kubeconfig), "admin")
        cluster.fault(action="status", code=403, namespace="-")
        for listing, kind in (("list-singletons", "deployments"), ("list-unused-ingress", "ingresses")):
            done = program(*admin, listing)
            assert (done.returncode, done.stdout) == (1, "")
            assert f"you may not list {kind} in the whole cluster" in done.stderr
            assert f"kubectl auth can-i list {kind} -A" in done.stderr
        done = program(*admin, "status")
        assert " in namespace default, " in done.stdout
        assert "no namespace but default: you may not list pods, " in done.stderr
        cluster.fault(action="status", code=403, resource="pods")
        done = program(*admin, "status")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("lain-tui: you may not list pods in namespace default")


def test_admin_deletes_only_after_a_plan(program: Program, demo: Path) -> None:
    planned = program("--kubeconfig", str(demo), "admin", "delete-bad-ing", "--dry-run")
    assert planned.returncode == 0 and "delete Ingress default/dummy-dummy-admin" in planned.stderr
    assert "Helm made dummy-dummy-admin-localhost: made again by the next deploy." in planned.stderr
    refused = program("--kubeconfig", str(demo), "--read-only", "admin", "delete-bad-ing")
    assert refused.returncode == 4 and "read-only: delete is off" in refused.stderr
    nothing = program("--kubeconfig", str(demo), "admin", "delete-bad-pod")
    assert nothing.returncode == 0 and "Nothing to delete: no pod has failed." in nothing.stderr
