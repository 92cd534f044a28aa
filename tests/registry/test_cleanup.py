"""`admin cleanup-registry` on a real docker-registry, with what the embedded cluster runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lain_tui.core.registry.credentials import ANONYMOUS
from lain_tui.core.registry.distribution import Distribution
from tests.cli.test_documents import valid
from tests.contract.api import Api
from tests.contract.objects import deployment, pod
from tests.embedded import EmbeddedCluster
from tests.registry_server import put_image, registry_server, tag

KEEP = ["--keep", "2"]


@pytest.fixture(scope="module")
def embedded() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster("empty") as cluster:
        yield cluster


class Admin:
    """A home with one of lain's clusters, whose registry is real."""

    def __init__(self, home: Path, cluster: EmbeddedCluster, registry: str) -> None:
        self.registry = registry
        self._home = home
        (home / ".kube").mkdir()
        (home / "values").mkdir()
        self.cluster("here", cluster.kubeconfig.read_text())

    def cluster(self, name: str, kubeconfig: str) -> None:
        (self._home / ".kube" / f"kubeconfig-{name}").write_text(kubeconfig)
        (self._home / "values" / f"values-{name}.yaml").write_text(f"registry: {self.registry}/team\n")

    def __call__(self, *words: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        env = {"PATH": os.environ["PATH"], "HOME": str(self._home), "LANG": "C.UTF-8",
               "LAIN_CLUSTER_VALUES_DIR": str(self._home / "values")}  # fmt: skip
        argv = [
            sys.executable,
            "-m",
            "lain_tui",
            "--cluster",
            "here",
            *before,
            "admin",
            "cleanup-registry",
            *words,
        ]
        return subprocess.run(
            argv, env=env, cwd=self._home, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip

    def plan(self, *words: str) -> list[str]:
        done = self("--dry-run", "-o", "json", *words)
        assert done.returncode == 0, done.stderr
        document: dict[str, Any] = json.loads(done.stdout)
        valid(document, "admin cleanup-registry")
        plan = document["plan"]
        return [call.removeprefix("delete ") for call in plan["calls"]]


@pytest.fixture
def admin(tmp_path: Path, embedded: EmbeddedCluster) -> Iterator[Admin]:
    with registry_server(tmp_path, deletes=True) as host:
        yield Admin(tmp_path, embedded, host)


async def tags(host: str, path: str) -> set[str]:
    return set(await Distribution(host=host, path=path, login=ANONYMOUS).tags())


def put(host: str, path: str, *numbers: int) -> None:
    for number in numbers:
        put_image(host, path, [tag(number)], contents=f"{path} {number}")


async def test_the_newest_and_what_lain_did_not_make_are_kept(admin: Admin) -> None:
    put(admin.registry, "team/dummy", 1, 2, 3, 4)
    put(admin.registry, "team/other", 1, 2)
    put(admin.registry, "elsewhere/dummy", 1, 2, 3, 4)
    for name in ("latest", "prepare", "prepare-x", "v1.0", "1.2.3"):
        put_image(admin.registry, "team/dummy", [name], contents=name)
    expected = [f"team/dummy:{tag(1)}", f"team/dummy:{tag(2)}"]
    assert admin.plan(*KEEP) == expected
    assert len(await tags(admin.registry, "team/dummy")) == 9, "a dry run deletes nothing"
    done = admin(*KEEP)
    assert done.returncode == 0, done.stderr
    left = {tag(3), tag(4), "latest", "prepare", "prepare-x", "v1.0", "1.2.3"}
    assert await tags(admin.registry, "team/dummy") == left
    assert await tags(admin.registry, "elsewhere/dummy") == {tag(1), tag(2), tag(3), tag(4)}
    assert "Nothing to delete: 0 images of 9 in" in admin(*KEEP).stderr


def test_what_a_workload_may_start_from_is_kept(admin: Admin, embedded: EmbeddedCluster) -> None:
    put(admin.registry, "team/dummy", *range(91, 99))
    api, name = Api(embedded.kubeconfig), "registry.internal/team/dummy"
    apps, batch = "/apis/apps/v1/namespaces/default", "/apis/batch/v1/namespaces/default"
    api.post(f"{apps}/deployments", deployment("asleep", f"{name}:{tag(91)}", replicas=0)).ok()
    api.post("/api/v1/namespaces/default/pods", pod("lone", f"{name}:{tag(92)}")).ok()
    job = {"spec": {"template": {"spec": {
        "restartPolicy": "Never", "containers": [{"name": "main", "image": f"{name}:{tag(93)}"}],
    }}}}  # fmt: skip
    cron = {
        "metadata": {"name": "monthly"},
        "spec": {"schedule": "0 0 1 * *", "suspend": True, "jobTemplate": job},
    }
    api.post(f"{batch}/cronjobs", cron).ok()
    assert admin.plan(*KEEP) == [f"team/dummy:{tag(number)}" for number in (94, 95, 96)]


def test_an_image_with_a_second_name_that_is_kept_is_kept(admin: Admin) -> None:
    put_image(admin.registry, "team/dummy", [tag(1), tag(4)], contents="built twice")
    put_image(admin.registry, "team/dummy", [tag(2), "v1.0"], contents="released")
    put(admin.registry, "team/dummy", 3, 5)
    assert admin.plan(*KEEP) == [f"team/dummy:{tag(3)}"]


def test_a_cluster_that_does_not_answer_forbids_it(admin: Admin) -> None:
    put(admin.registry, "team/dummy", 1, 2, 3)
    admin.cluster("away", 'current-context: a\nclusters: [{name: c, cluster: {server: "http://127.0.0.1:9"}}]\n'
                  "users: [{name: u, user: {}}]\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n")  # fmt: skip
    done = admin(*KEEP)
    assert done.returncode == 4
    assert "what away uses is known" in done.stderr
    assert done.stderr.rstrip().endswith("If it is of no account: --without away.")
    assert admin(*KEEP, "--without", "away").returncode == 0


def test_images_that_a_protected_cluster_shares_are_deleted_only_on_purpose(
    admin: Admin, embedded: EmbeddedCluster
) -> None:
    put(admin.registry, "team/dummy", 1, 2, 3)
    admin.cluster("prod", embedded.kubeconfig.read_text())
    done = admin(*KEEP)
    assert done.returncode == 4 and "here is to be typed first" in done.stderr
    assert "Protected, and with images from here: prod." in done.stderr
    assert admin(*KEEP, "--yes").returncode == 0


def test_a_misspelt_cluster_is_left_out_of_nothing(admin: Admin) -> None:
    done = admin("--without", "hree")
    assert done.returncode == 1 and done.stderr.startswith(
        "lain-tui: there is no cluster 'hree'. Did you mean 'here'?"
    )


def test_read_only_mode_deletes_nothing(admin: Admin) -> None:
    put(admin.registry, "team/dummy", 1, 2, 3)
    done = admin(*KEEP, before=("--read-only",))
    assert (done.returncode, "read-only: delete is off" in done.stderr) == (4, True)


def test_a_repository_that_is_not_there(admin: Admin) -> None:
    put(admin.registry, "team/dummy", 1, 2, 3)
    assert admin.plan(*KEEP, "dummy") == admin.plan(*KEEP, "team/dummy") == [f"team/dummy:{tag(1)}"]
    done = admin("nope")
    assert (done.returncode, "the registry has no repository team/nope" in done.stderr) == (1, True)


def test_a_registry_that_deletes_nothing_says_how_to_change_that(
    tmp_path: Path, embedded: EmbeddedCluster
) -> None:
    with registry_server(tmp_path) as host:
        put(host, "team/dummy", 1, 2, 3)
        done = Admin(tmp_path, embedded, host)(*KEEP)
    assert done.returncode == 1
    assert "the registry is set to delete nothing" in done.stderr
    assert "REGISTRY_STORAGE_DELETE_ENABLED=true" in done.stderr
