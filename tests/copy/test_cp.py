"""`cp` into a pod and out of one, on the embedded cluster and on a real one: whole or not at all, and verified."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cluster
from tests.console import Console
from tests.contract.api import Api
from tests.contract.objects import pod

Done = subprocess.CompletedProcess[bytes]
BYTES = bytes(range(256)) * 3000
"""More than one message, more than one piece, and every byte there is."""


class Pod:
    """`lain-tui cp` and `x` on a namespace with one pod called `shell`."""

    def __init__(self, cluster: Cluster, namespace: str, home: Path) -> None:
        self._words = [f"--kubeconfig={cluster.kubeconfig}", f"--namespace={namespace}"]
        self._home = home
        self._env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
        }

    def argv(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "lain_tui", *self._words, *words]

    def _run(self, *words: str) -> Done:
        return subprocess.run(
            self.argv(*words), env=self._env, cwd=self._home, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=120, check=False,
        )  # fmt: skip

    def cp(self, *words: str) -> Done:
        return self._run("cp", *words)

    def copies(self, *words: str) -> dict[str, Any]:
        """Copy to a good end; returns what came of it."""
        done = self._run("cp", *words, "-o", "json")
        assert done.returncode == 0, done.stderr.decode()
        outcome: dict[str, Any] = json.loads(done.stdout)["copied"]
        return outcome

    def fails(self, *words: str) -> str:
        """Copy to a bad end; returns the last line of its complaint, and nothing may be left beside anything."""
        done = self._run("cp", *words)
        assert done.returncode not in (0, 2), done.stderr.decode()
        assert "Traceback" not in done.stderr.decode()
        assert not self.left_overs()
        return done.stderr.decode().splitlines()[-1]

    def at_terminal(self, *words: str) -> Console:
        return Console(self.argv(*words), self._env)

    def sh(self, *argv: str) -> str:
        """What a program in the pod prints."""
        done = self._run("x", "shell", "--", *argv)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def left_overs(self) -> list[str]:
        """What a copy that was given up has left behind, there and here."""
        there = [line for line in self.sh("find", "/tmp", "-type", "d").splitlines() if ".lain-cp-" in line]
        return there + [str(path) for path in self._home.rglob(".lain-cp-*")]


@pytest.fixture
def there(cluster: Cluster, api: Api, core: str, namespace: str, tmp_path: Path) -> Pod:
    api.post(f"{core}/pods", pod("shell", cluster.images["shell"])).ok()
    api.eventually(f"{core}/pods/shell", lambda p: p["status"]["phase"] == "Running")
    return Pod(cluster, namespace, tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with names that a shell would stumble over, and links of every kind."""
    top = tmp_path / "my folder"
    (top / "empty").mkdir(parents=True)
    (top / "sub").mkdir()
    (top / "sub" / "it's $HOME; `id` *").write_bytes(BYTES)
    (top / "-n").write_text("a name like an option")
    (top / "中文").write_text("二")
    (top / "tool").write_text("#!/bin/sh\n")
    (top / "tool").chmod(0o755)
    (top / "inside").symlink_to("sub")
    (top / "outside").symlink_to("/etc/passwd")
    return top


def contents(top: Path) -> dict[str, bytes | str]:
    """Files with their bytes, links with what they say, by path."""
    found: dict[str, bytes | str] = {}
    for path in sorted(top.rglob("*")):
        name = str(path.relative_to(top))
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        else:
            found[name] = path.read_bytes() if path.is_file() else "folder"
    return found


def test_a_file_goes_in_and_comes_back_byte_for_byte(there: Pod, tmp_path: Path) -> None:
    (tmp_path / "a file").write_bytes(BYTES)
    (tmp_path / "a file").chmod(0o640)
    os.utime(tmp_path / "a file", (1_700_000_000, 1_700_000_000))
    sent = there.copies("a file", "shell:/tmp")
    assert (sent["destination"], sent["files"], sent["bytes"]) == ("shell:/tmp/a file", 1, len(BYTES))
    came = there.copies("shell:/tmp/a file", "back")
    assert (came["source"], came["bytes"], came["verified"]) == ("shell:/tmp/a file", len(BYTES), "sha256")
    back = tmp_path / "back"
    assert back.read_bytes() == BYTES
    assert (back.stat().st_mode & 0o777, back.stat().st_mtime) == (0o640, 1_700_000_000)
    assert not there.left_overs()


def test_a_folder_goes_in_and_comes_back_as_it_was(there: Pod, folder: Path, tmp_path: Path) -> None:
    sent = there.copies("my folder", "shell:/tmp/copy of it")
    assert (sent["files"], sent["verified"]) == (4, "sha256")
    assert sent["leftOut"] == ["my folder/outside: a link that leads out, to /etc/passwd"]
    came = there.copies("shell:/tmp/copy of it", "back")
    assert (came["files"], came["leftOut"]) == (4, [])
    expected = contents(folder)
    del expected["outside"]
    assert contents(tmp_path / "back") == expected
    assert os.access(tmp_path / "back" / "tool", os.X_OK)


