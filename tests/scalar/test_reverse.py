"""The reverse pass: order, sharing, accumulation, depth, and derivatives as graphs."""

import copy
import math
import random
import subprocess
import sys
import threading
from contextlib import nullcontext
from fractions import Fraction

import pytest

from tinygrad_nn import (
    Value,
    custom,
    debug,
    eq,
    ge,
    grad,
    gradients,
    gt,
    hypot,
    isnan,
    no_grad,
    relu,
    sigmoid,
    sqrt,
    stop_gradient,
    tanh,
    where,
)
from tinygrad_nn.errors import ArgumentTypeError
from tinygrad_nn.scalar import contexts
from tinygrad_nn.scalar.graph import JOINED, ancestors, inner_nodes
from tinygrad_nn.scalar.ops import TABLE
from tinygrad_nn.scalar.reverse import adjoints, partial, recorded_partial

ROWS = list(TABLE.values())


def test_shared_nodes_are_visited_once():
    x = Value(2.0)
    y = x * x
    z = y * y + y
    z.backward()
    assert x.grad == 4 * 2**3 + 2 * 2
    assert y.grad == 2 * 4 + 1


def test_the_same_operand_twice_counts_twice():
    x = Value(3.0)
    (x * x).backward()
    assert x.grad == 6.0
    y = Value(3.0)
    (y + y).backward()
    assert y.grad == 2.0
    z = Value(3.0)
    (z / z).backward()
    assert z.grad == 0.0


def test_a_second_backward_adds_to_leaves_and_resets_inner_nodes():
    x = Value(3.0)
    y = x * x
    z = y * x
    z.backward()
    assert (x.grad, y.grad) == (27.0, 3.0)
    z.backward()
    assert (x.grad, y.grad) == (54.0, 3.0)
    x.zero_grad()
    z.backward()
    assert x.grad == 27.0


def test_two_roots_that_share_nodes():
    x = Value(2.0)
    y = x * 3
    a, b = y * y, y + 1
    a.backward()
    b.backward()
    assert x.grad == 2 * 6 * 3 + 3
    assert y.grad == 1.0


def test_the_seed_multiplies():
    x = Value(2.0)
    (x * x).backward(seed=10)
    assert x.grad == 40.0
    with pytest.raises(ArgumentTypeError, match="seed"):
        (x * x).backward(seed="1")


def test_backward_of_a_leaf():
    x = Value(2.0)
    x.backward()
    x.backward()
    assert x.grad == 2.0


def test_a_derivative_that_does_not_exist_is_reported_as_nan():
    x = Value(0.0)
    (x.sqrt() ** 2).backward()
    assert math.isnan(x.grad)


def test_an_infinite_derivative_is_infinite():
    x = Value(0.0)
    x.sqrt().backward()
    assert x.grad == math.inf


def test_stop_gradient_stops():
    x = Value(2.0)
    (stop_gradient(x * x) * x).backward()
    assert x.grad == 4.0
    assert [g.data for g in gradients(stop_gradient(x) * x, [x])] == [2.0]


def test_where_sends_the_gradient_to_the_chosen_branch():
    for choice, expected in ((1.0, (1.0, 0.0)), (0.0, (0.0, 1.0))):
        c, x, y = Value(choice), Value(2.0), Value(3.0)
        where(c, x, y).backward()
        assert (x.grad, y.grad) == expected
        assert c.grad == 0.0


def test_where_calls_only_the_chosen_function():
    def forbidden():
        raise AssertionError

    x = Value(-1.0)
    assert where(x > 0, lambda: x.log(), 0.0) == 0.0
    chosen = where(x < 0, lambda: x * x, forbidden)
    chosen.backward()
    assert x.grad == -2.0


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_backward_follows_the_table(row):
    """The written-out rows of the pass are equal to the table's, constants or not."""
    rng = random.Random(row.name)
    for _ in range(10):
        numbers = [rng.uniform(low, high) for low, high in row.sample]
        for constant in [None, *range(row.arity)]:
            operands = [x if i == constant else Value(x) for i, x in enumerate(numbers)]
            if all(isinstance(operand, float) for operand in operands):
                continue
            node = row(*operands)
            node.backward(seed=2.0)
            for position, operand in enumerate(node.args):
                rule = row.partials[position]
                slope = 0.0 if rule is None else rule(*numbers, node.data)
                assert operand.grad == (0.0 if operand.is_constant else 2.0 * slope)
                assert partial(node, position) == slope


