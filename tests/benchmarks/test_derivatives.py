"""What stands beside a transform in the benchmark computes the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks import derivatives, timing
from benchmarks.derivatives import Pair, found, jacobians, large, of_higher_order, small


@pytest.mark.parametrize("some", [small, found, jacobians, large, of_higher_order])
def test_both_of_a_pair_give_the_same(some: Callable[[], dict[str, Pair]]) -> None:
    for name, pair in some().items():
        if "784" not in name:  # it takes long without the compiled core
            derivatives.check(name, pair)


def test_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "TURN", 0.0)
    monkeypatch.setattr(timing, "IN_A_ROW", 1)
    few = {"one number": small()["one number"]}
    monkeypatch.setattr(derivatives, "pairs", lambda: few)
    *_, row = derivatives.section(2).splitlines()
    assert row.startswith("| one number")
    assert row.endswith("2.00 |")


def test_what_differs_is_not_timed() -> None:
    with pytest.raises(SystemExit, match="sum: the transform does not give"):
        derivatives.check("sum", Pair(lambda: [1.0, 2.0], lambda: [1.0, 2.5]))
