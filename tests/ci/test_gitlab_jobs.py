"""The jobs of the app's workflow, from a clean checkout to healthy pods: each a shell script, as a runner runs it."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import yaml

from tests.ci.pipeline import Pipeline
from tests.conftest import Cluster
from tests.docker_daemon import Daemon, docker_daemon
from tests.forge.gitlab_server import GitLabServer, user
from tests.registry_server import registry_server

if TYPE_CHECKING:
    from tests.cluster.real import RealCluster

EXAMPLE = Path(__file__).parent.parent.parent / "docs" / "examples" / "gitlab-ci.yml"

# Scripts as lain's users have them, with the program's name replaced.
PREPARE = ["lain-tui use test", "lain-tui prepare"]
TEST = ["pytest tests"]
BUILD_AND_SCAN = [
    "lain-tui use test",
    "lain-tui build --push",
    'export IMAGE="$(lain-tui image)"',
    'trivy --cache-dir $TRIVY_CACHE_DIR image --skip-db-update=true --exit-code 1 --severity CRITICAL "${IMAGE}"',
]
DEPLOY = ["lain-tui use test", "lain-tui --auto-pilot deploy"]
CHECK_APPROVAL = [
    "lain-tui use test",
    "lain-tui assign-mr $CI_PROJECT_PATH $CI_MERGE_REQUEST_IID",
    "lain-tui wait-mr-approval $CI_PROJECT_PATH $CI_MERGE_REQUEST_IID --interval 0.2s",
]


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with docker_daemon() as running:
        yield running


@pytest.fixture(scope="module")
def pipeline(
    tmp_path_factory: pytest.TempPathFactory, daemon: Daemon, cluster: Cluster
) -> Iterator[Pipeline]:
    """A team's project on a cluster: the embedded one, and with --cluster=real a real one, whose node pulls its image."""
    root = tmp_path_factory.mktemp("ci")
    with contextlib.ExitStack() as stack:
        gitlab = stack.enter_context(GitLabServer())
        if cluster.kind == "real":
            registry = f"{cast('RealCluster', cluster).registry.host}/{root.name}"
        else:
            registry = stack.enter_context(registry_server(root))
        team = Pipeline(root, daemon, registry, cluster, gitlab)
        stack.callback(team.close)
        yield team


def passed(job: subprocess.CompletedProcess[str]) -> str:
    assert job.returncode == 0, f"exit code {job.returncode}\n{job.stdout}\n{job.stderr}"
    return job.stdout


def tags(pipeline: Pipeline) -> list[str]:
    listed = passed(pipeline.job(["lain-tui --cluster test tags"]))
    return [tag for line in listed.splitlines()[1:] if (tag := line.split()[0]) != "latest"]


def test_the_workflow_from_a_clean_checkout_to_healthy_pods(pipeline: Pipeline) -> None:
    passed(pipeline.job(PREPARE))
    assert "1 passed" in passed(pipeline.job_in(f"{pipeline.registry}/dummy:prepare", TEST))

    scanned = passed(pipeline.job(BUILD_AND_SCAN))
    (tag,) = tags(pipeline)
    assert f"{pipeline.registry}/dummy:{tag}: 0 CRITICAL" in scanned

    # Once for an app: its variables, which no repository holds.
    passed(pipeline.job(["lain-tui use test", "lain-tui env set FOO=BAR"]))
    passed(pipeline.job(DEPLOY))
    passed(pipeline.job(["lain-tui use test", "lain-tui wait", "lain-tui status --once"]))
    web = pipeline.web()
    assert web["status"]["availableReplicas"] == 2
    assert web["spec"]["template"]["spec"]["containers"][0]["image"].endswith(f"/dummy:{tag}")
    deployed = passed(pipeline.job(["lain-tui use test", "lain-tui version -o json"]))
    assert '"user": "ada"' in deployed, "who deployed is the person, not the runner"

    if pipeline.cluster.kind == "real":
        # What was built and deployed is what runs: with its variables, and what the prepare image kept.
        assert "serving hello on test, FOO=BAR" in passed(
            pipeline.job(["lain-tui --cluster test logs web -o raw"])
        )
        assert passed(pipeline.job(["lain-tui --cluster test x web -- cat treasure.txt"])) == "treasure\n"

    # The next commit: deployed by --auto-pilot alone, which builds what the registry lacks.
    pipeline.develop("goodbye")
    passed(pipeline.job(DEPLOY))
    assert len(tags(pipeline)) == 2
    passed(pipeline.job(["lain-tui --cluster test --app dummy wait"]))
    assert pipeline.web()["metadata"]["generation"] > web["metadata"]["generation"]


