"""The commands about releases, held to helm and kubectl on the demo cluster."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import yaml

from lain_tui.cli.documents.schema import schema_of
from tests.embedded import EmbeddedCluster
from tests.tools import Unavailable, helm, kubectl

Done = subprocess.CompletedProcess[str]


class Demo:
    """A demo cluster of its own, its app's repository, and the program run there."""

    def __init__(self, cluster: EmbeddedCluster) -> None:
        self.cluster = cluster
        self.repository = cluster.repository

    def __call__(self, *arguments: str, code: int = 0, **env: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "lain_tui", "--kubeconfig", str(self.cluster.kubeconfig), *arguments],
            cwd=self.repository,
            env={
                "HOME": str(self.repository.parent),
                "PATH": os.environ["PATH"],
                "LANG": "C.UTF-8",
                "USER": "somebody",
                "LAIN_CLUSTER_VALUES_DIR": str(self.cluster.values.parent),
                **env,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done

    def json(self, *arguments: str, code: int = 0) -> Any:
        """The document, which is as its schema says."""
        document = json.loads(self(*arguments, "-o", "json", code=code).stdout)
        jsonschema.validate(document, schema_of(document["kind"]))
        return document


@pytest.fixture(scope="module")
def looked_at() -> Iterator[Demo]:
    """For tests that change nothing."""
    with EmbeddedCluster(source=True) as cluster:
        yield Demo(cluster)


@pytest.fixture
def demo() -> Iterator[Demo]:
    with EmbeddedCluster(speed=10, source=True) as cluster:
        yield Demo(cluster)


def referee(major: int, cluster: EmbeddedCluster, *arguments: str) -> str:
    try:
        binary = helm(major)
    except Unavailable as reason:
        pytest.skip(str(reason))
    return subprocess.check_output([binary, "--kubeconfig", str(cluster.kubeconfig), *arguments], text=True)


def test_history_is_helms_own(looked_at: Demo) -> None:
    ours = looked_at.json("history")["revisions"]
    theirs = json.loads(referee(3, looked_at.cluster, "history", "dummy", "-o", "json"))
    assert [(one["revision"], one["status"], one["chart"], one["description"]) for one in ours] == [
        (one["revision"], one["status"], one["chart"], one["description"]) for one in reversed(theirs)
    ]


@pytest.mark.parametrize("revision", [2, 5])
def test_values_and_manifest_are_helms_own(looked_at: Demo, revision: int) -> None:
    number, cluster = str(revision), looked_at.cluster
    for extra in ([], ["--all"]):
        theirs = referee(3, cluster, "get", "values", "dummy", "--revision", number, *extra, "-o", "json")
        assert looked_at.json("get-values", "-r", number, *extra)["values"] == json.loads(theirs)
    manifest = referee(3, cluster, "get", "manifest", "dummy", "--revision", number)
    assert looked_at("get-values", "-r", number, "--manifest").stdout.strip() == manifest.strip()
    assert yaml.safe_load(looked_at("get-values", "-r", number).stdout)["user"] in ("lili", "timfeirg")


def test_what_differs_is_what_kubectl_diff_says(looked_at: Demo) -> None:
    manifest = looked_at("template").stdout
    try:
        argv = [kubectl(), "--kubeconfig", looked_at.cluster.kubeconfig, "diff", "-f", "-"]
    except Unavailable as reason:
        pytest.skip(str(reason))
    theirs = subprocess.run(argv, input=manifest, capture_output=True, text=True, check=False)
    names = set(
        re.findall(r"^diff .*/[a-z0-9.]+\.v\w+\.(\w+)\.default\.([\w.-]+)$", theirs.stdout, re.MULTILINE)
    )
    ours = looked_at.json("diff")["diff"]["objects"]
    assert {(one["kind"], one["name"]) for one in ours} == names, theirs.stdout[:400] + theirs.stderr[:400]


def test_diff_says_by_its_code_whether_something_differs(looked_at: Demo) -> None:
    assert "restarts 3 pods: image and env" in looked_at("diff", "--exit-code", code=3).stdout
    assert "Nothing changes." in looked_at("diff", "5", "--exit-code").stdout
    assert looked_at("diff", "4", "5").stdout.startswith("~ Deployment dummy-web")
    told = yaml.safe_load(looked_at("diff", "-o", "yaml").stdout)
    assert {one["kind"] for one in told["diff"]["objects"]} == {"Deployment", "CronJob", "Ingress"}


def test_a_dry_run_is_a_plan_and_changes_nothing(looked_at: Demo) -> None:
    plan = looked_at.json("deploy", "--dry-run")
    assert plan["kind"] == "Plan" and not plan["refused"]
    assert plan["plan"]["calls"][-1].startswith("helm upgrade --install dummy chart/ with imageTag=")
    assert looked_at.json("history")["revisions"][0]["revision"] == 5


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["deploy", "--set", "imageTag=nothing-like-it"], 4, "is in the registry: it is not there"),
        (["deploy", "--set", "a"], 1, "'a' is no setting"),
        (["--read-only", "deploy"], 4, "read-only: deploy is off"),
        (["rollback", "77"], 1, "dummy has no revision 77"),
        (["get-values", "-r", "77"], 1, "Helm keeps 1 to 5"),
        (["diff", "1", "2", "3"], 2, "Two revisions at most"),
        (["set-canary-group"], 2, "Name a group"),
        (["set-canary-group", "--abort"], 1, "no canary is out"),
        (["update-image", "wbe"], 1, "dummy has no proc wbe"),
        (["delete"], 4, "--yes"),
        (["--app", "nobody", "history"], 1, "there is no release nobody"),
        (["--app", "nobody", "deploy"], 1, "the chart of nobody is not here"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    looked_at: Demo, arguments: list[str], code: int, words: str
) -> None:
    assert words in looked_at(*arguments, code=code).stderr


