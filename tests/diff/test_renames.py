"""An object that goes and one much like it that comes are one object under another name."""

from __future__ import annotations

from copy import deepcopy

import pytest

from lain_tui.core.diff.keys import ObjectKey
from lain_tui.core.diff.report import text_of
from lain_tui.core.model.diff import ChangeKind
from tests.diff.test_compare import Body, changed, deployment, diff, secret
from tests.diff.test_documented_cases import config, kinds


def called(name: str, body: Body) -> Body:
    renamed = deepcopy(body)
    renamed["metadata"]["name"] = name
    return renamed


def test_it_is_shown_with_both_names_and_nothing_but_its_differences() -> None:
    result = diff([config()], [config("others")])
    assert kinds(result) == {"ConfigMap settings → others": ChangeKind.RENAMED}
    assert changed(result) == ["- name: settings", "+ name: others"]
    assert "> ConfigMap settings → others (renamed)" in "\n".join(text_of(result))
    assert "1 object is renamed." in list(text_of(result))


def test_what_changed_with_the_name_is_seen() -> None:
    result = diff([deployment()], [called("dummy-api", deployment(image="r/dummy:2"))])
    assert changed(result)[-2:] == ["- image: r/dummy:1", "+ image: r/dummy:2"]


def test_containers_that_are_renamed_with_it_are_not_told_line_by_line() -> None:
    after = called("dummy-api", deployment())
    after["spec"]["template"]["spec"]["containers"][0]["name"] = "api"
    assert changed(diff([deployment()], [after])) == [
        "- name: dummy-web",
        "+ name: dummy-api",
        "- - name: web",
        "+ - name: api",
    ]


def test_a_workload_under_another_name_ends_its_pods_and_starts_others() -> None:
    (one,) = diff([deployment()], [called("dummy-api", deployment(replicas=2))]).objects
    assert one.restarts == "ends 3 pods, starts 2 pods"


def test_what_has_little_in_common_stays_two_objects() -> None:
    other = config("others") | {"data": {"B": "2", "C": "3", "D": "4"}}
    assert set(kinds(diff([config()], [other])).values()) == {ChangeKind.ADDED, ChangeKind.REMOVED}


def test_another_kind_is_never_the_same_object() -> None:
    changes = kinds(diff([config()], [config("others", kind="Secret")]))
    assert set(changes.values()) == {ChangeKind.ADDED, ChangeKind.REMOVED}


def test_the_likest_are_paired_and_the_rest_is_added_or_removed() -> None:
    near, far = called("near", deployment()), called("far", deployment(image="r/dummy:9", command=["x"]))
    assert kinds(diff([deployment()], [far, near])) == {
        "Deployment dummy-web → near": ChangeKind.RENAMED,
        "Deployment far": ChangeKind.ADDED,
    }


def test_what_is_kept_in_the_cluster_is_not_renamed() -> None:
    kept = config(annotations={"helm.sh/resource-policy": "keep"})
    changes = kinds(diff([kept], [config("others", annotations={"helm.sh/resource-policy": "keep"})]))
    assert ChangeKind.RENAMED not in changes.values()


@pytest.mark.parametrize("base", ["token", ""])
def test_a_name_that_changes_with_the_content_is_known_by_its_base(base: str) -> None:
    """Secrets that cannot be changed are often made under a new name each time; charts note the one that stays."""
    before, after = secret(A="1", B="2"), secret(C="3", D="4", E="5")
    for body, name in ((before, "token-1f"), (after, "token-2c")):
        body["metadata"] = {"name": name, "annotations": {"helm-diff/base-name": base} if base else {}}
    assert (ChangeKind.RENAMED in kinds(diff([before], [after])).values()) == bool(base)


def test_drift_of_what_is_renamed_is_told_of_the_old_one() -> None:
    live = config() | {"data": {"A": "by hand"}}
    (one,) = diff([config()], [config("others")], {ObjectKey("", "ConfigMap", "settings"): live}).objects
    assert [line.text.strip() for line in one.drift if line.mark == "+"] == ["A: by hand"]
