"""Harbor and the clouds, by answers of the shape that their documentation gives."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from aiohttp import web

from lain_tui.core.errors import LainError
from lain_tui.core.registry.aliyun import Aliyun, region_of
from lain_tui.core.registry.distribution import Distribution
from lain_tui.core.registry.harbor import Harbor
from lain_tui.core.registry.tags import open_repository
from lain_tui.core.registry.tencent import Tencent
from tests.registry.test_distribution import Serve, serve

__all__ = ["serve"]


async def test_harbor_by_its_own_api_page_by_page(serve: Serve) -> None:
    async def harbor(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Basic dG9rZW4="
        assert request.raw_path.startswith("/api/v2.0/projects/team/repositories/nested%252Fdummy/artifacts")
        page = int(request.query["page"])
        count = 100 if page == 1 else 7
        artifacts = [
            {"digest": f"sha256:{n}", "tags": [{"name": f"{page}-{n}", "immutable": False}]}
            for n in range(count)
        ]
        return web.json_response([*artifacts[:-1], {"digest": "sha256:x", "tags": None}])

    repository = Harbor(host=await serve(harbor), path="team/nested/dummy", token="dG9rZW4=", plain=True)
    assert len(await repository.tags()) == 99 + 6
    assert "dG9rZW4" not in repr(repository)


async def test_harbor_says_that_the_repository_is_not_there(serve: Serve) -> None:
    async def harbor(request: web.Request) -> web.Response:
        return web.json_response(
            {"errors": [{"code": "NOT_FOUND", "message": "repository not found"}]}, status=404
        )

    assert await Harbor(host=await serve(harbor), path="team/dummy", token="x", plain=True).tags() == []


def tc3_signature(request: web.Request, body: bytes, secret: str) -> str:
    """What Tencent Cloud's documentation ("Signature v3") says that the signature must be."""
    stamp = request.headers["X-TC-Timestamp"]
    day = datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d")
    head = f"content-type:{request.headers['Content-Type']}\nhost:{request.headers['Host']}\n"
    whole = f"POST\n/\n\n{head}\ncontent-type;host\n{hashlib.sha256(body).hexdigest()}"
    text = f"TC3-HMAC-SHA256\n{stamp}\n{day}/tcr/tc3_request\n{hashlib.sha256(whole.encode()).hexdigest()}"
    key = f"TC3{secret}".encode()
    for part in (day, "tcr", "tc3_request", text):
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    return key.hex()


async def test_tencent_by_signed_requests(serve: Serve) -> None:
    async def cloud(request: web.Request) -> web.Response:
        body = await request.read()
        asked = json.loads(body)
        assert request.headers["X-TC-Action"] == "DescribeImagePersonal"
        assert asked["RepoName"] == "yashi/dummy"
        assert request.headers["Authorization"].startswith("TC3-HMAC-SHA256 Credential=AKID/")
        assert request.headers["Authorization"].endswith(f"Signature={tc3_signature(request, body, 'hush')}")
        tags = [
            {"TagName": f"t{n}", "Size": 1} for n in range(asked["Offset"], min(asked["Offset"] + 100, 130))
        ]
        data = {"RepoName": "yashi/dummy", "TagCount": 130, "TagInfo": tags}
        return web.json_response({"Response": {"Data": data, "RequestId": "r"}})

    host = await serve(cloud)
    repository = Tencent(path="yashi/dummy", key_id="AKID", secret="hush", endpoint=f"http://{host}")
    assert len(await repository.tags()) == 130
    assert "hush" not in repr(repository)


async def test_tencent_refuses(serve: Serve) -> None:
    async def cloud(request: web.Request) -> web.Response:
        error = {"Code": "AuthFailure.SignatureFailure", "Message": "The credentials could not be validated."}
        return web.json_response({"Response": {"Error": error, "RequestId": "r"}})

    with pytest.raises(LainError, match="credentials could not be validated"):
        await Tencent(path="a/b", key_id="k", secret="s", endpoint=f"http://{await serve(cloud)}").tags()


async def test_aliyun_by_signed_requests(serve: Serve) -> None:
    async def cloud(request: web.Request) -> web.Response:
        assert request.path == "/repos/team/dummy/tags"
        acs = "".join(
            f"{k.lower()}:{v}\n" for k, v in sorted(request.headers.items()) if k.lower().startswith("x-acs-")
        )
        text = f"GET\napplication/json\n\n\n{request.headers['Date']}\n{acs}{request.path_qs}"
        signature = base64.b64encode(hmac.digest(b"s", text.encode(), hashlib.sha1)).decode()
        assert request.headers["Authorization"] == f"acs KEY:{signature}"
        assert request.headers["x-acs-version"] == "2016-06-07"
        page = int(request.query["Page"])
        tags = [{"tag": f"{page}-{n}", "digest": "d"} for n in range(100 if page == 1 else 3)]
        return web.Response(
            text=json.dumps({"data": {"total": 103, "page": page, "pageSize": 100, "tags": tags}})
        )

    endpoint = f"http://{await serve(cloud)}"
    repository = Aliyun(region="cn-beijing", path="team/dummy", key_id="KEY", secret="s", endpoint=endpoint)
    assert len(await repository.tags()) == 103


def test_aliyuns_regions() -> None:
    assert region_of("registry.cn-beijing.aliyuncs.com") == "cn-beijing"
    assert region_of("registry-vpc.cn-hangzhou.aliyuncs.com") == "cn-hangzhou"
    assert region_of("registry.example.com") == ""


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"registry": "reg.example.com/team"}, Distribution),
        ({"registry": "harbor.example.com/team", "registry_type": "harbor", "harbor_token": "t"}, Harbor),
        ({"registry": "harbor.example.com/team", "registry_type": "harbor"}, Distribution),
        (
            {"registry": "ccr.ccs.tencentyun.com/yashi", "registry_type": "tencent", "access_key_id": "a",
             "access_key_secret": "b"},
            Tencent,
        ),
        (
            {"registry": "registry.cn-beijing.aliyuncs.com/x", "registry_type": "aliyun", "access_key_id": "a",
             "access_key_secret": "b"},
            Aliyun,
        ),
    ],
)  # fmt: skip
async def test_each_cluster_is_asked_its_own_way(settings: dict[str, str], kind: type) -> None:
    assert isinstance(await open_repository(settings, "dummy", {"DOCKER_CONFIG": "/nonexistent"}), kind)


async def test_a_cluster_without_a_registry_says_which_setting_is_missing() -> None:
    with pytest.raises(LainError, match="Set registry in the cluster's values"):
        await open_repository({}, "dummy")
