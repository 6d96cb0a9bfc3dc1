"""Recurrent layers against matrices, and PyTorch where it is installed."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tinygrad_nn import grad, nn
from tinygrad_nn.errors import ArgumentTypeError, ShapeError

np = pytest.importorskip("numpy")

RNG = random.Random(5)
STEPS = [[RNG.gauss(0, 1) for _ in range(3)] for _ in range(5)]
KINDS = {"RNN": nn.RNN, "GRU": nn.GRU, "LSTM": nn.LSTM}


def numbers(nested: Any) -> Any:
    return np.array([[a.data for a in row] for row in nested])


def by_matrices(layer: Any) -> Any:
    """The states after each step, from the formulas in the documentation of PyTorch."""
    state = {key: np.array(array) for key, array in layer.state_dict().items()}
    size = state["weight_hh"].shape[1]
    h = c = np.zeros(size)
    states = []

    def sigmoid(z: Any) -> Any:
        return 1 / (1 + np.exp(-z))

    for x in np.array(STEPS):
        a = np.split(state["weight_ih"] @ x + state["bias_ih"], len(state["bias_ih"]) // size)
        b = np.split(state["weight_hh"] @ h + state["bias_hh"], len(state["bias_ih"]) // size)
        if isinstance(layer, nn.RNN):
            h = np.tanh(a[0] + b[0])
        elif isinstance(layer, nn.GRU):
            z = sigmoid(a[1] + b[1])
            h = (1 - z) * np.tanh(a[2] + sigmoid(a[0] + b[0]) * b[2]) + z * h
        else:
            i, f, g, o = (p + q for p, q in zip(a, b, strict=True))
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        states.append(h)
    return np.array(states)


@pytest.mark.parametrize("kind", KINDS)
def test_the_states_are_those_of_the_formulas(kind: str) -> None:
    layer = KINDS[kind](3, 4, sequences=True, seed=1)
    np.testing.assert_allclose(numbers(layer(STEPS)), by_matrices(layer), rtol=1e-12)
    last = KINDS[kind](3, 4, seed=1)
    flat = [a for step in STEPS for a in step]
    for x in (STEPS, flat, np.array(flat), np.array(STEPS)):
        np.testing.assert_allclose([a.data for a in last(x)], by_matrices(layer)[-1], rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_pytorch_has_the_same_states_and_slopes(kind: str) -> None:
    torch = pytest.importorskip("torch")
    ours = KINDS[kind](3, 4, seed=2)
    theirs = getattr(torch.nn, kind)(3, 4, batch_first=True, dtype=torch.float64)
    theirs.load_state_dict(
        {
            f"{key}_l0": torch.tensor(array, dtype=torch.float64)
            for key, array in ours.state_dict().items()
        }
    )
    output = theirs(torch.tensor([STEPS], dtype=torch.float64))[0][0, -1]
    output.pow(2).sum().backward()
    sum(a * a for a in ours(STEPS)).backward()
    for key, array in theirs.named_parameters():
        part = getattr(ours, key.removesuffix("_l0"))
        found = [[a.grad for a in row] if isinstance(row, list) else row.grad for row in part]
        np.testing.assert_allclose(found, array.grad.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_they_train_by_programs_as_eagerly(kind: str) -> None:
    from tinygrad_nn.optim import SGD
    from tinygrad_nn.train import Trainer

    X = [[RNG.gauss(0, 1) for _ in range(6)] for _ in range(4)]
    y = [sum(row) for row in X]
    states = []
    for engine in ("eager", "compiled"):
        model = nn.Sequential(KINDS[kind](2, 2, seed=3), nn.Linear(2, 1, seed=4))
        trainer = Trainer(model, nn.squared_error, SGD(model.parameters(), 0.05), engine=engine)
        trainer.fit(X, y, epochs=3, progress=False)
        states.append([p.data for p in model.parameters()])
        assert trainer.predict(X)[0] == pytest.approx(model(X[0]).data, rel=1e-12)
    assert states[0] == pytest.approx(states[1], rel=1e-10)


def test_another_activation() -> None:
    layer = nn.RNN(1, 1, "identity", init=lambda nin, nout, rng: 0.5)
    assert repr(layer) == "RNN(1 -> 1, identity)"
    assert layer([1.0, 2.0, 4.0])[0].data == 0.5 * 4 + 0.25 * 2 + 0.125
    slopes = grad(lambda x: layer(x)[0])([1.0, 2.0, 4.0])
    assert slopes == [0.125, 0.25, 0.5]


def test_what_is_no_sequence_is_refused() -> None:
    layer = nn.GRU(3, 2, seed=0)
    with pytest.raises(ShapeError, match="takes 3 numbers for each step, got 4 in a row"):
        layer([1.0, 2.0, 3.0, 4.0])
    with pytest.raises(ShapeError, match="expects 3 inputs, got 2"):
        layer([[1.0, 2.0]])
    with pytest.raises(ArgumentTypeError, match="expects a list of steps, each of 3 numbers"):
        layer(2.0)
    with pytest.raises(ArgumentTypeError, match="expects a list of steps"):
        layer([])
