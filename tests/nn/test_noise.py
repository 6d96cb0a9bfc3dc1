"""Dropout: what is left out, when, and the same in every engine."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest

from tinygrad_nn import nn
from tinygrad_nn.errors import ArgumentError, StateError
from tinygrad_nn.optim import LBFGS, SGD, Adam
from tinygrad_nn.train import Trainer

RNG = random.Random(7)
X = [[RNG.gauss(0, 1) for _ in range(3)] for _ in range(12)]
Y = [sum(row) for row in X]


def model(p: float = 0.4) -> nn.Sequential:
    return nn.Sequential(nn.Layer(3, 4, "tanh", seed=0), nn.Dropout(p), nn.Linear(4, 1, seed=1))


def numbers(module: nn.Module) -> list[float]:
    return [parameter.data for parameter in module.parameters()]


def test_a_share_is_left_out_and_the_mean_stays() -> None:
    drop = nn.Dropout(0.25, seed=0).train()
    found = drop([1.0] * 4000)
    assert set(found) == {0.0, 1 / 0.75}
    assert sum(found) / 4000 == pytest.approx(1.0, abs=5 * math.sqrt(0.25 / 0.75 / 4000))
    assert drop([[1.0, 2.0], [3.0]])[1] in ([4.0], [0.0])
    assert repr(drop) == "Dropout(0.25)"


def test_a_call_leaves_nothing_out_but_after_train() -> None:
    network = model()
    before = network(X[0]).data
    assert network(X[0]).data == before
    assert network.train() is network
    assert len({network(X[0]).data for _ in range(20)}) > 1
    assert network.predict(X[:1]) == [pytest.approx(before, rel=1e-12)]  # never in a prediction
    assert network.eval()(X[0]).data == before
    assert not network.training


@pytest.mark.parametrize("batch_size", [None, 5])
def test_both_engines_leave_out_the_same(batch_size: int | None) -> None:
    pytest.importorskip("numpy")
    results = []
    for engine in ("eager", "compiled"):
        network = model()
        optimizer = Adam(network.parameters(), 0.05)
        trainer = Trainer(
            network, nn.squared_error, optimizer, batch_size=batch_size, seed=3, engine=engine
        )
        history = trainer.fit(X, Y, 3, validation=(X[:4], Y[:4]), progress=False)
        cost = trainer.step(X, Y)
        results.append([*history.cost, *history.validation_cost, cost, *numbers(network)])
        assert trainer.predict(X[:2]) == pytest.approx([network(x).data for x in X[:2]])
    assert results[0] == pytest.approx(results[1], rel=1e-9)


def test_a_step_is_that_of_the_formula() -> None:
    network = model()
    weights, drop = numbers(network), network.layers[1]
    trainer = Trainer(
        network, nn.squared_error, SGD(network.parameters(), 0.1), seed=3, engine="eager"
    )
    cost = trainer.step(X[:1], Y[:1])
    source, other = random.Random(3), model()
    hidden = other.layers[0](X[0])
    kept = [0.0 if source.random() < drop.p else a / (1 - drop.p) for a in hidden]
    loss = (other.layers[2](kept) - Y[0]) ** 2
    loss.backward()
    assert cost == pytest.approx(loss.data, rel=1e-12)
    for after, before, parameter in zip(numbers(network), weights, other.parameters(), strict=True):
        assert after == pytest.approx(before - 0.1 * parameter.grad, rel=1e-12)


def test_a_loss_that_looks_at_numbers() -> None:
    pytest.importorskip("numpy")

    def loss(y_hat: Any, y: Any) -> Any:
        error = y_hat - y
        return error * error if error > 0.0 else -error

    results = []
    for engine in ("eager", "compiled"):
        network = model()
        trainer = Trainer(network, loss, SGD(network.parameters(), 0.05), seed=3, engine=engine)
        history = trainer.fit(X, Y, 2, validation=(X[:4], Y[:4]), progress=False)
        results.append([*history.cost, *history.validation_cost, *numbers(network)])
    assert results[0] == pytest.approx(results[1], rel=1e-9)


def test_a_training_goes_on_from_its_file_to_the_same_numbers(tmp_path: Path) -> None:
    pytest.importorskip("safetensors")

    def trainer(network: nn.Module) -> Trainer:
        return Trainer(
            network, nn.squared_error, SGD(network.parameters(), 0.05), batch_size=5, seed=3
        )

    whole = model()
    trainer(whole).fit(X, Y, 4, checkpoint=tmp_path / "whole", progress=False)
    path = tmp_path / "half"
    trainer(model()).fit(X, Y, 2, checkpoint=path, progress=False)
    again = Trainer.load(path, model=model())
    again.fit(X, Y, 4, progress=False)
    assert numbers(again.model) == numbers(whole)


def test_mistakes() -> None:
    with pytest.raises(ArgumentError, match=r"p is 1\.0: expected the share"):
        nn.Dropout(1.0)

    class Uneven(nn.Module):
        def __init__(self) -> None:
            self.line, self.drop = nn.Linear(3, 1, seed=0), nn.Dropout(0.5)

        def __call__(self, x: Any) -> Any:
            y = self.line(x)
            return self.drop(y) if x[0] > X[0][0] else y + self.drop(0.0) + self.drop(0.0)

    network = Uneven()
    trainer = Trainer(
        network, nn.squared_error, SGD(network.parameters(), 0.1), engine="eager", seed=0
    )
    with pytest.raises(StateError, match="took 2 random numbers for the first sample"):
        trainer.fit(X, Y, 1, progress=False)


def test_lbfgs_needs_the_same_cost_at_each_look() -> None:
    pytest.importorskip("scipy")
    network = model()
    trainer = Trainer(network, nn.squared_error, LBFGS(network.parameters()))
    with pytest.raises(ArgumentError, match="leaves numbers out at random and the optimizer is LB"):
        trainer.fit(X, Y, 2, progress=False)


@pytest.mark.parametrize("engine", ["eager", "compiled"])
def test_a_part_that_comes_or_goes_between_steps_counts(engine: str) -> None:
    X, y = [[1.0], [2.0], [3.0]], [1.0, 0.0, 2.0]
    drop = nn.Dropout(0.5)

    def begun(*parts: nn.Module) -> Trainer:
        model = nn.Sequential(nn.Linear(1, 3, seed=0), *parts, nn.Linear(3, 1, seed=1))
        return Trainer(
            model, nn.squared_error, SGD(model.parameters(), 1e-30), seed=1, engine=engine
        )

    with_it, without = (begun(*parts).step(X, y) for parts in ([drop], []))
    trainer = begun()
    assert trainer.step(X, y) == without
    trainer.model.layers.insert(1, drop)
    assert trainer.step(X, y) == with_it != without
    trainer.model.layers.remove(drop)
    assert trainer.step(X, y) == without
