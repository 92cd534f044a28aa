"""What a team does with an app that is out, as the workflow document tells it: on a real node, with real tools beside.

One app lives through all of these; each test leaves it healthy.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests import tools
from tests.cluster.asking import eventually
from tests.cluster.binary import Unavailable
from tests.cluster.developer import Developer
from tests.cluster.hello import RUN, VALUES, WORKER
from tests.cluster.real import RealCluster
from tests.docker_daemon import Daemon, docker_daemon
from tests.prometheus import RealPrometheus
from tests.tmux import Tmux

pytestmark = pytest.mark.real

_MORE = """\
env: {LOG_LEVEL: info, SPAM: egg}
ingresses:
  - {host: hello, deployName: web, paths: [/]}
canaryGroups:
  small: {nginx.ingress.kubernetes.io/canary-weight: "10"}
  half: {nginx.ingress.kubernetes.io/canary-weight: "50"}
  insiders: {nginx.ingress.kubernetes.io/canary-by-header: X-Insider}
webhook: {url: URL}
"""
_HERE = """\
deployments:
  worker:
    env: {SPAM: EGG}
"""
_CANARY = "nginx.ingress.kubernetes.io/canary"


class Team:
    """Where the team reads of what is done: a webhook. A context manager."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __enter__(self) -> Team:
        told = self.told

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class Out:
    """The app, deployed: its developer, the images it has had, and what its team was told."""

    def __init__(self, developer: Developer, team: Team, tags: list[str]) -> None:
        self.developer, self.team, self.tags = developer, team, tags

    def read(self, kind: str, name: str = "") -> Any:
        return json.loads(self.developer.kubectl("get", kind, *([name] if name else []), "-o", "json"))

    def image(self, proc: str) -> str:
        """The tag that a proc's Deployment runs."""
        container = self.read("deployment", f"hello-{proc}")["spec"]["template"]["spec"]["containers"][0]
        return str(container["image"]).rpartition(":")[2]


def edits(somebody: Developer, *words: str, script: str) -> None:
    """`lain-tui WORDS…` with an editor that does this to the file."""
    editor = somebody.home / "editor"
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(0o755)
    somebody.env["EDITOR"] = str(editor)
    somebody.lain(*words)


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with docker_daemon() as running:
        yield running


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory, real_cluster: RealCluster, daemon: Daemon) -> Iterator[Out]:
    registry = f"{real_cluster.registry.host}/later"
    folder = tmp_path_factory.mktemp("after")
    with (
        Team() as team,
        Developer(folder, real_cluster, registry=registry, env=daemon.environment) as somebody,
    ):
        somebody.runs("git", "init", "-q", "-b", "main")
        somebody.lain("init")
        values = VALUES.replace("volumeMounts:", f"{WORKER}volumeMounts:") + _MORE.replace("URL", team.url)
        somebody.writes("chart/values.yaml", values)
        somebody.writes("chart/values-real.yaml", _HERE)
        somebody.lain("use", "real")
        tags = []
        for word in ("hello", "better"):
            somebody.writes("run.sh", RUN.replace("serving", word))
            tags.append(somebody.commits(word))
            if word == "hello":
                somebody.lain("prepare", "--network", "host")
            somebody.lain("build", "--push", "--network", "host")
        somebody.lain("env", "set", "MYSQL_HOST=-", "--yes", input="db.internal")
        # The first edit shows how a file is written: that is all there is to take.
        edits(somebody, "secret", "edit", "--yes", script='sed -i "/topsecret/,\\$ s/^  # /  /" "$1"')
        somebody.lain("deploy", "--yes")
        yield Out(somebody, team, tags)


def test_each_cluster_has_values_of_its_own(out: Out) -> None:
    lain = out.developer.lain
    rendered = lain("template")
    assert rendered.count('value: "EGG"') == 1 and rendered.count('value: "egg"') == 1
    assert "SPAM=EGG" in lain("x", "worker", "--", "env")
    assert "SPAM=egg" in lain("x", "web", "--", "env")


def test_every_container_knows_where_it_is(out: Out) -> None:
    said = out.developer.lain("x", "web", "--", "env").splitlines()
    known = {"LAIN_CLUSTER=real", f"K8S_NAMESPACE={out.developer.namespace}", f"IMAGE_TAG={out.tags[1]}"}
    assert known <= {*said}


def test_compose_is_a_beginning(out: Out) -> None:
    out.developer.lain("compose")
    text = (out.developer.repository / "docker-compose.yaml").read_text()
    assert "services:" in text and "/lain/app/run.sh" in text
    (out.developer.repository / "docker-compose.yaml").unlink()


