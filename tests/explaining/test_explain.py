"""Paths are those of brute force: their number, their sum, and the greatest of them in order."""

from __future__ import annotations

import gc
import math
import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tinygrad_nn import Value, cos, exp, floor, nn, relu, sin, sqrt, stop_gradient, tanh
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError
from tinygrad_nn.explaining import edge_shares, explain
from tinygrad_nn.scalar.graph import ancestors
from tinygrad_nn.scalar.reverse import is_cut, partial
from tinygrad_nn.testing import expressions, graphs

MOST = 3000  # paths, that brute force is let go through
PROPERTY = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def all_paths(output, wrt):
    """Every path from `output` down to `wrt`: its edges, and the product along them."""
    found = []

    def descend(node, product, edges):
        if node is wrt:
            found.append((product, edges))
        elif len(found) <= MOST:
            for position, operand in enumerate(node.args):
                if not is_cut(node, position) and not operand.is_constant:
                    slope = partial(node, position)
                    descend(operand, product * slope, [*edges, (node, position)])

    descend(output, 1.0, [])
    return found


def close(number, expected, size):
    return abs(number - expected) <= 1e-9 * max(size, 1e-300)


def check(output, wrt):
    truth = all_paths(output, wrt)
    assume(len(truth) <= MOST)
    size = math.fsum(abs(product) for product, _ in truth)
    assume(math.isfinite(size))
    everything = explain(output, wrt, paths=MOST)
    assert everything.count == len(truth) == len(everything.paths)
    ranked = sorted((abs(product) for product, _ in truth), reverse=True)
    assert [abs(path.contribution) for path in everything.paths] == ranked
    routes = Counter(tuple((id(n), p) for n, p in edges) for _, edges in truth)
    listed = [
        tuple((id(n), p) for n, p in zip(path.nodes[:0:-1], path.positions[::-1], strict=True))
        for path in everything.paths
    ]
    assert Counter(listed) == routes
    assert close(everything.gradient, math.fsum(product for product, _ in truth), size)
    assert close(everything.size, size, size)
    few = explain(output, wrt, paths=3)
    assert [abs(path.contribution) for path in few.paths] == ranked[:3]
    listed_sum = math.fsum(path.contribution for path in few.paths)
    assert close(few.gradient, listed_sum + few.rest, size)
    through = Counter()
    for product, edges in truth:
        for node, position in edges:
            through[node, position] += product
    shares = edge_shares(output, wrt)
    assert shares.keys() == through.keys()
    assert all(close(share, through[edge], size) for edge, share in shares.items())


@given(graphs(size=10), st.data())
@PROPERTY
def test_graphs_that_share_nodes(expression, data):
    leaves = [Value(x) for x in expression.point]
    output = expression(*leaves)
    assume(isinstance(output, Value))
    nodes = [node for node in ancestors(output) if not node.is_constant]
    check(output, data.draw(st.sampled_from([*leaves, *nodes])))


@given(expressions(depth=4))
@PROPERTY
def test_nested_expressions(expression):
    leaves = [Value(x) for x in expression.point]
    check(expression(*leaves), leaves[0])


@given(graphs(size=12))
@PROPERTY
def test_gradients_are_those_of_backward(expression):
    leaves = [Value(x) for x in expression.point]
    output = expression(*leaves)
    assume(isinstance(output, Value))
    found = explain(output, leaves)
    output.backward()
    for leaf, each in zip(leaves, found, strict=True):
        assert each.gradient == leaf.grad or close(each.gradient, leaf.grad, each.size)


def test_each_path_is_the_product_of_its_local_derivatives():
    x, w = Value(0.5), Value(-1.5)
    output = tanh(x * w) * sin(x) + exp(cos(x) * w)
    for path in explain(output, x, paths=100).paths:
        assert path.contribution == pytest.approx(math.prod(path.slopes), rel=1e-12)
        assert path.nodes[0] is x
        assert path.nodes[-1] is output
        steps = zip(path.nodes, path.nodes[1:], path.positions, path.slopes, strict=False)
        for below, above, position, slope in steps:
            assert above.args[position] is below
            assert slope == partial(above, position)


def test_shares_sum_to_one():
    x = Value(1.3)
    found = explain(x * x * sin(x) + x, x)
    assert len(found.paths) == 4
    assert sum(path.share for path in found.paths) == pytest.approx(1.0, rel=1e-12)
    assert found.rest == pytest.approx(0.0, abs=1e-12)


# ---- closed forms --------------------------------------------------------------------------


