"""Code written for micrograd runs after changing only the import, and gives the same numbers."""

import random

import pytest

from tinygrad_nn import Value

micrograd_engine = pytest.importorskip("micrograd.engine")


def readme_expression(kind):
    a = kind(-4.0)
    b = kind(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    return g.data, a.grad, b.grad


def test_its_first_expression():
    assert readme_expression(Value) == pytest.approx(
        readme_expression(micrograd_engine.Value), rel=1e-15
    )


def trace(root):
    """Walk a graph as the drawing helper in micrograd's notebook does."""
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def test_its_drawing_helper():
    graphs = []
    for kind in (Value, micrograd_engine.Value):
        x1, w1, b = kind(2.0), kind(-3.0), kind(6.7)
        n = x1 * w1 + b
        nodes, edges = trace(n.relu())
        lines = [f"{{ {n.label if kind is Value else ''} | data {n.data:.4f} | grad {n.grad:.4f} }}"
                 for n in nodes]  # fmt: skip
        graphs.append((len(edges), sorted(lines), {n._op for n in nodes} & {"+", "*", ""}))
    (edges, lines, ops), (their_edges, their_lines, their_ops) = graphs
    assert ops == their_ops
    assert set(their_lines) <= set(lines)  # ours also has the 0 of max(0, x)
    assert edges == their_edges + 1


def test_labels_as_in_its_lecture():
    a = Value(2.0, label="a")
    L = a * Value(-3.0, label="b")
    L.label = "L"
    assert (a.label, L.label) == ("a", "L")


def test_networks_have_its_names_and_numbers():
    from micrograd import nn as theirs_nn

    from tinygrad_nn import nn

    random.seed(3)
    ours, theirs = nn.MLP(3, [4, 4, 1]), theirs_nn.MLP(3, [4, 4, 1])
    assert len(ours.layers) == 3
    assert len(ours.layers[0].neurons) == 4
    assert len(ours.layers[0].neurons[0].w) == 3
    assert len(ours.parameters()) == len(theirs.parameters()) == 41
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        q.data = p.data
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0]]
    ys = [1.0, -1.0, 1.0]
    costs = []
    for model in (ours, theirs):
        cost = sum((model(x) - y) ** 2 for x, y in zip(xs, ys, strict=True))
        model.zero_grad()
        cost.backward()
        costs.append(cost.data)
    assert isinstance(ours(xs[0]), Value)
    assert costs[0] == pytest.approx(costs[1], rel=1e-12)
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert p.grad == pytest.approx(q.grad, rel=1e-9, abs=1e-12)
