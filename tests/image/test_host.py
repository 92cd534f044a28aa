"""Which docker engine is meant."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.image.host import LOCAL, resolve_host


def context(folder: Path, name: str, host: str, *, tls: bool = False) -> None:
    digest = hashlib.sha256(name.encode()).hexdigest()
    meta = folder / "contexts" / "meta" / digest
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host}}}))
    if tls:
        (folder / "contexts" / "tls" / digest / "docker").mkdir(parents=True)


def test_the_local_socket_unless_told_otherwise(tmp_path: Path) -> None:
    assert resolve_host({"DOCKER_CONFIG": str(tmp_path)}).url == LOCAL


def test_docker_host_comes_before_contexts(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"currentContext": "there"}')
    context(tmp_path, "there", "ssh://dev@there")
    settings = {"DOCKER_CONFIG": str(tmp_path)}
    assert resolve_host(settings).url == "ssh://dev@there"
    assert resolve_host({**settings, "DOCKER_HOST": "tcp://here:2375"}).url == "tcp://here:2375"
    assert resolve_host({**settings, "DOCKER_CONTEXT": "default"}).url == LOCAL


def test_a_contexts_certificates(tmp_path: Path) -> None:
    context(tmp_path, "ci", "tcp://ci:2376", tls=True)
    host = resolve_host({"DOCKER_CONFIG": str(tmp_path), "DOCKER_CONTEXT": "ci"})
    assert host.certificates is not None
    assert host.certificates.parts[-3:-1] == ("tls", hashlib.sha256(b"ci").hexdigest())
    assert host.environment["DOCKER_HOST"] == "tcp://ci:2376"


def test_remote_docker_comes_first(tmp_path: Path) -> None:
    settings = {"DOCKER_CONFIG": str(tmp_path), "DOCKER_HOST": "tcp://other:1"}
    assert resolve_host(settings, remote="10.0.0.1:2375").url == "tcp://10.0.0.1:2375"


def test_an_unknown_context_and_a_bad_address(tmp_path: Path) -> None:
    with pytest.raises(LainError, match="no context nowhere"):
        resolve_host({"DOCKER_CONFIG": str(tmp_path), "DOCKER_CONTEXT": "nowhere"})
    with pytest.raises(LainError, match="no address"):
        resolve_host({"DOCKER_HOST": "nonsense"})
