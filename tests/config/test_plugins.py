"""The user's own commands: what becomes of their words."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lain_tui.core.config import plugins
from lain_tui.core.config.settings import Plugin
from lain_tui.core.errors import LainError
from lain_tui.core.target import Target

SELECTION = {"POD": "dummy-web-1", "NAMESPACE": "team a; rm -rf /", "KUBECONFIG": "/k"}


def plugin(*command: str) -> Plugin:
    return Plugin(key="T", command=command)


def test_words_are_filled_in_and_stay_words() -> None:
    words = plugins.resolved("x", plugin("kubectl", "-n", "$NAMESPACE", "${POD}.log", "$$HOME"), SELECTION)
    assert words == ("kubectl", "-n", "team a; rm -rf /", "dummy-web-1.log", "$HOME")


def test_what_the_selection_lacks_is_asked_for() -> None:
    with pytest.raises(LainError, match="heap needs a pod: select one first"):
        plugins.resolved("heap", plugin("jmap", "$POD"), {})


def test_a_wrong_name_is_told_with_the_nearest() -> None:
    with pytest.raises(LainError, match=r"plugin heap: there is no \$PODS\. Did you mean 'POD'\?"):
        plugins.check("heap", plugin("jmap", "$PODS"))


def test_the_target_gives_the_rest() -> None:
    target = Target(
        namespace="n", cluster="prod", app="dummy", kubeconfig=(Path("/a"), Path("/b")), context="c"
    )
    found = plugins.of_target(target)
    assert (found["KUBECONFIG"], found["CONTEXT"], found["RELEASE"]) == ("/a:/b", "c", "dummy")


async def test_it_runs_with_the_apps_kubeconfig_and_its_exit_code_is_told(tmp_path: Path) -> None:
    script = (
        f"import os, sys; open({str(tmp_path / 'seen')!r}, 'w').write(os.environ['KUBECONFIG']); sys.exit(7)"
    )
    assert await plugins.run([sys.executable, "-c", script], SELECTION) == 7
    assert (tmp_path / "seen").read_text() == "/k"


async def test_a_program_that_is_not_there() -> None:
    with pytest.raises(LainError, match="cannot run no-such-program: No such file"):
        await plugins.run(["no-such-program"], {})
