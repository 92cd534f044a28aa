"""A login that ends: what a credential plugin hands out, and what the API server thinks of it."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

from tests.cluster.asking import asked, eventually, kubectl
from tests.cluster.real import RealCluster

PLUGIN = """\
#!/bin/sh
# Prints what its user's sign-in left here, as the plugins of clouds do.
echo asked >> "$(dirname "$0")/asked"
exec cat "$(dirname "$0")/answer"
"""
API = "client.authentication.k8s.io/v1"


class Login:
    """An administrator of one namespace, through a credential plugin of the kubeconfig.

    Each token is bound to a Secret: once that is gone the API server does not know the token any more, which is as
    near to an expiry as a test can wait for (it issues none of less than ten minutes).
    """

    def __init__(self, cluster: RealCluster, namespace: str, folder: Path) -> None:
        self._cluster, self._namespace, self._folder = cluster, namespace, folder
        self._sessions: list[str] = []
        self.kubeconfig = folder / "kubeconfig"
        plugin = folder / "sign-in"
        plugin.write_text(PLUGIN)
        plugin.chmod(plugin.stat().st_mode | stat.S_IXUSR)
        self._kubectl("create", "serviceaccount", "developer")
        self._kubectl("create", "rolebinding", "developer", "--clusterrole=admin",
                      f"--serviceaccount={namespace}:developer")  # fmt: skip
        self._write_kubeconfig(plugin)
        self.renews()

    def renews(self) -> None:
        """Its owner has signed in: the plugin hands out a new token from now on."""
        session = f"session-{len(self._sessions)}"
        self._sessions.append(session)
        self._kubectl("create", "secret", "generic", session)
        token = self._kubectl(
            "create", "token", "developer", "--bound-object-kind=Secret", f"--bound-object-name={session}"
        ).strip()
        answer = {"apiVersion": API, "kind": "ExecCredential", "status": {"token": token}}
        new = self._folder / "answer.new"
        new.write_text(json.dumps(answer))
        new.rename(self._folder / "answer")

    def expires(self) -> None:
        """The newest token is worth nothing any more; returns when the API server says so."""
        token = json.loads((self._folder / "answer").read_text())["status"]["token"]
        self._kubectl("delete", "secret", self._sessions[-1])
        nobody = self._folder / "nobody"
        shutil.copy(self.kubeconfig, nobody)
        body = json.loads(nobody.read_text())
        body["users"] = [{"name": "developer", "user": {"token": token}}]
        nobody.write_text(json.dumps(body))
        # What it knows of a token it remembers for ten seconds.
        eventually(lambda: "You must be logged in" in asked(nobody, "get", "pods").stderr)

    @property
    def asked(self) -> int:
        """How often the plugin has run."""
        return len((self._folder / "asked").read_text().splitlines())

    def _write_kubeconfig(self, plugin: Path) -> None:
        own = json.loads(kubectl(self._cluster, "config", "view", "--raw", "--flatten", "-o", "json"))
        how = {"apiVersion": API, "command": str(plugin), "interactiveMode": "Never"}
        own["users"] = [{"name": "developer", "user": {"exec": how}}]
        for context in own["contexts"]:
            context["context"] |= {"user": "developer", "namespace": self._namespace}
        self.kubeconfig.write_text(json.dumps(own))

    def _kubectl(self, *words: str) -> str:
        return kubectl(self._cluster, "--namespace", self._namespace, *words)
