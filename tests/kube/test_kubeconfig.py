"""Every way that a kubeconfig names a cluster and signs in."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import ssl
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from lain_tui.core.errors import LainError
from lain_tui.core.kube import access
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.errors import CredentialsFailed, KubeError, Unauthorized
from tests.kube import certificates, kubeconfigs
from tests.kube.api import Api, serve
from tests.kube.pace import until


async def ask(*files: Path, context: str = "") -> str:
    """Open and ask for the version: signed in or not."""
    async with KubeClient.open(kubeconfigs.target(*files, context=context)) as kube:
        return (await kube.server_version()).git_version


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


@asynccontextmanager
async def tls_api(name: str = "127.0.0.1", **options: Any) -> AsyncIterator[Api]:
    async with serve(certificates.server_context(name, **options)) as api:
        yield api


# -- certificates


@pytest.mark.parametrize("where", ["data", "files"])
async def test_a_client_certificate_signs_in_and_leaves_no_file(
    tmp_path: Path, tmp_files: Path, where: str
) -> None:
    async with tls_api(ask=True) as api:
        user = certificates.client_data() if where == "data" else certificates.client_files(tmp_path)
        file = kubeconfigs.write(
            tmp_path / "config", api.url, user=user, cluster=certificates.authority_data()
        )
        async with KubeClient.open(kubeconfigs.target(file)) as kube:
            await kube.server_version()
            assert not files_in(tmp_files), "key material does not outlive the handshake's preparation"
        async with KubeClient.open(kubeconfigs.target(file)) as kube:
            await kube.server_version()  # the loader remembers files that are gone: it must not matter
        seen = api.seen[0].peer_certificate
        assert seen is not None and (("commonName", "jane"),) in seen["subject"]


async def test_an_expired_client_certificate_is_told_as_such(tmp_path: Path) -> None:
    async with tls_api() as api:
        api.token = "nobody has it"  # as kube-apiserver: it looks at the certificate after the handshake
        user = certificates.client_data(days=-1)
        file = kubeconfigs.write(
            tmp_path / "config", api.url, user=user, cluster=certificates.authority_data()
        )
        with pytest.raises(Unauthorized, match=r"your client certificate expired on \d{4}-\d\d-\d\d"):
            await ask(file)


async def test_a_server_that_refuses_an_expired_certificate_in_the_handshake_says_the_same(
    tmp_path: Path,
) -> None:
    async with tls_api(ask=True) as api:
        user = certificates.client_data(days=-1)
        file = kubeconfigs.write(
            tmp_path / "config", api.url, user=user, cluster=certificates.authority_data()
        )
        with pytest.raises(Unauthorized, match="your client certificate expired on"):
            await ask(file)


async def test_a_client_key_that_is_no_key_is_told(tmp_path: Path) -> None:
    async with tls_api() as api:
        user = {**certificates.client_data(), "client-key-data": base64.b64encode(b"nonsense").decode()}
        file = kubeconfigs.write(
            tmp_path / "config", api.url, user=user, cluster=certificates.authority_data()
        )
        with pytest.raises(CredentialsFailed, match="client certificate or its key cannot be read"):
            await ask(file)


async def test_a_missing_certificate_file_is_named(tmp_path: Path) -> None:
    user = {"client-certificate": "gone.crt", "client-key": "gone.key"}
    file = kubeconfigs.write(tmp_path / "config", "https://127.0.0.1:1", user=user)
    with pytest.raises(KubeError, match=r"gone\.crt"):
        await ask(file)


async def test_tls_server_name_is_what_the_certificate_must_name(tmp_path: Path) -> None:
    async with tls_api("kubernetes.example") as api:
        cluster = {**certificates.authority_data(), "tls-server-name": "kubernetes.example"}
        assert await ask(kubeconfigs.write(tmp_path / "config", api.url, cluster=cluster)) == "v1.35.0"


async def test_insecure_is_insecure_only_because_the_file_says_so(tmp_path: Path) -> None:
    async with tls_api("elsewhere.example", authority=certificates.STRANGER) as api:
        with pytest.raises(KubeError, match="authority that is not trusted"):
            await ask(kubeconfigs.write(tmp_path / "strict", api.url, user={"token": "x"}))
        cluster = {"insecure-skip-tls-verify": True}
        assert await ask(kubeconfigs.write(tmp_path / "insecure", api.url, cluster=cluster)) == "v1.35.0"


async def test_a_cluster_without_a_user_is_asked_as_nobody(tmp_path: Path) -> None:
    async with tls_api() as api:
        file = kubeconfigs.write(tmp_path / "config", api.url, cluster=certificates.authority_data())
        assert await ask(file) == "v1.35.0"
        assert "Authorization" not in api.seen[0].headers


# -- tokens


async def test_a_token_signs_in_and_is_in_no_error(api: Api, tmp_path: Path) -> None:
    api.token = "s3cret"
    assert await ask(kubeconfigs.write(tmp_path / "config", api.url, user={"token": "s3cret"})) == "v1.35.0"
    with pytest.raises(Unauthorized) as caught:
        await ask(kubeconfigs.write(tmp_path / "wrong", api.url, user={"token": "wr0ng"}))
    assert "your credentials are not accepted" in str(caught.value) and "wr0ng" not in repr(caught.value)
    assert len(api.seen) == 2, "a fixed token is not tried twice"


async def test_name_and_password_sign_in(api: Api, tmp_path: Path) -> None:
    await ask(kubeconfigs.write(tmp_path / "config", api.url, user={"username": "jane", "password": "pass"}))
    expected = "Basic " + base64.b64encode(b"jane:pass").decode()
    assert api.seen[0].headers["Authorization"] == expected


async def test_a_rotated_token_file_is_read_again(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("first\n")
    api.token = "first"
    file = kubeconfigs.write(tmp_path / "config", api.url, user={"tokenFile": "token", "token": "never"})
    async with KubeClient.open(kubeconfigs.target(file)) as kube:
        await kube.server_version()
        (tmp_path / "token").write_text("second\n")
        api.token = "second"
        await kube.server_version()  # refused once, then read again
        monkeypatch.setattr(access, "TOKEN_FILE_AGE", 0.0)
        (tmp_path / "token").write_text("third\n")
        api.token = "third"
        await kube.server_version()
        assert len(api.seen) == 4, "the third was read before it was needed"


async def test_an_empty_token_file_is_told(api: Api, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("\n")
    with pytest.raises(CredentialsFailed, match="token file is empty"):
        await ask(kubeconfigs.write(tmp_path / "config", api.url, user={"tokenFile": "token"}))


# -- credential plugins


def plugin(folder: Path, body: str, **more: Any) -> dict[str, Any]:
    """A user whose plugin is a Python script with this body; it counts its runs in `runs`."""
    script = folder / "plugin.py"
    script.write_text(
        "import json, os, sys, time\n"
        f"open({str(folder / 'runs')!r}, 'a').write('x')\n"
        "def answer(**status):\n"
        "    print(json.dumps({'apiVersion': 'client.authentication.k8s.io/v1', 'kind': 'ExecCredential',"
        " 'status': status}))\n" + body
    )
    spec = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": sys.executable,
        "args": [str(script)],
        **more,
    }
    return {"exec": spec}


def runs(folder: Path) -> int:
    return len((folder / "runs").read_text()) if (folder / "runs").exists() else 0


async def test_a_plugin_is_run_once_for_all_requests(api: Api, tmp_path: Path) -> None:
    api.token = "fresh"
    file = kubeconfigs.write(tmp_path / "config", api.url, user=plugin(tmp_path, "answer(token='fresh')"))
    async with KubeClient.open(kubeconfigs.target(file)) as kube:
        assert runs(tmp_path) == 0, "opening asks for nothing"
        await asyncio.gather(*(kube.server_version() for _ in range(10)))
        assert runs(tmp_path) == 1


async def test_a_plugin_is_asked_again_once_after_a_401(api: Api, tmp_path: Path) -> None:
    (tmp_path / "now").write_text("first")
    api.token = "first"
    body = f"answer(token=open({str(tmp_path / 'now')!r}).read())"
    file = kubeconfigs.write(tmp_path / "config", api.url, user=plugin(tmp_path, body))
    async with KubeClient.open(kubeconfigs.target(file)) as kube:
        await kube.server_version()
        (tmp_path / "now").write_text("second")
        api.token = "second"
        await asyncio.gather(*(kube.server_version() for _ in range(5)))
        assert runs(tmp_path) == 2
        api.token = "revoked"
        with pytest.raises(Unauthorized, match=r"not accepted.*Fresh ones were asked for"):
            await kube.server_version()
        assert runs(tmp_path) == 3


async def test_a_credential_that_ends_is_renewed_before_it_does(api: Api, tmp_path: Path) -> None:
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 5))
    body = f"answer(token='t', expirationTimestamp={soon!r})"
    file = kubeconfigs.write(tmp_path / "config", api.url, user=plugin(tmp_path, body))
    async with KubeClient.open(kubeconfigs.target(file)) as kube:
        await kube.server_version()
        await kube.server_version()
        assert runs(tmp_path) == 2
        assert all(seen.headers["Authorization"] == "Bearer t" for seen in api.seen)


async def test_a_plugin_may_give_a_certificate_and_a_new_one_later(tmp_path: Path, tmp_files: Path) -> None:
    async with tls_api(ask=True) as api:
        pairs = [certificates.client_pair() for _ in range(2)]
        answers = [
            {"clientCertificateData": certificate.decode(), "clientKeyData": key.decode()}
            for certificate, key in pairs
        ]
        body = f"count = len(open({str(tmp_path / 'runs')!r}).read())\nanswer(**{answers!r}[count - 1])"
        user = plugin(tmp_path, body)
        file = kubeconfigs.write(
            tmp_path / "config", api.url, user=user, cluster=certificates.authority_data()
        )
        async with KubeClient.open(kubeconfigs.target(file)) as kube:
            await kube.server_version()
            api.next.append(_unauthorized)
            await kube.server_version()
            first, last = api.seen[0].peer_certificate, api.seen[-1].peer_certificate
            assert first is not None and last is not None
            assert first["serialNumber"] != last["serialNumber"], "the new one is used on a new connection"
        assert not files_in(tmp_files)


async def _unauthorized(_: web.Request) -> web.Response:
    return web.Response(status=401)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("sys.exit('please sign in first')", "failed with exit 1: please sign in first"),
        ("print('hello')", "did not print an ExecCredential"),
        ("answer()", "neither a token nor a certificate"),
        ("answer(clientCertificateData='x')", "neither a token nor a certificate"),
    ],
)
async def test_a_plugin_that_fails_is_told_in_its_words(
    api: Api, tmp_path: Path, body: str, words: str
) -> None:
    file = kubeconfigs.write(tmp_path / "config", api.url, user=plugin(tmp_path, body))
    with pytest.raises(CredentialsFailed, match=words):
        await ask(file)


async def test_a_plugin_that_failed_is_not_run_for_each_request_but_for_a_retry(
    api: Api, tmp_path: Path
) -> None:
    file = kubeconfigs.write(tmp_path / "config", api.url, user=plugin(tmp_path, "sys.exit('no')"))
    async with KubeClient.open(kubeconfigs.target(file)) as kube:
        for _ in range(3):
            with pytest.raises(CredentialsFailed):
                await kube.server_version()
        assert runs(tmp_path) == 1
        kube.retry_now()
        with pytest.raises(CredentialsFailed):
            await kube.server_version()
        assert runs(tmp_path) == 2


async def test_a_plugin_that_is_not_installed_says_how_to_install_it(api: Api, tmp_path: Path) -> None:
    user = plugin(tmp_path, "")
    user["exec"].update(command="lain-no-such-plugin", installHint="brew install it")
    with pytest.raises(CredentialsFailed, match=r"lain-no-such-plugin is not installed\. brew install it"):
        await ask(kubeconfigs.write(tmp_path / "config", api.url, user=user))


async def test_a_plugin_gets_no_terminal_but_the_cluster_and_its_environment(
    api: Api, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    body = (
        f"json.dump([json.loads(os.environ['KUBERNETES_EXEC_INFO']), os.environ['EXTRA'], sys.stdin.read(),"
        f" os.getsid(0) == os.getpid()], open({str(told)!r}, 'w'))\nanswer(token='t')"
    )
    user = plugin(tmp_path, body, provideClusterInfo=True, env=[{"name": "EXTRA", "value": "more"}])
    cluster = {"extensions": [{"name": "client.authentication.k8s.io/exec", "extension": {"audience": "a"}}]}
    await ask(kubeconfigs.write(tmp_path / "config", api.url, user=user, cluster=cluster))
    info, extra, stdin, own_session = json.loads(told.read_text())
    assert info["spec"]["interactive"] is False
    assert info["spec"]["cluster"] == {"server": api.url, "config": {"audience": "a"}}
    assert (extra, stdin, own_session) == ("more", "", True)


async def test_cancelling_ends_the_plugin_and_its_children(api: Api, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    body = (
        "import subprocess\n"
        f"child = subprocess.Popen(['sleep', '600'])\nopen({str(pid_file)!r}, 'w').write(str(child.pid))\n"
        "child.wait()"
    )
    file = kubeconfigs.write(tmp_path / "config", api.url, user=plugin(tmp_path, body))
    asking = asyncio.create_task(ask(file))
    await until(lambda: pid_file.exists() and pid_file.read_text() != "")
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    child = int(pid_file.read_text())
    await until(lambda: not _alive(child))


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# -- OpenID Connect


def jwt(expires: float) -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    # "sub" is chosen so that the payload has the characters in which base64url differs from base64.
    return f"{part({'alg': 'none'})}.{part({'exp': expires, 'sub': '~~~???>>>'})}.signature"


@asynccontextmanager
async def identity_provider(token: str, context: ssl.SSLContext) -> AsyncIterator[str]:
    async def discovery(_: web.Request) -> web.Response:
        return web.json_response({"token_endpoint": f"{url}/token"})

    async def renew(request: web.Request) -> web.Response:
        form = await request.post()
        if form["refresh_token"] != "refresh-1":
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"id_token": token, "refresh_token": "refresh-2"})

    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", discovery)
    app.router.add_post("/token", renew)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    url = f"https://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield url
    finally:
        await runner.cleanup()


def login(issuer: str, token: str, refresh: str = "refresh-1") -> dict[str, Any]:
    config = {
        "client-id": "lain",
        "client-secret": "",
        "id-token": token,
        "refresh-token": refresh,
        "idp-issuer-url": issuer,
        "idp-certificate-authority-data": certificates.authority_data()["certificate-authority-data"],
    }
    return {"auth-provider": {"name": "oidc", "config": config}}


async def test_an_openid_login_is_used_while_it_lasts(api: Api, tmp_path: Path) -> None:
    api.token = jwt(time.time() + 3600)
    await ask(kubeconfigs.write(tmp_path / "config", api.url, user=login("https://127.0.0.1:1", api.token)))


async def test_an_openid_login_is_renewed_and_written_back(api: Api, tmp_path: Path) -> None:
    api.token = jwt(time.time() + 3600)
    async with identity_provider(api.token, certificates.server_context()) as issuer:
        file = kubeconfigs.write(tmp_path / "config", api.url, user=login(issuer, jwt(time.time() - 60)))
        file.chmod(0o600)
        await ask(file)
        assert "refresh-2" in file.read_text(), "a refresh token is accepted once only"
        assert file.stat().st_mode & 0o777 == 0o600
        assert await ask(file) == "v1.35.0"
        assert files_in(tmp_path) == {"config"}


async def test_an_identity_provider_of_a_strange_authority_gets_no_refresh_token(
    api: Api, tmp_path: Path
) -> None:
    context = certificates.server_context(authority=certificates.STRANGER)
    async with identity_provider("x", context) as issuer:
        file = kubeconfigs.write(tmp_path / "config", api.url, user=login(issuer, jwt(time.time() - 60)))
        with pytest.raises(CredentialsFailed, match="identity provider could not be asked"):
            await ask(file)


async def test_a_login_that_cannot_be_renewed_says_sign_in_again(api: Api, tmp_path: Path) -> None:
    async with identity_provider("x", certificates.server_context()) as issuer:
        user = login(issuer, jwt(time.time() - 60), refresh="used")
        with pytest.raises(CredentialsFailed, match="Sign in again"):
            await ask(kubeconfigs.write(tmp_path / "config", api.url, user=user))


# -- several files, contexts, bad files


async def test_several_files_merge_and_the_first_to_choose_a_context_wins(tmp_path: Path) -> None:
    async with serve() as one, serve() as two:
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "token").write_text("of-a")
        one.token = "of-a"
        first = kubeconfigs.write(tmp_path / "a" / "config", one.url, name="one", user={"tokenFile": "token"})
        second = kubeconfigs.write(tmp_path / "b", two.url, name="two")
        empty = tmp_path / "empty"
        empty.write_text("")
        await ask(first, tmp_path / "missing", empty, second)
        assert (len(one.seen), len(two.seen)) == (1, 0)
        await ask(first, second, context="two")
        assert (len(one.seen), len(two.seen)) == (1, 1)


async def test_an_unknown_context_lists_those_there_are(tmp_path: Path) -> None:
    file = kubeconfigs.write(tmp_path / "config", "http://x", name="prod")
    with pytest.raises(LainError, match=r"no context 'stage'\. Contexts there: prod"):
        await ask(file, context="stage")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1, 2", "not YAML"),
        ("a:\n\t- b", "not YAML"),
        ("just words", "no kubeconfig"),
        ("[1, 2]", "no kubeconfig"),
        ("", "no kubeconfig there"),
        ("kind: Config\nclusters: []\n", "no context is chosen"),
        ("clusters: 5", "no kubeconfig"),
    ],
)
async def test_a_file_that_is_no_kubeconfig_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "config"
    file.write_text(text)
    with pytest.raises(LainError, match=words) as caught:
        await ask(file)
    assert str(file) in str(caught.value)


async def test_bytes_that_are_no_text_and_a_folder_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "config").write_bytes(b"\xff\xfe\x00a")
    with pytest.raises(LainError):
        await ask(tmp_path / "config")
    with pytest.raises(LainError, match="cannot be read"):
        await ask(tmp_path)


async def test_outside_a_cluster_no_kubeconfig_says_how_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(LainError, match="--kubeconfig"):
        await ask()


async def test_inside_a_cluster_the_service_account_signs_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kubernetes.config import incluster_config

    (tmp_path / "token").write_text("of-the-pod\n")
    (tmp_path / "ca.crt").write_bytes(certificates.AUTHORITY.cert_pem.bytes())
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(tmp_path / "ca.crt"))
    async with tls_api() as api:
        api.token = "of-the-pod"
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(api.port))
        assert await ask() == "v1.35.0"


async def test_opening_does_not_block_the_loop(api: Api, tmp_path: Path) -> None:
    """In a fresh process: the heavy imports happen beside a loop that goes on."""
    file = kubeconfigs.write(tmp_path / "config", api.url)
    code = f"""
import asyncio, sys, time
from pathlib import Path
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.kube.store import Store
from lain_tui.core.target import Target
assert not {{'aiohttp', 'kubernetes', 'yaml'}} & set(sys.modules), 'imported too early'
async def main():
    worst, last = 0.0, time.perf_counter()
    async def beat():
        nonlocal worst, last
        while True:
            await asyncio.sleep(0.005)
            now = time.perf_counter()
            worst, last = max(worst, now - last), now
    task = asyncio.create_task(beat())
    async with KubeClient.open(Target(namespace='d', cluster='c', kubeconfig=(Path({str(file)!r}),))) as kube:
        pass
    task.cancel()
    assert worst < 0.3, worst
asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, env=dict(os.environ))
    assert await process.wait() == 0
