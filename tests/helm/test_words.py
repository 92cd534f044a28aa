"""What helm says beside its answer, as each helm writes it."""

from __future__ import annotations

import pytest

from lain_tui.core.helm.words import words_of

TABLE = "cannot overwrite table with non table for tiny.password"


@pytest.mark.parametrize(
    "line",
    [
        "coalesce.go:298: warning: {}",
        'level=INFO msg="warning: {}"',
        'time=2026-11-25T16:13:13.000Z level=WARN msg="{}"',
        "2026/11/25 16:13:13 warning: {}",
        "2026/11/25 16:13:13 WARN {}",
        "WARNING: {}",
    ],
    ids=["helm 3", "helm 4", "helm 4 with a time", "library", "library with a grade", "plain"],
)
def test_a_warning_is_told_without_what_stands_around_it_and_without_the_value(line: str) -> None:
    assert words_of(line.format(f"{TABLE} (map[root:hunter2])") + "\n") == (TABLE,)


def test_the_rest_of_a_value_of_many_lines_is_not_told() -> None:
    text = f"coalesce.go:298: warning: {TABLE} (map[key:-----BEGIN\nhunter2\n-----END])\nError: no"
    assert words_of(text) == (TABLE,)


def test_the_api_servers_warnings_are_told() -> None:
    line = "W1125 16:09:20.123456   12345 warnings.go:70] policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+"
    assert words_of(line) == ("policy/v1beta1 PodDisruptionBudget is deprecated in v1.21+",)


def test_each_is_told_once_and_what_is_about_this_machine_not_at_all() -> None:
    line = "WARNING: Kubernetes configuration file is group-readable. This is insecure. Location: /x\n"
    twice = "2026/11/25 16:13:13 warning: skipped value for tiny.a: Not a table.\n" * 2
    assert words_of(line + twice) == ("skipped value for tiny.a: Not a table",)
