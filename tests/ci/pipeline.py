"""A small runner: a repository, a docker engine, a registry, a cluster and a GitLab, and jobs that know nothing of each other."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

from tests.conftest import Cluster
from tests.contract.api import Api, Obj
from tests.docker_daemon import Daemon
from tests.forge.gitlab_server import PROJECT, TOKEN, GitLabServer

_VALUES = """\
appname: dummy
build:
  base: base:1
  # What of the app does not change with every commit: its test runner, and a treasure.
  prepare:
    script: ["printf '#!/bin/sh\\\\ntest -f treasure.txt && test -f app.sh && echo 1 passed\\\\n' > pytest", "chmod +x pytest", "echo treasure > treasure.txt"]
    keep: [treasure.txt, pytest]
  script: ["cat treasure.txt"]
deployments:
  web:
    command: ["/lain/app/app.sh"]
    replicaCount: 2
    containerPort: 5000
    readinessProbe:
      httpGet: {path: /treasure.txt, port: 5000}
      periodSeconds: 1
    terminationGracePeriodSeconds: 1
    resources: {limits: {cpu: 1000m, memory: 256Mi}, requests: {cpu: 10m, memory: 64Mi}}
"""

_APP = """\
#!/bin/sh
echo "serving {word} on $LAIN_CLUSTER, FOO=$FOO"
exec httpd -f -p 5000 -h /lain/app
"""

_TRIVY = """\
#!/bin/sh
for image in "$@"; do :; done
DOCKER image inspect "$image" > /dev/null && echo "$image: 0 CRITICAL"
"""


class Pipeline:
    """One project of one team, with everything a job reaches."""

    def __init__(
        self, root: Path, daemon: Daemon, registry: str, cluster: Cluster, gitlab: GitLabServer
    ) -> None:
        self.root, self.daemon, self.registry, self.gitlab = root, daemon, registry, gitlab
        self.cluster = cluster
        self.namespace = f"ci-{uuid.uuid4().hex[:8]}"
        self._api = Api(cluster.kubeconfig)
        self._api.post("/api/v1/namespaces", {"metadata": {"name": self.namespace}}).ok()
        self.origin = root / "origin.git"
        self.tools = root / "tools"
        self._clusters = root / "clusters"
        self._jobs = 0
        for folder in (self.tools, self._clusters):
            folder.mkdir(parents=True)
        self._tool("lain-tui", f'#!/bin/sh\nexec {sys.executable} -m lain_tui "$@"\n')
        # No docker's client: the engine's own builder is used, for this daemon has no network for BuildKit.
        for name in ("bash", "cat", "cp", "git", "mkdir", "sh"):
            (self.tools / name).symlink_to(shutil.which(name) or "")
        self._tool("trivy", _TRIVY.replace("DOCKER", shutil.which("docker") or "docker"))
        self._write_clusters()
        self._push_a_project()

    def job(self, script: Sequence[str], **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a job's lines in a clean checkout, in a home of its own, as GitLab's runner does: the first that fails ends it."""
        self._jobs += 1
        folder = self.root / f"job-{self._jobs}"
        (folder / "home" / ".kube").mkdir(parents=True)
        # What the runner's `pre_build_script` and the cluster's administrator leave there.
        kubeconfig = folder / "home" / ".kube" / "kubeconfig-test"
        kubeconfig.write_text(self.cluster.kubeconfig.read_text())
        checkout = folder / "src"
        self._git(self.root, "clone", "-q", str(self.origin), str(checkout))
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", "\n".join(script)],
            cwd=checkout,
            env={**self._environment(folder / "home"), **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def job_in(self, image: str, script: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a job's lines in a container of an image, over a clean checkout."""
        self._jobs += 1
        checkout = self.root / f"job-{self._jobs}"
        self._git(self.root, "clone", "-q", str(self.origin), str(checkout))
        lines = " && ".join(["export PATH=/lain/app:$PATH", "cp -r /builds/. .", *script])
        arguments = [
            "run",
            "--rm",
            "--network=none",
            "-v",
            f"{checkout}:/builds:ro",
            image,
            "sh",
            "-c",
            lines,
        ]
        return self.daemon.docker(*arguments, check=False)

    def close(self) -> None:
        """Leave the cluster as it was."""
        self._api.delete(f"/api/v1/namespaces/{self.namespace}")

    def web(self) -> Obj:
        """The app's Deployment, as the cluster has it."""
        return self._api.get(f"/apis/apps/v1/namespaces/{self.namespace}/deployments/dummy-web").ok()

    def develop(self, word: str) -> None:
        """One more commit of the app's: it says another word."""
        file = self.root / "developer" / "app.sh"
        file.touch()
        file.chmod(0o755)
        self.commit("app.sh", _APP.format(word=word))

    def commit(self, name: str, text: str) -> None:
        """Push one more commit."""
        work = self.root / "developer"
        (work / name).write_text(text)
        self._git(work, "add", "-A")
        self._git(work, "commit", "-q", "-m", f"Change {name}")
        self._git(work, "push", "-q", "origin", "main")

    def _environment(self, home: Path) -> dict[str, str]:
        return {
            "HOME": str(home),
            "PATH": str(self.tools),
            "LANG": "C.UTF-8",
            "CI": "true",
            "GITLAB_CI": "true",
            "GITLAB_USER_LOGIN": "ada",
            "CI_SERVER_URL": self.gitlab.url,
            "CI_PROJECT_PATH": PROJECT,
            "CI_MERGE_REQUEST_IID": "3",
            "GITLAB_API_TOKEN": TOKEN,
            "KUBECONFIG_TEST": str(self.cluster.kubeconfig),
            "DOCKER_AUTH_CONFIG": "{}",
            "DOCKER_HOST": self.daemon.host,
            "LAIN_CLUSTER_VALUES_DIR": str(self._clusters),
            "TRIVY_CACHE_DIR": str(home / "trivy"),
        }

    def _tool(self, name: str, text: str) -> None:
        (self.tools / name).write_text(text)
        (self.tools / name).chmod(0o755)

    def _write_clusters(self) -> None:
        (self._clusters / "values-test.yaml").write_text(
            f"registry: {self.registry}\nregistry_http: true\nnamespace: {self.namespace}\ndomain: example.test\n"
        )

    def _push_a_project(self) -> None:
        self._git(self.root, "init", "-q", "--bare", "-b", "main", str(self.origin))
        work = self.root / "developer"
        self._git(self.root, "clone", "-q", str(self.origin), str(work))
        env = {**os.environ, "HOME": str(self.root)}
        subprocess.run(
            [self.tools / "lain-tui", "init", "dummy"], cwd=work, env=env, check=True, capture_output=True
        )
        (work / "chart" / "values.yaml").write_text(_VALUES)
        (work / "requirements.txt").write_text("aiohttp\n")
        self.develop("hello")

    def _git(self, folder: Path, *arguments: str) -> None:
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)