def test_links_are_followed_when_that_is_said(there: Pod, tmp_path: Path) -> None:
    (tmp_path / "real").write_text("contents")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "link").symlink_to(tmp_path / "real")
    (tmp_path / "d" / "round").symlink_to(".")
    sent = there.copies("--follow", "d", "shell:/tmp")
    assert sent["files"] == 1
    assert sent["leftOut"] == ["d/round: a link to a folder that it is in"]
    there.sh("ln", "-s", "/etc/hostname", "/tmp/d/name")
    there.copies("--follow", "shell:/tmp/d", "e")
    assert contents(tmp_path / "e") == {"link": b"contents", "name": b"shell\n"}


def test_a_link_that_leads_out_of_the_container_s_folder_is_left_out(there: Pod, tmp_path: Path) -> None:
    there.sh("mkdir", "/tmp/d")
    there.sh("ln", "-s", "/etc/shadow", "/tmp/d/evil")
    came = there.copies("shell:/tmp/d", "d")
    assert came["leftOut"] == ["evil: a link that leads out, to /etc/shadow"]
    assert contents(tmp_path / "d") == {}


def test_a_link_to_a_file_is_copied_as_the_file_it_leads_to(there: Pod, tmp_path: Path) -> None:
    there.sh("ln", "-s", "/etc/hostname", "/tmp/mounted")
    there.copies("shell:/tmp/mounted", ".")
    assert (tmp_path / "mounted").read_text() == "shell\n"


