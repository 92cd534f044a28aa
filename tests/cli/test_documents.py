"""What commands print with `-o json`: one document, of the kind that is told, as its schema says."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import jsonschema
import msgspec
import pytest
import yaml

from lain_tui.cli.documents.document import API_VERSION
from lain_tui.cli.documents.schema import documents, printed_by, schema_of
from lain_tui.cli.root import COMMANDS, root, run
from tests.cli.test_program import NoScreens
from tests.docker_daemon import Daemon, docker_daemon
from tests.docs.sandbox import Sandbox
from tests.embedded import EmbeddedCluster
from tests.forge.gitlab_server import PROJECT, TOKEN, GitLabServer, user
from tests.registry_server import registry_server

CALLS = {
    "status": ["-s"],
    "apps": [],
    "clusters": [],
    "admin status": [],
    "admin list-images": [],
    "admin list-singletons": [],
    "admin list-unused-ingress": [],
    "admin list-waste": [],
    "admin delete-bad-pod": ["--dry-run"],
    "admin delete-bad-ing": ["--yes"],
    "history": [],
    "get-values": ["--revision", "2"],
    "diff": ["3", "4"],
    "version": [],
    "deploy": ["--dry-run"],
    "rollback": ["--dry-run"],
    "redeploy": ["--dry-run"],
    "update-image": ["worker", "--dry-run"],
    "delete": ["--dry-run"],
    "env show": [],
    "env set": ["FOO=BAR"],
    "env add": ["FOO=BAR"],
    "env addfile": ["more.yaml", "--dry-run"],
    "env unset": ["FOO", "--dry-run"],
    "env rename": ["FOO", "BAR", "--dry-run"],
    "env edit": ["--dry-run"],
    "env import": ["more.yaml", "--dry-run"],
    "env restore": ["more.yaml", "--dry-run"],
    "env diff": ["test"],
    "secret show": ["--reveal"],
    "secret set": ["a.txt=b", "--dry-run"],
    "secret add": ["more.yaml", "--dry-run"],
    "secret addfile": ["more.yaml", "--dry-run"],
    "secret unset": ["topsecret.txt", "--dry-run"],
    "secret rename": ["topsecret.txt", "b.txt", "--dry-run"],
    "secret edit": ["--dry-run"],
    "secret import": ["more.yaml", "--dry-run"],
    "secret restore": ["more.yaml", "--dry-run"],
    "secret diff": ["test"],
    "values": ["--provenance"],
    "init": ["--template-only"],
    "lint": [],
    "advice": [],
    "template": ["--set", "deployments.web.replicaCount=3"],
    "use": [],
    "prepare": ["--dry-run"],
    "build": ["--push", "--dry-run"],
    "push": ["--dry-run"],
    "run": ["--dry-run"],
    "save": ["--dry-run"],
    "image": [],
    "dockerfile": [],
    "compose": [],
    "cp": ["web:/lain/app/run.py", "."],
    "restart": ["web", "--dry-run"],
    "wait": ["web"],
    "job": ["--no-wait", "--", "true"],
    "jobs": [],
    "create-job": ["daily", "--no-wait"],
    "suspend": ["daily"],
    "resume": ["daily"],
    "config show": [],
}
"""A call of each, after its name."""

ELSEWHERE = {"tags", "cherry", "assign-mr", "wait-mr-approval", "set-canary-group", "admin cleanup-registry"}
"""Those that need more than a cluster: tests below, tests/cli/test_releases.py and tests/registry/test_cleanup.py hold
them to their schema."""

NO_DOCUMENT = {
    "logs": "prints one object a line",
    "x": "prints what the program in the container prints",
    "port-forward": "lists nothing: it lasts",
    "send-msg": "lists nothing",
    "config path": "prints a path",
    "completion": "prints a script",
    "schema": "prints a schema, which is JSON",
    "demo serve": "is a cluster",
    "help": "is for people",
}
"""Commands without a document, and why."""

VALUES = """\
appname: dummy
build:
  base: base:1
  prepare: {script: ["touch treasure"], keep: [treasure]}
  script: ["cat treasure"]
deployments:
  web:
    command: [sleep, infinity]
    resources: {limits: {cpu: 1, memory: 1Gi}, requests: {cpu: 1, memory: 1Gi}}
