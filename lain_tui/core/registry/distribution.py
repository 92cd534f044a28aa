"""A registry that speaks the distribution API: most do, Docker Hub among them."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

import msgspec

from lain_tui.core.image.names import DOCKER_HUB
from lain_tui.core.registry.credentials import Login
from lain_tui.core.registry.http import Http, NotThere

PAGE = 1000
_HUB_HOST = "registry-1.docker.io"
MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
"""What is asked for: indexes before the images of one platform, so that a digest is the whole image's."""


class Distribution(msgspec.Struct, frozen=True, kw_only=True):
    """Tags by the distribution API."""

    host: str
    path: str
    """The repository: nested namespaces and the app's name."""
    login: Login
    plain: bool = False
    """Speak HTTP: only where the cluster's values say so, and with this machine itself."""

    @property
    def base(self) -> str:
        host = _HUB_HOST if self.host == DOCKER_HUB else self.host
        return f"{'http' if self.plain or is_loopback(host) else 'https'}://{host}/v2"

    async def tags(self) -> list[str]:
        """All tags, in the registry's order; none when nothing was pushed there yet."""
        found: list[str] = []
        seen = set()
        url = f"{self.base}/{self.path}/tags/list?n={PAGE}"
        async with Http(self.login) as http:
            while url and url not in seen:
                seen.add(url)
                try:
                    answer = await http.get(url)
                except NotThere:
                    return found
                found += [str(tag) for tag in answer.json().get("tags") or []]
                url = answer.next_page()
        return found

    async def has(self, tag: str) -> bool:
        """Whether the registry has this tag; asked for itself, so a registry with many is not slower."""
        async with Http(self.login) as http:
            try:
                await http.get(
                    f"{self.base}/{self.path}/manifests/{tag}", method="HEAD", headers={"Accept": MANIFESTS}
                )
            except NotThere:
                return False
        return True


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, which docker too asks without TLS."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name == "localhost"


def hub_login(settings: Mapping[str, object]) -> Login:
    """The login of Docker Hub in the cluster's values; anonymous when there is none."""
    return Login(str(settings.get("dockerhub_username") or ""), str(settings.get("dockerhub_password") or ""))
