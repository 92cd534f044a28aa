"""What lain-tui uses of an app's values, and who set it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lain_tui.core.errors import LainError
from lain_tui.core.values.layers import Values, open_values, read_layers


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    folder = tmp_path / "chart"
    folder.mkdir()
    (folder / "values.yaml").write_text(
        "appname: dummy\n"
        "env:\n"
        "  FOO: bar\n"
        "prepare:\n"
        "  script: [make]\n"
        "deployments:\n"
        "  web:\n"
        "    command: [run.py, --fast]\n"
        "    replicaCount: 1\n"
    )
    return folder


def on_prod(chart: Path, text: str, **more: str) -> Values:
    """The values on cluster prod: `text` in values-prod.yaml, the cluster's own and extra files as named."""
    (chart / "values-prod.yaml").write_text(text)
    files = {name: chart.parent / f"{name}.yaml" for name in more}
    for name, file in files.items():
        file.write_text(more[name])
    extra = [file for name, file in files.items() if name.startswith("extra")]
    return read_layers(chart, cluster="prod", cluster_values=files.get("cluster"), extra=extra)


def test_layers_are_merged_in_order(chart: Path) -> None:
    values = on_prod(
        chart,
        "v: app on cluster\nd: 3\n",
        cluster="v: cluster\nc: 2\nd: 2\n",
        extra="v: extra\n",
        extra2="v: last\n",
    )
    assert values.get("v") == "last"
    assert (values.get("c"), values.get("d")) == (2, 3)


def test_maps_are_merged_and_everything_else_replaced(chart: Path) -> None:
    values = on_prod(chart, "deployments:\n  web:\n    command: [run.py]\nenv: none\n")
    assert values.effective() == {
        "appname": "dummy",
        "env": "none",
        "prepare": {"script": ["make"]},
        "deployments": {"web": {"command": ["run.py"], "replicaCount": 1}},
    }


def test_null_switches_off_and_an_empty_map_changes_nothing(chart: Path) -> None:
    values = on_prod(chart, "prepare:\nenv: {}\n")
    assert values.get("prepare") is None and "prepare" in values.effective()
    assert values.get("env") == {"FOO": "bar"}


def test_helm_removes_what_null_switches_off(chart: Path) -> None:
    assert "prepare" not in on_prod(chart, "prepare:\n").as_helm_sees()


def test_helm_finds_the_charts_map_again_beneath_a_null_between_two_files(chart: Path) -> None:
    values = on_prod(chart, "env: null\n", extra="env: {SPAM: egg}\n")
    assert values.get("env") == {"SPAM": "egg"}
    assert values.as_helm_sees()["env"] == {"FOO": "bar", "SPAM": "egg"}


def test_every_leaf_knows_its_file_and_line_and_what_it_overrode(chart: Path) -> None:
    values = on_prod(chart, "# a remark\nenv:\n  FOO: baz\n", extra="\nenv: {FOO: last}\n")
    origin = values.origin("env", "FOO")
    assert origin is not None
    assert (origin.file.name, origin.line, origin.value) == ("extra.yaml", 2, "last")
    assert [(under.file.name, under.line, under.value) for under in origin.overrode] == [
        ("values-prod.yaml", 3, "baz"),
        ("values.yaml", 3, "bar"),
    ]
    untouched = values.origin("deployments", "web", "replicaCount")
    assert untouched is not None and (untouched.line, untouched.overrode) == (9, ())


def test_a_merged_key_belongs_to_the_line_of_its_anchor(chart: Path) -> None:
    (chart / "values.yaml").write_text(
        "base: &base\n  cpu: 1\nweb:\n  <<: *base\n  memory: 2\nagain: *base\n"
    )
    values = read_layers(chart)
    lines = {path: node.line for path, node in values.leaves()}
    assert lines == {("base", "cpu"): 2, ("web", "cpu"): 2, ("web", "memory"): 5, ("again", "cpu"): 2}
    assert values.find("again").line == 6  # type: ignore[union-attr]


def test_a_list_is_one_leaf(chart: Path) -> None:
    assert (("deployments", "web", "command"), ["run.py", "--fast"]) in [
        (path, node.plain()) for path, node in read_layers(chart).leaves()
    ]


@pytest.mark.parametrize("alias", ["deploy", "deployment"])
def test_other_spellings_are_merged_in(chart: Path, alias: str) -> None:
    values = on_prod(chart, f"{alias}:\n  web:\n    replicaCount: 5\n  worker: {{}}\n")
    assert values.get("deployments", "web") == {"command": ["run.py", "--fast"], "replicaCount": 5}
    assert set(values.get("deployments")) == {"web", "worker"}
    assert alias not in values.effective()
    assert values.as_helm_sees()[alias], "the chart's templates are given what is written"


@pytest.mark.parametrize(
    ("alias", "key"), [("cronjob", "cronjobs"), ("sts", "statefulSets"), ("statefulset", "statefulSets")]
)
def test_other_spellings_alone(chart: Path, alias: str, key: str) -> None:
    assert on_prod(chart, f"{alias}:\n  x: {{a: 1}}\n").get(key) == {"x": {"a": 1}}


def test_a_file_that_only_names_another_is_a_link(chart: Path) -> None:
    (chart / "values-test.yaml").write_text("env:\n  FOO: linked\n")
    values = on_prod(chart, "values-test.yaml")
    assert values.get("env", "FOO") == "linked"
    assert values.layers[-1].path == chart / "values-test.yaml"


def test_a_link_to_nowhere(chart: Path) -> None:
    with pytest.raises(LainError, match=r"values-prod.yaml:1: it holds 'values-tset.yaml' where keys"):
        on_prod(chart, "values-tset.yaml")


def test_a_top_level_value_that_is_only_repeated_is_refused(chart: Path) -> None:
    (chart / "values-prod.yaml").write_text("env:\n  FOO: bar\nappname: dummy\n")
    with pytest.raises(
        LainError, match=r"values-prod.yaml:3: appname: appname only repeats what \S+values.yaml:1 says"
    ):
        open_values(chart, cluster="prod")


def test_a_nested_repetition_passes_and_so_does_a_map(chart: Path) -> None:
    (chart / "values-prod.yaml").write_text("env:\n  FOO: bar\n")
    assert open_values(chart, cluster="prod").get("env", "FOO") == "bar"


def test_speed_of_four_layers(chart: Path) -> None:
    """Not a benchmark: only that reading is done by the C parser, ten times faster than any other."""
    import time

    text = "".join(f"sec{i}:\n" + "".join(f"  KEY{j}: value-{j}\n" for j in range(24)) for i in range(20))
    start = time.process_time()
    values = on_prod(chart, text, cluster=text.replace("sec", "c"), extra=text, extra2=text)
    assert len(list(values.leaves())) > 480
    assert time.process_time() - start < 0.5
