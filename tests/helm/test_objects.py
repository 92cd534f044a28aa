"""A manifest read: what is no YAML is told with the template, and the line of what it renders."""

from __future__ import annotations

import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.helm.objects import split_manifest

GOOD = "---\n# Source: tiny/templates/map.yaml\nkind: ConfigMap\nmetadata: {name: a}\n"


@pytest.mark.parametrize(
    ("text", "line"), [("a: 1\nc: 3\n b: 2\n", 3), ("a: [1\n", 2)], ids=["an indent", "an open list"]
)
def test_what_is_no_yaml_is_told_with_its_template_and_line(text: str, line: int) -> None:
    with pytest.raises(LainError) as caught:
        split_manifest(f"{GOOD}---\n# Source: tiny/templates/bad.yaml\n{text}")
    assert caught.value.where == "templates/bad.yaml"
    assert caught.value.what.startswith("what it renders is no YAML: ")
    assert caught.value.what.endswith(f" (line {line} of it)")
