"""What holds for random expressions, random shared graphs and random networks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st

import tinygrad_nn
from tinygrad_nn import TABLE, Value, gradients
from tinygrad_nn.check import check_grad
from tinygrad_nn.scalar.arities import Unary
from tinygrad_nn.scalar.number import plain
from tinygrad_nn.scalar.operation import Op, forget
from tinygrad_nn.testing import Expression, Network, expressions, graphs, networks, numbers

few = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
functions = st.one_of(expressions(), graphs())


def same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-9)


def close(found: Sequence[float], expected: Sequence[float], scale: float = 0.0) -> bool:
    """Equal up to the rounding of sums whose terms may cancel."""
    size = max([scale, *(abs(x) for x in expected if math.isfinite(x))], default=0.0)
    pairs = zip(found, expected, strict=True)
    return all(same(a, b) or abs(a - b) <= 1e-9 * size for a, b in pairs)


def leaves_of(f: Expression) -> list[Value]:
    return [Value(number) for number in f.point]


def as_value(result: Any) -> Value:
    return result if isinstance(result, Value) else Value(result)


# ---- derivatives --------------------------------------------------------------------------


@few
@given(functions)
def test_derivatives_to_order_2_equal_differences(f: Expression) -> None:
    report = check_grad(f, *f.point, order=2, seed=0)
    assert report, f"{f}\n{report}"


@few
@given(functions)
def test_a_recorded_graph_has_the_same_derivatives(f: Expression) -> None:
    leaves = leaves_of(f)
    output = as_value(f(*leaves))
    assert check_grad(output, wrt=leaves, seed=0)


@few
@given(functions)
def test_backward_equals_gradients(f: Expression) -> None:
    leaves = leaves_of(f)
    output = as_value(f(*leaves))
    found = [derivative.data for derivative in gradients(output, leaves)]
    output.backward()
    assert close([leaf.grad for leaf in leaves], found)


@few
@given(functions, numbers())
def test_backward_is_linear_in_its_seed(f: Expression, factor: float) -> None:
    once, scaled = leaves_of(f), leaves_of(f)
    as_value(f(*once)).backward()
    as_value(f(*scaled)).backward(factor)
    if all(math.isfinite(leaf.grad) for leaf in once):
        assert close([leaf.grad for leaf in scaled], [factor * leaf.grad for leaf in once])


@few
@given(functions)
def test_a_second_backward_doubles_the_leaves(f: Expression) -> None:
    leaves = leaves_of(f)
    output = as_value(f(*leaves))
    output.backward()
    first = [leaf.grad for leaf in leaves]
    output.backward()
    assert close([leaf.grad for leaf in leaves], [2 * grad for grad in first])


@few
@given(functions)
def test_floats_and_values_give_the_same_number(f: Expression) -> None:
    assert same(float(f(*f.point)), plain(f(*leaves_of(f))))


@settings(few, max_examples=15)
@given(networks())
def test_networks_equal_differences(network: Network) -> None:
    report = check_grad(network.cost, wrt=network.model, directions=1, seed=0)
    assert report, f"{network}\n{report}"


@settings(few, max_examples=10)
@given(networks(activations=("tanh", "sigmoid"), width=2, depth=1))
def test_smooth_networks_equal_differences_to_order_2(network: Network) -> None:
    report = check_grad(network.cost, wrt=network.model, order=2, directions=1, seed=0)
    assert report, f"{network}\n{report}"


# ---- the strategies -----------------------------------------------------------------------


@pytest.fixture
def added_row() -> Iterator[Op]:
    row = Unary("cubed_for_a_test", lambda x: x * x * x, lambda x, z: 3.0 * x * x)
    yield row
    forget(row)


def contains(row: Op) -> Any:
    return lambda f: any(step.row is row for step in f.steps)


def test_every_row_appears() -> None:
    seen: set[str] = set()

    @seed(0)
    @settings(few, max_examples=250, database=None)
    @given(graphs(size=20))
    def collect(f: Expression) -> None:
        seen.update(step.row.name for step in f.steps)

    collect()
    assert seen == set(TABLE)


@pytest.mark.parametrize("strategy", [expressions, graphs])
def test_a_row_added_at_run_time_is_drawn_and_checked(strategy: Any, added_row: Op) -> None:
    f = find(
        strategy(),
        contains(added_row),
        settings=settings(few, max_examples=2000, phases=[Phase.generate]),  # not the simplest
    )
    assert check_grad(f, *f.point, order=2)


def test_counterexamples_shrink_to_few_readable_lines() -> None:
    f = find(
        expressions(),
        contains(TABLE["tanh"]),
        settings=settings(few, max_examples=2000, derandomize=True),
    )
    assert repr(f) == "def f(x0, x1, x2):\n    return tanh(x0)\nf(0.0, 0.0, 0.0)"


@few
@given(functions)
def test_the_representation_is_python(f: Expression) -> None:
    *definition, call = repr(f).splitlines()
    names: dict[str, Any] = {**vars(tinygrad_nn), **TABLE}
    exec("\n".join(definition), names)
    assert same(eval(call, names), f(*f.point))


@few
@given(graphs(size=20), st.lists(numbers(), min_size=3, max_size=3))
def test_random_functions_are_defined_and_of_moderate_size(
    f: Expression, point: list[float]
) -> None:
    for each in (f.point, point):
        assert abs(f(*each)) < 1e3


def test_graphs_share_nodes() -> None:
    def shares(f: Expression) -> bool:
        uses = [operand.place for step in f.steps for operand in step.operands]
        return any(uses.count(place) > 2 for place in uses if place is not None and place > 2)

    assert find(
        graphs(), shares, settings=settings(few, max_examples=2000, phases=[Phase.generate])
    )


@few
@given(st.data(), numbers())
def test_numbers_lie_between_their_bounds(data: Any, low: float) -> None:
    number = data.draw(numbers(low, low + 1e-4))
    assert low <= number <= low + 1e-4
