"""The API server is killed in the middle of everything: nothing is lost, and what is told is true."""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tools
from tests.cluster.asking import eventually, tried
from tests.cluster.developer import Developer
from tests.cluster.real import RealCluster
from tests.cluster.webhook import OnChange
from tests.tmux import Tmux

pytestmark = pytest.mark.real

VALUES = """\
appname: hello
deployments:
  web:
    command: ["/bin/serve"]
    replicaCount: 2
    resources:
      requests: {cpu: 10m, memory: 16Mi}
      limits: {cpu: 500m, memory: 64Mi}
    containerPort: 8080
"""


@pytest.fixture(params=["library", 3, 4], ids=["library", "helm3", "helm4"])
def each_helm(request: pytest.FixtureRequest) -> str:
    """A PATH with helm on it, or without."""
    folders = [str(Path(sys.executable).parent), "/usr/bin", "/bin"]
    if request.param != "library":
        try:
            folders.insert(0, str(tools.helm(request.param).parent))
        except tools.Unavailable as reason:
            pytest.skip(str(reason))
    return ":".join(folders)


@pytest.fixture
def developer(tmp_path: Path, simulated: RealCluster, request: pytest.FixtureRequest) -> Iterator[Developer]:
    """Has deployed `hello` once, with image tag `one`."""
    env = {"PATH": request.getfixturevalue("each_helm")} if "each_helm" in request.fixturenames else {}
    with Developer(tmp_path, simulated, registry="registry.invalid/team", env=env) as somebody:
        somebody.lain("use", "real")
        somebody.lain("init")
        somebody.writes("chart/values.yaml", VALUES)
        somebody.lain("env", "set", "MYSQL_HOST=-", "--yes", input="db.internal")
        somebody.lain("deploy", "--set", "imageTag=one", "--yes")
        yield somebody


@pytest.fixture
def mortal(simulated: RealCluster) -> Iterator[RealCluster]:
    """Its API server is up again afterwards, whatever the test did to it."""
    yield simulated
    if not is_up(simulated):
        with contextlib.suppress(RuntimeError):  # it runs, and is not ready yet
            simulated.start_apiserver()
        eventually(lambda: is_up(simulated))


def is_up(cluster: RealCluster) -> bool:
    return tried(cluster, "get", "--raw", "/readyz") == "ok"


def history(developer: Developer) -> list[tuple[int, str]]:
    revisions = json.loads(developer.lain("history", "-o", "json"))["revisions"]
    return [(revision["revision"], revision["status"]) for revision in revisions]


def image(developer: Developer) -> str:
    where = "jsonpath={.spec.template.spec.containers[0].image}"
    return developer.kubectl("get", "deployment", "hello-web", "-o", where).rpartition(":")[2]


@pytest.mark.usefixtures("each_helm")
def test_an_upgrade_that_is_cut_off_half_way_is_told_as_it_is(
    developer: Developer, mortal: RealCluster
) -> None:
    with OnChange(mortal, "UPDATE", "deployments.apps", developer.namespace, mortal.kill_apiserver) as hook:
        told = developer.fails("deploy", "--set", "imageTag=two", "--yes")
        assert hook.happened
        assert "cannot be asked how far it came" in told and "lain-tui history" in told
        mortal.start_apiserver()
        hook.remove()

    # Helm could not write down how it ended, and says so for ever; lain-tui says who and since when.
    assert history(developer) == [(2, "pending-upgrade"), (1, "deployed")]
    assert image(developer) == "one"
    stuck = developer.fails("deploy", "--set", "imageTag=two", "--yes")
    assert "revision 2 is pending-upgrade since" in stuck and "by dev" in stuck and "roll back" in stuck
    developer.lain("deploy", "--set", "imageTag=two", "--yes", "--auto-pilot")
    assert image(developer) == "two"
    assert history(developer)[0][1] == "deployed"


def test_a_stuck_release_is_rolled_back_by_hand(developer: Developer, mortal: RealCluster) -> None:
    with OnChange(mortal, "UPDATE", "deployments.apps", developer.namespace, mortal.kill_apiserver) as hook:
        developer.fails("deploy", "--set", "imageTag=two", "--yes")
        mortal.start_apiserver()
        hook.remove()
    developer.lain("rollback", "--yes")
    assert history(developer)[0] == (3, "deployed")
    assert image(developer) == "one"


def test_a_rollout_goes_on_when_the_api_server_is_back(developer: Developer, mortal: RealCluster) -> None:
    settling = "deployments.web.minReadySeconds=10"
    deploy = developer.starts("deploy", "--set", "imageTag=two", "--set", settling, "--yes")
    with deploy as process:
        assert process.stderr is not None
        said = next(line for line in process.stderr if "web" in line and " of 2" in line)
        mortal.kill_apiserver()
        mortal.start_apiserver()
        rest = process.stderr.read()
        assert process.wait() == 0, said + rest
    assert "2 of 2, up to date" in rest
    assert history(developer)[0] == (2, "deployed")
    ready = "jsonpath={.status.updatedReplicas} {.status.availableReplicas} {.status.replicas}"
    assert developer.kubectl("get", "deployment", "hello-web", "-o", ready) == "2 2 2"
    assert "past helm" not in developer.lain("diff", "--set", "imageTag=two", "--set", settling)


def test_the_app_keeps_its_picture_and_a_draft_until_it_is_back(
    developer: Developer, mortal: RealCluster, tmp_path: Path
) -> None:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed (Debian: apt-get install tmux)")

    def held() -> str:
        path = "jsonpath={.data.MYSQL_HOST}"
        return base64.b64decode(developer.kubectl("get", "secret", "hello-env", "-o", path)).decode()

    with Tmux(tmp_path) as terminal:
        terminal.run(developer.lain_tui, cwd=developer.repository, env=developer.env)
        terminal.wait_for("2 of 2", "● live")
        terminal.press("e")
        terminal.wait_for("MYSQL_HOST")
        terminal.press("Home")
        terminal.wait_for("▏ Secret hello-env")
        terminal.press("Down")
        terminal.wait_for("▏ MYSQL_HOST")
        terminal.press("Enter")
        terminal.wait_for("db.internal")
        terminal.press("End", *"-2", "Escape")
        terminal.wait_for("MYSQL_HOST  changed")

        mortal.kill_apiserver()
        terminal.press("Escape")
        terminal.wait_for("stale since", "2 of 2")
        terminal.press("e")
        terminal.wait_for("MYSQL_HOST  changed")
        mortal.start_apiserver()

        terminal.press("Escape")
        terminal.wait_for("● live", "2 of 2")
        assert held() == "db.internal"
        terminal.press("e")
        terminal.wait_for("MYSQL_HOST  changed")
        terminal.press("C-s")
        terminal.wait_for("~ MYSQL_HOST", "web will see it after a restart")
        terminal.press("Enter")
        terminal.wait_for("Done.")
        assert held() == "db.internal-2"
