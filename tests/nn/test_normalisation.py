"""Layer normalisation and embeddings."""

from __future__ import annotations

import statistics

import pytest

from tinygrad_nn import check_grad, compile, grad, nn
from tinygrad_nn.errors import ArgumentError, ShapeError


def test_numbers_have_mean_0_and_variance_1() -> None:
    layer = nn.LayerNorm(4)
    found = [a.data for a in layer([1.0, 2.0, 4.0, 9.0])]
    assert statistics.fmean(found) == pytest.approx(0.0, abs=1e-12)
    assert statistics.pvariance(found) == pytest.approx(9.5 / (9.5 + 1e-5), rel=1e-12)
    for parameter in layer.weight:
        parameter.data = 2.0
    layer.bias[0].data = 1.0
    assert layer([1.0, 2.0, 4.0, 9.0])[0].data == pytest.approx(2 * found[0] + 1, rel=1e-12)
    assert list(layer.state_dict()) == ["weight", "bias"]
    assert repr(layer) == "LayerNorm(4)"


def test_its_slopes_are_right_and_equal_numbers_harm_nothing() -> None:
    layer = nn.LayerNorm(3)
    assert check_grad(lambda x: layer(x)[0] * layer(x)[2], [0.5, -1.0, 2.0]).passed
    assert [a.data for a in layer([7.0, 7.0, 7.0])] == [0.0, 0.0, 0.0]


def test_pytorch_normalises_alike() -> None:
    torch = pytest.importorskip("torch")
    x = [0.5, -1.0, 2.0, 0.25]
    theirs = torch.nn.LayerNorm(4, dtype=torch.float64)(torch.tensor(x, dtype=torch.float64))
    assert [a.data for a in nn.LayerNorm(4)(x)] == pytest.approx(theirs.tolist(), rel=1e-12)


def test_mistakes() -> None:
    with pytest.raises(ShapeError, match="expects 2 inputs, got 3"):
        nn.LayerNorm(2)([1.0, 2.0, 3.0])
    with pytest.raises(ArgumentError, match=r"eps is 0\.0: expected a number above 0"):
        nn.LayerNorm(2, eps=0.0)
    with pytest.raises(ArgumentError, match="index is 3 and the table has 3 entries"):
        nn.Embedding(3, 2)(3)


def test_a_vector_is_looked_up_and_has_a_slope() -> None:
    table = nn.Embedding(3, 2, seed=0)
    assert table(2) == table.weight[2]
    assert table([0, 2]) == [table.weight[0], table.weight[2]]
    loss = sum(a * a for a in table(1))
    loss.backward()
    assert [[a.grad != 0.0 for a in row] for row in table.weight] == [
        [False, False],
        [True, True],
        [False, False],
    ]
    assert repr(table) == "Embedding(3, 2)"


def test_it_compiles_with_indices_that_come_at_run_time() -> None:
    pytest.importorskip("numpy")
    table = nn.Embedding(3, 2, seed=0)
    f = compile(lambda k, x: sum(a * x for a in table(k)))
    for k in (0, 2, 1):
        assert f(k, 2.0) == pytest.approx(2.0 * sum(a.data for a in table(k)), rel=1e-12)
    assert grad(lambda x: f(1, x))(1.0) == pytest.approx(sum(a.data for a in table(1)), rel=1e-12)
