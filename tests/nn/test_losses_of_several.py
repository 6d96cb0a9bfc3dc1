"""Losses of several outputs, smoothed labels, counts and quantiles: the numbers of PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_nn import Value, compile, nn, value_and_grad
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, DataError

X = [[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]]
COUNTS = [[0.0, 2.0, 5.0], [1.0, 3.0, 0.0]]
LABELS = [[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]]

# The loss, and its gradient by x; from torch 2.13, F = torch.nn.functional:
#   x = tensor(X, dtype=float64, requires_grad=True)
#   F.cross_entropy(x, tensor([2, 0]), label_smoothing=0.1)
#   F.cross_entropy(x, tensor([[0.2, 0.3, 0.5], [1, 0, 0]], dtype=float64), label_smoothing=0.25)
#   F.poisson_nll_loss(x, COUNTS); F.binary_cross_entropy_with_logits(x, LABELS)
#   F.mse_loss(x, COUNTS); F.huber_loss(x, COUNTS, delta=1.5)
RUNS: list[tuple[Callable[..., Any], list[Any], float, list[float]]] = [
    (
        partial(nn.cross_entropy, label_smoothing=0.1),
        [2, 0],
        0.4257982468966461,
        [
            0.07097852940335168,
            0.0028896199686770582,
            -0.07386814937202874,
            -0.11500967865577971,
            0.0840847472478588,
            0.03092493140792083,
        ],
    ),
    (
        partial(nn.cross_entropy, label_smoothing=0.25),
        [[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]],
        1.0695482468966462,
        [
            -0.02902147059664832,
            -0.13461038003132292,
            0.16363185062797128,
            -0.06500967865577972,
            0.0590847472478588,
            0.00592493140792083,
        ],
    ),
    (
        nn.poisson,
        COUNTS,
        0.9213169929234435,
        [
            0.27478687845002137,
            -0.27202009313809294,
            0.3981760164884418,
            0.5802815117230108,
            -0.28599576388537645,
            0.1010884432854389,
        ],
    ),
    (
        nn.binary_cross_entropy_with_logits,
        LABELS,
        0.6526160607971674,
        [
            0.10374322186697577,
            -0.12184309643833414,
            -0.01986715367035295,
            -0.030404253967726058,
            0.09369608348096635,
            0.0629234447996909,
        ],
    ),
    (
        nn.squared_error,
        COUNTS,
        4.385416666666667,
        [
            0.16666666666666666,
            -1.0,
            -1.0,
            0.16666666666666666,
            -0.9166666666666666,
            -0.16666666666666666,
        ],
    ),
    (
        partial(nn.huber, delta=1.5),
        COUNTS,
        1.6875,
        [0.08333333333333333, -0.25, -0.25, 0.08333333333333333, -0.25, -0.08333333333333333],
    ),
]


@pytest.mark.parametrize(("loss", "targets", "expected", "slopes"), RUNS)
def test_the_numbers_of_pytorch(
    loss: Any, targets: list[Any], expected: float, slopes: list[float]
) -> None:
    rows = [[Value(number) for number in row] for row in X]
    cost = nn.cost([loss(row, target) for row, target in zip(rows, targets, strict=True)])
    cost.backward()
    assert cost.data == pytest.approx(expected, rel=1e-13)
    assert [leaf.grad for row in rows for leaf in row] == pytest.approx(slopes, rel=1e-11)


WIDE = [[0.5, -1.0, 2.0, 1.5, 0.25, -0.5], [0.1, 0.2, -0.3, 1.0, -2.0, 0.75]]
# From torch: F.cross_entropy(x.reshape(2, 2, 3).transpose(1, 2), targets, label_smoothing=0.1), and
# the mean of F.cross_entropy(x[:, :2], targets[:, 0]) and F.cross_entropy(x[:, 2:], targets[:, 1]).
CLASSIFICATIONS = [
    (
        {"classes": (3, 3), "label_smoothing": 0.1},
        [(2, 0), (1, 1)],
        1.3010753714414156,
        [
            0.03548926470167584,
            0.0014448099843385291,
            -0.03693407468601437,
            -0.057504839327889856,
            0.0420423736239294,
            0.015462465703960414,
            0.08174082047680169,
            -0.13378599807209934,
            0.052045177595297636,
            0.12838418877162147,
            -0.226526568713209,
            0.09814237994158757,
        ],
    ),
    (
        {"classes": (2, 4)},
        [(1, 3), (0, 0)],
        1.9025351750114026,
        [
            0.2043936190484109,
            -0.2043936190484109,
            0.13423614466066772,
            0.08141833737831528,
            0.023326744211268645,
            -0.23898122625025162,
            -0.131244796869735,
            0.131244796869735,
            -0.21757302781984933,
            0.11898418096160879,
            0.0059238735522299125,
            0.09266497330601066,
        ],
    ),
]


@pytest.mark.parametrize(("options", "targets", "expected", "slopes"), CLASSIFICATIONS)
def test_several_classifications(
    options: dict[str, Any], targets: Any, expected: float, slopes: list[float]
) -> None:
    def cost(rows: Any, targets: Any) -> Any:
        return nn.cross_entropy(rows, targets, **options)

    compiled = compile(value_and_grad(cost), batch=("rows", "targets"), reduce=("mean", None))
    eager = [value_and_grad(cost)(row, target) for row, target in zip(WIDE, targets, strict=True)]
    found, gradients = compiled(WIDE, targets)
    for value, rows in (
        (found, gradients),
        (sum(value for value, _ in eager) / 2, [row for _, row in eager]),
    ):
        assert value == pytest.approx(expected, rel=1e-13)
        assert np.ravel(rows) / 2 == pytest.approx(slopes, rel=1e-11)
    shares = [
        [float(k == t) for k in range(n)]
        for t, n in zip(targets[0], options["classes"], strict=True)
    ]
    assert cost(WIDE[0], shares) == pytest.approx(cost(WIDE[0], targets[0]), rel=1e-14)


def test_classifications_that_do_not_fit() -> None:
    for classes in ((2, 3), (7,), (6, 0), ()):
        with pytest.raises(ArgumentError, match=r"classes is .* and there are 6 logits"):
            nn.cross_entropy(WIDE[0], (0, 0), classes=classes)
    with pytest.raises(DataError, match="y has 1 numbers and there are 2 outputs"):
        nn.cross_entropy(WIDE[0], 1, classes=(3, 3))
    with pytest.raises(DataError, match="target is 3 and there are 3 logits"):
        nn.cross_entropy(WIDE[0], (0, 3), classes=(3, 3))


@settings(max_examples=15)
@given(x=st.lists(st.floats(-5, 5), min_size=2, max_size=4), s=st.floats(0.0, 1.0), data=st.data())
def test_smoothed_labels_are_a_mixed_target(x: list[float], s: float, data: Any) -> None:
    target = data.draw(st.integers(0, len(x) - 1))
    mixed = [s / len(x) + (1.0 - s) * (k == target) for k in range(len(x))]
    found = nn.cross_entropy(x, target, label_smoothing=s)
    assert found == pytest.approx(nn.cross_entropy(x, mixed), rel=1e-9, abs=1e-12)


@settings(max_examples=15)
@given(z=st.floats(-50, 50), y=st.integers(0, 1000))
def test_poisson_is_its_likelihood(z: float, y: int) -> None:
    rate = mpmath.exp(mpmath.mpf(z))
    minus_log = rate - y * mpmath.log(rate)
    assert nn.poisson(z, y) == pytest.approx(float(minus_log), rel=1e-12, abs=1e-12)
    leaf = Value(z)
    nn.poisson(leaf, y).backward()
    assert leaf.grad == pytest.approx(float(rate - y), rel=1e-12, abs=1e-12)


def test_the_pinball_loss_is_asymmetric() -> None:
    rng = np.random.default_rng(0)
    y, y_hat = rng.normal(size=(2, 20))
    for q in (0.1, 0.5, 0.9):
        pairs = zip(y_hat.tolist(), y.tolist(), strict=True)
        found = nn.cost([nn.quantile(*pair, q) for pair in pairs])
        above, below = np.maximum(y - y_hat, 0.0), np.maximum(y_hat - y, 0.0)
        assert found == pytest.approx((q * above + (1 - q) * below).mean(), rel=1e-13)


def test_the_least_pinball_loss_is_at_the_quantile() -> None:
    y = list(range(11))
    costs = [sum(nn.quantile(float(c), b, 0.9) for b in y) for c in y]
    assert min(range(11), key=costs.__getitem__) == 9
    leaf = Value(3.0)
    nn.quantile(leaf, 3.0, 0.9).backward()
    assert leaf.grad == -0.9


@pytest.mark.parametrize(
    "loss",
    [
        nn.squared_error,
        nn.absolute_error,
        nn.huber,
        nn.quantile,
        nn.poisson,
        nn.hinge,
        nn.binary_cross_entropy,
        nn.binary_cross_entropy_with_logits,
    ],
)
def test_several_outputs_have_the_mean_of_their_losses(loss: Any) -> None:
    y_hat, y = [0.25, 0.75], [1, 1]
    mean = (loss(0.25, 1) + loss(0.75, 1)) / 2
    assert loss(y_hat, y) == loss(tuple(y_hat), np.array(y)) == loss(np.array(y_hat), y) == mean
    assert loss([0.25], 1) == loss(0.25, 1)
    with pytest.raises(DataError, match="y has 3 numbers and there are 2 outputs"):
        loss(y_hat, [1, 1, 1])
    with pytest.raises(ArgumentTypeError, match="y must be a number, got 2"):
        loss(0.25, y)


def test_bad_arguments() -> None:
    for smoothing in (-0.1, 1.5, float("nan")):
        with pytest.raises(ArgumentError, match="label_smoothing is"):
            nn.cross_entropy([0.0, 1.0], 0, smoothing)
    for q in (0.0, 1.0, -1.0):
        with pytest.raises(ArgumentError, match=r"q is .*expected a number between 0 and 1"):
            nn.quantile(0.0, 1.0, q)
    with pytest.raises(DataError, match=r"y is -1.0: expected a count"):
        nn.poisson(0.0, -1)
