"""Compiled training of models with choices and with derivatives that end."""

from __future__ import annotations

from typing import Any

import pytest
from trained import numbers

from tinygrad_nn import Value, dot, log, lookup, nn, no_grad, relu, stop_gradient, where
from tinygrad_nn.errors import ArgumentError
from tinygrad_nn.optim import GradientDescent
from tinygrad_nn.train import Trainer

X = [[1.0, 2.0], [2.0, -1.0], [0.0, 0.0], [1.0, 4.0]]
Y = [1.0, -2.0, 3.0, 0.5]


class Model(nn.Module):
    """Four weights, and a formula of them."""

    def __init__(self, formula: Any) -> None:
        self.w = [Value(number) for number in (0.5, -1.0, 2.0, 0.25)]
        self.formula = formula

    def __call__(self, x: Any) -> Any:
        return self.formula(self.w, x)


def within_no_grad(w: Any, x: Any) -> Any:
    with no_grad():
        size = w[0] * w[1] + dot(w[:2], x)
    return size * w[2] + relu(w[3] * x[0]) * stop_gradient(w[2])


def of_branches(w: Any, x: Any) -> Any:
    inner = where(x[1] > 0, lambda: log(x[1]) * w[0], lambda: w[1] * x[0] * w[2])
    return where(x[0] > 0, lambda: inner / x[0], lambda: w[3] * 2)


def of_tables(w: Any, x: Any) -> Any:
    rows = [[w[0], w[1]], [w[1], 2.0], [w[2] * w[3], w[0]]]
    a, b = lookup(rows, 2 - x[0])
    return a * b + lookup(w, x[0] * 1.0)


def trained(formula: Any, engine: str) -> list[float]:
    model = Model(formula)
    optimizer = GradientDescent(model.parameters(), 0.125)
    trainer = Trainer(model, nn.squared_error, optimizer, engine=engine)
    trainer.fit(X, Y, 3, progress=False)
    return numbers(trainer)


@pytest.mark.parametrize("formula", [within_no_grad, of_branches, of_tables])
def test_both_engines_train_alike(formula: Any) -> None:
    found = trained(formula, "compiled")
    assert found == pytest.approx(trained(formula, "eager"), rel=1e-12)
    assert found != [0.5, -1.0, 2.0, 0.25]


def test_a_computed_place_of_no_table_stops_the_training() -> None:
    model = Model(lambda w, x: lookup(w, x[0] * 2) * w[0])
    optimizer = GradientDescent(model.parameters(), 0.125)
    trainer = Trainer(model, nn.squared_error, optimizer, engine="compiled")
    trainer.fit([[0.0], [1.0]], [1.0, 2.0], 1, progress=False)
    before = numbers(trainer)
    with pytest.raises(ArgumentError, match="4 as an index"):
        trainer.fit([[0.0], [2.0]], [1.0, 2.0], 1, progress=False)
    assert numbers(trainer) == before
