"""The errors of whole programs are measured against a truth that is none of ours."""

from __future__ import annotations

import mpmath as mp
import pytest

from benchmarks import cases
from benchmarks.problems import WORKLOADS
from tests.sweeps import accuracy


def test_a_program_is_within_some_units() -> None:
    for name, (median, worst, beside) in accuracy.measured(cases.attention(3, 2)).items():
        assert 0.0 < median < 5.0, name
        assert worst < 1000.0
        assert beside < 1e-14


def test_each_sample_has_its_own_truth() -> None:
    case = accuracy.fewer(cases.options(WORKLOADS["options"].problem()))
    assert len(case.args[0]) == accuracy.SAMPLES
    for _, _, beside in accuracy.measured(case).values():
        assert beside < 1e-13


def test_errors_are_in_units_of_the_truth() -> None:
    median, worst, beside = accuracy.errors(
        [1.0, 2.0 + 2.0**-50, 0.0], [mp.mpf(1), mp.mpf(2), mp.mpf(0)]
    )
    assert (median, worst, beside) == (0.0, 2.0, pytest.approx(2.0**-51))
