"""An engine behind ssh: a stand-in for ssh runs the far end's docker client here."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

import msgspec
import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.image.build import BuildOptions, run_build
from lain_tui.core.image.engine import Engine
from lain_tui.core.image.host import DockerHost
from lain_tui.core.image.plan import plan_build
from lain_tui.core.image.tunnel import SshTunnel
from lain_tui.core.model.build import ImageReady
from tests.docker_daemon import Daemon
from tests.image.conftest import Repository, everything


def test_user_port_and_host_are_ssh_s_own_options() -> None:
    assert SshTunnel("ssh://me@build.example.com:2222").command() == [
        "ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-l", "me", "-p", "2222", "--", "build.example.com",
        "docker", "system", "dial-stdio",
    ]  # fmt: skip


@pytest.mark.parametrize("url", ["ssh://", "ssh://-oProxyCommand=evil"])
def test_an_address_cannot_smuggle_options(url: str) -> None:
    with pytest.raises(LainError, match="names no host"):
        SshTunnel(url).command()


def ssh(folder: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


async def test_a_build_and_what_the_engine_has_go_through_the_tunnel(
    daemon: Daemon,
    repository: Repository,
    options: BuildOptions,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As ssh does, it hands the words over as one line.
    there = f"export DOCKER_HOST={daemon.host} PATH={os.environ['PATH']}"
    far = f'{there}; while [ "$1" != -- ]; do shift; done; shift 2; exec sh -c "exec $*"'
    ssh(tmp_path, far, monkeypatch)
    plan = await plan_build(
        repository.values(build={"base": "base:1", "script": ["true"]}), repository.folder
    )
    path = f"{tmp_path / 'bin'}:{options.environment['PATH']}"
    options = msgspec.structs.replace(
        options,
        host=DockerHost(url="ssh://me@far", source="tests"),
        environment={**options.environment, "PATH": path},
    )
    assert isinstance((await everything(run_build(plan, options)))[-1], ImageReady)
    assert not tunnels(daemon), "no tunnel is left"


def tunnels(daemon: Daemon) -> list[str]:
    """Processes at the far end of a tunnel to this daemon."""
    found = subprocess.run(["pgrep", "-f", "dial-stdio"], capture_output=True, text=True, check=False).stdout
    return [pid for pid in found.split() if str(daemon.folder) in _environment(pid)]


def _environment(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/environ").read_text(errors="replace")
    except OSError:
        return ""


async def test_a_tunnel_that_is_closed_under_a_connection_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ssh(tmp_path, "exec cat", monkeypatch)
    async with SshTunnel("ssh://me@far") as tunnel:
        reader, writer = await asyncio.open_unix_connection(tunnel.socket)
        writer.write(b"x")
        assert await reader.read(1) == b"x"
    assert await reader.read() == b""
    writer.close()
    assert not caplog.records


async def test_what_ssh_says_is_the_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ssh(tmp_path, "echo 'me@far: Permission denied (publickey).' >&2; exit 255", monkeypatch)
    with pytest.raises(LainError, match=r"ssh: me@far: Permission denied \(publickey\)"):
        async with Engine(DockerHost(url="ssh://me@far", source="DOCKER_HOST")) as engine:
            await engine.ping()
