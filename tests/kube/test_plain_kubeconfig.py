"""The short way to a plain kubeconfig's settings answers as the official loader does, or steps aside."""

from __future__ import annotations

import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lain_tui.core.kube.access import Settings
from lain_tui.core.kube.kubeconfig import Kubeconfig
from lain_tui.core.kube.plain_kubeconfig import read_plain
from tests.kube import certificates, kubeconfigs

HTTPS = "https://127.0.0.1:6443"


def seen(settings: Settings) -> tuple[object, ...]:
    """Everything that a connection is made of."""
    context = settings.tls
    trusted: object = None
    if context is not None:
        names = sorted(map(str, context.get_ca_certs())) if context.verify_mode is ssl.CERT_REQUIRED else ()
        trusted = (context.verify_mode, context.check_hostname, names)
    return (
        settings.server, settings.server_name, settings.proxy, settings.authorization, settings.certificate_expires,
        settings.renewable, settings.expires, settings.token_file, trusted,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("server", "reached", "user"),
    [
        ("http://127.0.0.1:8080", {}, {}),
        ("http://127.0.0.1:8080/", {}, {"token": "abc"}),
        ("http://127.0.0.1:8080/k8s/clusters/c-1", {}, {"token": "abc"}),
        (HTTPS, {}, {"token": "abc"}),
        (HTTPS, certificates.authority_data(), {"token": "abc"}),
        (HTTPS, certificates.authority_data(), certificates.client_data()),
        (HTTPS, certificates.authority_data(), {**certificates.client_data(days=-1), "token": ""}),
        (HTTPS, {**certificates.authority_data(), "tls-server-name": "kubernetes"}, {"token": "abc"}),
        (HTTPS, {"insecure-skip-tls-verify": True}, {"token": "abc"}),
        (HTTPS, {**certificates.authority_data(), "insecure-skip-tls-verify": False}, {"token": "abc"}),
    ],
)
async def test_both_ways_lead_to_the_same(
    tmp_path: Path, server: str, reached: dict[str, Any], user: dict[str, Any]
) -> None:
    file = kubeconfigs.write(tmp_path / "config", server, cluster=reached, user=user)
    short = read_plain((file,))
    assert short is not None
    assert seen(short) == seen(await Kubeconfig((file,)).load(renew=False))


@pytest.mark.parametrize(
    ("reached", "user"),
    [
        ({"certificate-authority": "ca.crt"}, {"token": "abc"}),
        ({"proxy-url": "http://proxy:3128"}, {"token": "abc"}),
        ({}, {"exec": {"command": "aws"}}),
        ({}, {"auth-provider": {"name": "oidc"}}),
        ({}, {"tokenFile": "token"}),
        ({}, {"username": "jane", "password": "x"}),
        ({}, {"token": "abc\n"}),
        ({"certificate-authority-data": "no base64!"}, {"token": "abc"}),
        ({}, {"client-certificate-data": "bm90IGEgY2VydA==", "client-key-data": "bm9uZQ=="}),
    ],
)
def test_what_is_not_plain_is_left_to_the_official_loader(
    tmp_path: Path, reached: dict[str, Any], user: dict[str, Any]
) -> None:
    assert read_plain((kubeconfigs.write(tmp_path / "config", HTTPS, cluster=reached, user=user),)) is None


@pytest.mark.parametrize("text", ["", "clusters: [", "[]", "kind: Config", "contexts: 3\ncurrent-context: a"])
def test_what_is_odd_is_left_to_it_as_well(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config"
    file.write_text(text)
    assert read_plain((file,)) is None
    assert read_plain((tmp_path / "none",)) is None


def test_several_files_and_other_contexts(tmp_path: Path) -> None:
    one = kubeconfigs.write(tmp_path / "one", HTTPS, name="one")
    two = kubeconfigs.write(tmp_path / "two", HTTPS, name="two")
    assert read_plain((one, two)) is None
    assert read_plain((one,), "two") is None
    assert read_plain((one,), "one") is not None


def test_no_kubernetes_library_is_loaded_for_it(tmp_path: Path) -> None:
    file = kubeconfigs.write(tmp_path / "config", HTTPS, user={"token": "abc"})
    script = (
        "import sys, pathlib; from lain_tui.core.kube.plain_kubeconfig import read_plain;"
        "assert read_plain((pathlib.Path(sys.argv[1]),)); assert 'kubernetes' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script, str(file)], check=True)
