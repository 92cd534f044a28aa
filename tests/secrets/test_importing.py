"""Values from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.secrets.importing import parse_text, read_file, read_values

ENV = """\
# a remark
export A=plain # and why
B='single $not \\n #kept'
C="two
lines\\tand \\"quotes\\""
D=
E = spaced
F=a#b
"""


def test_env_files() -> None:
    assert parse_text(ENV, ".env", what="f") == {
        "A": b"plain",
        "B": b"single $not \\n #kept",
        "C": b'two\nlines\tand "quotes"',
        "D": b"",
        "E": b"spaced",
        "F": b"a#b",
    }


def test_json_keeps_numbers_as_they_are_written() -> None:
    text = '{"A": 1.50, "B": true, "C": null, "D": "é", "E": 12345678901234567890}'
    assert parse_text(text, ".json", what="f") == {
        "A": b"1.50", "B": b"true", "C": b"", "D": "é".encode(), "E": b"12345678901234567890",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "suffix", "words"),
    [
        ("A=1\ncanary\n", "", "f:2: it is not KEY=VALUE"),
        ("A='canary\n", "", "f:1: A: a quote is not closed"),
        ("A=1\nA=canary\n", "", "f:2: A: the key stands there twice"),
        ('{"A": {"b": "canary"}}', ".json", "f: A: a value must be text"),
        ('{"A": "canary"', ".json", "f:1: it is no JSON there"),
        ('{"A": "1", "A": "canary"}', ".json", "f: A: the key stands there twice"),
        ('{"a b": "canary"}', ".json", "f: a b: a key consists of letters"),
        ("A: canary\n b: x\n", ".yaml", "f:2: it is no YAML there"),
    ],
)
def test_a_bad_file_is_told_by_line_and_never_quoted(text: str, suffix: str, words: str) -> None:
    with pytest.raises(LainError) as caught:
        parse_text(text, suffix, what="f")
    assert str(caught.value).startswith(words) and "canary" not in str(caught.value)


def test_files_that_cannot_be_taken(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * (1024 * 1024 + 1))
    (tmp_path / "odd").write_bytes(b"A=\xff")
    for name, words in (("large", "larger than the 1 MiB"), ("", "it is a folder"), ("gone", "No such file")):
        with pytest.raises(LainError, match=words):
            read_file(tmp_path / name)
    with pytest.raises(LainError, match="no text in UTF-8"):
        read_values(tmp_path / "odd")
