"""The rules of resource advice, one by one, at their edges."""

from __future__ import annotations

import math

import pytest

from lain_tui.core.insight.advice import (
    GI,
    MI,
    Asked,
    advise,
    measured_cpu,
    measured_memory,
    percentile,
)
from lain_tui.core.model.advice import Measured

NOTHING = Measured(skipped="no samples")


def advised(asked: Asked, cpu: Measured = NOTHING, memory: Measured = NOTHING) -> dict[str, str]:
    return {f"{each.bound}.{each.resource}": each.advised for each in advise(asked, cpu, memory)}


class TestCPU:
    @pytest.mark.parametrize(
        ("limit", "expected"), [("999m", "1000m"), ("0.5", "1000m"), ("1", None), ("4", None)]
    )
    def test_a_limit_below_one_core_throttles(self, limit: str, expected: str | None) -> None:
        assert advised(Asked(proc="web", cpu_limit=limit)).get("limits.cpu") == expected

    @pytest.mark.parametrize(
        ("request_", "top", "expected"),
        [
            ("400m", 100, None),
            ("401m", 100, "100m"),
            ("100m", 400, None),
            ("100m", 400.5, "401m"),
            ("2", 150, "150m"),
        ],
    )
    def test_a_request_more_than_300m_away_is_moved_to_the_top(
        self, request_: str, top: float, expected: str | None
    ) -> None:
        found = advised(Asked(proc="web", cpu_request=request_), Measured(top=top))
        assert found.get("requests.cpu") == expected

    def test_the_top_is_the_95th_percentile(self) -> None:
        assert measured_cpu([float(value) for value in range(1, 102)]).top == 96

    def test_it_is_at_least_5m(self) -> None:
        assert measured_cpu([0.4, 0.5]).top == 5

    def test_an_idle_proc_says_nothing(self) -> None:
        assert measured_cpu([0.0] * 71 + [50.0] * 29).top is None
        assert measured_cpu([0.0] * 70 + [50.0] * 30).top == 50

    def test_gaps_and_nonsense_are_left_out(self) -> None:
        assert measured_cpu([math.nan, math.inf, -1, 7.0, 7.0]).top == 7
        assert measured_cpu([]).skipped == "no samples"


class TestMemory:
    @pytest.mark.parametrize(
        ("request_", "top", "expected"),
        [
            ("200Mi", 100 * MI, None),  # both below 256Mi
            ("512Mi", 100 * MI, "100Mi"),
            ("100Mi", 512 * MI, "512Mi"),
            ("1130Mi", 1000 * MI, None),
            ("1131Mi", 1000 * MI, "1000Mi"),
            ("885Mi", 1000 * MI, None),
            ("884Mi", 1000 * MI, "1000Mi"),
            ("1Gi", 600.2 * MI, "601Mi"),
        ],
    )
    def test_a_request_13_per_cent_away_is_moved(
        self, request_: str, top: float, expected: str | None
    ) -> None:
        found = advised(Asked(proc="web", memory_request=request_), memory=measured_memory(top))
        assert found.get("requests.memory") == expected

    @pytest.mark.parametrize(
        ("limit", "top", "expected"),
        [
            ("1Gi", 100 * MI, None),  # within 1Gi of 250Mi
            ("2Gi", 100 * MI, "250Mi"),
            ("4Gi", 4 * GI, "10240Mi"),
            ("11Gi", 4 * GI, None),
            ("11.4Gi", 4 * GI, "10240Mi"),
        ],
    )
    def test_the_limit_is_two_and_a_half_times_what_is_used(
        self, limit: str, top: float, expected: str | None
    ) -> None:
        found = advised(Asked(proc="web", memory_limit=limit), memory=measured_memory(top))
        assert found.get("limits.memory") == expected

    def test_it_is_at_least_4_mebibytes(self) -> None:
        assert measured_memory(10.0).top == 4 * MI

    def test_nothing_measured_is_nothing_said(self) -> None:
        assert (
            advised(
                Asked(proc="web", memory_request="8Gi", memory_limit="64Gi"), memory=measured_memory(None)
            )
            == {}
        )
        assert measured_memory(math.nan).skipped == "no samples"


def test_what_it_frees_counts_every_pod() -> None:
    (found,) = advise(Asked(proc="web", pods=3, cpu_request="2"), Measured(top=500), NOTHING)
    assert found.meaning == "frees 4500m of CPU for others over 3 pods"
    assert found.keys == ("deployments", "web", "resources", "requests", "cpu")


def test_quantities_that_are_none_are_lints_to_tell() -> None:
    asked = Asked(proc="web", cpu_limit="much", memory_request="lots")
    assert advised(asked, Measured(top=1.0), measured_memory(GI)) == {}


def test_the_percentile_is_interpolated_as_prometheus_has_it() -> None:
    assert percentile([1.0, 2.0], 0.5) == 1.5
    assert percentile([7.0]) == 7
