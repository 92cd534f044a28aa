"""A values file that is broken is told with its line, and what to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.values.reader import read_table


def told(path: Path) -> str:
    with pytest.raises(LainError) as caught:
        read_table(path)
    return str(caught.value).replace(f"{path}", "FILE")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\n\tb: 2\n", r"FILE:2: broken YAML.*tab"),
        ("a:\n  b: 1\n\t c: 2\n", r"FILE:3: broken YAML.*tab"),
        ("a: 1\nb: [1, 2\nc: 3\n", r"FILE:3: broken YAML"),
        ("a: x: y\n", r"FILE:1: broken YAML.*needs quotes"),
        ("a: 'x\nb: 1\n", r"FILE:\d: broken YAML"),
        ("a: *nope\n", r"FILE:1: a: no anchor &nope comes before"),
        ("a: &x\n  b: *x\n", r"FILE:2: a.b: the anchor &x contains itself"),
        (
            "env:\n  FOO: 1\n  BAR: 2\n  FOO: 3\n",
            r"FILE:4: env.FOO: the key is given twice, first on line 2. Keep one",
        ),
        ("yes: 1\ntrue: 2\n", r"FILE:2: true: the key is given twice"),
        ("~: 1\n", r"FILE:1: null and numbers beyond 63 bits cannot be keys"),
        ("a:\n  [x]: 1\n", r"FILE:2: a: a map or a list cannot be a key"),
        ("a: .inf\n", r"FILE:1: a: .inf is a number that helm cannot carry. Quote it"),
        ("a: !!int abc\n", r"FILE:1: a: 'abc' is no !!int"),
        ("a:\n  <<: 1\n", r"FILE:2: a: << takes a map"),
        ("a: 1\n---\nb: 2\n", r"FILE:2: a second document begins"),
        ("- a\n- b\n", r"FILE:1: it holds a list, but keys"),
        ("just words\n", r"FILE:1: it holds a single value, but keys"),
        ("a: " + "[" * 300 + "]" * 300 + "\n", r"FILE:1: a\S+: it is nested more than 200 levels deep"),
        ("a: \x01\n", r"FILE:1: a control character is in the text"),
        ("%YAML 3.0\n---\na: 1\n", r"FILE:1: broken YAML"),
    ],
)
def test_broken_text(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "values.yaml"
    path.write_text(text)
    import re

    assert re.match(message, told(path)), told(path)


def test_a_small_file_must_not_grow_huge(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    path.write_text("\n".join(rows))
    assert "its aliases repeat too much" in told(path)


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_bytes("a: 1\nb: 你好\n".encode("gbk"))
    assert told(path) == "FILE:2: this is not UTF-8 text. Save it as UTF-8."


def test_absent_and_directory(tmp_path: Path) -> None:
    assert told(tmp_path / "values.yaml") == "FILE: there is no such file"
    (tmp_path / "values.yaml").mkdir()
    assert told(tmp_path / "values.yaml") == "FILE: this is a directory, a file is expected"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text("a: 1\n")
    path.chmod(0)
    assert told(path) == "FILE: it cannot be read: Permission denied"


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "~\n"])
def test_an_empty_file_is_an_empty_map(tmp_path: Path, text: str) -> None:
    (tmp_path / "values.yaml").write_text(text)
    assert read_table(tmp_path / "values.yaml") == {}


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert list(read_table(tmp_path / "values.yaml")) == ["a"]