"""


def leaves(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command that can be called, with its whole name."""
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            below = command.get_command(click.Context(command), name)
            if below is not None and not below.hidden:
                yield from leaves(below, (*words, name))
    if words and (not isinstance(command, click.Group) or command.invoke_without_command):
        yield " ".join(words), command


LEAVES = dict(leaves(root))


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("documents")
    with EmbeddedCluster(speed=5) as cluster, Sandbox(folder, cluster) as box:
        (box.folder / "chart" / "values.yaml").write_text(VALUES)
        (box.folder / "more.yaml").write_text("apiVersion: v1\nkind: Secret\ndata: {MORE: text}\n")
        yield box


class Printed:
    """Runs a command in this process, where the sandbox is."""

    def __init__(self, sandbox: Sandbox, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = sandbox.folder
        self._capture = capture

    def __call__(self, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
        self._capture.readouterr()
        code = run(["--cluster", "test", *arguments], NoScreens())
        out, told = self._capture.readouterr()
        assert code in codes, (code, out, told)
        return out

    def document(self, command: str, *arguments: str, codes: tuple[int, ...] = (0,)) -> dict[str, Any]:
        # Behind two dashes stands another program's command line.
        place = arguments.index("--") if "--" in arguments else len(arguments)
        words = [*command.split(), *arguments[:place], "--output", "json", *arguments[place:]]
        document = json.loads(self(*words, codes=codes))
        valid(document, command)
        return document


def valid(document: dict[str, Any], command: str) -> None:
    kinds = printed_by(command)
    assert document["kind"] in kinds, f"{command} is told to print {kinds}"
    assert list(document)[:2] == ["apiVersion", "kind"] and document["apiVersion"] == API_VERSION
    for schema in (schema_of(document["kind"]), schema_of(*kinds)):
        jsonschema.Draft202012Validator(
            schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
        ).validate(document)
    own = schema_of(document["kind"])["$defs"][f"{document['kind']}Document"]
    assert set(document) == set(own["properties"]), "every field is always there, and none that is not told"


@pytest.fixture
def printed(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Printed:
    monkeypatch.chdir(sandbox.folder)
    for name, value in {**sandbox.env, "EDITOR": "true", "CI": "true"}.items():
        monkeypatch.setenv(name, value)
    return Printed(sandbox, capsys)


def test_every_command_that_lists_or_plans_prints_a_document() -> None:
    assert set(LEAVES) == set(CALLS) | set(NO_DOCUMENT) | ELSEWHERE
    for name, command in LEAVES.items():
        options = [param for param in command.params if param.name == "output"]
        if name in NO_DOCUMENT:
            assert not printed_by(name) and (not options or name == "logs"), name
        else:
            assert printed_by(name), f"{name} is in no document's `of`"
            (option,) = options
            assert isinstance(option.type, click.Choice)
            assert list(option.type.choices) == ["text", "json", "yaml"], name
    assert {name.split()[0] for name in LEAVES} == set(COMMANDS)
    assert {name for kind in documents().values() for name in kind.of} <= set(LEAVES)


@pytest.mark.parametrize("command", CALLS)
def test_a_document_is_as_its_schema_says(printed: Printed, command: str) -> None:
    printed.document(command, *CALLS[command], codes=(0, 3, 4))


def test_yaml_is_the_same_document(printed: Printed) -> None:
    found = [printed("image", "-o", form) for form in ("json", "yaml")]
    assert json.loads(found[0]) == yaml.safe_load(found[1])
    assert yaml.safe_load(printed("apps", "-o", "yaml"))["kind"] == "Apps"


def test_what_there_is_to_know_is_in_the_documents(printed: Printed) -> None:
    image = printed.document("image")
    assert image["image"] == f"{image['registry']}/dummy:{image['tag']}"
    assert image["dirty"] is True
    built = printed.document("dockerfile", "--stage", "prepare")
    assert (built["stage"], built["bases"]) == ("prepare", ["base:1"])
    web = next(one for one in printed.document("template", "--set", "deployments.web.replicaCount=3")["objects"]
               if one["metadata"]["name"] == "dummy-web" and one["kind"] == "Deployment")  # fmt: skip
    assert web["spec"]["replicas"] == 3
    plan = printed.document("push", "--pull", "--registry", "other.example.com", "--dry-run")["plan"]
    assert plan["calls"][0] == f"docker pull {image['image']}"
    assert plan["calls"][-1].startswith("docker push other.example.com/dummy:")
    revision = printed.document("history")["revisions"][0]
    assert {"imageTag", "secretVersion"} <= set(revision)
    worker = printed.document("status", codes=(3,))["findings"][0]
    assert worker["severity"] == "broken"


def test_a_change_that_changes_nothing_prints_its_document_too(printed: Printed) -> None:
    printed("env", "set", "SAME=1")
    document = printed.document("env set", "SAME=1")
    assert document["plan"] is None and document["steps"] == []


def test_a_change_tells_what_was_done(printed: Printed) -> None:
    document = printed.document("restart", "web", "--yes")
    assert {step["state"] for step in document["steps"]} >= {"begun", "done"}
    assert document["error"] == ""


def test_a_change_that_fails_says_so_in_its_document(printed: Printed) -> None:
    document = printed.document("deploy", "--set", "imageTag=nowhere", codes=(1, 4))
    assert document["kind"] == "Operation" and document["error"]


def test_merge_requests(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    with GitLabServer() as gitlab:
        monkeypatch.setenv("CI_SERVER_URL", gitlab.url)
        monkeypatch.setenv("GITLAB_API_TOKEN", TOKEN)
        assert printed.document("assign-mr", PROJECT, "3")["assignee"] in ("ada", "grace")
        gitlab.approved_by = [user(2, "ada")]
        assert printed.document("wait-mr-approval", PROJECT, "3")["verdict"] == "approved"


@pytest.fixture(scope="module")
def daemon() -> Iterator[Daemon]:
    with docker_daemon() as running:
        yield running


def test_images_are_made_moved_and_listed(
    printed: Printed, daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with registry_server(tmp_path) as registry:
        for name, value in daemon.environment.items():
            monkeypatch.setenv(name, value)
        values = tmp_path / "more.yaml"
        values.write_text(f"registry: {registry}\nregistry_http: true\n")
        here = ("--values", str(values))
        built = printed.document("build", "--push", "--allow-dirty", "--network", "host", *here)
        assert built["error"] == "" and built["result"].startswith(f"{registry}/dummy:")
        assert built["plan"]["subject"] == built["result"]
        assert {step["state"] for step in built["steps"]} >= {"begun", "done"}
        tags = [tag["name"] for tag in printed.document("tags", *here)["tags"]]
        assert built["result"].rpartition(":")[2] in tags

        # As lain does: under another name, latest with it only when it is said.
        moved = printed("push", "base:1", "--registry", f"{registry}/other", *here)
        assert moved == f"{registry}/other/base:1\n"
        saved = printed.document(
            "save", "base:1", "--retag", f"{registry}/team/kept", "--to", str(tmp_path), *here
        )
        assert Path(saved["result"]) == tmp_path / "kept_1.tar.gz"
        assert subprocess.run(["gzip", "-t", saved["result"]], check=False).returncode == 0
        missing = printed("save", "nothing:1", "-o", "json", "--to", str(tmp_path), codes=(1,))
        assert msgspec.json.decode(missing)["result"] is None


def test_the_schemas_are_schemas() -> None:
    jsonschema.Draft202012Validator.check_schema(schema_of(*documents()))


def test_the_schema_is_asked_for_by_kind_or_command(printed: Printed) -> None:
    assert json.loads(printed("schema", "admin", "status"))["$ref"] == "#/$defs/OverviewDocument"
    told = json.loads(printed("schema", "deploy"))
    assert [one["$ref"].rpartition("/")[2] for one in told["oneOf"]] == ["PlanDocument", "OperationDocument"]
    assert told["$defs"]["Plan"]["properties"]["typed"]["description"]
    assert all(kind in printed("schema") for kind in documents())
    printed("schema", "nothing", codes=(2,))


@pytest.mark.parametrize("command", LEAVES)
def test_every_help_fits_80_by_24_and_has_an_example(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run([*command.split(), "--help"], NoScreens()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 24 and max(map(len, lines)) <= 80
    (example,) = (number for number, line in enumerate(lines) if line.startswith("  Example: "))
    assert "lain-tui " in lines[example] and len(lines) - example <= 2
