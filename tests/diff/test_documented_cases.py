"""What helm-diff's documentation promises of a diff, one case each, held to ours."""

from __future__ import annotations

from typing import Any

import pytest

from lain_tui.core.diff.keys import ObjectKey
from lain_tui.core.diff.report import text_of
from lain_tui.core.diff.three import compare
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


def test_another_namespace_is_another_object_and_said() -> None:
    """Two of one kind and name, in two namespaces, stand side by side."""
    here, there = config(), config(namespace="else") | {"data": {"A": "2"}}
    after = there | {"data": {"A": "3"}}
    assert kinds(diff([here, there], [here, after])) == {"ConfigMap settings in else": ChangeKind.CHANGED}


def test_the_releases_own_namespace_may_be_written_or_left_out() -> None:
    bodies = [[Rendered(source="t.yaml", body=body)] for body in (config(namespace="prod"), config())]
    assert compare(*bodies, namespace="prod").objects == ()


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


def test_documents_in_a_file_with_line_ends_of_windows_are_told_apart() -> None:
    documents = "---\nkind: ConfigMap\nmetadata: {name: a}\n---\nkind: ConfigMap\nmetadata: {name: b}\n"
    assert [one.name for one in split_manifest(documents.replace("\n", "\r\n"))] == ["a", "b"]


def test_what_a_template_leaves_empty_is_no_object() -> None:
    empty = (
        "---\n# Source: c/templates/off.yaml\n---\n# Source: c/templates/note.yaml\n# off\n---\n\n---\nnull\n"
    )
    assert split_manifest(empty) == []
    assert text(compare(split_manifest(empty), [])).splitlines()[0] == "Nothing changes."


@pytest.mark.parametrize("kind", ["List", "ConfigMapList"])
def test_the_items_of_a_list_are_objects_of_their_own(kind: str) -> None:
    def listing(*names: str) -> list[Rendered]:
        items = "".join(
            f"- {{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}}}\n" for name in names
        )
        return split_manifest(f"apiVersion: v1\nkind: {kind}\nitems:\n{items}")

    assert kinds(compare(listing("a", "b"), listing("b"))) == {"ConfigMap a": ChangeKind.REMOVED}


@pytest.mark.parametrize("kind", ["List", "SecretList"])
def test_secrets_in_a_list_are_masked_as_others_are(kind: str) -> None:
    whole = {"apiVersion": "v1", "kind": kind, "items": [secret(token="hunter2")]}
    import yaml

    told = text(compare([], split_manifest(yaml.safe_dump(whole))))
    assert "Secret token" in told and "aHVudGVyMg" not in told


def test_an_object_that_two_templates_make_is_told_with_both() -> None:
    both = [Rendered(source=f"templates/{name}.yaml", body=config()) for name in ("a", "b")]
    (note,) = compare([], both).notes
    assert note.startswith("ConfigMap settings is rendered 2 times, by templates/a.yaml and templates/b.yaml")


def test_a_hook_that_runs_for_more_than_the_tests_is_part_of_the_diff() -> None:
    both = config("migrate", annotations={"helm.sh/hook": "pre-upgrade, test"})
    old = config("smoke", annotations={"helm.sh/hook": "test-success"})
    assert kinds(diff([], [both, old])) == {"ConfigMap migrate": ChangeKind.ADDED}


def test_text_of_a_secret_is_taken_before_data_of_the_same_key() -> None:
    """As the API server does with `stringData`."""
    before = secret(token="old") | {"stringData": {"token": "hunter2"}}
    assert diff([before], [secret(token="hunter2")]).changes[0].lines == ()


def test_a_secret_whose_data_is_no_base64_is_compared_all_the_same() -> None:
    before, after = secret(), secret()
    before["data"], after["data"] = {"token": "not base64!"}, {"token": "nor this!!"}
    assert changed(diff([before], [after])) == [
        '- token: "hidden (11 bytes)"',
        '+ token: "hidden (10 bytes, changed)"',
    ]


def test_who_asks_is_shown_what_secrets_hold() -> None:
    sides = [[Rendered(source="t.yaml", body=secret(token=text))] for text in ("hunter2", "hunter3")]
    result = compare(*sides, reveal=True)
    assert changed(result) == ["- token: hunter2", "+ token: hunter3"]


def test_no_context_leaves_the_differences_alone() -> None:
    sides = [[Rendered(source="t.yaml", body=deployment(image=image))] for image in ("r:1", "r:2")]
    (one,) = compare(*sides, context=0).objects
    assert {line.mark for line in one.lines} == {Mark.REMOVED, Mark.ADDED, Mark.FOLDED}
