"""The demo's registry: as much of the distribution API as it takes to list tags and to ask for one."""

from __future__ import annotations

import re

from aiohttp import web

from ..names import fake_digest

_TAGS = re.compile(r"/v2/(?P<name>.+)/tags/list")
_MANIFEST = re.compile(r"/v2/(?P<name>.+)/manifests/(?P<tag>[^/]+)")
_MEDIA = "application/vnd.oci.image.manifest.v1+json"


class Registry:
    """Knows the tags of each repository; has no layers to give."""

    def __init__(self, tags: dict[str, list[str]]) -> None:
        self._tags = tags

    def answer(self, request: web.BaseRequest) -> web.Response | None:
        """Answer what is asked of a registry; None when the request is for something else."""
        path = request.path
        if path in ("/v2", "/v2/"):
            return web.json_response({})
        if match := _TAGS.fullmatch(path):
            tags = self._tags.get(match["name"])
            if tags is not None:
                return web.json_response({"name": match["name"], "tags": tags})
            return _error("NAME_UNKNOWN", "repository name not known to registry")
        if match := _MANIFEST.fullmatch(path):
            if match["tag"] not in self._tags.get(match["name"], ()):
                return _error("MANIFEST_UNKNOWN", "manifest unknown")
            digest = f"sha256:{fake_digest(match['name'] + match['tag'])}"
            body = {"schemaVersion": 2, "mediaType": _MEDIA, "layers": []}
            headers = {"Docker-Content-Digest": digest}
            return web.json_response(body, headers=headers, content_type=_MEDIA)
        return _error("UNSUPPORTED", "this registry only lists") if path.startswith("/v2/") else None


def _error(code: str, message: str) -> web.Response:
    return web.json_response({"errors": [{"code": code, "message": message}]}, status=404)
