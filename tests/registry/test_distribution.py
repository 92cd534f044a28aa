"""A real docker-registry, open and with a login; and the ways in which registries differ and fail."""

from __future__ import annotations

import base64
import json
import os
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from lain_tui.core.errors import LainError
from lain_tui.core.registry.credentials import ANONYMOUS, Login, find_login
from lain_tui.core.registry.distribution import Distribution
from lain_tui.core.registry.http import Http
from lain_tui.core.registry.tags import has_tag, list_tags, newest_first
from tests.registry_server import PASSWORD, USER, put_image, registry_server, tag

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture(scope="session")
def open_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with registry_server(tmp_path_factory.mktemp("open")) as host:
        yield host


@pytest.fixture(scope="session")
def closed_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with registry_server(tmp_path_factory.mktemp("closed"), login=True) as host:
        yield host


async def test_tags_of_nested_namespaces_newest_first_without_prepare(open_registry: str) -> None:
    put_image(open_registry, "a/b/dummy", [tag(1), tag(3), tag(2), "prepare", "prepare-x", "latest"])
    tags = await list_tags({"registry": f"{open_registry}/a/b"}, "dummy", None)
    assert [found.name for found in tags] == ["latest", tag(3), tag(2), tag(1)]


async def test_whether_a_tag_is_there(open_registry: str) -> None:
    put_image(open_registry, "team/has", [tag(1)])
    settings = {"registry": f"{open_registry}/team"}
    assert await has_tag(settings, "has", tag(1))
    assert not await has_tag(settings, "has", tag(2))
    assert not await has_tag(settings, "never-pushed", tag(1))


async def test_an_app_that_was_never_pushed_has_no_tags(open_registry: str) -> None:
    assert await list_tags({"registry": f"{open_registry}/team"}, "never-pushed", None) == []


def docker_config(folder: Path, config: object) -> dict[str, str]:
    (folder / "config.json").write_text(json.dumps(config))
    return {"DOCKER_CONFIG": str(folder), "PATH": os.environ["PATH"]}


async def test_dockers_login_is_used(closed_registry: str, tmp_path: Path) -> None:
    put_image(closed_registry, "team/dummy", [tag(1)], Login(USER, PASSWORD))
    encoded = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    environment = docker_config(tmp_path, {"auths": {closed_registry: {"auth": encoded}}})
    tags = await list_tags({"registry": f"{closed_registry}/team"}, "dummy", None, environment)
    assert [found.name for found in tags] == [tag(1)]


async def test_without_a_login_the_sentence_says_how_to_get_one(closed_registry: str, tmp_path: Path) -> None:
    with pytest.raises(LainError) as raised:
        await list_tags({"registry": f"{closed_registry}/team"}, "dummy", None, docker_config(tmp_path, {}))
    assert raised.value.hint == f"Log in with: docker login {closed_registry}"


async def test_a_wrong_password_is_told_and_never_shown(closed_registry: str) -> None:
    with pytest.raises(LainError) as raised:
        await Distribution(host=closed_registry, path="team/dummy", login=Login(USER, "hunter2")).tags()
    assert USER in raised.value.what
    assert "hunter2" not in str(raised.value)
    assert "hunter2" not in repr(Login(USER, "hunter2"))


@pytest.mark.parametrize("key", ["credHelpers", "credsStore"])
async def test_a_credential_helper_is_asked(tmp_path: Path, key: str) -> None:
    helper = tmp_path / "docker-credential-test"
    helper.write_text(
        '#!/bin/sh\nread host\n[ "$1 $host" = "get reg.example.com:5000" ] || exit 1\n'
        'echo \'{"Username": "dev", "Secret": "a b"}\'\n'
    )
    helper.chmod(0o755)
    value = {"reg.example.com:5000": "test"} if key == "credHelpers" else "test"
    environment = docker_config(tmp_path, {key: value})
    environment["PATH"] = f"{tmp_path}:{environment['PATH']}"
    assert await find_login("reg.example.com:5000", environment) == Login("dev", "a b")
    assert await find_login("other.example.com", environment) == ANONYMOUS


async def test_a_helper_that_is_not_there_is_named(tmp_path: Path) -> None:
    environment = docker_config(tmp_path, {"credsStore": "nowhere"})
    with pytest.raises(LainError, match="docker-credential-nowhere"):
        await find_login("reg.example.com", environment)


async def test_docker_hubs_login_has_a_name_of_its_own(tmp_path: Path) -> None:
    encoded = base64.b64encode(b"dev:pw").decode()
    environment = docker_config(tmp_path, {"auths": {"https://index.docker.io/v1/": {"auth": encoded}}})
    assert await find_login("docker.io", environment) == Login("dev", "pw")


