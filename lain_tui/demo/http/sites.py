"""The demo's good URL: requests whose Host is that of an ingress are answered as its service would."""

from __future__ import annotations

from aiohttp import web

from ..cluster import Cluster
from ..kinds import ENDPOINTS, INGRESS
from ..storage import Obj


class Sites:
    """A very small ingress controller."""

    def __init__(self, cluster: Cluster) -> None:
        self._storage = cluster.storage

    def answer(self, request: web.BaseRequest) -> web.Response | None:
        """Answer for an ingress of that host; None when the request is for the API."""
        host = request.headers.get("Host", "").partition(":")[0]
        if not host.endswith(".localhost"):
            return None
        for ingress in self._storage.objects(INGRESS):
            for rule in ingress["spec"].get("rules") or []:
                if rule.get("host") == host:
                    return self._respond(ingress, rule, request.path)
        return web.Response(status=404, text="default backend - 404")

    def _respond(self, ingress: Obj, rule: Obj, path: str) -> web.Response:
        for each in (rule.get("http") or {}).get("paths") or []:
            if path.startswith(each.get("path", "/")):
                service = each["backend"]["service"]["name"]
                ready = self._storage.get(ENDPOINTS, ingress["metadata"]["namespace"], service)
                if ready is None or not any(s.get("addresses") for s in ready.get("subsets") or []):
                    return web.Response(status=503, text="503 Service Temporarily Unavailable")
                return web.Response(text=f"hello from {service}\n")
        return web.Response(status=404, text="default backend - 404")
