"""Pushing images to a registry: the few requests of the distribution API that it takes."""

from __future__ import annotations

import base64
import hashlib
import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.cluster.images import Image


@dataclass(frozen=True)
class Registry:
    """One of the cluster's registries, at the same address for the host and for the node; plain HTTP."""

    host: str
    """`127.0.0.1:port`"""
    user: str = ""
    password: str = ""

    def push(self, image: Image, repository: str, tag: str) -> str:
        """Push the image; returns the reference a pod can name. Raises RuntimeError when refused."""
        for blob in (image.layer, image.config):
            self._push_blob(repository, blob)
        kind = "application/vnd.oci.image.manifest.v1+json"
        self._ask("PUT", f"/v2/{repository}/manifests/{tag}", image.manifest, content_type=kind)
        return f"{self.host}/{repository}:{tag}"

    def _push_blob(self, repository: str, blob: bytes) -> None:
        digest = "sha256:" + hashlib.sha256(blob).hexdigest()
        upload = urlsplit(self._ask("POST", f"/v2/{repository}/blobs/uploads/", b""))
        query = f"{upload.query}&digest={digest}" if upload.query else f"digest={digest}"
        self._ask("PUT", f"{upload.path}?{query}", blob, content_type="application/octet-stream")

    def _ask(self, method: str, path: str, body: bytes, content_type: str = "") -> str:
        """Make a request that must succeed; returns the answer's Location."""
        headers = {"Content-Type": content_type} if content_type else {}
        if self.user:
            credentials = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            headers["Authorization"] = f"Basic {credentials}"
        connection = http.client.HTTPConnection(self.host, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            said = answer.read().decode(errors="replace")
        finally:
            connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} http://{self.host}{path}: {answer.status} {said.strip()}")
        return answer.getheader("Location") or ""
