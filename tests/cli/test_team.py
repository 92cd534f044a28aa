"""Merge requests and messages from CI: exit codes, and what goes to which stream."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.cli.conftest import Program
from tests.forge.gitlab_server import PROJECT, TOKEN, GitLabServer, user


@pytest.fixture
def gitlab() -> Iterator[GitLabServer]:
    with GitLabServer() as server:
        yield server


def test_assign_mr_in_gitlabs_ci(program: Program, gitlab: GitLabServer) -> None:
    env = {"CI": "true", "CI_SERVER_URL": gitlab.url, "GITLAB_API_TOKEN": TOKEN}
    done = program("assign-mr", PROJECT, "3", **env)
    assert (done.returncode, done.stderr) == (0, "")
    assert {line.partition(": ")[2] for line in done.stdout.splitlines()} == {"ada", "grace"}
    again = program("assign-mr", PROJECT, "3", "-o", "json", **env)
    body = json.loads(again.stdout)
    assert (body["kind"], body["changed"]) == ("Assignment", False)


def test_wait_mr_approval_says_what_it_waits_for(program: Program, gitlab: GitLabServer) -> None:
    env = {"CI_SERVER_URL": gitlab.url, "GITLAB_API_TOKEN": TOKEN}
    done = program("wait-mr-approval", PROJECT, "3", "--timeout", "0.3s", "--interval", "0.1s", **env)
    assert (done.returncode, done.stdout) == (3, f"{PROJECT}!3: timed out\n")
    assert done.stderr.splitlines()[0] == "waiting: 1 approval missing"
    gitlab.approved_by = [user(2, "ada")]
    done = program("wait-mr-approval", PROJECT, "3", **env)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{PROJECT}!3: approved by ada\n", "")


def test_the_cluster_says_where_gitlab_is(program: Program, gitlab: GitLabServer, tmp_path: Path) -> None:
    values = tmp_path / "cluster-values"
    values.mkdir()
    (values / "values-test.yaml").write_text(f"gitlab: {gitlab.url}\n")
    program.kubeconfig("kubeconfig-test")
    done = program("--cluster", "test", "--verbose", "assign-mr", PROJECT, "3", GITLAB_API_TOKEN=TOKEN)
    assert done.returncode == 0
    assert f"PUT {gitlab.url}/api/v4/projects/team%2Fdummy/merge_requests/3 200" in done.stderr
    assert TOKEN not in done.stdout + done.stderr


@pytest.mark.parametrize("duration", ["", "soon", "5 m", "-1s"])
def test_a_duration_is_written_with_its_unit(program: Program, duration: str) -> None:
    done = program("wait-mr-approval", PROJECT, "3", "--timeout", duration)
    assert done.returncode == 2 and "is no duration: write 90s, 15m, 2h or 1d" in done.stderr


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[bytes]]]:
    received: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(500 if b"refuse" in received[-1] else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/hook/secret", received
        server.shutdown()
        thread.join()


def test_send_msg_tells_the_apps_webhook(program: Program, webhook: tuple[str, list[bytes]]) -> None:
    url, received = webhook
    program.kubeconfig("config")
    (program.chart / "values.yaml").write_text(
        f"appname: dummy\nwebhook: {{url: '{url}', clusters: [here]}}\n"
    )
    assert program("send-msg", "hello").returncode == 0
    assert json.loads(received[0]) == {"text": "hello"}
    done = program("send-msg", "refuse this")
    assert done.returncode == 1 and "answers 500" in done.stderr and "secret" not in done.stderr


def test_without_a_webhook_nobody_is_told_and_that_is_fine(program: Program) -> None:
    program.kubeconfig("config")
    (program.chart / "values.yaml").write_text("appname: dummy\n")
    done = program("send-msg", "hello")
    assert (done.returncode, done.stderr) == (0, "dummy has no webhook for here: nobody was told.\n")