def test_deployed_by_one_command_and_told_as_json(demo: Demo) -> None:
    head = subprocess.check_output(
        ["git", "-C", str(demo.repository), "rev-parse", "HEAD"], text=True
    ).strip()
    done = demo.json("deploy", "--yes")
    assert done["kind"] == "Operation" and done["error"] == ""
    last = {step["what"]: step["state"] for step in done["steps"]}
    assert last == {"helm upgrade": "done", "web": "done", "worker": "done", "worker stays up": "done"}
    assert demo("version").stdout.strip().endswith(head)
    newest = demo.json("history")["revisions"][0]
    assert (newest["revision"], newest["user"]) == (6, "somebody")
    assert demo("cherry").stdout == ""
    for major in (3, 4):
        assert "deployed" in referee(major, demo.cluster, "status", "dummy")


def test_a_canary_and_the_commits_as_documents(demo: Demo) -> None:
    assert [commit["subject"] for commit in demo.json("cherry")["out"]]
    assert any(tag["commit"] for tag in demo.json("tags")["tags"])
    assert demo.json("deploy", "--canary", "--yes")["error"] == ""
    aborted = demo.json("set-canary-group", "--abort", "--yes")
    assert (aborted["kind"], aborted["error"]) == ("Operation", "")


def test_a_rollout_that_fails_is_a_failure(demo: Demo) -> None:
    done = demo("rollback", "4", "--yes", code=1)
    assert "worker" in done.stderr and "Done before it stopped: helm rollback" in done.stderr


def test_without_helm_it_says_how_to_get_it_and_looking_goes_on(looked_at: Demo) -> None:
    program = "import sys; sys.modules['helm_python'] = None\n"
    program += "from lain_tui.__main__ import main; sys.exit(main())"
    env = {"HOME": str(looked_at.repository.parent), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    argv = [sys.executable, "-c", program, "--kubeconfig", str(looked_at.cluster.kubeconfig)]

    def run(*arguments: str) -> Done:
        return subprocess.run(
            [*argv, *arguments],
            cwd=looked_at.repository,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )

    refused = run("deploy")
    assert refused.returncode == 1 and "pip install 'lain-tui[helm]'" in refused.stderr
    assert run("history").returncode == 0
