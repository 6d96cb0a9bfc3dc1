"""Convolutions against SciPy's correlation, and pooling by hand."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tinygrad_nn import nn
from tinygrad_nn.errors import ShapeError

np = pytest.importorskip("numpy")
signal = pytest.importorskip("scipy.signal")

RNG = random.Random(6)


def picture(*shape: int) -> Any:
    if not shape:
        return RNG.gauss(0, 1)
    return [picture(*shape[1:]) for _ in range(shape[0])]


def data(nested: Any) -> Any:
    return [data(item) for item in nested] if isinstance(nested, list) else nested.data


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 0), (1, 1), (2, 2)])
def test_a_convolution_is_a_correlation(stride: int, padding: int) -> None:
    layer = nn.Conv2d(2, 3, 3, stride=stride, padding=padding, seed=0)
    x = np.array(picture(2, 5, 6))
    state = layer.state_dict()
    wide = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    expected = [
        sum(signal.correlate2d(wide[c], w[c], "valid") for c in range(2))[::stride, ::stride] + b
        for w, b in zip(np.array(state["weight"]), state["bias"], strict=True)
    ]
    np.testing.assert_allclose(data(layer(x)), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1)])
def test_one_direction(stride: int, padding: int) -> None:
    layer = nn.Conv1d(2, 3, 3, "tanh", stride=stride, padding=padding, seed=0)
    x = np.array(picture(2, 7))
    weight = np.array(layer.state_dict()["weight"])
    assert weight.shape == (3, 2, 3)
    wide = np.pad(x, ((0, 0), (padding, padding)))
    expected = [
        np.tanh(sum(np.correlate(wide[c], w[c], "valid") for c in range(2))[::stride])
        for w in weight
    ]
    np.testing.assert_allclose(data(layer(x)), expected, rtol=1e-10, atol=1e-12)


def test_pytorch_has_the_same_numbers_and_slopes() -> None:
    torch = pytest.importorskip("torch")
    ours = nn.Conv2d(2, 3, 2, stride=2, padding=1, seed=1)
    theirs = torch.nn.Conv2d(2, 3, 2, stride=2, padding=1, dtype=torch.float64)
    state = {k: torch.tensor(a, dtype=torch.float64) for k, a in ours.state_dict().items()}
    theirs.load_state_dict(state)
    x = picture(2, 4, 5)
    output = torch.nn.functional.max_pool2d(theirs(torch.tensor(x, dtype=torch.float64)), 2)
    output.pow(3).sum().backward()
    rows = nn.Flatten()(nn.MaxPool2d(2)(ours(x)))
    sum(a**3 for a in rows).backward()
    np.testing.assert_allclose([a.data for a in rows], output.detach().numpy().ravel(), rtol=1e-10)
    found = [[[[w.grad for w in r] for r in c] for c in k] for k in ours.weight]
    np.testing.assert_allclose(found, theirs.weight.grad.numpy(), rtol=1e-9, atol=1e-12)


def test_pooling() -> None:
    x = [[[1.0, 2.0, 5.0], [4.0, 3.0, 0.0], [9.0, 9.0, 9.0]]]
    assert nn.MaxPool2d(2, stride=1)(x) == [[[4.0, 5.0], [9.0, 9.0]]]
    assert nn.AvgPool2d(2)(x) == [[[2.5]]]
    assert repr(nn.AvgPool2d(2)) == "AvgPool2d(2)"


def test_a_network_for_pictures_trains_by_a_program() -> None:
    from tinygrad_nn.optim import SGD
    from tinygrad_nn.train import Trainer

    X = [nn.Flatten()(picture(1, 4, 4)) for _ in range(3)]
    y = [row[0] - row[5] for row in X]
    states = []
    for engine in ("eager", "compiled"):
        model = nn.Sequential(
            nn.Reshape(1, 4, 4),
            nn.Conv2d(1, 2, 2, "relu", seed=0),
            nn.MaxPool2d(2, stride=1),
            nn.Flatten(),
            nn.Linear(8, 1, seed=1),
        )
        trainer = Trainer(model, nn.squared_error, SGD(model.parameters(), 0.05), engine=engine)
        trainer.fit(X, y, epochs=2, progress=False)
        states.append([p.data for p in model.parameters()])
    assert states[0] == pytest.approx(states[1], rel=1e-10)


def test_pictures_of_other_shapes_are_refused() -> None:
    layer = nn.Conv2d(1, 1, 3, "relu", seed=0)
    assert repr(layer) == "Conv2d(1 -> 1, 3, relu)"
    with pytest.raises(ShapeError, match=r"expects lists of 1 x any x any numbers, got 2 x 4 x 4"):
        layer(picture(2, 4, 4))
    with pytest.raises(ShapeError, match="got 16: nest them so; a flat row of a table is nested"):
        layer(picture(16))
    with pytest.raises(ShapeError, match="got 1 x 2 x 2, in rows of different lengths"):
        layer([[[1.0, 2.0], [3.0]]])
    with pytest.raises(ShapeError, match="laid on 2 x 4 numbers, which are fewer than its 3 x 3"):
        layer(picture(1, 2, 4))
    with pytest.raises(ShapeError, match=r"takes 4 numbers, got 3"):
        nn.Reshape(2, 2)([1.0, 2.0, 3.0])
    with pytest.raises(ShapeError, match="shape is empty"):
        nn.Reshape()