def test_both_edges_of_a_square_count():
    x = Value(3.0)
    found = explain(x * x, x)
    assert [path.contribution for path in found.paths] == [3.0, 3.0]
    assert sorted(path.positions for path in found.paths) == [(0,), (1,)]


def test_a_ladder_of_2_to_the_200_paths():
    # Each rung doubles the paths: i of the factors are 1/2, in C(200, i) of them.
    x = Value(1.0)
    rung = x
    for _ in range(200):
        rung = 1.0 * rung + 0.5 * rung
    found = explain(rung, x, paths=250)
    assert found.count == 2**200
    assert found.gradient == pytest.approx(float(Fraction(3, 2) ** 200), rel=1e-12)
    assert [path.contribution for path in found.paths] == [1.0] + [0.5] * 200 + [0.25] * 49
    assert len({tuple(map(id, path.nodes)) for path in found.paths}) == 250
    assert found.rest == pytest.approx(found.gradient - 101.0 - 49 / 4, rel=1e-12)
    assert "1.61e60" in str(found)


def test_signs_are_kept_and_ignored_in_the_order():
    x = Value(2.0)
    found = explain(3.0 * x - 5.0 * x + 0.0 * x + x, x)
    assert [path.contribution for path in found.paths] == [-5.0, 3.0, 1.0, 0.0]
    assert found.gradient == -1.0


def test_a_bilinear_form_has_a_path_for_each_pair():
    rng = random.Random(5)
    a = [[rng.uniform(-2, 2) for _ in range(6)] for _ in range(7)]
    b = [rng.uniform(-2, 2) for _ in range(7)]
    x = Value(1.0)
    inner = [x * (j + 1.0) for j in range(6)]
    rows = [sum(k * h for k, h in zip(row, inner, strict=True)) for row in a]
    output = sum(k * tanh(row * 0.0 + row) for k, row in zip(b, rows, strict=True))
    truth = [
        b[i] * (1.0 - math.tanh(rows[i].data) ** 2) * a[i][j] * (j + 1.0) * factor
        for i in range(7)
        for j in range(6)
        for factor in (0.0, 1.0)
    ]
    found = explain(output, x, paths=20)
    assert found.count == 84
    greatest = sorted(map(abs, truth), reverse=True)[:20]
    assert [abs(path.contribution) for path in found.paths] == pytest.approx(greatest, rel=1e-9)


def test_a_deep_chain():
    x = Value(1.0)
    y = x
    for _ in range(50_000):
        y = y + 1.0
    found = explain(y, x, paths=2)
    assert (found.count, found.gradient, len(found.paths)) == (1, 1.0, 1)


def test_a_network_sums_to_its_gradients():
    model = nn.MLP(2, [5, 5, 1], activation="relu", seed=3)
    points = [[0.3 * i - 1.0, math.sin(i)] for i in range(8)]
    cost = nn.cost([nn.squared_error(model(x), x[0] * x[1]) for x in points])
    found = explain(cost, model)
    cost.backward()
    for parameter, each in zip(model.parameters(), found, strict=True):
        assert each.wrt is parameter
        assert close(each.gradient, parameter.grad, abs(parameter.grad))
        total = math.fsum(path.contribution for path in each.paths) + each.rest
        assert close(total, parameter.grad, each.size)
    # A weight of layer 2 reaches the squared error of each sample through its one unit: once
    # in each factor of the square.
    assert found[-2].count == 2 * len(points)


# ---- what is differentiated by -------------------------------------------------------------


def test_an_inner_node():
    x = Value(0.7)
    h = x * x
    found = explain(sin(h) * h, h)
    assert found.count == 2
    assert found.gradient == pytest.approx(math.cos(0.49) * 0.49 + math.sin(0.49), rel=1e-12)


def test_an_inner_node_and_what_it_was_made_from():
    x = Value(0.7)
    h = x * x
    by_x, by_h = explain(sin(h), [x, h])
    assert (by_x.count, by_h.count) == (2, 1)
    assert by_x.gradient == pytest.approx(1.4 * by_h.gradient, rel=1e-12)


def test_the_output_itself():
    x = Value(2.0)
    found = explain(x, x)
    assert (found.count, found.gradient, found.rest) == (1, 1.0, 0.0)
    assert found.paths[0].nodes == (x,)


def test_no_path():
    x, other = Value(2.0), Value(3.0)
    found = explain(x * x, other)
    assert (found.count, found.gradient, found.paths, found.rest) == (0, 0.0, (), 0.0)
    assert edge_shares(x * x, other) == {}


