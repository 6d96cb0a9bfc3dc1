"""Parts one after the other, and ways around them."""

from __future__ import annotations

import pytest

from tinygrad_nn import nn, softmax
from tinygrad_nn.errors import ArgumentTypeError, ShapeError


def test_parts_run_one_after_the_other() -> None:
    first, last = nn.Linear(2, 3, seed=0), nn.Linear(3, 2, seed=1)
    model = nn.Sequential(first, "tanh", last, softmax)
    by_hand = softmax(last([nn.tanh(a) for a in first([0.5, -1.0])]))
    assert [a.data for a in model([0.5, -1.0])] == [a.data for a in by_hand]
    assert (
        repr(model)
        == "Sequential(Linear(2 -> 3, identity), tanh, Linear(3 -> 2, identity), softmax)"
    )
    assert list(model.state_dict()) == [
        f"layers.{k}.{name}" for k in (0, 2) for name in ("weight", "bias")
    ]


def test_a_way_around() -> None:
    inner = nn.Layer(2, 2, "tanh", seed=0)
    x = [0.5, -1.0]
    expected = [a + b.data for a, b in zip(x, inner(x), strict=True)]
    assert [a.data for a in nn.Residual(inner)(x)] == expected
    assert nn.Residual("relu")([[1.0], [-2.0]]) == [[2.0], [-2.0]]
    assert repr(nn.Residual("relu")) == "Residual(relu)"
    with pytest.raises(ShapeError, match="takes 2 numbers and its inner part gives 1"):
        nn.Residual(nn.Linear(2, 1))(x)


def test_a_part_that_does_not_fit_is_named() -> None:
    with pytest.raises(ShapeError, match=r"layers\[1\]: Linear.* expects 3 inputs, got 2"):
        nn.Sequential(nn.Linear(2, 2), nn.Linear(3, 1))([1.0, 2.0])
    with pytest.raises(ShapeError, match="parts is empty"):
        nn.Sequential()
    with pytest.raises(ArgumentTypeError, match="part 1 is 'tan': expected a module"):
        nn.Sequential(nn.Linear(1, 1), "tan")
    with pytest.raises(ArgumentTypeError, match="part 0 is 3, of type int"):
        nn.Sequential(3)  # type: ignore[arg-type]  # the mistake
