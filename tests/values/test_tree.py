"""The tree of values as rows, and what is not shown unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from lain_tui.core.model.values import MASK
from lain_tui.core.values.layers import Values, read_layers
from lain_tui.core.values.tree import TreeView, hidden, leaves_of, looks_secret, masked, rows_of


def values(folder: Path, chart: str, own: str = "") -> Values:
    folder.mkdir()
    (folder / "values.yaml").write_text(chart)
    (folder / "values-prod.yaml").write_text(own)
    return read_layers(folder, cluster="prod")


def test_every_layer_of_a_leaf_is_told(tmp_path: Path) -> None:
    (leaf,) = leaves_of(values(tmp_path / "chart", "a:\n  b: 1\n", "a:\n  b: two\n"))
    assert (leaf.path, leaf.origin.text, leaf.origin.name, leaf.origin.line) == (
        ("a", "b"), "two", "values-prod.yaml", 2,
    )  # fmt: skip
    assert [(under.text, under.line) for under in leaf.overrode] == [("1", 2)]


def test_rows_are_maps_and_leaves_in_file_order(tmp_path: Path) -> None:
    leaves = leaves_of(values(tmp_path / "chart", "a: {x: 1, w: {z: [1, 2]}}\nb: {}\nc:\n"))
    rows = rows_of(leaves)
    assert [(".".join(row.path), row.is_map) for row in rows] == [
        ("a", True), ("a.x", False), ("a.w", True), ("a.w.z", False), ("b", False), ("c", False),
    ]  # fmt: skip
    folded = rows_of(leaves, TreeView(folded=frozenset({("a",)})))
    assert [(row.name, row.leaves) for row in folded] == [("a", 2), ("b", 1), ("c", 1)]


def test_each_word_of_a_filter_must_match_path_value_or_file(tmp_path: Path) -> None:
    leaves = leaves_of(values(tmp_path / "chart", "env: {A: red, B: blue, TOKEN: red}\n", "env: {B: red}\n"))
    shown = {word: [row.name for row in rows_of(leaves, TreeView(filter=word)) if row.leaf] for word in
             ("red", "red prod", "env.b", "green")}  # fmt: skip
    assert shown == {"red": ["A", "B"], "red prod": ["B"], "env.b": ["B"], "green": []}, (
        "a secret is not searched"
    )


def test_what_is_filtered_for_is_never_folded_away(tmp_path: Path) -> None:
    leaves = leaves_of(values(tmp_path / "chart", "env: {A: red}\n"))
    rows = rows_of(leaves, TreeView(filter="red", folded=frozenset({("env",)})))
    assert [row.name for row in rows] == ["env", "A"]


def test_a_comparison_knows_what_differs_in_value_and_in_kind(tmp_path: Path) -> None:
    mine = leaves_of(values(tmp_path / "mine", "a: 1\nb: {c: same, d: '1'}\ne: {f: 1}\n"))
    other = leaves_of(values(tmp_path / "other", "a: 1\nb: {c: same, d: 1}\ne: null\ng: new\n"))
    rows = rows_of(mine, TreeView(differences_only=True), other)
    assert [".".join(row.path) for row in rows] == ["b", "b.d", "e", "e.f", "g"]
    assert all(row.differs for row in rows)
    assert len(rows_of(mine, TreeView(), other)) == 7


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "MYSQL_PASSWORD",
        "harbor_token",
        "apiToken",
        "access_key_secret",
        "private-key",
        "API_SECRET",
    ],
)
def test_names_of_secrets(key: str) -> None:
    assert looks_secret(key)


@pytest.mark.parametrize(
    "key",
    [
        "ingressTLSSecretName",
        "secrets_env",
        "tokenizer",
        "passthrough",
        "keep",
        "monkey",
        "secretName",
        "bypass",
    ],
)
def test_names_of_other_things(key: str) -> None:
    assert not looks_secret(key)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a: 1\npassword: x   # y\n", f"a: 1\npassword: {MASK}\n"),
        (
            "key:\n  token: |\n    one\n\n    two\nb: 1\n",
            f"key:\n  token: |\n    {MASK}\n\n    {MASK}\nb: 1\n",
        ),
        ("list:\n  - api_token: z\n'pass': q\n", f"list:\n  - api_token: {MASK}\n'pass': {MASK}\n"),
        ("# password: old\n", f"# password: {MASK}\n"),
        ("env: {A: b, TOKEN: 'x, y', C: d}\n", f"env: {{A: b, TOKEN: {MASK}, C: d}}\n"),
        ('password:\n  "folded\n  text"\nb: 1\n', f"password:\n  {MASK}\n  {MASK}\nb: 1\n"),
        ("url: http://x:1/token: y\n", "url: http://x:1/token: y\n"),
    ],
)
def test_a_files_lines_hide_what_should_not_be_shown(text: str, shown: str) -> None:
    assert "\n".join(masked(text)) + "\n" == shown


def test_values_hide_it_however_deep() -> None:
    shown = hidden({"a": [{"token": "x", "b": 1}], "password": "", "pass": 1})
    assert shown == {"a": [{"token": MASK, "b": 1}], "password": "", "pass": 1}


def test_a_list_with_a_secret_inside_and_one_that_is_overridden_are_secret_as_a_whole(tmp_path: Path) -> None:
    shown = leaves_of(
        values(tmp_path / "chart", "a: [{token: x}]\nb: [{c: d}]\nkey: {token: x}\n", "key: null\n")
    )
    assert {leaf.path[0]: leaf.secret for leaf in shown} == {"a": True, "b": False, "key": True}
