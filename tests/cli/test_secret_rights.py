"""`env` and `secret` for users who may not do everything: what is missing is told, and nothing is guessed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.cli.conftest import Done, Program
from tests.embedded import EmbeddedCluster

Run = Callable[..., Done]


@pytest.fixture(scope="module")
def living() -> Iterator[EmbeddedCluster]:
    with EmbeddedCluster() as running:
        yield running


@pytest.fixture
def forbid(living: EmbeddedCluster) -> Iterator[Callable[..., None]]:
    def forbid(*verbs: str) -> None:
        for verb in verbs:
            living.fault(action="status", code=403, verb=verb, resource="secrets")

    yield forbid
    living.clear_faults()


@pytest.fixture
def run(living: EmbeddedCluster, program: Program) -> Run:
    program.env |= {"KUBECONFIG": str(living.kubeconfig), "USER": "ann"}

    def start(*words: str, input: str = "") -> Done:
        return subprocess.run(
            program.argv("--app", "dummy", *words),
            input=input, cwd=program.repository, env=program.env, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip

    return start


def test_get_without_list_is_enough(run: Run, forbid: Callable[..., None]) -> None:
    forbid("list", "watch")
    shown = run("env", "show")
    assert shown.returncode == 0 and '  FOO: "***"\n' in shown.stdout
    done = run("env", "set", "WITHOUT_LIST=-", input="1")
    assert done.returncode == 0 and "done   apply dummy-env: added WITHOUT_LIST\n" in done.stderr


def test_list_without_get_says_what_is_missing_and_does_not_take_it_for_absent(
    run: Run, forbid: Callable[..., None]
) -> None:
    forbid("get")
    for words in (["show"], ["set", "A=1"], ["unset", "FOO"], ["edit"]):
        done = run("env", *words)
        assert done.returncode == 1, words
        assert done.stderr.startswith("lain-tui: namespace default: you may not read Secret dummy-env"), (
            done.stderr
        )
        assert "kubectl auth can-i get secrets" in done.stderr and done.stderr.count("\n") == 1
        assert "does not exist" not in done.stderr and "Make it" not in done.stderr


def test_without_update_nothing_is_changed_and_the_verb_is_named(
    run: Run, forbid: Callable[..., None], living: EmbeddedCluster
) -> None:
    before = living.get("/api/v1/namespaces/default/secrets/dummy-env")["data"]
    forbid("patch", "update")
    for words in (["set", "A=-"], ["unset", "FOO"], ["rename", "FOO", "BAZ"]):
        done = run("env", *words, input="canary-4410")
        assert done.returncode == 1, words
        assert "lain-tui: you may not patch secrets in namespace default" in done.stderr
        assert "Done before" not in done.stderr and "canary-4410" not in done.stderr + done.stdout
    assert living.get("/api/v1/namespaces/default/secrets/dummy-env")["data"] == before
