"""Edits change the lines that they must, and no other character."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lain_tui.core.errors import LainError
from lain_tui.core.values.edit import Edit, apply_edit, remove_value, set_value, written_value
from lain_tui.core.values.reader import parse_tree, read_tree
from tests.values.files import files

FILE = """\
# the app
appname:   dummy   # keeps its blanks

env:
    FOO: "bar"     # quoted
    LONG: 'a text of more than eighty characters, which a writer that folds lines would fold into two'
    EMPTY:         # nothing yet

deployments:
  web:
    command:
    - /lain/app/run.py   # the program
    - --fast
    # and the port
    - --port=80
    replicaCount: 3
    resources: {limits: {cpu: 1, memory: 80Mi}}
    script: |
      echo one
      # not a comment
    # a comment of its own

cronjobs: {}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "values.yaml"
    path.write_text(FILE)
    return path


def lines(edit: Edit) -> list[str]:
    return edit.changed_lines


def keys(text: str) -> tuple[str, ...]:
    return tuple(text.split("."))


@pytest.mark.parametrize(
    ("key", "written", "changed"),
    [
        ("appname", "other", ["-appname:   dummy   # keeps its blanks", "+appname:   other   # keeps its blanks"]),
        ("env.FOO", "'b c'", ['-    FOO: "bar"     # quoted', "+    FOO: 'b c'     # quoted"]),
        ("env.EMPTY", '"x"', ["-    EMPTY:         # nothing yet", '+    EMPTY: "x"         # nothing yet']),
        ("env.NEW", '"1"', ['+    NEW: "1"']),
        ("deployments.web.replicaCount", "5", ["-    replicaCount: 3", "+    replicaCount: 5"]),
        ("deployments.web.command", "[/lain/app/run.py, --slow, --port=80]",
         ["-    - --fast", "+    - --slow"]),
        ("deployments.web.command", "[/lain/app/run.py, --fast, --port=80, -v]", ["+    - -v"]),
        ("deployments.web.command", "[/lain/app/run.py]", ["-    - --fast", "-    # and the port", "-    - --port=80"]),
        ("deployments.web.resources.limits.cpu", "2",
         ["-    resources: {limits: {cpu: 1, memory: 80Mi}}", "+    resources: {limits: {cpu: 2, memory: 80Mi}}"]),
        ("deployments.web.resources.requests.cpu", "10m",
         ["-    resources: {limits: {cpu: 1, memory: 80Mi}}",
          "+    resources: {limits: {cpu: 1, memory: 80Mi}, requests: {cpu: 10m}}"]),
        ("deployments.web.containerPort", "80", ["+    containerPort: 80"]),
        ("deployments.web.script", "none",
         ["-    script: |", "-      echo one", "-      # not a comment", "+    script: none"]),
        ("deployments.worker.command", "[a]", ["+  worker:", "+    command: [a]"]),
        ("cronjobs.daily.schedule", "'0 1 * * *'",
         ["-cronjobs: {}", "+cronjobs:", "+  daily:", "+    schedule: '0 1 * * *'"]),
        ("ingresses", "[]", ["+ingresses: []"]),
    ],
)  # fmt: skip
def test_only_the_lines_that_must_change_do(file: Path, key: str, written: str, changed: list[str]) -> None:
    edit = set_value(file, keys(key), written)
    assert lines(edit) == changed
    apply_edit(edit)
    assert read_tree(file).find(keys(key)).plain() == parse_tree(f"v: {written}", file).find(("v",)).plain()  # type: ignore[union-attr]
    apply_edit(edit.undo)
    assert file.read_text() == FILE


@pytest.mark.parametrize(
    ("key", "gone"),
    [
        ("env.FOO", ['-    FOO: "bar"     # quoted']),
        ("env.EMPTY", ["-    EMPTY:         # nothing yet"]),
        ("deployments.web.command",
         ["-    command:", "-    - /lain/app/run.py   # the program", "-    - --fast", "-    # and the port",
          "-    - --port=80"]),
        ("deployments.web.script", ["-    script: |", "-      echo one", "-      # not a comment"]),
        ("deployments.web.resources.limits.memory",
         ["-    resources: {limits: {cpu: 1, memory: 80Mi}}", "+    resources: {limits: {cpu: 1}}"]),
        ("deployments.web.resources.limits.cpu",
         ["-    resources: {limits: {cpu: 1, memory: 80Mi}}", "+    resources: {limits: {memory: 80Mi}}"]),
        ("cronjobs", ["-cronjobs: {}"]),
    ],
)  # fmt: skip
def test_a_removed_key_takes_its_own_lines_along(file: Path, key: str, gone: list[str]) -> None:
    assert lines(remove_value(file, keys(key))) == gone


