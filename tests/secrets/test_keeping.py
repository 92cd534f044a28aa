"""Drafts outlive what had them; nothing of them is ever in a file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lain_tui.core.secrets.draft import Draft
from lain_tui.core.secrets.keeping import Keeper
from lain_tui.core.secrets.keyring import Keyring
from tests.secrets.conftest import CANARY, holder

WRITER = """
import os, sys, time
from lain_tui.core.secrets.draft import Draft
from lain_tui.core.secrets.keeping import Keeper
from tests.secrets.conftest import holder
draft = Draft(holder({"A": b"1", "B": b"2"}))
draft.set("A", sys.stdin.buffer.read())
draft.remove("B")
print(Keeper(sys.argv[1]).keep(draft), flush=True)
if sys.argv[2:]:
    time.sleep(600)
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def cluster_name() -> Iterator[str]:
    keyring = Keyring()
    if not keyring.put("lain-tui:test", b"x"):
        pytest.skip("this kernel keeps nothing for us")
    keyring.drop("lain-tui:test")
    name = f"test-{os.getpid()}"
    yield name
    for left in keyring.names(f"lain-tui:draft:{name}/"):
        keyring.drop(left)


def die_with(value: bytes, cluster: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WRITER, cluster],
        input=value, capture_output=True, cwd=Path(__file__).parents[2], timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL and done.stdout == b"True\n", done.stderr.decode()


@pytest.mark.parametrize("value", [CANARY.encode(), b"\0\xff" * 4000], ids=["small", "of some keys"])
def test_a_draft_survives_the_death_of_its_process(cluster_name: str, value: bytes) -> None:
    die_with(value, cluster_name)
    keeper = Keeper(cluster_name)
    found = keeper.find(holder({"A": b"1", "B": b"2", "C": b"3"}))
    assert found is not None
    assert found.draft.edits == {"A": value, "B": None} and not found.draft.conflicts
    keeper.forget(found.draft.ref)
    assert keeper.find(holder({"A": b"1", "B": b"2"})) is None, "it is found once"


def test_what_changed_meanwhile_is_a_conflict_of_the_draft(cluster_name: str) -> None:
    die_with(b"ours", cluster_name)
    keeper = Keeper(cluster_name)
    found = keeper.find(holder({"A": b"theirs", "B": b"2"}))
    assert found is not None
    assert [(one.key, one.base, one.ours, one.theirs) for one in found.draft.conflicts] == [
        ("A", b"1", b"ours", b"theirs")
    ]
    keeper.forget(found.draft.ref)


def test_the_draft_of_a_living_process_is_its_own(cluster_name: str) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", WRITER, cluster_name, "stay"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        assert other.stdin is not None and other.stdout is not None
        other.stdin.write(b"theirs")
        other.stdin.close()
        assert other.stdout.readline() == b"True\n"
        assert Keeper(cluster_name).find(holder({"A": b"1", "B": b"2"})) is None
    finally:
        other.kill()
        other.wait()
        assert other.stdout is not None
        other.stdout.close()
    assert Keeper(cluster_name).find(holder({"A": b"1", "B": b"2"})) is not None


def test_a_run_finds_what_the_one_before_in_the_same_process_left(cluster_name: str) -> None:
    draft = Draft(holder({}), {"A": b"1"})
    keeper = Keeper(cluster_name)
    assert keeper.keep(draft) and keeper.find(holder({})) is None, "its own is under its hands"
    found = Keeper(cluster_name).find(holder({}))
    assert found is not None and found.draft.edits == {"A": b"1"}


def test_an_empty_draft_is_forgotten(cluster_name: str) -> None:
    draft = Draft(holder({}), {"A": b"1"})
    keeper = Keeper(cluster_name)
    keeper.keep(draft)
    draft.remove("A")
    keeper.keep(draft)
    assert Keyring().names(f"lain-tui:draft:{cluster_name}/") == []
