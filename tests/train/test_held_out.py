"""A part of the samples, held out to test on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from stepped import LABELS, ROWS, TARGETS
from trained import line, quietly

from tinygrad_nn import nn
from tinygrad_nn.errors import ArgumentError, DataError
from tinygrad_nn.optim import GradientDescent
from tinygrad_nn.train import Trainer
from tinygrad_nn.train.held_out import held_out_of
from tinygrad_nn.train.samples import samples_of
from tinygrad_nn.train.weights import weighted


def trainer_of(loss: Any, **options: Any) -> Trainer:
    model = nn.MLP(3, [2, 1], "tanh", seed=1)
    return Trainer(model, loss, GradientDescent(model.parameters(), 0.2), **options)


def test_each_sample_is_on_one_side_by_classes() -> None:
    rng = np.random.default_rng(0)
    X, y = np.arange(60.0).reshape(30, 2), np.array([0] * 20 + [1] * 10)
    weights = rng.uniform(1.0, 2.0, 30)
    samples = weighted(samples_of(X, y), weights)
    train, test = held_out_of(samples, 0.2)
    assert (len(train), len(test), sum(test.targets)) == (24, 6, 2)
    both = sorted([*train.arrays[0][:, 0], *test.arrays[0][:, 0]])
    assert both == X[:, 0].tolist()
    known = dict(zip(X[:, 0], weights, strict=True))
    assert [known[x] for x in test.arrays[0][:, 0]] == test.weights
    again = held_out_of(samples_of(X.tolist(), y.tolist()), 0.2)
    assert again[1].lists[0] == test.arrays[0].tolist()


@pytest.mark.parametrize("engine", ["eager", "compiled"])
def test_a_part_is_as_if_it_were_given(engine: str) -> None:
    loss, weights = nn.binary_cross_entropy_with_logits, np.arange(1.0, 12.0)
    train, test = held_out_of(weighted(samples_of(ROWS, LABELS), weights), 0.3)
    one, other = trainer_of(loss, engine=engine), trainer_of(loss, engine=engine)
    how: dict[str, Any] = {"class_weight": "balanced", "patience": 3, "progress": False}
    first = one.fit(ROWS, LABELS, 5, sample_weight=weights, validation=0.3, **how)
    X, y = train.arrays
    held_out = *test.arrays, test.weights
    second = other.fit(X, y, 5, sample_weight=train.weights, validation=held_out, **how)
    assert (first.cost, first.validation_cost) == (second.cost, second.validation_cost)
    assert first.validation_accuracy == second.validation_accuracy


def test_a_training_that_goes_on_is_tested_on_the_same() -> None:
    y = TARGETS[nn.squared_error]
    once, twice = trainer_of(nn.squared_error), trainer_of(nn.squared_error)
    whole = once.fit(ROWS, y, 4, validation=0.25, progress=False)
    parts = [twice.fit(ROWS, y, 2, validation=0.25, progress=False) for _ in range(2)]
    assert whole.validation_cost == parts[0].validation_cost + parts[1].validation_cost


@pytest.mark.parametrize("fraction", [0, 1, 0.0, -0.1, 1.5, float("nan")])
def test_no_part(fraction: float) -> None:
    with pytest.raises(ArgumentError, match=r"validation is .*between 0 and 1, as 0.1"):
        quietly(line(), 1, validation=fraction)


def test_too_few_samples_and_bad_targets() -> None:
    with pytest.raises(DataError, match=r"X has 1 row and validation is 0.5"):
        quietly(line(), 1, X=[[1.0]], y=[1.0], validation=0.5)
    for engine in ("eager", "compiled"):
        trainer = trainer_of(nn.hinge, engine=engine)
        for place in range(11):
            y = np.ones(11)
            y[place] = 0.5
            with pytest.raises(DataError, match=rf"^y\[{place}\] cannot be learnt: y is 0.5"):
                trainer.fit(ROWS, y, 1, validation=0.3, progress=False)
    with pytest.raises(ArgumentError, match=r"give validation=\(X, y\), or validation=0.1"):
        quietly(line(), 1, patience=3)
