"""An admission webhook of the test's own: something happens just when the API server is about to change an object."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.cluster.asking import eventually, kubectl
from tests.cluster.real import RealCluster
from tests.kube.certificates import AUTHORITY, server_context

_TRIED = {
    "deployments.apps": ("create", "deployment", "tried", "--image=none"),
    "pods": ("run", "tried", "--image=none"),
}
"""What creates one of them."""


class OnChange:
    """While open, calls `happens` when the API server is about to do that to such an object, dry runs apart.

    `operation` is CREATE or UPDATE, `resource` one of those above. It happens once, and may end the API server: the
    change is not made then. Only for a cluster without a node: its API server reaches this process.
    """

    def __init__(
        self,
        cluster: RealCluster,
        operation: str,
        resource: str,
        namespace: str,
        happens: Callable[[], object],
    ) -> None:
        self._cluster, self._namespace, self._happens = cluster, namespace, happens
        self._operation = operation
        self._resource, _, self._group = resource.partition(".")
        self._name = f"on-change-{uuid.uuid4().hex[:8]}"
        self._one_at_a_time = threading.Lock()
        self._reached = False
        self.happened = False

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.socket = server_context().wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        kubectl(self._cluster, "apply", "-f", "-", input=json.dumps(self._configuration()))
        # The API server learns of it by watching, so in a while.
        eventually(lambda: self._try() and self._reached)
        return self

    def _try(self) -> str:
        resource = f"{self._resource}.{self._group}".rstrip(".")
        return kubectl(self._cluster, "-n", self._namespace, *_TRIED[resource], "--dry-run=server")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def remove(self) -> None:
        """Take it off the API server, which must be up."""
        kubectl(self._cluster, "delete", "validatingwebhookconfiguration", self._name)

    def _configuration(self) -> dict[str, Any]:
        return {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": self._name},
            "webhooks": [
                {
                    "name": "on-change.lain.test",
                    "clientConfig": {
                        "url": f"https://127.0.0.1:{self._server.server_address[1]}/",
                        "caBundle": base64.b64encode(AUTHORITY.cert_pem.bytes()).decode(),
                    },
                    "rules": [
                        {
                            "apiGroups": [self._group],
                            "apiVersions": ["v1"],
                            "operations": ["CREATE", "UPDATE"],
                            "resources": [self._resource],
                        }
                    ],
                    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": self._namespace}},
                    "failurePolicy": "Ignore",
                    "sideEffects": "None",
                    "admissionReviewVersions": ["v1"],
                    "timeoutSeconds": 30,
                }
            ],
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                hook._consider(review["request"])
                answer = {"uid": review["request"]["uid"], "allowed": True}
                body = json.dumps({**review, "response": answer}).encode()
                with contextlib.suppress(OSError):  # who asked may be dead by now
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Not to standard error."""

        return Handler

    def _consider(self, request: dict[str, Any]) -> None:
        with self._one_at_a_time:
            self._reached = True
            if request.get("dryRun") or request["operation"] != self._operation or self.happened:
                return
            self.happened = True
            self._happens()
