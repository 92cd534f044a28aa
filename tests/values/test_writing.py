"""Values that are printed are read back as the same values, by helm too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import helm_python
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lain_tui.core.values.layers import Values, read_layers
from lain_tui.core.values.reader import parse_tree
from lain_tui.core.values.writer import to_yaml, to_yaml_with_remarks
from tests.values.files import TRAPS, same

texts = st.one_of(st.sampled_from(TRAPS), st.text(), st.from_regex(r"[-\n a-z#:'\"]{1,12}", fullmatch=True))
trees: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 53), 1 << 53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
@given(st.dictionaries(texts, trees, max_size=4))
def test_what_is_written_is_read_back(values: dict[str, Any]) -> None:
    text = to_yaml(values)
    assert same(parse_tree(text, Path("it.yaml")).plain(), values), text
    assert same(helm_python.values_from_yaml(text), values), text


def layers(folder: Path, **texts: str) -> Values:
    chart = folder / "chart"
    chart.mkdir()
    names = {"chart": chart / "values.yaml", "app": chart / "values-prod.yaml"}
    for name, text in texts.items():
        names.get(name, folder / f"{name}.yaml").write_text(text)
    cluster = folder / "cluster.yaml"
    extra = [folder / "extra.yaml"] if "extra" in texts else []
    return read_layers(
        chart, cluster="prod", cluster_values=cluster if cluster.exists() else None, extra=extra
    )


def test_remarks_tell_file_and_line_and_what_was_overridden(tmp_path: Path) -> None:
    values = layers(
        tmp_path,
        chart="appname: dummy\nenv:\n  A: one\n  B: two\nlist:\n  - a\n",
        app="env:\n  B: three\n",
        extra="env: {B: four}\nlist: [b, {c: 1}]\n",
    )
    assert to_yaml_with_remarks(values.helm_table(), values.as_helm_sees()) == (
        "appname: dummy  # values.yaml:1\n"
        "env:\n"
        "  A: one        # values.yaml:3\n"
        "  B: four       # extra.yaml:1, over values-prod.yaml:2 (three), over values.yaml:4 (two)\n"
        'list:           # extra.yaml:2, over values.yaml:5 (["a"])\n'
        "  - b\n"
        "  - c: 1\n"
    )


@pytest.mark.parametrize("text", ["one\ntwo\n", "one\n\n  two", "#!/bin/sh\necho 'a: b'\n"])
def test_text_of_several_lines_stays_readable(text: str) -> None:
    assert "|" in to_yaml({"script": text})
    assert parse_tree(to_yaml({"script": text}), Path("it.yaml")).plain() == {"script": text}
