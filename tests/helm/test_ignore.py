"""Which files of a chart helm packs into a release."""

from __future__ import annotations

from pathlib import Path

import pytest

from lain_tui.core.helm.ignore import chart_files

FILES = (
    "Chart.yaml",
    "values.yaml",
    "dump.bin",
    "data/dump.bin",
    "data/deep/list.txt",
    "templates/.swp",
    "docs/a.md",
)


@pytest.mark.parametrize(
    ("rules", "left_out"),
    [
        ("", {"templates/.swp"}),
        ("*.bin", {"dump.bin", "data/dump.bin"}),
        ("/dump.bin", {"dump.bin"}),
        ("data/*.bin", {"data/dump.bin"}),
        ("data/*", {"data/dump.bin", "data/deep/list.txt"}),
        ("docs/\n# dump.bin", {"docs/a.md"}),
        ("dump.bin/", set()),
    ],
)
def test_helms_rules(tmp_path: Path, rules: str, left_out: set[str]) -> None:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".helmignore").write_text(rules)
    taken = {str(path.relative_to(tmp_path)) for path in chart_files(tmp_path)} - {".helmignore"}
    assert set(FILES) - taken == left_out | {"templates/.swp"}
