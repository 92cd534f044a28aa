"""helm 3, helm 4 and helm's own library through a release's whole life."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Cluster
from tests.contract.api import Api, Obj
from tests.contract.charts import small_chart
from tests.contract.conftest import Program

helm_python = pytest.importorskip("helm_python", reason="helm-python-sdk is not installed (the [helm] extra)")

Library = helm_python.Config


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    return small_chart(tmp_path)


@pytest.fixture
def sdk(cluster: Cluster, namespace: str) -> Iterator[Library]:
    with helm_python.Config(kubeconfig_path=cluster.kubeconfig, namespace=namespace) as config:
        yield config


def with_image(cluster: Cluster, *more: str) -> list[str]:
    return ["--set", f"image={cluster.images['shell']}", *more]


def record(api: Api, core: str, revision: int) -> Obj:
    """The release record as helm stored it: base64 (the API's) of base64 (helm's) of gzip of JSON."""
    secret = api.get(f"{core}/secrets/sh.helm.release.v1.app.v{revision}").ok()
    assert secret["type"] == "helm.sh/release.v1"
    decoded: Obj = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(secret["data"]["release"]))))
    return decoded


def labels(api: Api, core: str) -> dict[int, str]:
    """Status by revision, from the labels of the release's Secrets."""
    listed = api.get(f"{core}/secrets", labelSelector="owner=helm,name=app").ok()["items"]
    return {int(s["metadata"]["labels"]["version"]): s["metadata"]["labels"]["status"] for s in listed}


def test_the_life_of_a_release(
    api: Api, core: str, cluster: Cluster, helm: Program, chart: Path, namespace: str
) -> None:
    installed = helm("install", "app", str(chart), *with_image(cluster), "--wait", "--timeout=180s")
    assert "STATUS: deployed" in installed
    assert installed.endswith("app is red\n")
    assert [(r["name"], r["revision"], r["status"]) for r in json.loads(helm("list", "-o", "json"))] == [
        ("app", "1", "deployed")
    ]

    helm(
        "upgrade",
        "app",
        str(chart),
        *with_image(cluster, "--set", "colour=blue,replicas=2"),
        "--wait",
        "--timeout=180s",
    )
    assert api.get(f"{core}/configmaps/app-settings").ok()["data"] == {"colour": "blue"}
    assert labels(api, core) == {1: "superseded", 2: "deployed"}
    assert record(api, core, 2)["config"]["colour"] == "blue"

    helm("rollback", "app", "1", "--wait", "--timeout=180s")
    assert api.get(f"{core}/configmaps/app-settings").ok()["data"] == {"colour": "red"}
    history = json.loads(helm("history", "app", "-o", "json"))
    assert [(h["revision"], h["status"], h["description"]) for h in history] == [
        (1, "superseded", "Install complete"),
        (2, "superseded", "Upgrade complete"),
        (3, "deployed", "Rollback to 1"),
    ]
    assert "colour: red" not in helm("get", "values", "app")
    assert "kind: Deployment" in helm("get", "manifest", "app")

    assert helm("uninstall", "app", "--wait", "--timeout=180s") == 'release "app" uninstalled\n'
    assert labels(api, core) == {}
    api.gone(f"{core}/services/app")
    api.gone(f"/apis/apps/v1/namespaces/{namespace}/deployments/app-web")


def test_a_dry_run_touches_nothing(api: Api, core: str, cluster: Cluster, helm: Program, chart: Path) -> None:
    shown = helm("install", "app", str(chart), *with_image(cluster), "--dry-run=server")
    assert "kind: Deployment" in shown
    assert labels(api, core) == {}
    api.get(f"{core}/services/app").refused(404, "NotFound")


def test_a_change_by_hand_is_merged_over(
    api: Api, core: str, cluster: Cluster, helm: Program, chart: Path
) -> None:
    helm("install", "app", str(chart), *with_image(cluster))
    api.patch(f"{core}/configmaps/app-settings", {"metadata": {"labels": {"by": "hand"}}}).ok()
    helm("upgrade", "app", str(chart), *with_image(cluster, "--set", "colour=blue"))
    changed = api.get(f"{core}/configmaps/app-settings").ok()
    assert changed["data"] == {"colour": "blue"}
    assert changed["metadata"]["labels"]["by"] == "hand"


def test_a_failing_upgrade_is_recorded(
    api: Api, core: str, cluster: Cluster, helm: Program, chart: Path
) -> None:
    helm("install", "app", str(chart), *with_image(cluster))
    refused = helm.fails(
        "upgrade", "app", str(chart), "--set", f"image={cluster.images['shell']},replicas=-1"
    )
    assert "must be greater than or equal to 0" in refused
    assert labels(api, core) == {1: "deployed", 2: "failed"}


