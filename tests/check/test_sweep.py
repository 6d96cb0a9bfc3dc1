"""A hundred of the functions of the sweep, and that its truth is true."""

from __future__ import annotations

import random

import pytest

from tests.sweeps.gradient_checks import main
from tests.sweeps.one_sided import STEPS, Dual, NotTriedError


def test_the_sweep() -> None:
    tally = main(100, seed=1)
    assert not tally.bad, "\n\n".join(tally.bad)
    assert tally.counts["injected"] >= 30
    assert tally.counts["beside kinks"] >= 5
    assert tally.counts["inconclusive"] <= 0.05 * tally.counts["entries"]


@pytest.mark.parametrize("name", STEPS)
def test_duals_agree_with_differences_of_floats(name: str) -> None:
    arity, _, apply = STEPS[name]
    rng = random.Random(name)
    step = 1e-6
    compared = 0
    while compared < 5:
        xs = [rng.uniform(0.2, 2.0) for _ in range(arity)]
        ts = [rng.uniform(-1.0, 1.0) for _ in range(arity)]
        if name != "where" and rng.random() < 0.3:
            xs = [xs[0]] * arity  # a tie: the slope on the right
        try:
            z = apply(*map(Dual, xs, ts))
            ahead = apply(*(Dual(x + step * t, 0.0) for x, t in zip(xs, ts, strict=True)))
        except NotTriedError:
            continue
        assert z.t == pytest.approx((ahead.x - z.x) / step, rel=1e-4, abs=1e-4)
        compared += 1
