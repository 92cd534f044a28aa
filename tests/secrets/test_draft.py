"""Drafts: edits by key, undone step by step, merged with what others did, nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lain_tui.core.errors import LainError
from lain_tui.core.secrets.draft import Draft
from tests.secrets.conftest import CANARY, holder

BASE = {"A": b"1", "B": b"2", "C": b"3"}


def test_changes_are_told_by_key() -> None:
    draft = Draft(holder(BASE))
    draft.set("A", b"one")
    draft.set("D", b"")
    draft.remove("B")
    assert draft.changes == {"A": "changed", "B": "removed", "D": "added"}
    assert draft.values == {"A": b"one", "C": b"3", "D": b""}


def test_what_is_as_it_was_is_no_change() -> None:
    draft = Draft(holder(BASE))
    draft.set("A", b"one")
    draft.set("A", b"1")
    draft.set("new", b"")
    draft.remove("new")
    assert not draft and draft.changes == {}


def test_renaming_and_duplicating_keep_the_bytes_and_refuse_a_taken_name() -> None:
    draft = Draft(holder({"A": b"\xff\0", "B": b""}))
    draft.rename("A", "Z")
    draft.duplicate("Z", "Y")
    assert draft.values == {"B": b"", "Y": b"\xff\0", "Z": b"\xff\0"}
    with pytest.raises(LainError, match="has a key B already"):
        draft.rename("Z", "B")
    with pytest.raises(LainError, match="has no key A"):
        draft.remove("A")


def test_each_step_is_undone() -> None:
    draft = Draft(holder(BASE))
    draft.rename("A", "Z")
    for text in (b"t", b"ty", b"typ"):
        draft.set("B", text, typing=True)
    assert draft.undo() and draft.values == {"B": b"2", "C": b"3", "Z": b"1"}, "typing is one step"
    assert draft.undo() and not draft
    assert not draft.undo()


def test_what_others_changed_is_merged_by_key() -> None:
    draft = Draft(holder(BASE))
    draft.set("A", b"ours")
    draft.remove("B")
    assert draft.rebase(holder({"A": b"1", "B": b"2", "C": b"theirs", "D": b"theirs"})) == ()
    assert draft.values == {"A": b"ours", "C": b"theirs", "D": b"theirs"}


def test_what_both_changed_is_a_conflict_with_both_sides_kept() -> None:
    draft = Draft(holder(BASE))
    draft.set("A", b"ours")
    draft.set("C", b"same")
    (conflict,) = draft.rebase(holder({"A": b"theirs", "B": b"2", "C": b"same"}))
    assert (conflict.key, conflict.base, conflict.ours, conflict.theirs) == ("A", b"1", b"ours", b"theirs")
    assert draft.get("A") == b"ours" and draft.base.data["A"] == b"theirs"
    draft.resolve("A", ours=False)
    assert not draft and not draft.conflicts


def test_a_conflict_is_over_once_the_draft_agrees_with_them() -> None:
    draft = Draft(holder(BASE))
    draft.set("A", b"ours")
    draft.rebase(holder({**BASE, "A": b"theirs"}))
    draft.set("A", b"theirs")
    assert not draft.conflicts and not draft


def test_a_whole_that_was_edited_leaves_alone_what_others_did_to_other_keys_meanwhile() -> None:
    draft = Draft(holder(BASE))
    before = dict(draft.values)
    draft.rebase(holder({"A": b"1", "B": b"theirs", "D": b"theirs"}))
    draft.revise(before, {**before, "A": b"ours"})
    assert draft.changes == {"A": "changed"} and not draft.conflicts
    assert draft.undo() and not draft


@pytest.mark.parametrize("ours", [b"ours", None], ids=["changed", "removed"])
def test_a_key_that_others_changed_while_the_whole_was_edited_is_a_conflict(ours: bytes | None) -> None:
    draft = Draft(holder(BASE))
    before = dict(draft.values)
    draft.rebase(holder({**BASE, "A": b"theirs"}))
    draft.revise(before, {key: value for key, value in {**before, "A": ours}.items() if value is not None})
    (conflict,) = draft.conflicts
    assert (conflict.key, conflict.base, conflict.ours, conflict.theirs) == ("A", b"1", ours, b"theirs")
    assert draft.get("A") == ours
    draft.resolve("A", ours=False)
    assert not draft


def test_undoing_never_goes_over_what_others_changed_since() -> None:
    draft = Draft(holder(BASE))
    draft.set("A", b"ours")
    draft.revert("A")
    draft.rebase(holder({**BASE, "A": b"theirs"}))
    while draft.undo():
        assert draft.get("A") == b"theirs"


def test_what_was_typed_while_it_was_applied_stays_drafted_without_a_conflict() -> None:
    draft = Draft(holder(BASE))
    draft.set("A", b"sent")
    sent = draft.edits
    draft.set("A", b"typed on")
    assert draft.rebase(holder({**BASE, "A": b"sent"}), sent) == ()
    assert draft.changes == {"A": "changed"} and draft.get("A") == b"typed on"


KEYS = st.sampled_from("ABCDE")
VALUES = st.binary(max_size=2)
DATA = st.dictionaries(KEYS, VALUES)
EDITS = st.dictionaries(KEYS, st.none() | VALUES)


@given(DATA, EDITS, DATA)
def test_a_merge_loses_no_side(
    base: dict[str, bytes], edits: dict[str, bytes | None], theirs: dict[str, bytes]
) -> None:
    draft = Draft(holder(base), edits)
    ours = draft.edits
    conflicts = {one.key: one for one in draft.rebase(holder(theirs))}
    for key in "ABCDE":
        if key in conflicts:
            assert conflicts[key].ours == ours[key] and conflicts[key].theirs == theirs.get(key)
        elif key in ours:
            assert draft.get(key) == ours[key]
        else:
            assert draft.get(key) == theirs.get(key)


@given(DATA, st.lists(EDITS, max_size=5))
def test_undoing_everything_gives_the_base_back(
    base: dict[str, bytes], steps: list[dict[str, bytes | None]]
) -> None:
    draft = Draft(holder(base))
    for step in steps:
        draft.update(step)
    while draft.undo():
        pass
    assert draft.values == dict(sorted(base.items()))


def test_no_representation_shows_a_value() -> None:
    draft = Draft(holder({"A": CANARY.encode()}))
    draft.set("B", CANARY.encode())
    conflicts = draft.rebase(holder({"B": CANARY.encode() * 2}))
    assert CANARY not in f"{draft!r} {draft.base!r} {conflicts!r} {draft.base!s}"
