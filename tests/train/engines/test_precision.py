"""Training in float32, and in threads: as in float64 but for rounding, the same in any threads."""

from __future__ import annotations

import pickle
from functools import partial
from typing import Any

import numpy as np
import pytest

from tinygrad_nn import Trainer, nn
from tinygrad_nn.compiler.backends import runner
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError
from tinygrad_nn.optim import SGD, Adam

SINGLE = np.float32


def drawn(samples: int = 64) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(samples, 6)).astype(SINGLE).astype(float), rng.integers(0, 3, samples)


def trainer(optimizer: Any = SGD, **options: Any) -> Trainer:
    model = nn.MLP(6, [8, 3], seed=0)
    for parameter in model.parameters():
        parameter.data = float(SINGLE(parameter.data))
    moves = optimizer(model.parameters(), lr=0.03)
    return Trainer(model, nn.cross_entropy, moves, seed=0, engine="compiled", **options)


def numbers(one: Trainer) -> list[float]:
    return [parameter.data for parameter in one.model.parameters()]


@pytest.mark.parametrize("optimizer", [SGD, partial(SGD, momentum=0.9), Adam])
@pytest.mark.parametrize("l2", [0.0, 0.01])
def test_float32_is_near_float64(optimizer: Any, l2: float) -> None:
    X, y = drawn()
    double, single = (trainer(optimizer, l2=l2, dtype=dtype) for dtype in ("float64", "float32"))
    for _ in range(5):
        assert single.step(X, y) == pytest.approx(double.step(X, y), rel=1e-5)
    size = max(map(abs, numbers(double)))
    assert numbers(single) == pytest.approx(numbers(double), rel=0, abs=1e-5 * size)


def test_parameters_are_floats_that_float32_has() -> None:
    X, y = drawn()
    one = trainer(Adam, dtype=np.float32)
    assert one.dtype == "float32"
    one.step(X, y)
    assert all(type(number) is float and number == SINGLE(number) for number in numbers(one))
    assert all(type(parameter.grad) is float for parameter in one.model.parameters())
    assert all(type(part) is float for state in one.optimizer.state for part in state)
    assert [program.dtype for program in one.program.programs] == ["float32", "float32"]
    assert str(one.program).count("in float32") == 2


def test_arrays_of_either_type() -> None:
    X, y = drawn()
    one, other = trainer(dtype="float32"), trainer(dtype="float32")
    for _ in range(3):
        assert one.step(X, y) == other.step(X.astype(SINGLE), y)
    assert one.step(X.tolist(), y.tolist()) == other.step(X.astype(SINGLE), y)
    assert numbers(one) == numbers(other)


def test_fit_and_what_comes_after() -> None:
    X, y = drawn()
    double, single = (trainer(Adam, batch_size=16, dtype=dtype) for dtype in (float, SINGLE))
    expected, found = (
        one.fit(X, y, epochs=3, validation=(X, y), progress=False) for one in (double, single)
    )
    for one, other in zip(found.epochs, expected.epochs, strict=True):
        assert one.cost == pytest.approx(other.cost, rel=1e-4)
        assert one.gradient_norm == pytest.approx(other.gradient_norm, rel=1e-4)
        assert one.validation_cost == pytest.approx(other.validation_cost, rel=1e-4)
    assert single.predict(X) == double.predict(X)


def test_a_pickle_goes_on_in_float32() -> None:
    X, y = drawn()
    one = trainer(Adam, dtype="float32", threads=2)
    one.step(X, y)
    other = pickle.loads(pickle.dumps(one))
    assert (other.dtype, other.threads) == ("float32", 2)
    assert [one.step(X, y) for _ in range(3)] == [other.step(X, y) for _ in range(3)]


def test_what_float32_has_not_is_done_again_in_floats() -> None:
    X = np.array([[1e25, -2e25]] * 4)
    y = np.zeros(4)
    costs = []
    for dtype in ("float64", "float32"):
        model = nn.MLP(2, [1], seed=0)
        moves = SGD(model.parameters(), lr=1e-60)
        one = Trainer(model, nn.squared_error, moves, engine="compiled", dtype=dtype)
        costs.append(one.step(X, y))
    assert costs[1] > 1e39
    assert costs[1] == pytest.approx(costs[0], rel=1e-5)


@pytest.mark.parametrize("optimizer", [SGD, Adam])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_any_number_of_threads(optimizer: Any, dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CACHE", "WORTH_WHILE", "LONG"):
        monkeypatch.setattr(runner, name, 0)
    monkeypatch.setattr(runner, "LEAST", 32)
    X, y = drawn(300)
    trainers = [trainer(optimizer, dtype=dtype, threads=n) for n in (1, 2, 3)]
    costs = [[one.step(X, y) for _ in range(3)] for one in trainers]
    assert costs[1:] == costs[:1] * 2
    assert numbers(trainers[0]) == numbers(trainers[1]) == numbers(trainers[2])
    assert numbers(trainers[0]) == pytest.approx(numbers(_trained(optimizer, X, y)), rel=1e-3)


def _trained(optimizer: Any, X: Any, y: Any) -> Trainer:
    one = trainer(optimizer)
    for _ in range(3):
        one.step(X, y)
    return one


def test_what_there_is_not() -> None:
    with pytest.raises(ArgumentError, match=r"dtype is 'half': expected 'float64' or 'float32'"):
        trainer(dtype="half")
    model = nn.MLP(2, [1], seed=0)
    moves = SGD(model.parameters(), lr=0.1)
    with pytest.raises(ArgumentError, match="dtype is 'float32' and engine is 'eager'"):
        Trainer(model, nn.squared_error, moves, engine="eager", dtype="float32")
    with pytest.raises(ArgumentError, match="threads is 0"):
        Trainer(model, nn.squared_error, moves, threads=0)
    with pytest.raises(ArgumentTypeError, match=r"threads is 1\.5"):
        Trainer(model, nn.squared_error, moves, threads=1.5)  # type: ignore[arg-type]