async def test_broken_settings_of_docker_are_told(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(LainError, match="docker's settings"):
        await find_login("reg.example.com", {"DOCKER_CONFIG": str(tmp_path)})


Serve = Callable[[Handler], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Run a handler as a registry on a loopback port; gives its HOST:PORT."""
    servers = []

    async def start(handler: Handler) -> str:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", handler)
        server = TestServer(app)
        await server.start_server()
        servers.append(server)
        return f"127.0.0.1:{server.port}"

    yield start
    for server in servers:
        await server.close()


async def test_a_token_is_fetched_with_the_login_and_every_page_read(serve: Serve) -> None:
    asked: list[str] = []

    async def registry(request: web.Request) -> web.Response:
        asked.append(f"{request.path}?{request.query_string}")
        if request.path == "/token":
            assert request.headers["Authorization"] == Login("dev", "pw").basic()
            return web.json_response({"token": f"for {request.query['scope']} of {request.query['service']}"})
        if request.headers.get("Authorization") != "Bearer for repository:team/dummy:pull of reg":
            told = (
                f'Bearer realm="http://{request.host}/token",service="reg",scope="repository:team/dummy:pull"'
            )
            return web.json_response({"errors": []}, status=401, headers={"WWW-Authenticate": told})
        last = int(request.query.get("last", "0"))
        tags = [tag(number) for number in range(last, min(last + 1000, 2500))]
        more = {"Link": f'</v2/team/dummy/tags/list?n=1000&last={last + 1000}>; rel="next"'}
        return web.json_response({"name": "x", "tags": tags}, headers=more if last + 1000 < 2500 else {})

    host = await serve(registry)
    found = await Distribution(host=host, path="team/dummy", login=Login("dev", "pw")).tags()
    assert len(found) == 2500
    assert newest_first(found)[0] == tag(2499)
    assert sum(path.startswith("/token") for path in asked) == 1, "one token serves every page"


async def test_an_identity_token_is_exchanged(serve: Serve) -> None:
    async def registry(request: web.Request) -> web.Response:
        if request.path == "/token":
            form = await request.post()
            assert (form["grant_type"], form["refresh_token"]) == ("refresh_token", "id-token")
            return web.json_response({"access_token": "t"})
        if request.headers.get("Authorization") != "Bearer t":
            told = f'Bearer realm="http://{request.host}/token",service="reg"'
            return web.Response(status=401, headers={"WWW-Authenticate": told})
        return web.json_response({"tags": None})

    host = await serve(registry)
    assert await Distribution(host=host, path="a", login=Login(identity_token="id-token")).tags() == []


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (web.Response(text="<html>"), "not what a registry answers"),
        (web.Response(text="[1]"), "not what a registry answers"),
        (web.Response(status=429, headers={"Retry-After": "7"}), "Try again in 7 s"),
        (web.Response(status=500, text='{"errors":[{"message":"disk full"}]}'), "HTTP 500: disk full"),
        (web.Response(status=403, text='{"errors":[{"code":"DENIED"}]}'), "wants a login"),
        (web.Response(status=401, headers={"WWW-Authenticate": "Negotiate"}), "unknown here: Negotiate"),
        (
            web.Response(status=401, headers={"WWW-Authenticate": 'Bearer realm="file:///x"'}),
            "where to get a token",
        ),
    ],
)
async def test_each_failure_is_one_sentence(serve: Serve, answer: web.Response, says: str) -> None:
    async def registry(request: web.Request) -> web.Response:
        return web.Response(status=answer.status, body=answer.body, headers=dict(answer.headers))

    host = await serve(registry)
    with pytest.raises(LainError) as raised:
        await Distribution(host=host, path="a", login=ANONYMOUS).tags()
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


async def test_a_page_that_leads_back_to_itself_ends(serve: Serve) -> None:
    async def registry(request: web.Request) -> web.Response:
        return web.json_response({"tags": ["a"]}, headers={"Link": f"<{request.path_qs}>; rel=next"})

    assert await Distribution(host=await serve(registry), path="a", login=ANONYMOUS).tags() == ["a"]


async def test_nobody_listens() -> None:
    with pytest.raises(LainError, match="cannot be reached"):
        await Distribution(host="127.0.0.1:1", path="a", login=ANONYMOUS).tags()


async def test_http_only_where_configured() -> None:
    def base(host: str, plain: bool = False) -> str:
        return Distribution(host=host, path="a", login=ANONYMOUS, plain=plain).base

    assert base("reg.example.com:5000") == "https://reg.example.com:5000/v2"
    assert base("reg.example.com", plain=True) == "http://reg.example.com/v2"
    assert base("localhost:5000") == "http://localhost:5000/v2", "as docker does for this machine"
    assert base("docker.io") == "https://registry-1.docker.io/v2"


@pytest.fixture
def own_certificate(tmp_path: Path) -> ssl.SSLContext:
    """A certificate for this machine, signed by nobody."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=registry.test",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return context


async def test_a_certificate_that_nobody_trusts(own_certificate: ssl.SSLContext) -> None:
    server = TestServer(web.Application(), scheme="https")
    await server.start_server(ssl=own_certificate)
    try:
        async with Http() as http:
            with pytest.raises(LainError, match="certificate cannot be trusted"):
                await http.get(f"https://127.0.0.1:{server.port}/v2/")
    finally:
        await server.close()


async def test_tls_asked_of_a_plain_registry(open_registry: str) -> None:
    async with Http() as http:
        with pytest.raises(LainError, match="does not speak TLS"):
            await http.get(f"https://{open_registry}/v2/")
