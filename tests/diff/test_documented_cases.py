"""What helm-diff's documentation promises of a diff, one case each, held to ours."""

from __future__ import annotations

from typing import Any

import pytest

from lain_tui.core.diff.report import text_of
from lain_tui.core.diff.three import ObjectKey, compare
from lain_tui.core.helm.objects import Rendered, split_manifest
from lain_tui.core.model.diff import ChangeKind, Mark, ReleaseDiff
from tests.diff.test_compare import Body, changed, deployment, diff, secret


def config(name: str = "settings", *, kind: str = "ConfigMap", **metadata: Any) -> Body:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, **metadata}, "data": {"A": "1"}}


def kinds(result: ReleaseDiff) -> dict[str, ChangeKind]:
    return {one.title: one.change for one in result.objects}


def text(result: ReleaseDiff) -> str:
    return "\n".join(text_of(result))


def test_a_release_that_is_not_there_yet_is_all_additions() -> None:
    result = diff([], [config(), deployment()])
    assert set(kinds(result).values()) == {ChangeKind.ADDED}
    assert "2 objects are added." in text(result)


def test_an_object_that_the_chart_has_no_more_is_removed() -> None:
    assert kinds(diff([config()], [])) == {"ConfigMap settings": ChangeKind.REMOVED}


def test_one_with_the_policy_keep_stays_in_the_cluster_and_that_is_said() -> None:
    kept = deployment()
    kept["metadata"]["annotations"] = {"helm.sh/resource-policy": "keep"}
    result = diff([kept], [])
    assert "Deployment dummy-web leaves the release and stays in the cluster" in text(result)
    assert not result.restarts, "its pods go on"


def test_the_policy_of_the_live_object_is_what_helm_goes_by() -> None:
    key = ObjectKey("", "ConfigMap", "settings")
    kept = config(annotations={"helm.sh/resource-policy": "keep"})
    assert diff([kept], [], {key: config()}).notes == ()
    assert len(diff([config()], [], {key: kept}).notes) == 1


def test_another_version_of_the_same_group_is_a_change_and_no_replacement() -> None:
    before, after = deployment(), deployment()
    before["apiVersion"] = "apps/v1beta2"
    assert kinds(diff([before], [after])) == {"Deployment dummy-web": ChangeKind.CHANGED}


def test_another_group_is_another_object() -> None:
    before, after = deployment(), deployment()
    before["apiVersion"] = "extensions/v1beta1"
    result = diff([before], [after])
    assert sorted(one.change for one in result.objects) == [ChangeKind.ADDED, ChangeKind.REMOVED]


def test_another_name_is_another_object() -> None:
    assert kinds(diff([config()], [config("others")])) == {
        "ConfigMap settings": ChangeKind.REMOVED,
        "ConfigMap others": ChangeKind.ADDED,
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\nb: 2", "b: 2\na: 1"),
        ('a: "x"\nb: 2', "a: x\nb: 2"),
        ("a:\n  - 1\n  - 2", "a: [1, 2]"),
        ("# a comment\na: 1", "a: 1"),
        ("a: |\n  x\n", 'a: "x\\n"'),
    ],
    ids=["order of keys", "quotes", "flow", "comment", "block of text"],
)
def test_another_way_to_write_the_same_is_no_change(before: str, after: str) -> None:
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n"
    documents = [head + "".join(f"  {line}\n" for line in body.splitlines()) for body in (before, after)]
    assert compare(*map(split_manifest, documents)).objects == ()


def test_a_value_of_a_secret_is_told_by_its_key_and_length_alone() -> None:
    lines = changed(diff([secret(token="hunter2")], [secret(token="correct horse")]))
    assert lines and not any("hunter2" in line or "correct" in line or "aHVudGVy" in line for line in lines)
    assert any("7" in line for line in lines) and any("13" in line for line in lines)


def test_a_secret_that_is_added_or_removed_shows_no_value_either() -> None:
    for result in (diff([], [secret(token="hunter2")]), diff([secret(token="hunter2")], [])):
        assert "token" in text(result)
        assert "hunter2" not in text(result) and "aHVudGVyMg" not in text(result)


def test_what_somebody_changed_past_helm_is_seen_three_ways() -> None:
    """Release and next are the same: two ways alone would say that nothing changes."""
    key = ObjectKey("", "ConfigMap", "settings")
    live = config() | {"data": {"A": "2"}}
    result = diff([config()], [config()], {key: live})
    assert not result.changes and [one.title for one in result.drifted] == ["ConfigMap settings"]
    assert [line.text.strip() for line in result.objects[0].live_lines if line.mark is Mark.ADDED] == [
        'A: "1"'
    ]


def test_hooks_are_part_of_the_diff_and_tests_are_not() -> None:
    migrate, test = ({"helm.sh/hook": event} for event in ("pre-upgrade", "test"))
    after = [config("migrate", annotations=migrate), config("smoke", annotations=test)]
    assert kinds(diff([], after)) == {"ConfigMap migrate": ChangeKind.ADDED}


def test_only_so_many_lines_around_a_change_are_shown() -> None:
    before = config() | {"data": {f"K{number:03d}": "x" for number in range(200)}}
    after = before | {"data": {**before["data"], "K100": "y"}}
    rendered = [[Rendered(source="t.yaml", body=body)] for body in (before, after)]
    few, many = (len(compare(*rendered, context=context).objects[0].lines) for context in (1, 20))
    assert few < 10 < many < 60


def test_nothing_that_changes_is_said_in_one_sentence() -> None:
    assert text(diff([config()], [config()])).splitlines()[0] == "Nothing changes."


def test_line_ends_of_windows_in_a_template_are_no_change() -> None:
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  A: x\n"
    assert compare(split_manifest(manifest), split_manifest(manifest.replace("\n", "\r\n"))).objects == ()
