"""Any bytes in → document, editor, API → out equal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lain_tui.core.errors import LainError
from lain_tui.core.kube.client import KubeClient
from lain_tui.core.model.holder import Holder, Ref
from lain_tui.core.secrets.codec import decode
from lain_tui.core.secrets.document import parse_document, parse_values, to_document, to_edit
from lain_tui.core.secrets.draft import Draft
from lain_tui.core.secrets.holders import read_holder, write
from lain_tui.core.secrets.values import from_editor, is_binary, to_editor
from tests.secrets.conftest import Make, holder

ODD = [
    b"", b"\n", b"\r\n", b"a\r\nb\n", b"a\rb", b"tab\t \n", b" lead", b"x\n\n", b"\xff\xfe", b"\0", b"123", b"true",
    b"null", b"~", b"'", b'"', b"- a", b"a: b", b"# no remark", b"|", "\ufeffbom".encode(), "é\x85\u2028".encode(),
    b"\\n \\x41", b"***", b"=", b"!!binary x", b"%a", b"---", b"...\n", b"&a *b",
]  # fmt: skip
KEYS = st.text("abcXYZ019._-", min_size=1, max_size=12).filter(
    lambda key: key != "." and not key.startswith("..")
)
TEXTS = st.text("ab é你\r\n\t\\'\"\x85\u2028\x1b\x7f:#-{}[]&*!|>%@`?,0", max_size=40)
VALUES = st.one_of(st.binary(max_size=60), TEXTS.map(str.encode), st.sampled_from(ODD))


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_a_document_gives_back_what_went_in(data: dict[str, bytes]) -> None:
    assert dict(parse_document(to_document(holder(data))).data) == data


@given(VALUES)
def test_the_editor_of_lines_gives_back_what_went_in(value: bytes) -> None:
    if is_binary(value):
        return
    text, escaped = to_editor(value)
    # What a widget of lines does to a text.
    assert "\n".join(text.split("\n")) == text and len(text.splitlines() or [""]) <= len(text.split("\n"))
    assert from_editor(text, like=value, escaped=escaped) == value


@pytest.mark.parametrize("kind", ["Secret", "ConfigMap"])
async def test_the_api_gives_back_what_went_in(kube: KubeClient, fresh: Make, kind: str) -> None:
    strategy = st.dictionaries(KEYS, VALUES, max_size=6)
    examples: list[dict[str, bytes]] = [{f"k{number}": value for number, value in enumerate(ODD)}]

    @settings(max_examples=40, database=None)
    @given(strategy)
    def collect(data: dict[str, bytes]) -> None:
        examples.append(data)

    collect()
    made = await fresh({"first": b"\xff"}, kind=kind)
    for data in examples:
        draft = Draft(await read_holder(kube, made.ref))
        draft.replace(data)
        if draft:
            said = await write(kube, draft, {})
            assert said.data == draft.values
        assert (await read_holder(kube, made.ref)).data == dict(sorted(data.items()))


def test_numbers_and_booleans_stay_the_text_they_were_written_as() -> None:
    text = "data:\n  PORT: 5000\n  ON: on\n  OCT: 0o17\n  F: 1.50\n  D: 2026-01-02\n  N:\n  T: ~\n"
    assert parse_values(text, what="x") == {
        "PORT": b"5000", "ON": b"on", "OCT": b"0o17", "F": b"1.50", "D": b"2026-01-02", "N": b"", "T": b"~",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "shown"), [("dummy-env", "# FOO: BAR"), ("dummy-secret", "# topsecret.txt: |-")]
)
def test_the_first_edit_shows_how_it_is_written(name: str, shown: str) -> None:
    empty = Holder(ref=Ref(name=name, namespace="default"), exists=False)
    text = to_edit(empty)
    assert shown in text and dict(parse_document(text).data) == {}
    written = re.sub(r"^  # (?!A )", "  ", text, flags=re.MULTILINE)
    assert dict(parse_document(written).data) in ({"FOO": b"BAR"}, {"topsecret.txt": b"I\nAM\nBATMAN"})
    assert to_edit(empty, {"A": b"b"}) == to_document(empty, {"A": b"b"})


def test_a_masked_document_shows_keys_and_no_value() -> None:
    text = to_document(holder({"A": b"canary", "B": b"\xffcanary"}), reveal=False)
    assert "canary" not in text and "A" in text and "B" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("data:\n  A: [canary]\n", "x:2: A: a value must be text, not a map or a list"),
        ("data:\n  A: canary\n  A: canary2\n", "x:3: A: the key stands there twice"),
        ("data:\n  A: !!binary canary!\n", "x:2: A: !!binary is no base64"),
        ("data: canary\n", "x:1: data must be a map"),
        ("- canary\n", "x: it must be a map"),
        ("A: 'canary\n", "x:2: it is no YAML there"),
        ("kind: Pod\ndata: {A: canary}\n", "x:1: it is neither a Secret nor a ConfigMap"),
    ],
)
def test_a_bad_document_is_told_by_line_and_never_quoted(text: str, words: str) -> None:
    with pytest.raises(LainError) as caught:
        parse_document(text, what="x")
    assert str(caught.value).startswith(words) and "canary" not in str(caught.value)


def test_broken_base64_is_told_by_key() -> None:
    body = b'{"metadata":{"name":"n","namespace":"d"},"data":{"A":"c@nary"}}'
    with pytest.raises(LainError, match="Secret n: A: it holds something that is no base64") as caught:
        decode(body, "Secret")
    assert "c@nary" not in str(caught.value)
