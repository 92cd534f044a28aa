"""Where the pages' commands run: a home, an app's repository, and the demo cluster as lain's cluster `test`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.embedded import EmbeddedCluster
from tests.forge.gitlab_server import TOKEN, GitLabServer, user

_GIT = {
    "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com", "GIT_AUTHOR_DATE": "2026-03-05T08:04:35Z",
    "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_COMMITTER_DATE": "2026-03-05T08:04:35Z", "GIT_CONFIG_GLOBAL": "/dev/null",
}  # fmt: skip


class Sandbox:
    """A context manager; a page's commands run one after the other, each in a shell of its own, in the same folder."""

    def __init__(self, root: Path, cluster: EmbeddedCluster) -> None:
        self.home = root / "home"
        self.folder = self.home / "dummy"
        self._cluster = cluster
        self._registry = ""
        """The demo cluster's own; pages show one of a team."""
        self._gitlab = GitLabServer()
        tools = self.home / ".local" / "bin"
        self.env = {
            **_GIT,
            "HOME": str(self.home),
            "PATH": os.pathsep.join([str(tools), os.environ["PATH"]]),
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "COLUMNS": "80",
            "LAIN_CLUSTER_VALUES_DIR": str(self.home / "clusters"),
            "GITLAB_API_TOKEN": TOKEN,
        }
        for folder in (tools, self.home / ".kube", self.home / "clusters", self.folder):
            folder.mkdir(parents=True)
        program = tools / "lain-tui"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m lain_tui "$@"\n')
        program.chmod(0o755)

    def __enter__(self) -> Self:
        self._gitlab.__enter__()
        self._gitlab.approved_by = [user(2, "ada")]
        self._gitlab.merge_request |= {"assignees": [user(2, "ada")], "reviewers": [user(3, "grace")]}
        kube = self.home / ".kube"
        (kube / "kubeconfig-test").write_text(self._cluster.kubeconfig.read_text())
        (kube / "config").symlink_to(kube / "kubeconfig-test")
        own = {line.partition(":")[0]: line for line in self._cluster.values.read_text().splitlines()}
        self._registry = own["registry"].partition(": ")[2]
        own |= {"domain": "domain: example.com", "gitlab": f"gitlab: {self._gitlab.url}"}
        own |= {"grafana_url": "grafana_url: https://grafana.example.com/d/app"}
        values = "".join(f"{line}\n" for line in own.values())
        (self.home / "clusters" / "values-test.yaml").write_text(values)
        (self.folder / "requirements.txt").write_text("aiohttp\n")
        self._git("init", "-q", "-b", "main")
        self.run("lain-tui init dummy")
        self._git("add", ".")
        self._git("commit", "-q", "-m", "Say hello")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gitlab.__exit__(kind, error, trace)

    def run(self, command: str) -> str:
        """What it prints, standard error among it; places of this machine's are written as a reader's would be."""
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False,
        )  # fmt: skip
        text = done.stdout.replace(str(self.home), "~")
        text = text.replace(f"{self._registry}/", "registry.example.com/team/")
        text = re.sub(r"\.localhost(:\d+)?", ".example.com", text)
        text = re.sub(r"127\.0\.0\.1:\d+|localhost:\d+", "127.0.0.1:6443", text)
        text = re.sub(r"/tmp/[\w./-]+", "/tmp/demo", text)
        return "".join(f"{line.rstrip()}\n" for line in text.splitlines())

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.folder, env=self.env, check=True, capture_output=True)


def alike(text: str) -> list[str]:
    """A text without what differs from run to run: numbers, ages, random parts of names, widths."""
    text = re.sub(r"-[a-z0-9]{8,10}-[a-z0-9]{5}\b", "-POD", text)
    text = re.sub(r"\b(job|manual)-[0-9a-f]{6}\b", r"\1-NAME", text)
    text = re.sub(r"[0-9a-f]{7,40}\b", "HASH", text)
    text = re.sub(r"\d+(\.\d+)?", "0", text)
    text = re.sub(r"\b0 ?(ms|s|m|h|d)\b( 0 (s|m|h))?", "AGE", text)
    return [re.sub(r"[\s─-]+", " ", line).strip() for line in text.splitlines()]
