"""The ways in: options, folder and environment end in one Target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lain_tui.core.config.resolve import Options, resolve_target, resolve_values, target_values
from lain_tui.core.errors import LainError
from lain_tui.core.target import Target
from tests.config.conftest import Home


def target(home: Home, cwd: Path | None = None, **options: Any) -> Target:
    return resolve_target(Options(**options), cwd=cwd or home.repository, env=home.env)


def test_inside_a_repository_the_chart_says_which_app(home: Home) -> None:
    home.kubeconfig("config", "kind", namespace="team")
    chart = home.chart("appname: dummy\n")
    deep = home.repository / "src" / "deep"
    deep.mkdir(parents=True)
    found = target(home, deep)
    assert (found.app, found.release, found.chart) == ("dummy", "dummy", chart)
    assert (found.cluster, found.context, found.namespace) == ("kind", "kind", "team")
    assert found.kubeconfig == (home.kube / "config",)


def test_a_chart_above_the_repository_is_none_of_its_business(home: Home) -> None:
    home.kubeconfig("config", "kind")
    (home.repository.parent / "chart").mkdir()
    (home.repository.parent / "chart" / "values.yaml").write_text("appname: other\n")
    assert target(home).app == ""


def test_outside_of_a_repository_there_is_no_app_yet(home: Home, tmp_path: Path) -> None:
    home.kubeconfig("config", "kind")
    found = target(home, tmp_path)
    assert (found.app, found.chart, found.namespace) == ("", None, "default")


def test_another_app_than_the_repositorys_has_no_chart_here(home: Home) -> None:
    home.kubeconfig("config", "kind")
    home.chart()
    found = target(home, app="other")
    assert (found.app, found.release, found.chart) == ("other", "other", None)


def test_the_release_may_have_another_name(home: Home) -> None:
    home.kubeconfig("config", "kind")
    home.chart("appname: dummy\n", kind="releaseName: dummy-two\n")
    assert target(home).release == "dummy-two"


def test_the_current_cluster_is_where_the_link_leads(home: Home) -> None:
    home.cluster("test", "domain: test.example\n")
    home.cluster("eu-west", "domain: eu.example\nnamespace: apps\n")
    home.use("eu-west")
    found = target(home)
    assert (found.cluster, found.context, found.namespace) == ("eu-west", "eu-west-context", "apps")
    assert found.setting("domain") == "eu.example"
    assert found.settings_file == home.cluster_values / "values-eu-west.yaml"


def test_a_target_is_pinned_when_somebody_moves_the_link(home: Home) -> None:
    home.cluster("test", "domain: x\n")
    home.cluster("prod", "domain: x\n")
    home.use("test")
    found = target(home)
    home.use("prod")
    assert found.kubeconfig == (home.kube / "kubeconfig-test",)
    assert found.context == "test-context"


def test_cluster_option_wins_over_the_current_one(home: Home) -> None:
    home.cluster("test", "domain: x\n")
    home.cluster("prod", "domain: z\n")
    home.use("test")
    found = target(home, cluster="prod", namespace="mine")
    assert (found.cluster, found.setting("domain"), found.namespace) == ("prod", "z", "mine")


def test_the_second_variable_for_cluster_values_counts_when_the_first_is_not_set(home: Home) -> None:
    home.cluster("test", "domain: x\n")
    home.use("test")
    home.env["CLUSTER_VALUES_DIR"] = home.env.pop("LAIN_CLUSTER_VALUES_DIR")
    assert target(home).setting("domain") == "x"
    home.env["LAIN_CLUSTER_VALUES_DIR"] = str(home.path)
    assert target(home).setting("domain") == ""


def test_cluster_values_are_found_beside_their_kubeconfig_too(home: Home, tmp_path: Path) -> None:
    """As `demo serve` writes them, and as they come on a memory stick."""
    file = home.kubeconfig("kubeconfig-away", "away-context").rename(tmp_path / "kubeconfig-away")
    (tmp_path / "values-away.yaml").write_text("domain: beside\n")
    assert target(home, kubeconfig=file).setting("domain") == "beside"
    (home.cluster_values / "values-away.yaml").write_text("domain: folder\n")
    assert target(home, kubeconfig=file).setting("domain") == "folder"


def test_the_apps_values_for_a_cluster_override_the_clusters_own_keys_only(home: Home) -> None:
    home.cluster("test", "domain: x\nregistry: old\nown: 1\n")
    home.use("test")
    home.chart("appname: dummy\nregistry: not from here\n", test="registry: new\nown: 2\nother: 3\n")
    assert target(home).settings == {"domain": "x", "registry": "new", "own": 2}


def test_extra_values_can_set_what_a_cluster_without_values_misses(home: Home, tmp_path: Path) -> None:
    home.kubeconfig("config", "kind")
    extra = tmp_path / "extra.yaml"
    extra.write_text("grafana_url: http://grafana\nappname: ignored\n")
    assert target(home, values=(extra,)).settings == {"grafana_url": "http://grafana"}


def test_any_context_will_do_where_nobody_set_up_clusters(home: Home) -> None:
    home.kubeconfig("config", "kind", "minikube", namespace="x")
    assert target(home, cluster="minikube").context == "minikube"
    assert target(home, context="minikube").cluster == "minikube"


def test_kubeconfig_files_are_merged_and_the_first_wins(home: Home) -> None:
    one = home.kubeconfig("one", "a", "b", namespace="one")
    two = home.kubeconfig("two", "b", "c", namespace="two")
    home.env["KUBECONFIG"] = f"{home.kube / 'absent'}:{one}:{two}"
    assert target(home).context == "a"
    assert target(home, context="b").namespace == "one"
    found = target(home, context="c")
    assert (found.namespace, found.kubeconfig) == ("two", (one, two))


def test_a_lain_kubeconfig_given_as_a_file_belongs_to_its_cluster(home: Home) -> None:
    file = home.cluster("test", "domain: x\n")
    assert target(home, kubeconfig=file).setting("domain") == "x"


def test_another_context_of_that_file_is_another_cluster(home: Home) -> None:
    (home.cluster_values / "values-test.yaml").write_text("domain: x\n")
    file = home.kubeconfig("kubeconfig-test", "one", "two")
    found = target(home, kubeconfig=file, context="two")
    assert (found.cluster, found.settings) == ("two", {})


@pytest.mark.parametrize(("pattern", "protected"), [("prod", True), ("pr*", True), ("test", False)])
def test_protected_clusters_are_told_by_pattern(home: Home, pattern: str, protected: bool) -> None:
    home.cluster("prod", "domain: x\n")
    home.use("prod")
    home.settings(f"protected: ['{pattern}']\n")
    assert target(home).protected is protected


def test_read_only_by_option_or_setting(home: Home) -> None:
    home.kubeconfig("config", "kind")
    assert not target(home).read_only
    assert target(home, read_only=True).read_only
    home.settings("read_only: true\n")
    assert target(home).read_only


@pytest.mark.parametrize(("only", "held"), [("[kind, prod*]", True), ("[prod*]", False)])
def test_read_only_on_some_clusters_only(home: Home, only: str, held: bool) -> None:
    home.kubeconfig("config", "kind")
    home.settings(f"read_only: {only}\n")
    assert target(home).read_only is held
    home.settings("read_only: false\n")
    home.env["LAIN_TUI_READ_ONLY"] = only.strip("[]")
    assert target(home).read_only is held


def test_inside_a_pod_its_own_account_is_used(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "namespace").write_text("ci\n")
    monkeypatch.setattr("lain_tui.core.config.resolve.SERVICE_ACCOUNT", tmp_path)
    home.env["KUBERNETES_SERVICE_HOST"] = "10.0.0.1"
    found = target(home)
    assert (found.kubeconfig, found.cluster, found.namespace) == ((), "in-cluster", "ci")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"cluster": "tset"},
            "there is no cluster 'tset'. Did you mean 'test'? Known clusters and contexts: bare, prod",
        ),
        ({"cluster": "bare"}, "cluster bare has values but no kubeconfig"),
        ({"context": "x"}, "there is no context 'x'. Known contexts: test-context."),
        ({"kubeconfig": Path("/nowhere")}, "/nowhere: there is no such file"),
        ({"values": (Path("/nowhere"),)}, "/nowhere: there is no such file"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(home: Home, options: dict[str, Any], message: str) -> None:
    home.cluster("test", "domain: x\n")
    home.cluster("prod", "domain: x\n")
    home.use("test")
    (home.cluster_values / "values-bare.yaml").write_text("domain: x\n")
    with pytest.raises(LainError) as caught:
        target(home, **options)
    assert message in str(caught.value)


def test_no_kubeconfig_at_all(home: Home) -> None:
    with pytest.raises(LainError, match=r"no kubeconfig.*--demo"):
        target(home)


def test_an_appname_that_is_no_name(home: Home) -> None:
    home.kubeconfig("config", "kind")
    home.chart("appname: 017\n")
    with pytest.raises(LainError, match=r"values.yaml:1: appname: appname must be a name. Quote it"):
        target(home)


def test_values_need_no_kubeconfig(home: Home) -> None:
    home.chart("appname: dummy\nv: 1\n", prod="v: 2\n")
    assert resolve_values(cwd=home.repository, env=home.env).get("v") == 1
    assert resolve_values(Options(cluster="prod"), cwd=home.repository, env=home.env).get("v") == 2


def test_values_of_a_target_are_those_of_its_cluster(home: Home) -> None:
    home.cluster("test", "domain: x\n")
    home.use("test")
    home.chart("appname: dummy\n", test="v: 2\n")
    values = target_values(target(home))
    assert (values.get("domain"), values.get("v"), values.get("appname")) == ("x", 2, "dummy")


def test_values_without_a_chart(home: Home) -> None:
    with pytest.raises(LainError, match=r"no chart/values.yaml here"):
        resolve_values(cwd=home.repository, env=home.env)