def test_upgrade_installs_and_goes_back_by_itself(
    api: Api, core: str, cluster: Cluster, helm: Program, chart: Path
) -> None:
    first = helm("upgrade", "--install", "app", str(chart), *with_image(cluster), "--wait", "--timeout=180s")
    assert 'Release "app" does not exist. Installing it now.' in first
    goes_back = "--atomic" if helm("version", "--short").startswith("v3") else "--rollback-on-failure"
    broken = f"image={cluster.images['missing']},colour=blue"
    refused = helm.fails("upgrade", "app", str(chart), "--set", broken, goes_back, "--timeout=4s")
    assert "has been rolled back due to" in refused
    assert labels(api, core) == {1: "superseded", 2: "failed", 3: "deployed"}
    assert api.get(f"{core}/configmaps/app-settings").ok()["data"] == {"colour": "red"}
    assert json.loads(helm("status", "app", "-o", "json"))["info"]["description"] == "Rollback to 1"


def test_old_revisions_are_forgotten_when_told(
    api: Api, core: str, cluster: Cluster, helm: Program, chart: Path
) -> None:
    helm("install", "app", str(chart), *with_image(cluster))
    for colour in ("blue", "green", "grey"):
        helm(
            "upgrade", "app", str(chart), *with_image(cluster, "--set", f"colour={colour}"), "--history-max=2"
        )
    assert labels(api, core) == {3: "superseded", 4: "deployed"}


def test_a_hook_is_waited_for(
    api: Api, core: str, cluster: Cluster, helm: Program, chart: Path, namespace: str
) -> None:
    helm("install", "app", str(chart), *with_image(cluster))
    done, crash = cluster.images["done"], cluster.images["crash"]
    helm("upgrade", "app", str(chart), *with_image(cluster, "--set", f"hook={done}"), "--timeout=180s")
    job = api.get(f"/apis/batch/v1/namespaces/{namespace}/jobs/app-hook").ok()
    assert job["status"]["succeeded"] == 1
    refused = helm.fails(
        "upgrade", "app", str(chart), *with_image(cluster, "--set", f"hook={crash}"), "--timeout=180s"
    )
    assert "pre-upgrade hooks failed" in refused
    assert labels(api, core)[3] == "failed"


def test_what_exists_already_is_not_taken_over(
    api: Api, core: str, cluster: Cluster, helm: Program, chart: Path
) -> None:
    api.post(f"{core}/configmaps", {"metadata": {"name": "app-settings"}, "data": {}}).ok()
    refused = helm.fails("install", "app", str(chart), *with_image(cluster))
    assert "invalid ownership metadata" in refused
    assert "app-settings" in refused


def test_the_library_lives_the_same_life(
    api: Api, core: str, cluster: Cluster, sdk: Library, chart: Path
) -> None:
    image = {"image": cluster.images["shell"]}
    installed = sdk.install(chart, "app", image, wait="watcher", timeout=180)
    assert (installed["name"], installed["status"]) == ("app", "deployed")
    sdk.upgrade(chart, "app", {**image, "colour": "blue"}, wait="watcher", timeout=180)
    assert api.get(f"{core}/configmaps/app-settings").ok()["data"] == {"colour": "blue"}
    sdk.rollback("app", version=1, wait="watcher", timeout=180)
    assert api.get(f"{core}/configmaps/app-settings").ok()["data"] == {"colour": "red"}
    history = sdk.history("app")
    assert labels(api, core) == {1: "superseded", 2: "superseded", 3: "deployed"}
    assert len(history) == 3
    assert [release["name"] for release in sdk.list()] == ["app"]
    sdk.uninstall("app")
    assert labels(api, core) == {}


def test_the_library_reads_what_the_program_wrote(
    cluster: Cluster, helm: Program, sdk: Library, chart: Path
) -> None:
    helm("install", "app", str(chart), *with_image(cluster, "--set", "colour=green"))
    assert sdk.get_values("app")["colour"] == "green"
    assert [release["name"] for release in sdk.list()] == ["app"]


def test_the_library_goes_on_where_the_program_ended(
    cluster: Cluster, helm: Program, sdk: Library, chart: Path
) -> None:
    """But not after helm 4, which applies on the server: there the library is another manager of the same fields."""
    helm("install", "app", str(chart), *with_image(cluster))
    change = {"image": cluster.images["shell"], "colour": "blue"}
    if helm("version", "--short").startswith("v3"):
        sdk.upgrade(chart, "app", change)
        assert [h["status"] for h in json.loads(helm("history", "app", "-o", "json"))] == [
            "superseded",
            "deployed",
        ]
    else:
        with pytest.raises(helm_python.HelmReleaseError, match=r'conflict with "helm": \.data\.colour'):
            sdk.upgrade(chart, "app", change)


def test_with_no_release_the_library_says_so(sdk: Library) -> None:
    with pytest.raises(helm_python.HelmNotFoundError):
        sdk.status("nope")