def test_a_map_that_would_be_left_empty_goes_too(file: Path) -> None:
    file.write_text("# prod\ndeployments:\n  web:\n    env:\n      A: b\nother: 1\n")
    apply_edit(remove_value(file, keys("deployments.web.env.A")))
    assert file.read_text() == "# prod\nother: 1\n"


def test_a_file_that_is_not_there_is_made_and_undone(tmp_path: Path) -> None:
    path = tmp_path / "values-prod.yaml"
    edit = set_value(path, keys("deployments.web.replicaCount"), "3")
    apply_edit(edit)
    assert path.read_text() == "deployments:\n  web:\n    replicaCount: 3\n"
    apply_edit(edit.undo)
    assert not path.exists()


def test_line_ends_byte_order_mark_mode_and_links_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "values.yaml", tmp_path / "link.yaml"
    path.write_bytes("\ufeffa: 1\r\nb:\r\n  - 你好\r\n".encode())
    path.chmod(0o640)
    link.symlink_to(path.name)
    apply_edit(set_value(link, ("b",), "[你好, 2]"))
    assert path.read_bytes() == "\ufeffa: 1\r\nb:\r\n  - 你好\r\n  - 2\r\n".encode()
    assert (path.stat().st_mode & 0o777, link.is_symlink()) == (0o640, True)


def test_a_file_that_changed_meanwhile_is_left_alone(file: Path) -> None:
    edit = set_value(file, ("appname",), "mine")
    file.write_text("appname: theirs\n")
    with pytest.raises(LainError, match="changed meanwhile"):
        apply_edit(edit)
    assert file.read_text() == "appname: theirs\n"


def test_what_was_written_is_what_one_begins_with(file: Path) -> None:
    assert written_value(file, keys("env.FOO")) == '"bar"'
    assert written_value(file, keys("deployments.web.resources.limits.memory")) == "80Mi"
    assert written_value(file, keys("deployments.web.script")) == ""


@pytest.mark.parametrize(
    ("text", "key", "written", "says"),
    [
        ("a: &x {b: 1}\nc: *x\n", "c.b", "2", "is an alias of what line 1 says"),
        ("a: &x {b: 1}\nc: *x\n", "c", "2", "is an alias of what line 1 says"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n  d: 1\n", "a.b", "2", "only an editor can change"),
        ("a: [1]\n", "a.b", "2", "a is no map here"),
        ("a: 1\n", "a.b.c", "2", "a is no map here"),
        ("a: 1\n", "a", "[1, ", "broken YAML"),
        ("a: 1\n", "a", "x: y", "broken YAML"),
        ("a: 1\n", "a", "b\nc", "more than one line"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    tmp_path: Path, text: str, key: str, written: str, says: str
) -> None:
    path = tmp_path / "values.yaml"
    path.write_text(text)
    with pytest.raises(LainError, match=says):
        apply_edit(set_value(path, keys(key), written))
    assert path.read_text() == text


def paths(value: Any, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(value, dict):
        return []
    return [path for key, item in value.items() for path in ((*above, key), *paths(item, (*above, key)))]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files(), st.sampled_from(["1", "'x y'", "[a, 'b']", "{c: [1]}", "null"]), st.data())
def test_in_any_file_an_edit_is_right_or_refused(text: str, written: str, data: st.DataObject) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "values.yaml"
        path.write_text(text)
        try:
            before = read_tree(path).plain()
        except LainError:
            return
        target = data.draw(st.sampled_from([*paths(before), ("fresh",), ("fresh", "deep")]))
        try:
            edit = set_value(path, target, written)
        except LainError:
            return
        apply_edit(edit)
        found = read_tree(path).find(target)
        assert found is not None
        assert found.plain() == parse_tree(f"v: {written}", path).find(("v",)).plain()  # type: ignore[union-attr]
        apply_edit(remove_value(path, target))
        assert read_tree(path).find(target) is None
