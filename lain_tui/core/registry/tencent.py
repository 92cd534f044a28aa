"""Tencent Cloud's registry (TCR personal edition), by its API.

Reference: TencentCloud API 3.0, product tcr 2019-09-24, action DescribeImagePersonal; signature TC3-HMAC-SHA256.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from datetime import UTC, datetime

import msgspec

from lain_tui.core.errors import LainError
from lain_tui.core.registry.http import Http

PAGE = 100
_SERVICE, _VERSION, _ACTION = "tcr", "2019-09-24", "DescribeImagePersonal"
_TYPE = "application/json; charset=utf-8"


class Tencent(msgspec.Struct, frozen=True, kw_only=True):
    """Tags by Tencent Cloud's API."""

    path: str
    """NAMESPACE/APP."""
    key_id: str
    secret: str
    region: str = "ap-beijing"
    endpoint: str = "https://tcr.tencentcloudapi.com"

    def __repr__(self) -> str:
        return f"Tencent({self.path!r})"

    async def tags(self) -> list[str]:
        """All tags; none when the repository is not there."""
        found: list[str] = []
        async with Http() as http:
            while True:
                body = msgspec.json.encode({"RepoName": self.path, "Limit": PAGE, "Offset": len(found)})
                answer = await http.post(self.endpoint, body, self._headers(body, int(time.time())))
                told = answer.json().get("Response")
                if not isinstance(told, dict):
                    raise LainError("the answer is not Tencent Cloud's", where=self.endpoint)
                if error := told.get("Error"):
                    if str(error.get("Code", "")).startswith(
                        ("ResourceNotFound", "FailedOperation.EmptyCoreBody")
                    ):
                        return found
                    what = f"Tencent Cloud refuses: {error.get('Message') or error.get('Code')}"
                    raise LainError(what, where=self.path, hint="Check access_key_id and access_key_secret.")
                page = [str(tag["TagName"]) for tag in (told.get("Data") or {}).get("TagInfo") or []]
                found += page
                if len(page) < PAGE:
                    return found

    def _headers(self, body: bytes, now: int) -> dict[str, str]:
        host = self.endpoint.partition("://")[2]
        day = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d")
        canonical = "\n".join(
            (
                "POST",
                "/",
                "",
                f"content-type:{_TYPE}\nhost:{host}\n",
                "content-type;host",
                hashlib.sha256(body).hexdigest(),
            )
        )
        scope = f"{day}/{_SERVICE}/tc3_request"
        to_sign = "\n".join(
            ("TC3-HMAC-SHA256", str(now), scope, hashlib.sha256(canonical.encode()).hexdigest())
        )
        key = f"TC3{self.secret}".encode()
        for part in (day, _SERVICE, "tc3_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
        signed = f"Credential={self.key_id}/{scope}, SignedHeaders=content-type;host, Signature={signature}"
        return {
            "Authorization": f"TC3-HMAC-SHA256 {signed}",
            "Content-Type": _TYPE,
            "Host": host,
            "X-TC-Action": _ACTION,
            "X-TC-Version": _VERSION,
            "X-TC-Timestamp": str(now),
            "X-TC-Region": self.region,
        }