def test_nothing_is_replaced_unless_that_is_said(there: Pod, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("one")
    there.copies("f", "shell:/tmp/f")
    (tmp_path / "f").write_text("two")
    assert (
        there.fails("f", "shell:/tmp/f")
        == "lain-tui: /tmp/f: it is there already. Say that it may be replaced (--force)."
    )
    assert "it is there already" in there.fails("shell:/tmp/f", "f")
    assert (there.sh("cat", "/tmp/f"), (tmp_path / "f").read_text()) == ("one", "two")
    there.copies("--force", "f", "shell:/tmp/f")
    assert there.sh("cat", "/tmp/f") == "two"
    (tmp_path / "f").write_text("three")
    there.copies("--force", "shell:/tmp/f", "f")
    assert (tmp_path / "f").read_text() == "two"


def test_a_folder_that_is_there_keeps_its_other_files(there: Pod, tmp_path: Path) -> None:
    (tmp_path / "d" / "sub").mkdir(parents=True)
    (tmp_path / "d" / "same").write_text("old")
    (tmp_path / "d" / "sub" / "kept").write_text("kept")
    there.copies("d", "shell:/tmp")
    (tmp_path / "d" / "same").write_text("new")
    (tmp_path / "d" / "sub" / "kept").unlink()
    (tmp_path / "d" / "sub" / "more").write_text("more")
    (tmp_path / "d" / "other" / "deep").mkdir(parents=True)
    (tmp_path / "d" / "other" / "deep" / "file").write_text("deep")
    there.copies("--force", "d", "shell:/tmp")
    there.copies("--force", "shell:/tmp/d", ".")
    assert contents(tmp_path / "d") == {
        "other": "folder", "other/deep": "folder", "other/deep/file": b"deep",
        "same": b"new", "sub": "folder", "sub/kept": b"kept", "sub/more": b"more",
    }  # fmt: skip


def test_a_file_does_not_take_the_place_of_a_folder(there: Pod, tmp_path: Path) -> None:
    (tmp_path / "d").write_text("a file")
    there.sh("mkdir", "-p", "/tmp/up/d")
    assert "a folder of that name is there" in there.fails("--force", "d", "shell:/tmp/up")


def test_without_tar_files_are_copied_and_folders_are_not(there: Pod, tmp_path: Path) -> None:
    there.sh("rm", "/bin/tar")
    (tmp_path / "f").write_bytes(BYTES)
    (tmp_path / "f").chmod(0o755)
    there.copies("f", "shell:/tmp/f")
    there.copies("shell:/tmp/f", "back")
    assert (tmp_path / "back").read_bytes() == BYTES
    assert os.access(tmp_path / "back", os.X_OK)
    (tmp_path / "d").mkdir()
    assert "shell has no program tar" in there.fails("d", "shell:/tmp")
    assert "shell has no program tar" in there.fails("shell:/tmp", "e")


def test_without_a_checksum_program_sizes_are_compared(there: Pod, tmp_path: Path) -> None:
    there.sh("rm", "/bin/sha256sum")
    (tmp_path / "f").write_bytes(BYTES)
    assert there.copies("f", "shell:/tmp/f")["verified"] == "md5"
    there.sh("rm", "/bin/md5sum")
    assert there.copies("--force", "f", "shell:/tmp/f")["verified"] == "size"
    assert there.copies("shell:/tmp/f", "back")["verified"] == "size"


def test_paths_that_lead_up_or_nowhere(there: Pod, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("f")
    assert "has no .. in it" in there.fails("f", "shell:/tmp/../etc/f")
    assert "has no .. in it" in there.fails("shell:/tmp/../etc/hostname", ".")
    assert there.fails("shell:/tmp/nope", ".") == "lain-tui: shell has no /tmp/nope"
    assert there.fails("f", "shell:/nope/f") == "lain-tui: shell has no folder /nope"
    assert there.fails("f", "shell:/tmp/nope/") == "lain-tui: shell has no folder /tmp/nope/"
    assert there.fails("nope", "shell:/tmp").endswith("/nope: cannot be read: no such file or directory")
    assert there.fails("shell:/etc/hostname", "no/such/") == "lain-tui: no/such/: there is no such folder"
    assert there.cp("f", "g").returncode == there.cp("shell:/f", "shell:/g").returncode == 2


def test_read_only_mode_copies_out_but_not_in(there: Pod, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("f")
    done = there._run("--read-only", "cp", "f", "shell:/tmp")
    assert done.returncode == 4
    assert b"read-only: copy is off" in done.stderr
    assert there._run("--read-only", "cp", "shell:/etc/hostname", ".").returncode == 0


def test_a_dry_run_copies_nothing(there: Pod, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("f")
    done = there.cp("--dry-run", "f", "shell:/tmp")
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"> move it to /tmp/f" in done.stderr
    assert there.fails("shell:/tmp/f", ".") == "lain-tui: shell has no /tmp/f"


def test_progress_moves_on_a_terminal_and_sigterm_leaves_nothing(there: Pod, tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(400_000_000)
    with there.at_terminal("cp", "--yes", str(tmp_path / "big"), "shell:/tmp") as console:
        console.until("MB of 400.0 MB")
        console.signal(signal.SIGTERM)
        assert console.ends() == 143
        assert console.attributes == console.before
    assert not there.left_overs()
    assert there.fails("shell:/tmp/big", ".") == "lain-tui: shell has no /tmp/big"


def test_the_pod_goes_in_the_middle(there: Pod, tmp_path: Path, api: Api, core: str) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(400_000_000)
    with there.at_terminal("cp", "--yes", str(tmp_path / "big"), "shell:/tmp") as console:
        console.until("MB of 400.0 MB")
        api.delete(f"{core}/pods/shell", {"gracePeriodSeconds": 0})
        assert console.ends() == 1
        assert "pod shell" in console.text


@pytest.mark.parametrize("size", [8_000_000, 60_000_000])
def test_a_full_disk_is_told_before_and_after(
    cluster: Cluster, api: Api, core: str, namespace: str, tmp_path: Path, size: int
) -> None:
    """containerd does not tell that a program ended which left some of its input unread."""
    if cluster.kind != "real":
        pytest.skip("the embedded cluster's disks are never full")
    volume = {"name": "tiny", "emptyDir": {"medium": "Memory", "sizeLimit": "2Mi"}}
    mounted = {"volumeMounts": [{"name": "tiny", "mountPath": "/tmp"}]}
    api.post(
        f"{core}/pods", pod("shell", cluster.images["shell"], container=mounted, spec={"volumes": [volume]})
    ).ok()
    api.eventually(f"{core}/pods/shell", lambda p: p["status"]["phase"] == "Running")
    there = Pod(cluster, namespace, tmp_path)
    with (tmp_path / "big").open("wb") as file:
        file.truncate(size)
    assert b"room in /tmp: 2.1 MB are free" in there.cp("--dry-run", "big", "shell:/tmp").stderr
    assert "No space left on device" in there.fails("big", "shell:/tmp")
    assert there.sh("ls", "-A", "/tmp") == ""


def test_a_log_that_grows_meanwhile_is_copied_as_it_began(
    there: Pod, tmp_path: Path, cluster: Cluster
) -> None:
    if cluster.kind != "real":
        pytest.skip("nothing goes on in the background of the embedded cluster's containers")
    there.sh("sh", "-c", "(while :; do echo line >> /tmp/log; sleep 0.01; done) >/dev/null 2>&1 &")
    came = there.copies("shell:/tmp/log", ".")
    assert came["grown"] == ["/tmp/log"]
    text = (tmp_path / "log").read_text()
    assert text.replace("line\n", "").strip("line") == ""
