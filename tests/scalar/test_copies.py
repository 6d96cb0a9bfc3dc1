"""pickle, copy and deepcopy of graphs: shared nodes stay shared, depth does not matter."""

import copy
import pickle
from itertools import pairwise

import pytest

from tinygrad_nn import Value, where

DEPTH = 10_000


def chain(length):
    x = Value(1.0, label="x")
    nodes = [x]
    for _ in range(length):
        nodes.append(nodes[-1] + x * 0.5)
    return nodes


def pickled(thing):
    return pickle.loads(pickle.dumps(thing))


@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled])
def test_a_graph_survives_with_everything_on_it(duplicate):
    a, b = Value(2.0, label="a"), Value(-3.0)
    c = a * b
    loss = where(a, c * c + a, b).tanh() + 1
    loss.label = "loss"
    loss.backward()
    again, parameters, inner = duplicate((loss, [a, b], c))
    assert repr(again) == repr(loss)
    assert [repr(p) for p in parameters] == [repr(a), repr(b)]
    assert inner.args == tuple(parameters)
    assert inner.args[0] is parameters[0]
    assert again is not loss
    assert parameters[0].is_leaf
    assert again.args[1].is_constant
    before = [a.grad, b.grad]
    again.backward()
    assert [p.grad for p in parameters] == [2 * g for g in before]
    assert [a.grad, b.grad] == before


@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled])
@pytest.mark.parametrize("backwards", [False, True])
def test_all_nodes_of_a_long_chain(duplicate, backwards):
    nodes = chain(DEPTH)
    if backwards:
        nodes.reverse()
    again = duplicate(nodes)
    if backwards:
        again.reverse()
    assert len(again) == DEPTH + 1
    for earlier, later in pairwise(again):
        assert later.args[0] is earlier
        assert later.args[1].args[0] is again[0]
    again[-1].backward()
    assert again[0].grad == 1 + DEPTH / 2


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_grow_linearly(protocol):
    def size(length):
        nodes = chain(length)
        return len(pickle.dumps((nodes[-1], nodes), protocol))

    assert size(4000) / size(1000) < 4.5  # the oldest protocol writes digits


def test_a_dump_ends_with_itself():
    x = Value(1.0)
    y = x * 2
    first = pickle.dumps(y)
    x.data = 5.0
    assert pickle.loads(pickle.dumps(y)).args[0].data == 5.0
    assert pickle.loads(first).args[0].data == 1.0


def test_copy_shares_operands():
    x = Value(2.0, label="x")
    y = x * x
    again = copy.copy(y)
    assert again is not y
    assert again.args == (x, x)
    assert again.args[0] is x
    assert copy.copy(x).label == "x"


def test_operations_are_pickled_by_name():
    from tinygrad_nn import exp

    assert pickled(exp) is exp
    with pytest.raises(ValueError, match="not in the table"):
        pickle.loads(pickle.dumps(exp).replace(b"exp", b"exq"))
