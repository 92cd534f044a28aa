"""The life of an app from `init` on, as the workflow document tells it: on a real node, in a real terminal."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.asking import eventually
from tests.cluster.developer import Developer
from tests.cluster.hello import RUN, VALUES
from tests.cluster.real import RealCluster
from tests.docker_daemon import Daemon, docker_daemon
from tests.tmux import Tmux

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with docker_daemon() as running:
        yield running


@pytest.fixture
def developer(tmp_path: Path, real_cluster: RealCluster, daemon: Daemon) -> Iterator[Developer]:
    for program in ("tmux", "git"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (Debian: apt-get install {program})")
    registry = f"{real_cluster.registry.host}/team"
    with Developer(tmp_path, real_cluster, registry=registry, env=daemon.environment) as somebody:
        yield somebody


def test_from_init_to_rollback(developer: Developer, tmp_path: Path) -> None:
    lain, kubectl = developer.lain, developer.kubectl

    # A chart, and values of one's own.
    developer.runs("git", "init", "-q", "-b", "main")
    assert "chart/values.yaml" in lain("init")
    developer.writes("chart/values.yaml", VALUES)
    developer.writes("run.sh", RUN)
    assert "real" in lain("use", "real")
    lain("lint")

    # An image of this commit, on a prepared one, in the registry.
    first = developer.commits("hello, world")
    assert "mkdir www" in lain("dockerfile")
    lain("prepare", "--network", "host")  # the daemon here has no bridge
    lain("build", "--network", "host")
    assert lain("run", "--", "cat", "treasure.txt") == "treasure\n"
    lain("push")
    assert first in lain("tags")

    # What is no business of the repository, then the first deploy.
    assert f"{developer.app}-env" in developer.fails("deploy", "--yes")
    lain("env", "set", "MYSQL_HOST=-", "--yes", input="db.internal")
    assert "db.internal" not in lain("env", "show")
    developer.writes("topsecret.txt", "I AM BATMAN\n")
    lain("secret", "add", "topsecret.txt", "--yes")
    lain("deploy", "--yes")
    assert "serving, with db.internal; I AM BATMAN" in lain("logs", "web")

    # Running it: what is deployed, by whom; into a container, a job of its own, new pods.
    assert lain("image").strip().endswith(f"/hello:{first}")
    assert "kind: Deployment" in lain("template")
    values = lain("get-values", "--revision", "1")
    assert f"imageTag: {first}" in values and "user: dev" in values
    assert "Running" in lain("status", "-s")
    assert lain("x", "web", "--", "cat", "deploy/topsecret.txt") == "I AM BATMAN\n"
    small = ("--cpu", "100m", "--memory", "32Mi")
    assert lain("job", "web", *small, "--yes", "--", "sh", "-c", "echo $MYSQL_HOST") == "db.internal\n"
    lain("restart", "web", "--yes")
    lain("wait")

    with Tmux(tmp_path) as terminal:
        terminal.run(developer.lain_tui, cwd=developer.repository, env=developer.env)
        healthy = terminal.wait_for("web", "Running", "1 of 1", "rev 1")
        assert "✗" not in healthy

        # Without a key, the screen says what is missing, and where it was looked for.
        lain("env", "unset", "MYSQL_HOST", "--yes")
        kubectl("delete", "pods", "--all", "--wait=false")
        terminal.wait_for(
            "CrashLoopBackOff",
            "KeyError: 'MYSQL_HOST'",
            f"MYSQL_HOST is in none of: Secret {developer.app}-env",
        )

        # With it again, quiet returns.
        lain("env", "add", "MYSQL_HOST=-", "--yes", input="db.internal")
        kubectl("delete", "pods", "--all", "--wait=false")
        terminal.wait_until(lambda screen: "1 of 1" in screen and "✗" not in screen)

        # The next commit: what would change, the deploy, and back again.
        developer.writes("run.sh", RUN.replace("serving", "serving better"))
        second = developer.commits("better")
        lain("build", "--push", "--network", "host")
        assert second in lain("diff")
        lain("deploy", "--yes")
        terminal.wait_for("rev 2", "1 of 1")
        eventually(lambda: "serving better" in lain("logs", "web"))
        assert lain("version").split()[0] == second
        lain("rollback", "--yes")
        terminal.wait_for("rev 3", "1 of 1")
        assert first in lain("version")
        eventually(lambda: "serving better" not in lain("logs", "web"))
        terminal.press("q")
        assert terminal.ended()

    revisions = json.loads(lain("history", "-o", "json"))["revisions"]
    assert [revision["revision"] for revision in revisions] == [3, 2, 1]
    lain("delete", "--yes")
    assert kubectl("get", "deployments", "-o", "name") == ""
