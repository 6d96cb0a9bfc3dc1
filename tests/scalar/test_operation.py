"""Adding an operation is adding its row: everything else follows without another edit."""

import math
import random

import pytest
from hypothesis import find, settings

import tinygrad_nn
from tinygrad_nn import Value, check_grad, draw, grad, gradients
from tinygrad_nn.check.problem import Recomputation
from tinygrad_nn.errors import ArgumentError, DomainError
from tinygrad_nn.scalar.arities import Unary
from tinygrad_nn.scalar.operation import forget
from tinygrad_nn.scalar.ops import TABLE
from tinygrad_nn.testing import expressions

ROWS = list(TABLE.values())


@pytest.fixture
def bump():
    """exp(-1/x): written with the table's own operations, as every row is."""
    row = Unary(
        "bump",
        lambda x: math.exp(-1.0 / x),
        lambda x, z: z / (x * x),
        "A function all of whose derivatives vanish at 0.",
        label="⌒",
        sample=(0.5, 3.0),
        domain=(0.0, math.inf),
        remedy="bump needs x > 0",
    )
    yield row
    forget(row)


def test_function_method_gradients_drawing_and_strategy(bump):
    truth = math.exp(-1 / 1.5)
    assert bump(1.5) == truth
    x = Value(1.5, "x")
    z = x.bump()
    assert (z.data, z.op, z.args) == (truth, "bump", (x,))
    z.backward()
    assert x.grad == pytest.approx(truth / 1.5**2, rel=1e-15)
    (slope,) = gradients(bump(x), [x])
    (curvature,) = gradients(slope, [x])
    assert curvature.data == pytest.approx(truth / 1.5**4 - 2 * truth / 1.5**3, rel=1e-14)
    assert grad(grad(bump))(1.5) == curvature.data
    assert tinygrad_nn.derivative(bump, 2)(1.5) == pytest.approx(curvature.data, rel=1e-13)
    assert check_grad(bump, 1.5, order=2)
    assert "⌒" in draw(z).source
    assert "bump needs x > 0" in bump.__doc__
    with pytest.raises(DomainError, match="bump needs x > 0"):
        bump(Value(0.0))
    found = find(
        expressions(),
        lambda expression: "bump" in repr(expression),
        settings=settings(max_examples=5000, database=None, deadline=None),
    )
    assert "bump" in repr(found)


def test_a_name_is_taken_once(bump):
    with pytest.raises(ArgumentError, match="in the table already"):
        Unary("bump", math.exp, lambda x, z: z)


def test_names_that_values_have_are_taken():
    with pytest.raises(ArgumentError, match="'grad' is taken"):
        Unary("grad", math.exp, lambda x, z: z)
    assert "grad" not in TABLE


def test_it_is_gone_afterwards():
    assert "bump" not in TABLE
    assert not hasattr(Value(1.0), "bump")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_derivative_graphs_hold_at_other_points(row):
    """A rule that compares in Python would keep the branch of the point it was recorded at."""
    rng = random.Random(row.name)
    for _ in range(20):
        here, there = ([rng.uniform(low, high) for low, high in row.sample] for _ in range(2))
        leaves = [Value(number) for number in here]
        recorded = gradients(row(*leaves), leaves)
        recomputations = [Recomputation(slope, leaves) for slope in recorded]
        for leaf, number in zip(leaves, there, strict=True):
            leaf.data = number
        again = [recomputation.number() for recomputation in recomputations]
        fresh = [slope.data for slope in gradients(row(*leaves), leaves)]
        assert again == pytest.approx(fresh, rel=1e-12)


def test_the_documentation_says_where_an_operation_is_defined_if_it_is_not_everywhere(bump):
    assert "Defined for x in [0, inf]." in bump.document()
    assert "A bad argument: bump needs x > 0." in bump.document()
    assert "Defined for" not in TABLE["exp"].document()
    assert "Defined for" not in TABLE["mul"].document()
