"""A home folder with kubeconfigs, as a user of lain has it."""

from __future__ import annotations

from pathlib import Path

import pytest


class Home:
    """A user's home, the environment that points to it, and a repository with a chart."""

    def __init__(self, root: Path) -> None:
        self.path = root / "home"
        self.kube = self.path / ".kube"
        self.kube.mkdir(parents=True)
        self.cluster_values = root / "cluster-values"
        self.cluster_values.mkdir()
        self.repository = root / "repository"
        (self.repository / ".git").mkdir(parents=True)
        self.env = {"HOME": str(self.path), "LAIN_CLUSTER_VALUES_DIR": str(self.cluster_values)}

    def kubeconfig(self, name: str, *contexts: str, current: str = "", namespace: str = "") -> Path:
        """Write a kubeconfig into ~/.kube; the first context is the current one unless said otherwise."""
        path = self.kube / name
        lines = [f"current-context: {current or contexts[0]}", "contexts:"]
        for context in contexts:
            lines += [f"- name: {context}", f"  context: {{cluster: c, user: u, namespace: '{namespace}'}}"]
        path.write_text("\n".join(lines) + "\n")
        return path

    def cluster(self, name: str, values: str | None = None, *, namespace: str = "") -> Path:
        """A cluster of lain's."""
        if values is not None:
            (self.cluster_values / f"values-{name}.yaml").write_text(values)
        return self.kubeconfig(f"kubeconfig-{name}", f"{name}-context", namespace=namespace)

    def use(self, name: str) -> None:
        (self.kube / "config").unlink(missing_ok=True)
        (self.kube / "config").symlink_to(self.kube / f"kubeconfig-{name}")

    def chart(self, values: str = "appname: dummy\n", **clusters: str) -> Path:
        chart = self.repository / "chart"
        chart.mkdir(exist_ok=True)
        (chart / "values.yaml").write_text(values)
        for name, text in clusters.items():
            (chart / f"values-{name}.yaml").write_text(text)
        return chart

    def settings(self, text: str) -> Path:
        path = self.path / ".config" / "lain-tui" / "config.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)
