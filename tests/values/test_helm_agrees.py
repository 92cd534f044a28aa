"""Helm is the referee: whatever reaches it, lain-tui must see as helm does."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lain_tui.core.errors import LainError
from lain_tui.core.values.layers import read_layers
from lain_tui.core.values.merge import HelmVersion
from tests.tools import Unavailable, helm
from tests.values.files import KEYS, TRAPS, files, same
from tests.values.referee import LIBRARY_VERSION, Refused, by_binary, by_library, version_of, write_chart


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_chart(tmp_path_factory.mktemp("scratch") / "chart")


def ours(chart: Path, extra: list[Path], version: HelmVersion = LIBRARY_VERSION) -> dict[str, Any]:
    return read_layers(chart, extra=extra).as_helm_sees(version)


@pytest.mark.parametrize("text", TRAPS)
def test_a_scalar_means_what_it_means_to_helm(chart: Path, text: str) -> None:
    (chart / "values.yaml").write_text(f"key: {text}\nlist:\n  - {text}\n")
    check(chart, [])


@pytest.mark.parametrize(
    "text",
    [*KEYS, "1e6", "123456.7", "-2.5e6", "0.00001", "1e300", "16777217.5", "null", "18446744073709551615"],
)
def test_a_key_means_what_it_means_to_helm(chart: Path, text: str) -> None:
    (chart / "values.yaml").write_text(f"map:\n  {text}: 1\n")
    check(chart, [])


def check(chart: Path, extra: list[Path]) -> None:
    """Both take the files and see the same, or both refuse them."""
    try:
        expected = by_library(chart, *(file.read_text() for file in extra))
    except Refused:
        with pytest.raises(LainError):
            ours(chart, extra)
        return
    seen = ours(chart, extra)
    assert same(seen, expected), f"\nours {seen}\nhelm {expected}"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files(), st.none() | files())
def test_the_chart_and_one_file(below: str, above: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        chart = write_chart(Path(folder) / "chart")
        (chart / "values.yaml").write_text(below)
        extra = []
        if above is not None:
            extra = [Path(folder) / "extra.yaml"]
            extra[0].write_text(above)
        check(chart, extra)


@pytest.mark.parametrize("major", [3, 4])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(
    ["a: {x: null, y: 1, z: {p: null}}\n", "a: {x: null, y: null, new: null, z: {p: null}}\n", "a: {}\n"]
)
@example(["a: 1\nb: {x: 1}\nc: null\n", "a: {x: 1}\nb: 1\nc: null\nd: null\n", "a: null\nb: {y: 1}\n"])
@given(st.lists(files(), min_size=2, max_size=4))
def test_several_files(major: int, texts: list[str]) -> None:
    try:
        binary = helm(major)
    except Unavailable as reason:
        pytest.skip(str(reason))
    with tempfile.TemporaryDirectory() as folder:
        chart = write_chart(Path(folder) / "chart")
        (chart / "values.yaml").write_text(texts[0])
        extra = []
        for number, text in enumerate(texts[1:]):
            extra.append(Path(folder) / f"extra{number}.yaml")
            extra[-1].write_text(text)
        try:
            expected = by_binary(binary, chart, extra)
        except Refused:
            with pytest.raises(LainError):
                ours(chart, extra, version_of(binary))
            return
        seen = ours(chart, extra, version_of(binary))
        assert same(seen, expected), f"\nours {seen}\nhelm {expected}"