@pytest.mark.parametrize("watched", [nullcontext, debug])
def test_nothing_goes_on_where_a_derivative_is_zero_everywhere(watched):
    with watched():
        x = Value(0.0)
        y = stop_gradient(sqrt(x)) * x + stop_gradient(x)
        y = y + where(eq(sqrt(x), 2.0), 5.0, x * 0.0) + gt(sqrt(x), 1.0) * 2.0
    for passes in (1, 2):
        y.backward()
        assert (y.data, x.grad) == (0.0, 0.0), passes
    copied = copy.deepcopy(y)
    copied.backward()
    assert all(node.grad == node.grad for node in ancestors(copied))
    assert gradients(y, [x])[0].data == 0.0


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_gradients_agree_with_backward_and_write_nothing(row):
    rng = random.Random(row.name)
    numbers = [rng.uniform(low, high) for low, high in row.sample]
    operands = [Value(x) for x in numbers]
    node = row(*operands)
    before = node.mark
    found = gradients(node, operands)
    assert all(operand.grad == 0.0 for operand in operands)
    assert node.mark == before
    node.backward()
    assert [g.data for g in found] == pytest.approx([o.grad for o in operands], rel=1e-15)


def test_gradients_of_gradients():
    x = Value(0.7)
    order = [tanh(x)]
    for _ in range(4):
        order += gradients(order[-1], [x])
    t = math.tanh(0.7)
    s = 1 - t * t
    expected = [t, s, -2 * t * s, (6 * t * t - 2) * s, (16 * t - 24 * t**3) * s]
    assert [d.data for d in order] == pytest.approx(expected, rel=1e-12)


def test_sums_of_shares_are_noted():
    """What differentiation adds up is nobody's formula; what the user wrote is, also below it."""
    x = Value(2.0)
    y = x * x + x * 3.0
    (slope,) = gradients(y * y + x, [x])
    assert all(node.op == "add" for node in ancestors(slope) if node.mark & JOINED)
    assert not y.mark & JOINED
    assert slope.mark & JOINED
    slope.backward()
    assert slope.mark & JOINED  # passes keep notes
    (direct,) = gradients(x + 1.0, [x])
    assert not direct.mark & JOINED


def test_gradients_of_what_is_not_below():
    x, y = Value(1.0), Value(2.0)
    found = gradients(x * x, [y, x])
    assert [g.data for g in found] == [0.0, 2.0]


def test_gradients_where_they_are_infinite():
    x = Value(0.0)
    (slope,) = gradients(x.sqrt(), [x])
    assert slope.data == math.inf


def test_order_has_operands_first_and_each_node_once():
    x = Value(1.0)
    y = (x + 1) * (x + 2)
    z = y * y + where(x, y, x)
    for order in (inner_nodes(z), ancestors(z)):
        place = {node: i for i, node in enumerate(order)}
        assert len(place) == len(order)
        for node in order:
            assert all(place[o] < place[node] for o in node.args if o in place)
    assert len(ancestors(z)) == len(inner_nodes(z)) + 3


def random_graph(rng, leaves, size):
    nodes = list(leaves)
    for _ in range(size):
        a, b, kind = rng.choice(nodes), rng.choice(nodes), rng.randrange(3)
        nodes.append(a + b if kind == 0 else tanh(a * b) if kind == 1 else a - b * 0.5)
    return nodes[-1]


