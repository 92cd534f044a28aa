"""`init` writes a chart that works as it stands, and never writes over anything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from lain_tui.core.errors import LainError
from lain_tui.core.project.init import chart_files, init_chart, refresh_templates
from tests.chart.conftest import uncommented


def tree(root: Path) -> dict[str, str]:
    return {str(p.relative_to(root)): p.read_text() for p in sorted(root.rglob("*")) if p.is_file()}


def test_writes_chart_values_and_templates(tmp_path: Path) -> None:
    written = init_chart(tmp_path, "dummy")
    names = {str(path.relative_to(tmp_path)) for path in written}
    assert {"chart/Chart.yaml", "chart/values.yaml", "chart/.helmignore"} < names
    assert {"chart/templates/deployment.yaml", "chart/templates/cronjob.yaml"} < names
    assert names == set(tree(tmp_path)), "nothing else is left behind"


def test_the_app_is_named_everywhere(tmp_path: Path) -> None:
    init_chart(tmp_path, "my-shop")
    values = (tmp_path / "chart/values.yaml").read_text()
    assert yaml.safe_load(values)["appname"] == "my-shop"
    assert "my-shop-env" in values
    assert yaml.safe_load((tmp_path / "chart/Chart.yaml").read_text())["name"] == "my-shop"
    assert not any("@@" in text for text in tree(tmp_path).values())


def test_both_languages_say_the_same_and_differ_in_comments_only() -> None:
    english, chinese = (chart_files("dummy", language) for language in ("en", "zh"))
    assert english.keys() == chinese.keys()
    assert uncommented(english["values.yaml"]) == uncommented(chinese["values.yaml"])
    assert not re.search(r"[\u4e00-\u9fff]", "".join(english.values()))
    for name in english:
        if name.startswith("templates/"):
            assert re.search(r"\{\{/\* .*[\u4e00-\u9fff].* \*/\}\}", chinese[name]), name
            code = [re.sub(r"\{\{/\*.*?\*/\}\}", "", files[name]) for files in (english, chinese)]
            assert code[0] == code[1], name


def test_refuses_when_a_chart_is_there_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "chart").mkdir()
    (tmp_path / "chart" / "values.yaml").write_text("appname: mine\n")
    before = tree(tmp_path)
    with pytest.raises(LainError, match=r"values\.yaml is there already"):
        init_chart(tmp_path, "dummy")
    assert tree(tmp_path) == before


def test_fills_an_empty_chart_directory(tmp_path: Path) -> None:
    (tmp_path / "chart").mkdir()
    init_chart(tmp_path, "dummy")
    assert (tmp_path / "chart" / "values.yaml").is_file()


@pytest.mark.parametrize(
    "name", ["deployments", "Dummy", "my_app", "-a", "9lives", "a" * 54, "", "a/b", "虚拟"]
)
def test_refuses_a_name_that_kubernetes_or_the_values_would_not_take(tmp_path: Path, name: str) -> None:
    with pytest.raises(LainError):
        init_chart(tmp_path, name)
    assert tree(tmp_path) == {}


def test_template_only_replaces_templates_and_nothing_else(tmp_path: Path) -> None:
    init_chart(tmp_path, "dummy")
    chart = tmp_path / "chart"
    (chart / "values.yaml").write_text("appname: dummy\n")
    (chart / "templates" / "deployment.yaml").write_text("old")
    (chart / "templates" / "mine.yaml").write_text("mine")
    assert refresh_templates(tmp_path) == [chart / "templates" / "deployment.yaml"]
    assert (chart / "templates" / "deployment.yaml").read_text() != "old"
    assert (chart / "templates" / "mine.yaml").read_text() == "mine"
    assert (chart / "values.yaml").read_text() == "appname: dummy\n"
    assert refresh_templates(tmp_path) == []


def test_template_only_keeps_the_language_of_the_chart(tmp_path: Path) -> None:
    init_chart(tmp_path, "dummy", language="zh")
    assert refresh_templates(tmp_path) == []
    assert refresh_templates(tmp_path, language="en") != []


def test_template_only_needs_a_chart(tmp_path: Path) -> None:
    with pytest.raises(LainError, match="no chart here"):
        refresh_templates(tmp_path)
