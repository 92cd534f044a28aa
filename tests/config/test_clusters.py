"""lain's clusters: listed, and one of them made the current one."""

from __future__ import annotations

import pytest

from lain_tui.core.config.clusters import (
    current_cluster,
    docs_of,
    find_clusters,
    set_context_namespace,
    use_cluster,
)
from lain_tui.core.errors import LainError
from tests.config.conftest import Home


def test_clusters_with_the_current_one_marked(home: Home) -> None:
    home.cluster("test")
    home.cluster("foo-bar", "extra_docs: |\n  Ask in #ops.\n")
    (home.cluster_values / "values-later.yaml").write_text("domain: x\n")
    home.use("foo-bar")
    assert [(c.name, c.current, c.kubeconfig is not None, docs_of(c)) for c in find_clusters(home.env)] == [
        ("foo-bar", True, True, "Ask in #ops."),
        ("later", False, False, ""),
        ("test", False, True, ""),
    ]


def test_a_config_that_is_no_link_belongs_to_no_cluster(home: Home) -> None:
    home.kubeconfig("config", "kind")
    assert current_cluster(home.env) == ""


def test_use_moves_the_link(home: Home) -> None:
    home.cluster("test")
    home.cluster("prod")
    home.use("test")
    assert use_cluster("prod", home.env).current
    assert current_cluster(home.env) == "prod"
    assert sorted(path.name for path in home.kube.iterdir()) == [
        "config",
        "kubeconfig-prod",
        "kubeconfig-test",
    ]


def test_use_makes_the_first_link(home: Home) -> None:
    home.cluster("test")
    use_cluster("test", home.env)
    assert (home.kube / "config").resolve() == home.kube / "kubeconfig-test"


def test_a_kubeconfig_of_the_users_own_is_never_overwritten(home: Home) -> None:
    home.cluster("test")
    mine = home.kubeconfig("config", "mine")
    before = mine.read_text()
    with pytest.raises(LainError, match=r"\.kube/config: this is a file of its own"):
        use_cluster("test", home.env)
    assert mine.read_text() == before and not mine.is_symlink()


def test_use_of_an_unknown_cluster_changes_nothing(home: Home) -> None:
    home.cluster("test")
    home.use("test")
    with pytest.raises(LainError, match="Did you mean 'test'"):
        use_cluster("tset", home.env)
    assert current_cluster(home.env) == "test"


def test_the_contexts_namespace_is_set_and_the_rest_kept(home: Home) -> None:
    path = home.kube / "kubeconfig-test"
    path.write_text(
        "# mine\ncurrent-context: 'b'\ncontexts:\n- name: a\n  context: {cluster: c, namespace: old}\n"
        "- name: b\n  context:\n    cluster: c  # here\n    user: u\nusers: []\n"
    )
    path.chmod(0o600)
    home.use("test")
    assert set_context_namespace(home.kube / "config", "team") == "b"
    assert path.read_text() == (
        "# mine\ncurrent-context: 'b'\ncontexts:\n- name: a\n  context: {cluster: c, namespace: old}\n"
        "- name: b\n  context:\n    cluster: c  # here\n    user: u\n    namespace: team\nusers: []\n"
    )
    assert path.stat().st_mode & 0o777 == 0o600
    assert (home.kube / "config").is_symlink()


def test_no_current_context_to_set(home: Home) -> None:
    path = home.kube / "kubeconfig-test"
    path.write_text("contexts: []\n")
    with pytest.raises(LainError, match="no current context"):
        set_context_namespace(path, "team")
    assert path.read_text() == "contexts: []\n"
