"""What is told before anything is sent."""

from __future__ import annotations

import pytest

from lain_tui.core.model.holder import Reader, Shadow, Usage, Way
from lain_tui.core.model.plan import Outcome
from lain_tui.core.secrets.checks import check, key_fault
from lain_tui.core.secrets.draft import Draft
from tests.secrets.conftest import holder


def told(draft: Draft, usage: Usage | None = None) -> dict[Outcome, list[str]]:
    found: dict[Outcome, list[str]] = {}
    for one in check(draft, usage, app="dummy"):
        found.setdefault(one.outcome, []).append(f"{one.what}: {one.detail}")
    return found


@pytest.mark.parametrize("key", ["", "a b", "ä", "x" * 254, "..", "..data", "a/b", "a="])
def test_bad_keys(key: str) -> None:
    assert key_fault(key)
    draft = Draft(holder({}))
    draft.set(key, b"")
    assert Outcome.FAILED in told(draft)


@pytest.mark.parametrize("key", ["a", "A_B", "tls.crt", "-x", ".env", "1"])
def test_good_keys(key: str) -> None:
    assert not key_fault(key)


def test_names_that_no_shell_knows_are_a_warning_in_env() -> None:
    draft = Draft(holder({}))
    draft.set("my-key", b"")
    assert any("my-key" in words for words in told(draft)[Outcome.WARNED])


def test_too_large() -> None:
    draft = Draft(holder({"A": b"x" * 600_000}))
    draft.set("B", b"x" * 600_000)
    assert any("it is small enough: 1,172 of 1,024 KiB" in words for words in told(draft)[Outcome.FAILED])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"immutable": True}, "it is immutable"),
        ({"type": "helm.sh/release.v1"}, "a program's own"),
        ({"type": "kubernetes.io/tls"}, "tls.crt and tls.key would be missing"),
    ],
)
def test_what_cannot_be_changed(more: dict[str, object], words: str) -> None:
    draft = Draft(holder({}, **more))
    draft.set("A", b"")
    assert any(words in told_words for told_words in told(draft)[Outcome.FAILED])


def test_what_somebody_else_writes_is_a_warning() -> None:
    draft = Draft(holder({}, owner="ExternalSecret dummy"))
    draft.set("A", b"")
    assert any("ExternalSecret dummy wrote it" in words for words in told(draft)[Outcome.WARNED])


def test_what_readers_will_not_see_or_miss_is_told() -> None:
    draft = Draft(holder({"FILE": b"x"}))
    draft.set("DEBUG", b"1")
    draft.remove("FILE")
    usage = Usage(
        readers=(Reader(proc="web", kind="Deployment", container="web", way=Way.SUB_PATH, key="FILE"),),
        shadows=(Shadow(key="DEBUG", proc="web", by="values.yaml:14 env.DEBUG"),),
    )
    warned = told(draft, usage)[Outcome.WARNED]
    assert "web will see DEBUG: it is hidden by values.yaml:14 env.DEBUG" in warned
    assert any("web reads it by name" in words for words in warned)
