"""Alibaba Cloud's registry (ACR personal edition), by its API.

Reference: Container Registry 2016-06-07, `GET /repos/{namespace}/{name}/tags`; signature of the ROA style, HMAC-SHA1.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from email.utils import formatdate

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.registry.http import Http, NotThere

PAGE = 100
_HOST = re.compile(r"registry(?:-vpc|-internal)?\.([a-z0-9-]+)\.aliyuncs\.com")


class Aliyun(msgspec.Struct, frozen=True, kw_only=True):
    """Tags by Alibaba Cloud's API."""

    region: str
    path: str
    """NAMESPACE/APP."""
    key_id: str
    secret: str
    endpoint: str = ""
    """The API's address; that of the region when empty."""

    def __repr__(self) -> str:
        return f"Aliyun({self.region!r}, {self.path!r})"

    async def tags(self) -> list[str]:
        """All tags; none when the repository is not there."""
        found: list[str] = []
        page = 1
        base = self.endpoint or f"https://cr.{self.region}.aliyuncs.com"
        async with Http() as http:
            while True:
                # The signature covers the query in the order of its keys.
                resource = f"/repos/{self.path}/tags?Page={page}&PageSize={PAGE}"
                try:
                    answer = await http.get(base + resource, headers=self._headers(resource))
                except NotThere:
                    return found
                data = answer.json().get("data")
                if not isinstance(data, dict):
                    raise LainError("the answer is not Alibaba Cloud's", where=base)
                tags = [str(tag["tag"]) for tag in data.get("tags") or []]
                found += tags
                if len(tags) < PAGE:
                    return found
                page += 1

    def _headers(self, resource: str) -> dict[str, str]:
        date = formatdate(usegmt=True)
        signed = {
            "x-acs-region-id": self.region,
            "x-acs-signature-method": "HMAC-SHA1",
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-signature-version": "1.0",
            "x-acs-version": "2016-06-07",
        }
        head = "".join(f"{key}:{value}\n" for key, value in sorted(signed.items()))
        to_sign = f"GET\napplication/json\n\n\n{date}\n{head}{resource}"
        signature = base64.b64encode(hmac.digest(self.secret.encode(), to_sign.encode(), "sha1")).decode()
        return {
            **signed,
            "Accept": "application/json",
            "Date": date,
            "Authorization": f"acs {self.key_id}:{signature}",
        }


def region_of(host: str) -> str:
    """The region in the name of one of Alibaba Cloud's registries; "" for another host."""
    match = _HOST.fullmatch(host)
    return match[1] if match else ""