@pytest.mark.parametrize("builder", ["the engine's own", "BuildKit"])
def test_one_command_builds_pushes_and_deploys(pipeline: Pipeline, builder: str) -> None:
    pipeline.commit("builder.txt", builder)
    before = tags(pipeline)
    passed(pipeline.job(["lain-tui --cluster test env set FOO=BAR --yes"]))
    variables = {}
    if builder == "BuildKit":
        variables = {"PATH": f"{pipeline.tools}:/usr/local/bin:/usr/bin", "LAIN_BUILD_NETWORK": "host"}
    job = pipeline.job(["lain-tui --cluster test build --push --deploy --yes"], **variables)
    printed = passed(job).splitlines()
    (tag,) = set(tags(pipeline)) - set(before)
    assert printed[0] == f"{pipeline.registry}/dummy:{tag}"
    assert ("writing image" in job.stderr or "exporting to image" in job.stderr) == (builder == "BuildKit")
    web = pipeline.web()
    assert web["spec"]["template"]["spec"]["containers"][0]["image"].endswith(f"/dummy:{tag}")
    passed(pipeline.job(["lain-tui --cluster test wait"]))
    assert (
        f"{pipeline.registry}/dummy:{tag}"
        in pipeline.daemon.docker("images", "--format={{.Repository}}:{{.Tag}}").stdout
    )


def test_a_build_with_its_deploy_prints_one_document(pipeline: Pipeline) -> None:
    pipeline.commit("document.txt", "one")
    job = pipeline.job(["lain-tui --cluster test build --push --deploy --yes -o json"])
    assert json.loads(passed(job))["plan"]["verb"] == "deploy"


def test_a_deploy_that_is_refused_after_the_build_says_so_and_leaves_what_was_pushed(
    pipeline: Pipeline,
) -> None:
    pipeline.commit("more.txt", "more")
    before = tags(pipeline)
    told = "lain-tui --cluster test -n nowhere build --push --deploy --yes"
    job = pipeline.job([told])
    assert job.returncode == 4, job.stderr
    assert "Traceback" not in job.stderr
    assert "nowhere" in job.stderr.splitlines()[-1], job.stderr
    assert len(tags(pipeline)) == len(before) + 1


def test_a_merge_request_is_assigned_and_waits_for_somebody_else(pipeline: Pipeline) -> None:
    waiting = {"times": 0}

    def agree(server: GitLabServer) -> None:
        waiting["times"] += 1
        if waiting["times"] > 8:
            server.approved_by = [user(2, "ada")]

    pipeline.gitlab.on_request = agree
    told = passed(pipeline.job(CHECK_APPROVAL))
    assert "approved by ada" in told
    people = pipeline.gitlab.merge_request
    assert people["assignees"] and people["reviewers"] and people["assignees"] != people["reviewers"]


def test_the_example_of_the_documentation_runs(pipeline: Pipeline) -> None:
    example: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text())
    before = example["default"]["before_script"]
    pipeline.gitlab.on_request = lambda _: None
    pipeline.gitlab.approved_by = [user(3, "grace")]
    passed(pipeline.job(["lain-tui --cluster test env set FOO=BAR --yes"]))
    for name in ("prepare", "lint", "build", "deploy", "approval"):
        passed(pipeline.job([*before, *example[name]["script"]]))
    image = example["test"]["image"].replace("registry.example.com/team", pipeline.registry)
    passed(pipeline.job_in(image, example["test"]["script"]))


def test_a_job_that_fails_says_so_with_its_exit_code(pipeline: Pipeline) -> None:
    job = pipeline.job(["lain-tui use nowhere", "echo not reached"])
    assert (job.returncode, job.stdout) == (1, "")
    assert "there is no cluster 'nowhere'" in job.stderr
    job = pipeline.job(["lain-tui use test", "lain-tui --read-only deploy"])
    assert job.returncode == 4