def test_an_edited_variable_is_in_effect_after_a_graceful_restart(out: Out) -> None:
    before = out.read("pods")["items"]
    edits(out.developer, "--auto-pilot", "env", "edit", "--yes", script='sed -i s/db.internal/db.moved/ "$1"; echo "  NEW: 017" >> "$1"')  # fmt: skip
    assert "MYSQL_HOST=db.moved" in out.developer.lain("x", "web", "--", "env")
    assert "working for db.moved" in out.developer.lain("logs", "worker")
    gone = {pod["metadata"]["name"] for pod in before}
    assert not gone & {pod["metadata"]["name"] for pod in out.read("pods")["items"]}
    told = out.team.told[-1]
    assert "MYSQL_HOST" in told and "NEW" in told
    assert "db.moved" not in told and "017" not in told, "keys only"
    assert "db.moved" not in out.developer.lain("env", "show")


def test_an_edited_file_is_mounted_after_a_graceful_restart(out: Out) -> None:
    lain = out.developer.lain
    assert "BATMAN" not in lain("secret", "show")
    edits(out.developer, "secret", "edit", "--yes", script='sed -i s/BATMAN/ROBIN/ "$1"')
    lain("restart", "--graceful", "--yes")
    assert lain("x", "web", "--", "cat", "deploy/topsecret.txt") == "I\nAM\nROBIN"
    told = out.team.told[-1]
    assert "topsecret.txt" in told and "ROBIN" not in told


def test_one_proc_is_given_another_image(out: Out) -> None:
    lain = out.developer.lain
    lain("update-image", "worker", "--tag", out.tags[0], "--yes")
    assert (out.image("worker"), out.image("web")) == (out.tags[0], out.tags[1])
    said = f"runs {out.tags[0]}, the release has {out.tags[1]}"
    assert said in out.developer.fails("status", "-s"), "what drifts is told"
    lain("redeploy", "--yes")
    assert (out.image("worker"), out.image("web")) == (out.tags[1], out.tags[1]), "helm has the last word"


def test_back_to_an_image_with_the_chart_as_it_is_here(out: Out) -> None:
    lain = out.developer.lain
    assert out.tags[1] in lain("version")
    lain("deploy", "--set", f"imageTag={out.tags[0]}", "--yes")
    assert {out.image("web"), out.image("worker")} == {out.tags[0]}
    eventually(lambda: "hello, with" in lain("logs", "web"))
    lain("rollback", "--yes")
    assert {out.image("web"), out.image("worker")} == {out.tags[1]}


def test_several_versions_back_with_git(out: Out) -> None:
    out.developer.runs("git", "checkout", "-q", "HEAD~1")
    out.developer.lain("deploy", "--yes")
    assert out.image("web") == out.tags[0]
    out.developer.runs("git", "checkout", "-q", "main")
    out.developer.lain("deploy", "--yes")
    assert out.image("web") == out.tags[1]


@pytest.mark.parametrize("major", [3, 4])
def test_helm_knows_who_deployed_what(out: Out, major: int) -> None:
    try:
        helm = str(tools.helm(major))
    except tools.Unavailable as reason:
        pytest.skip(str(reason))
    where = ("--kubeconfig", str(out.developer.home / ".kube/kubeconfig-real"), "-n", out.developer.namespace)
    history = json.loads(out.developer.runs(helm, *where, "history", "hello", "-o", "json"))
    assert history[-1]["status"] == "deployed"
    newest = str(history[-1]["revision"])
    said = out.developer.runs(helm, *where, "get", "values", "hello", "--revision", newest).splitlines()
    assert "user: dev" in said and f"imageTag: {out.tags[1]}" in said
    ours = json.loads(out.developer.lain("history", "-o", "json"))["revisions"]
    assert str(ours[0]["revision"]) == newest


def canary_groups(out: Out) -> dict[str, str]:
    """Whom the ingress lets through to the canary; empty when none is out."""
    for ingress in out.read("ingresses")["items"]:
        if "canary" in ingress["metadata"]["name"]:
            told = ingress["metadata"]["annotations"].items()
            return {
                key.removeprefix(f"{_CANARY}-"): value for key, value in told if key.startswith(f"{_CANARY}-")
            }
    return {}


def canary_images(out: Out) -> set[str]:
    return {
        deployment["spec"]["template"]["spec"]["containers"][0]["image"].rpartition(":")[2]
        for deployment in out.read("deployments")["items"]
        if "canary" in deployment["metadata"]["name"]
    }