def test_threads_over_shared_leaves():
    leaves = [Value(x) for x in (0.3, -0.2, 0.9)]
    expected = [
        [g.data for g in gradients(random_graph(random.Random(s), leaves, 200), leaves)]
        for s in range(8)
    ]
    found = [None] * 8

    def work(s):
        for _ in range(5):
            root = random_graph(random.Random(s), leaves, 200)
            found[s] = [g.data for g in gradients(root, leaves)]
            private = [Value(leaf.data) for leaf in leaves]
            random_graph(random.Random(s), private, 200).backward()
            assert [p.grad for p in private] == pytest.approx(found[s], rel=1e-9, abs=1e-12)

    threads = [threading.Thread(target=work, args=(s,)) for s in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected


DEEP = """
import sys
from tinygrad_nn import Value, gradients

sys.setrecursionlimit(150)
n = 300_000  # the stack of C has 28 bytes for each
x = Value(1.0)
y = x
for _ in range(n):
    y = y + x
y.backward()
assert x.grad == n + 1
del y
total = Value(0.0)
for _ in range(n):
    total = total + x * x
x.zero_grad()
total.backward()
assert x.grad == 2.0 * n
(slope,) = gradients(total, [x])
assert slope.data == 2.0 * n
del total, slope
print("right")
"""


def test_deep_graphs_are_differentiated_and_freed_without_recursion():
    done = subprocess.run(
        [sys.executable, "-c", DEEP], capture_output=True, text=True, check=False, timeout=300
    )
    assert (done.returncode, done.stdout) == (0, "right\n"), done.stderr


def test_sigmoid_far_out_keeps_its_digits():
    x = Value(40.0)
    sigmoid(x).backward()
    assert x.grad == pytest.approx(math.exp(-40.0), rel=1e-12)


def test_gradients_by_a_node_and_by_what_lies_below_it():
    x = Value(2.0)
    h = x * x
    y = h * 3 + x
    assert [g.data for g in gradients(y, [x, h])] == [13.0, 3.0]
    assert [g.data for g in gradients(y, [h, x])] == [3.0, 13.0]
    assert [g.data for g in gradients(y, [y, h, x, x])] == [1.0, 3.0, 13.0, 13.0]


def test_gradients_of_something_else_are_refused():
    x = Value(2.0)
    for output, inputs in ((x * x, [1.0]), (3.0, [x]), (x * x, x)):
        with pytest.raises(ArgumentTypeError, match=r"give gradients\(output, \[x"):
            gradients(output, inputs)


def test_gradients_within_no_grad():
    x = Value(3.0)
    y = x * x
    with no_grad():
        (slope,) = gradients(y, [x])
        assert (x * 2).args == ()
    assert slope.data == 6.0
    assert slope.args


def test_a_rule_for_floats_only_gives_plain_gradients():
    halved = custom(lambda x: x / 2, lambda x, z: Fraction(1, 2), name="halved")
    x = Value(3.0)
    halved(x).backward()
    assert (type(x.grad), x.grad) == (float, 0.5)
    shaky = custom(lambda x: x * math.log(x) if x else 0.0, lambda x, z: math.log(x) + 1)
    x = Value(0.0)
    shaky(x).backward()
    assert math.isnan(x.grad)


def test_recorded_sums_and_products_are_as_their_rows_say():
    x, y = Value(3.0), Value(-2.0)
    root = (x * y + x) * y + x * x
    with contexts.deriving():
        written_out = adjoints([root], [1.0], [x, y])
        by_the_rows = adjoints([root], [1.0], [x, y], lambda n, i: recorded_partial(n, i))
    assert [d.data for d in written_out] == [d.data for d in by_the_rows] == [8.0, -9.0]
    for one, other in zip(written_out, by_the_rows, strict=True):
        assert [n.op for n in ancestors(one)] == [n.op for n in ancestors(other)]


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (lambda x: where(gt(sqrt(x), 1.0), x, 2 * x), 0.0, 2.0),
        (lambda x: stop_gradient(sqrt(x)) + x, 0.0, 1.0),
        (lambda x: ge(x**0.5, 0.5) * x, 0.0, 0.0),
        (lambda x: stop_gradient(hypot(x, x)) + 3 * x, 0.0, 3.0),
        (lambda x: eq(where(x, sqrt(x), 1.0), 2.0) + x, 0.0, 1.0),
        (lambda x: isnan(relu(x)) + x, math.nan, 1.0),
        (lambda x: sqrt(x) * 0.0, 0.0, math.nan),
        (lambda x: sqrt(x) * 0.0 + gt(sqrt(x), 1.0), 0.0, math.nan),
    ],
)
def test_what_lies_below_a_comparison_does_not_matter_however_steep(f, x, slope):
    leaf = Value(x)
    f(leaf).backward()
    assert [leaf.grad, grad(f)(x)] == pytest.approx([slope, slope], nan_ok=True)