def test_rules_that_are_zero_everywhere_begin_no_path():
    x = Value(2.5)
    found = explain(x * stop_gradient(x) + floor(x), x)
    assert (found.count, found.gradient) == (1, 2.5)


def test_no_share_goes_where_paths_are_cut():
    x = Value(2.5)
    shares = edge_shares(x * (3.0 * floor(x)) * x, x)
    assert sorted(shares.values()) == [15.0, 15.0, 15.0]


def test_constants_have_no_gradient():
    x = Value(2.0)
    y = x * 3.0
    assert explain(y, y.args[1]).count == 0


@pytest.mark.parametrize("kind", [list, tuple, iter, lambda v: dict(zip("ab", v, strict=True))])
def test_nestings(kind):
    a, b = Value(2.0), Value(3.0)
    found = explain(a * b, kind([a, b]))
    assert [each.gradient for each in found] == [3.0, 2.0]
    assert found[1].wrt is b
    assert [each.wrt is b for each in found[1:]] == [True]


def test_arrays():
    np = pytest.importorskip("numpy")
    a = np.array([[Value(2.0), Value(3.0)]], dtype=object)
    assert [each.gradient for each in explain(a[0, 0] * a[0, 1], a)] == [3.0, 2.0]


# ---- what is not finite --------------------------------------------------------------------


def test_infinite_contributions_come_first():
    s = Value(0.0)
    found = explain(2.0 * s + sqrt(s) + 0.0 * sqrt(s), s)
    first, second, *others = [path.contribution for path in found.paths]
    assert {repr(first), repr(second)} == {"nan", "inf"}
    assert others == [2.0]
    assert math.isnan(found.gradient)
    assert math.isnan(found.rest)
    assert all(math.isnan(path.share) for path in found.paths)


def test_an_infinite_whole_has_no_parts():
    s = Value(0.0)
    found = explain(2.0 * s + sqrt(s), s)
    assert found.gradient == math.inf
    assert all(math.isnan(path.share) for path in found.paths)


def test_zero_times_infinity_does_not_hide_what_is_greater():
    # Through the root the contributions 3, 0 become inf and nan; all three orders are not finite.
    s = Value(0.0)
    root = sqrt(s)
    found = explain(3.0 * root + 0.0 * root + 7.0 * s, s, paths=3)
    assert [math.isfinite(path.contribution) for path in found.paths] == [False, False, True]


def test_products_that_overflow_as_those_of_backward_do():
    x = Value(1.0)
    h = x * 1e200
    output = h * 1e200 - h * 1e200
    output.backward()
    found = explain(output, x)
    assert found.gradient == x.grad == 0.0
    assert [path.contribution for path in found.paths] == [-math.inf, math.inf]
    assert math.isnan(found.rest)


# ---- only reading --------------------------------------------------------------------------


def test_nothing_is_written_on_the_nodes():
    model = nn.MLP(2, [3, 1], seed=0)
    output = model([0.5, -1.0]) ** 2
    output.backward()
    nodes = ancestors(output)
    before = [(n.data, n.grad, n.mark, n.row, n.info and n.info.label) for n in nodes]
    str(explain(output, model))
    edge_shares(output, model.parameters()[0])
    assert before == [(n.data, n.grad, n.mark, n.row, n.info and n.info.label) for n in nodes]


def test_what_is_listed_later_is_of_the_graph_as_it_was():
    x, w = Value(2.0), Value(3.0)
    found = explain(x * w, x)
    w.data = 100.0
    assert found.paths[0].contribution == found.gradient == 3.0


def test_the_collector_runs_again():
    x = Value(2.0)
    explain(relu(x), x)
    assert gc.isenabled()


# ---- mistakes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "options", "error", "told"),
    [
        ((2.0, Value(1.0)), {}, ArgumentTypeError, "output must be a Value, got 2.0"),
        ((Value(1.0), 2.0), {}, ArgumentTypeError, "wrt must be a Value, got 2.0"),
        ((Value(1.0), [Value(1.0), "x"]), {}, ArgumentTypeError, r"wrt\[1\] must be a Value"),
        ((Value(1.0), []), {}, ArgumentError, "wrt is empty"),
        ((Value(1.0), Value(1.0)), {"paths": 0}, ArgumentError, "paths is 0"),
        ((Value(1.0), Value(1.0)), {"model": 3}, ArgumentTypeError, "model must be a module"),
    ],
)
def test_mistakes(arguments, options, error, told):
    with pytest.raises(error, match=told):
        explain(*arguments, **options)