def test_a_canary_that_is_called_off(out: Out) -> None:
    lain = out.developer.lain
    assert "no canary is out" in out.developer.fails("set-canary-group", "small", "--yes")
    lain("deploy", "--canary", "--set", f"imageTag={out.tags[0]}", "--yes")
    assert canary_images(out) == {out.tags[0]}
    assert canary_groups(out) == {"weight": "0"}, "nobody sees it yet"
    assert out.image("web") == out.tags[1], "and everybody still sees the other"
    for group, weight in (("small", "10"), ("half", "50")):
        lain("set-canary-group", group, "--yes")
        assert canary_groups(out) == {"weight": weight}
    lain("set-canary-group", "insiders", "--yes")
    assert canary_groups(out) == {"by-header": "X-Insider"}
    assert "The values have half, insiders and small" in out.developer.fails(
        "set-canary-group", "all", "--yes"
    )
    lain("deploy", "--canary", "--set", f"imageTag={out.tags[1]}", "--yes")
    assert (canary_images(out), canary_groups(out)) == ({out.tags[1]}, {"weight": "0"}), (
        "the next one begins anew"
    )
    lain("set-canary-group", "--abort", "--yes")
    assert canary_groups(out) == {} and canary_images(out) == set()
    assert out.image("web") == out.tags[1]


def test_a_canary_that_is_for_everybody_in_the_end(out: Out) -> None:
    lain = out.developer.lain
    lain("deploy", "--canary", "--set", f"imageTag={out.tags[0]}", "--yes")
    lain("set-canary-group", "small", "--yes")
    lain("set-canary-group", "--final", "--yes")
    assert canary_groups(out) == {} and canary_images(out) == set()
    assert {out.image("web"), out.image("worker")} == {out.tags[0]}
    lain("rollback", "--yes")
    assert out.image("web") == out.tags[1]


def test_a_job_without_a_command_is_a_shell(out: Out, tmp_path: Path) -> None:
    with Tmux(tmp_path) as terminal:
        words = ("job", "web", "--cpu", "100m", "--memory", "32Mi", "--yes")
        terminal.run([*out.developer.lain_tui, *words], cwd=out.developer.repository, env=out.developer.env)
        terminal.wait_until(lambda screen: screen.rstrip().endswith(("#", "$")))
        terminal.press("echo at $IMAGE_TAG of $LAIN_CLUSTER", "Enter")
        terminal.wait_for(f"at {out.tags[1]} of real")
        terminal.press("exit", "Enter")
        assert terminal.ended()
    eventually(
        lambda: not [job for job in out.read("jobs")["items"] if not job["status"].get("completionTime")]
    )


def test_a_scanner_is_given_the_image(out: Out) -> None:
    image = out.developer.lain("image").strip()
    assert image.endswith(f"/hello:{out.tags[1]}")
    assert out.developer.runs("docker", "image", "inspect", image, "--format", "{{.Id}}").startswith(
        "sha256:"
    )


@contextlib.contextmanager
def cluster_says(out: Out, **settings: str) -> Iterator[None]:
    """These stand in the cluster's values for a while."""
    file = out.developer.home / "values-real.yaml"
    before = file.read_text()
    file.write_text(before + "".join(f"{key}: {value}\n" for key, value in settings.items()))
    yield
    file.write_text(before)


def test_lint_knows_what_prometheus_saw(out: Out, tmp_path: Path) -> None:
    (pod,) = [
        pod["metadata"]["name"] for pod in out.read("pods")["items"] if "web" in pod["metadata"]["name"]
    ]
    labels = f'{{namespace="{out.developer.namespace}",pod="{pod}",container="web"}}'
    times = [time.time() - 3 * 3600 + 60 * minute for minute in range(180)]
    history = {
        f"container_cpu_usage_seconds_total{labels}": [(at, 0.4 * 60 * n) for n, at in enumerate(times)],
        f"container_memory_working_set_bytes{labels}": [(at, 300.0 * 2**20) for at in times],
    }
    assert "95th percentile" not in out.developer.lain("lint")
    try:
        with RealPrometheus(tmp_path, history) as prometheus, cluster_says(out, prometheus=prometheus.url):
            said = out.developer.lain("lint")
    except Unavailable as reason:
        pytest.skip(f"no real Prometheus: {reason}")
    assert (
        "deployments.web.resources.requests.cpu: 10m: the request is more than 300m away from what is used, 400m"
        in said
    )
    assert (
        "web.resources.requests.memory: 16Mi: the request is more than 13% away from what is used, 300Mi"
        in said
    )
    assert "deployments.worker.resources.requests" not in said, "of which there is no sample"


def test_an_image_is_built_by_the_clusters_own_engine(out: Out, daemon: Daemon) -> None:
    lain = out.developer.lain
    image = lain("image").strip()
    daemon.docker("image", "rm", "-f", image)
    out.developer.env["DOCKER_HOST"] = "unix:///nowhere"
    try:
        with daemon.over_tcp() as address, cluster_says(out, remote_docker=address):
            assert "unix:///nowhere" in out.developer.fails("build")
            lain("--remote-docker", "build", "--network", "host")
            assert lain("run", "--remote-docker", "--", "cat", "treasure.txt") == "treasure\n"
            lain("--remote-docker", "push")
    finally:
        out.developer.env |= daemon.environment
    assert daemon.docker("image", "inspect", image, "--format", "{{.Id}}").stdout.startswith("sha256:")
