"""Exec: streams apart, standard input, exit codes, a terminal and its size."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from kubernetes.client import CoreV1Api
from kubernetes.stream import stream
from kubernetes.stream.ws_client import ERROR_CHANNEL, RESIZE_CHANNEL, WSClient

from tests.conftest import Cluster
from tests.contract.api import Api, Obj
from tests.contract.conftest import Program
from tests.contract.objects import pod

Run = Callable[..., WSClient]


@pytest.fixture
def shell(api: Api, core: str, cluster: Cluster) -> str:
    """The name of a running pod that knows some commands."""
    api.post(
        f"{core}/pods",
        pod("shell", cluster.images["shell"], container={"env": [{"name": "A", "value": "b"}]}),
    ).ok()
    api.eventually(f"{core}/pods/shell", lambda p: p["status"]["phase"] == "Running")
    return "shell"


@pytest.fixture
def run(cluster: Cluster, namespace: str, shell: str) -> Run:
    """Start a command through the official client's websocket."""
    core_api = CoreV1Api(
        Api(cluster.kubeconfig).client
    )  # one of its own: stream() changes its client for a while

    def start(*command: str, tty: bool = False, stdin: bool = False, **more: Any) -> WSClient:
        socket: WSClient = stream(
            core_api.connect_get_namespaced_pod_exec,
            shell,
            namespace,
            command=list(command),
            stdin=stdin,
            stdout=True,
            stderr=not tty,
            tty=tty,
            _preload_content=False,
            **more,
        )
        return socket

    return start


def ended(socket: WSClient) -> tuple[str, str, Obj]:
    """Its output, its error output, and how the server says it ended."""
    socket.run_forever(timeout=180)
    status: Obj = json.loads(socket.read_channel(ERROR_CHANNEL))
    return socket.read_stdout(), socket.read_stderr(), status


def read_until(socket: WSClient, text: str) -> str:
    got = ""
    deadline = time.monotonic() + 180
    while text not in got:
        assert time.monotonic() < deadline, f"{text!r} did not come: {got!r}"
        socket.update(timeout=1)
        got += socket.read_stdout() if socket.peek_stdout() else ""
    return got


def test_a_command_that_ends_well(run: Run) -> None:
    out, err, status = ended(run("echo", "hello", "world"))
    assert (out, err) == ("hello world\n", "")
    assert status == {"metadata": {}, "status": "Success"}


def test_the_exit_code_is_told(run: Run) -> None:
    _, _, status = ended(run("sh", "-c", "exit 3"))
    assert (status["status"], status["reason"]) == ("Failure", "NonZeroExitCode")
    assert status["message"] == "command terminated with non-zero exit code: exit status 3" or (
        "exit code 3" in status["message"]
    )
    assert status["details"]["causes"] == [{"reason": "ExitCode", "message": "3"}]


def test_output_and_errors_come_apart(run: Run) -> None:
    out, err, _ = ended(run("sh", "-c", "echo out; echo err >&2"))
    assert (out, err) == ("out\n", "err\n")


def test_the_environment_of_the_container(run: Run) -> None:
    out, _, _ = ended(run("env"))
    assert {"A=b", "HOSTNAME=shell"} <= set(out.splitlines())
    assert "KUBERNETES_SERVICE_HOST=" in out


def test_a_program_that_is_not_there(run: Run) -> None:
    _, _, status = ended(run("nosuchprogram"))
    assert status["status"] == "Failure"
    assert "nosuchprogram" in status["message"]
    assert "executable file not found in $PATH" in status["message"]


def test_standard_input_reaches_it(run: Run) -> None:
    socket = run("cat", stdin=True)
    socket.write_stdin("one\n")
    assert read_until(socket, "one\n") == "one\n"
    socket.write_stdin("二\n")
    assert read_until(socket, "二\n") == "二\n"
    socket.close()


def test_a_terminal_has_the_size_it_is_given(run: Run) -> None:
    socket = run("sh", tty=True, stdin=True)
    socket.write_channel(RESIZE_CHANNEL, json.dumps({"Width": 100, "Height": 30}))
    socket.write_stdin("stty size\n")
    read_until(socket, "30 100\r\n")
    socket.write_channel(RESIZE_CHANNEL, json.dumps({"Width": 80, "Height": 24}))
    socket.write_stdin("stty size\n")
    read_until(socket, "24 80\r\n")
    socket.write_stdin("exit 4\n")
    socket.run_forever(timeout=180)
    assert socket.returncode == 4


def test_a_container_that_is_not_there(run: Run) -> None:
    with pytest.raises(Exception, match="container nope is not valid for pod shell"):
        ended(run("true", container="nope"))


def test_kubectl_execs_with_input_and_exit_code(kubectl: Program, shell: str) -> None:
    assert kubectl("exec", shell, "--", "echo", "hi") == "hi\n"
    assert kubectl("exec", "-i", shell, "--", "cat", input="a\nb\n") == "a\nb\n"
    done = kubectl.start("exec", shell, "--", "sh", "-c", "exit 3")
    assert (done.returncode, done.stderr) == (3, "command terminated with exit code 3\n")


def test_exec_into_a_pod_that_is_not_there(kubectl: Program) -> None:
    assert (
        kubectl.fails("exec", "nope", "--", "true") == 'Error from server (NotFound): pods "nope" not found\n'
    )


def test_exec_into_a_pod_that_has_ended(api: Api, core: str, kubectl: Program, cluster: Cluster) -> None:
    api.post(f"{core}/pods", pod("over", cluster.images["done"], spec={"restartPolicy": "Never"})).ok()
    api.eventually(f"{core}/pods/over", lambda p: p["status"]["phase"] == "Succeeded")
    assert "cannot exec into a container in a completed pod; current phase is Succeeded" in kubectl.fails(
        "exec", "over", "--", "true"
    )


def test_attaching_shows_what_comes_from_now_on(
    api: Api, core: str, kubectl: Program, cluster: Cluster
) -> None:
    api.post(f"{core}/pods", pod("talker", cluster.images["logs"])).ok()
    api.eventually(f"{core}/pods/talker", lambda p: p["status"]["phase"] == "Running")
    written = (line for line in kubectl.open("attach", "talker") if line.startswith("line "))
    first, second, third = (int(next(written).split()[1]) for _ in range(3))
    assert (second, third) == (first + 1, first + 2)
