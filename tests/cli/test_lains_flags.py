"""Flags that lain's users know, each doing what it did there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Program
from tests.cli.test_releases import Demo
from tests.embedded import EmbeddedCluster


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> object:
    with EmbeddedCluster(speed=5, source=True) as cluster:
        yield Demo(cluster)


def test_a_selector_means_pods_of_the_app(demo: Demo) -> None:
    web = "app.kubernetes.io/instance=dummy-web"
    calls = demo.json("restart", "-l", web, "--dry-run")["plan"]["calls"]
    assert len(calls) == 3 and all("dummy-web-" in call for call in calls)
    more = demo.json("restart", "-l", web, "-l", "app.kubernetes.io/instance=dummy-worker", "--dry-run")
    assert len(more["plan"]["calls"]) == 4
    assert demo.json("wait", "-l", web)["ready"] is True
    assert "has the labels a=b" in demo("restart", "--selector", "a=b", "--dry-run", code=1).stderr
    assert "Name procs" in demo("restart", "web", "-l", web, code=2).stderr


def test_the_app_may_be_named_where_lain_has_it(demo: Demo) -> None:
    for command in (["restart", "dummy", "--dry-run"], ["delete", "dummy", "--dry-run"]):
        assert "dummy" in demo.json(*command)["plan"]["subject"]
    assert demo.json("get-values", "dummy")["values"]["imageTag"]
    assert "worker" in demo("wait", "dummy", "--tries", "1", code=3).stderr
    assert "nobody has no proc" not in demo("get-values", "nobody", code=1).stderr


def test_auto_pilot_restarts_gracefully(demo: Demo) -> None:
    plan = demo.json("--auto-pilot", "restart", "web", "--dry-run")["plan"]
    assert all(call.startswith("evict pod ") for call in plan["calls"])


def test_deduce_means_the_newest_image_of_the_registry(demo: Demo) -> None:
    newest = next(tag["name"] for tag in demo.json("tags")["tags"] if tag["name"] != "latest")
    plan = demo.json("update-image", "worker", "--deduce", "--dry-run")["plan"]
    assert plan["subject"].endswith(f" to {newest}")
    assert "choose one" in demo("update-image", "worker", "--deduce", "--tag", "x", code=2).stderr


def test_version_lists_recent_images_beside_the_deployed_one(demo: Demo) -> None:
    done = demo("version", "--images-count", "2")
    assert len(done.stdout.splitlines()) == 1
    tags = [tag["name"] for tag in demo.json("tags")["tags"][:2]]
    assert done.stderr.splitlines()[-2:] == tags


def test_logs_of_all_time_and_where_kibana_has_them(demo: Demo, tmp_path: Path) -> None:
    few, all_of_them = (
        len(demo("logs", "web", "--tail", count, "-o", "raw").stdout.splitlines()) for count in ("1", "-1")
    )
    assert few == 3 < all_of_them
    (tmp_path / "kibana.yaml").write_text("kibana: kibana.example.com\n")
    link = demo("-f", str(tmp_path / "kibana.yaml"), "logs", "web", "--kibana").stdout
    assert link.startswith("http://kibana.example.com/app/logs/stream?") and "dummy-web*" in link


def test_secret_apply_sets_the_keys_of_a_file(demo: Demo, tmp_path: Path) -> None:
    file = tmp_path / "secret.yml"
    file.write_text(demo("secret", "show", "--reveal").stdout.replace("data:", "data:\n  more.txt: text"))
    demo("secret", "apply", "-f", str(file), "--yes")
    assert demo.json("secret", "show", "more.txt", "--reveal")["data"] == {"more.txt": "text"}


def test_a_job_of_another_image_and_user(demo: Demo) -> None:
    head = demo.json("image")["tag"]
    plan = json.loads(demo("job", "--head", "--dry-run", "-o", "json", "--", "true").stdout)["plan"]
    assert plan["notes"][0].startswith(f"Tag {head} and env of ")
    demo("job", "--name", "as-root", "-u", "0", "--image-tag", "other", "--no-wait", "--", "true")
    job = demo.cluster.get("/apis/batch/v1/namespaces/default/jobs/dummy-as-root")
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["image"].endswith("/dummy:other")
    assert container["securityContext"]["runAsUser"] == 0
    assert "choose one" in demo("job", "--head", "--image-tag", "x", code=2).stderr
    assert "leave the command away" in demo("job", "--context", "--", "ls", code=2).stderr


VALUES = """\
appname: dummy
build: {base: "base:1", script: [make]}
deployments:
  web: {imageTag: "older"}
  proxy: {image: "nginx:1"}
"""


def dry(program: Program, *arguments: str) -> list[str]:
    done = program(*arguments, "--dry-run", "--output", "json")
    assert done.returncode == 0, done.stderr
    calls: list[str] = json.loads(done.stdout)["plan"]["calls"]
    return calls


def test_run_takes_the_image_of_a_proc(program: Program) -> None:
    (program.chart / "values.yaml").write_text(VALUES)
    assert dry(program, "run", "-c", "proxy")[0].endswith(" nginx:1")
    assert dry(program, "run", "--proc", "web", "-u", "0")[0].endswith(" --user=0 dummy:older")
    assert program("run", "--proc", "nothing").stderr == (
        "lain-tui: the values have no proc nothing. They have proxy and web.\n"
    )


def test_an_image_is_saved_under_the_name_it_will_have(program: Program) -> None:
    program.kubeconfig("kubeconfig-foo")
    values = Path(program.env["LAIN_CLUSTER_VALUES_DIR"])
    values.mkdir()
    (values / "values-foo.yaml").write_text("registry: registry.foo/team\n")
    for retag, name in {
        "foo": "registry.foo/team/alpine:3",
        "registry.example.com/alpine": "registry.example.com/alpine:3",
        "registry.example.com/alpine:latest": "registry.example.com/alpine:latest",
    }.items():
        calls = dry(program, "save", "alpine:3", "--retag", retag, "--pull")
        assert calls[:2] == ["docker pull alpine:3", f"docker tag alpine:3 {name}"]


def test_a_build_goes_to_every_clusters_registry(program: Program) -> None:
    subprocess.run(["git", "init", "-q", str(program.repository)], check=True)
    (program.chart / "values.yaml").write_text(VALUES)
    values = Path(program.env["LAIN_CLUSTER_VALUES_DIR"])
    values.mkdir()
    for name in ("bar", "foo"):
        program.kubeconfig(f"kubeconfig-{name}")
        (values / f"values-{name}.yaml").write_text(f"registry: registry.{name}/team\n")
    calls = dry(program, "--cluster", "foo", "build", "--publish")
    assert [call.split()[2].rstrip(",") for call in calls if "push" in call] == [
        "registry.foo/team/dummy:latest",
        "registry.bar/team/dummy:latest",
    ]


def test_the_dockerfile_is_kept_and_none_is_overwritten(program: Program) -> None:
    (program.chart / "values.yaml").write_text(VALUES)
    (program.repository / ".git").rmdir()
    file = program.repository / "Dockerfile"
    nowhere = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}
    for kept in ("FROM base:1 AS build", "# mine"):
        assert program("build", "--keep-dockerfile", "--allow-dirty", **nowhere).returncode == 1
        assert file.read_text().startswith(kept)
        file.write_text("# mine\n")
