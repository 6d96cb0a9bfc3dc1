"""A few programs with ordinary control flow, and what the sweep of them tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

import tinygrad_nn
from tests.sweeps import guards
from tests.sweeps.asked import Program, RaisedError, Truth, drawn
from tests.sweeps.reference import leaves
from tinygrad_nn import Value

POINTS = (
    ([1.0, 2.0, 3.0], [1.0, 0.0, -1.0, 2.0], [1, 2], [0.0, 1.0]),
    ([-1.0, 2.0, 3.0], [1.0, 0.0, -1.0, 2.0], [3, 0], [0.0, 1.0]),
)
LINES = (
    "a, b, c = x",
    "d = 7.0",
    "if c > 2:",
    "    if a < 0: c = c + 1.0",
    "    d = d * a",
    "return b * c",
)


def eager(f: Callable[..., Any], batch: Any = (), reduce: Any = None, **options: Any) -> Any:
    """Stand in the place of `compile`."""

    def each(x: Any, t: Any, k: Any) -> Any:
        rows = [leaves(f(x, t, k)) for x, k in zip(x, k, strict=True)]
        share = len(rows) if reduce == "mean" else 1
        return rows if reduce is None else [sum(c) / share for c in zip(*rows, strict=True)]

    return each if batch else f


def test_a_seed_gives_a_program() -> None:
    assert drawn(7).source == drawn(7).source != drawn(8).source
    assert str(drawn(7).points) == str(drawn(7).points)


def test_what_is_right_is_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tinygrad_nn, "compile", eager)
    counts: Counter[str] = Counter()
    for seed in range(20):
        assert not guards.check(drawn(seed), counts, Counter(), False)
    assert counts["checks"] > 500


def test_the_truth_is_exact_or_has_room_or_is_an_error() -> None:
    def truth(line: str) -> Any:
        program = Program(3, ("a, b, c = x", f"return {line}"), frozenset(), POINTS)
        return Truth(program, POINTS[0]).result("value slopes second")

    whole = truth("a * b * b if a < b else c")
    assert whole.numbers == [4.0, 4.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 4.0, 6.0, 0.0]
    assert not any(whole.room)
    assert any(truth("0.1 * a").room)
    with pytest.raises(RaisedError, match="ZeroDivisionError"):
        truth("a / (b - 2.0)")


def test_a_difference_is_told_as_a_small_program(monkeypatch: pytest.MonkeyPatch) -> None:
    program = Program(3, LINES, frozenset({"branch"}), POINTS)

    def frozen(f: Callable[..., Any], **options: Any) -> Any:
        """Take what a is less than 0 for what it was in the first call."""
        first: list[float] = []

        def call(x: Any, t: Any, k: Any) -> Any:
            first[:] = first or [abs(float(x[0]))]
            return f([Value(first[0]) * n / n if n is x[0] else n for n in x], t, k)

        return eager(call, **options)

    monkeypatch.setattr(tinygrad_nn, "compile", frozen)
    found = guards.check(program, Counter(), Counter(), False)
    text = guards.told(found)
    assert "if a < 0: c = c + 1.0" in text
    assert "d = " not in text
    assert "points = [([1.0" in text


@pytest.mark.parametrize("seed", [3, 17])
def test_programs_are_the_same_in_every_way_of_calling(seed: int) -> None:
    counts: Counter[str] = Counter()
    found = guards.check(drawn(seed), counts, Counter(), False)
    assert not found, guards.told(found)
    assert counts["checks"] > 30
