"""pickle, copy and deepcopy of graphs: shared nodes stay shared, depth does not matter."""

import copy
import dataclasses
import math
import pickle
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest

from tinygrad_nn import (
    Value,
    compile,
    custom,
    derivative,
    grad,
    gradients,
    gt,
    hessian,
    jacfwd,
    nn,
    no_grad,
    where,
)
from tinygrad_nn.check import check_grad
from tinygrad_nn.errors import ConversionError
from tinygrad_nn.optim import SGD, minimize
from tinygrad_nn.scalar.graph import ALIAS, CHOSEN
from tinygrad_nn.scalar.number import plain
from tinygrad_nn.train import Trainer

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
    loss = where(gt(a, 0.0), c * c + a, b).tanh() + 1
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


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2), (2, 0, 3, 1)])
def test_leaves_are_shared_with_graphs_that_stand_before_and_behind(order):
    u, v = Value(2.0, label="u"), Value(3.0)
    v.grad = 0.5
    z = u * v + v * v
    things = {0: u, 1: v, 2: z, 3: z * u}
    again = dict(zip(order, pickle.loads(pickle.dumps([things[n] for n in order])), strict=True))
    again[3].backward()
    things[3].backward()
    for n, thing in things.items():
        assert (again[n].data, again[n].grad) == (thing.data, thing.grad)
    assert again[0].label == "u"
    assert again[3].args[1] is again[0]
    assert again[2].args[1].args == (again[1], again[1])


def test_models_are_small_in_a_dump():
    model = nn.MLP(100, [10, 1], seed=0)
    assert len(pickle.dumps(model)) < 40 * len(model.parameters())


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


@dataclasses.dataclass
class Pair:
    first: object
    second: object


class Holder:
    def __init__(self, held):
        self.held = held


COPIES = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "a list": lambda x: copy.deepcopy([1.0, [x]])[1][0],
    "a dict": lambda x: copy.deepcopy({"x": (x, 2.0)})["x"][0],
    "twice": lambda x: copy.deepcopy([x, x])[1],
    "a result and its operand": lambda x: copy.deepcopy([x, x * 1.0])[1],
    "an operand and its result": lambda x: copy.deepcopy([x * 1.0, x])[1],
    "an object": lambda x: copy.deepcopy(Holder(x)).held,
    "an array": lambda x: copy.deepcopy(np.array([x, 1.0]))[0],
    "replace": lambda x: dataclasses.replace(Pair(x, 2.0), second=3.0).first,
    "asdict": lambda x: dataclasses.asdict(Pair(2.0, [x]))["second"][0],
    "astuple": lambda x: dataclasses.astuple(Pair(2.0, x))[1],
    "a copy of a copy": lambda x: copy.copy(copy.deepcopy(x)),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_keeps_the_derivative_in_every_mode(name):
    duplicate = COPIES[name]

    def f(x):
        return duplicate(x) * x

    assert grad(f)(3.0) == 6.0
    assert grad(f)(Value(3.0)).data == 6.0
    assert grad(grad(f))(3.0) == hessian(f)(3.0) == derivative(f, 2)(3.0) == 2.0
    assert grad(lambda x: grad(f)(x) * x)(3.0) == 12.0
    assert jacfwd(lambda x: [f(x), duplicate(x)])(3.0) == [6.0, 1.0]
    assert compile(grad(f))(3.0) == grad(compile(f))(3.0) == 6.0
    assert check_grad(f, 3.0, order=2)
    assert minimize(lambda x: f(x) - 2.0 * x, 0.0, lr=0.1).x == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_of_what_the_function_finds_by_itself(name):
    w = Value(2.0, label="w")
    duplicate = COPIES[name]
    slope = grad(lambda x: duplicate(w) * x * x)(Value(3.0))
    assert gradients(slope, [w])[0].data == 6.0
    program = compile(grad(lambda x: duplicate(w) * x * x))
    assert gradients(program(Value(3.0)), [w])[0].data == 6.0
    w.data = 5.0
    assert plain(program(1.0)) == 10.0


def test_a_copy_outside_is_a_graph_of_its_own():
    x = Value(3.0)
    for name in COPIES.keys() - {"replace"}:  # which shares what it is given
        (copy_of_x := COPIES[name](x)).backward()
        assert (x.grad, copy_of_x is x) == (0.0, False)


def test_a_copy_under_no_grad_is_a_constant_where_something_is_differentiated():
    def f(x):
        with no_grad():
            fixed = copy.deepcopy(x)
        return fixed * x

    assert grad(f)(3.0) == compile(grad(f))(3.0) == 3.0
    with no_grad():
        assert copy.copy(Value(3.0)).is_leaf


def test_a_copied_model_is_differentiated_as_the_model():
    model = nn.MLP(2, [3, 1], activation="tanh", seed=0)
    first = model.parameters()[0]

    def slope(duplicate):
        output = grad(lambda x: duplicate(model)([x, 1.0]) ** 2)(Value(0.5))
        return gradients(output, [first])[0].data

    assert slope(copy.deepcopy) == slope(copy.copy) == slope(lambda m: m) != 0.0
    other = copy.deepcopy(model)
    assert other.parameters()[0].is_leaf


@pytest.mark.parametrize("backwards", [False, True])
def test_all_nodes_of_a_long_chain_in_a_transform(backwards):
    def f(x):
        nodes = [x]
        for _ in range(DEPTH):
            nodes.append(nodes[-1] + x * 0.5)
        again = copy.deepcopy(nodes[::-1] if backwards else nodes)
        return again[0] * again[-1]

    assert grad(f)(1.0) == 2.0 + DEPTH


def test_a_memo_replaces_what_lies_below():
    def f(x):
        y = x * 3.0
        stranger = copy.deepcopy({"y": y, "x": x}, {id(x): x * x})
        return stranger["y"] + stranger["x"]

    assert grad(f)(5.0) == compile(grad(f))(5.0) == 40.0


def test_what_is_set_on_a_copy_does_not_reach_its_original():
    x = Value(3.0)

    def f(y):
        moved = copy.copy(x)
        moved.data += 1.0
        return moved * y

    assert grad(f)(2.0) is not None
    assert x.data == 3.0


def test_a_copy_in_a_rule_of_a_custom_operation():
    cube = custom(lambda x: x**3, lambda x, z: 3.0 * copy.copy(x) * copy.deepcopy([x])[0])
    assert grad(grad(cube))(2.0) == 12.0


@pytest.mark.parametrize("engine", ["eager", "compiled"])
@pytest.mark.parametrize("name", COPIES)
def test_both_engines_train_a_model_that_copies(name, engine):
    class Line(nn.Module):
        def __init__(self):
            self.w = Value(0.5)

        def __call__(self, x):
            return COPIES[name](self.w) * x[0]

    model = Line()
    trainer = Trainer(model, nn.squared_error, SGD(model.parameters(), lr=0.1), engine=engine)
    trainer.fit([[1.0], [2.0]], [2.0, 4.0], epochs=30)
    assert model.w.data == pytest.approx(2.0, abs=1e-3)


@pytest.mark.parametrize("thing", [lambda x: x, lambda x: x * 2.0, lambda x: [{"x": x}]])
def test_pickle_is_refused_while_differentiating_and_recording(thing):
    def f(x):
        return [x, pickle.dumps(thing(x))][0]

    w = Value(2.0)
    for call in (grad(f), grad(grad(f)), compile(f), compile(grad(f)), lambda x: check_grad(f, x)):
        with pytest.raises(ConversionError, match=r"pickle"):
            call(3.0)
    for call in (grad(lambda x: [x, f(w)][0]), compile(lambda x: [x, f(w)][0])):
        with pytest.raises(ConversionError, match=r"copy\.deepcopy, which keeps"):
            call(3.0)

    def with_none_recorded(x):
        with no_grad():
            return x * pickle.loads(pickle.dumps(x)).data

    assert grad(lambda x: x * with_none_recorded(x).data)(3.0) == 9.0
    assert pickled(w).data == 2.0


@pytest.mark.parametrize("duplicate", [copy.deepcopy, copy.copy, pickled])
def test_copies_keep_what_is_noted_on_them(duplicate):
    x = Value(2.0)
    y = x * 3.0
    assert y > 1.0
    assert duplicate(y).mark & CHOSEN
    assert duplicate(y).args[0].mark & CHOSEN
    assert not duplicate(x * 3.0).mark & CHOSEN


def on_another_thread(function, x):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function, x).result()


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda x: copy.deepcopy([x])[0]])
def test_a_copy_on_another_thread_keeps_the_derivative(duplicate):
    def f(x):
        return on_another_thread(duplicate, x) * x

    assert grad(f)(1.5) == grad(compile(f))(1.5) == derivative(f)(1.5) == 3.0
    leaf = Value(1.5)
    assert on_another_thread(duplicate, leaf) is not leaf
    assert on_another_thread(duplicate, leaf * leaf).args[0].row is not ALIAS


def test_no_number_leaves_on_another_thread_while_differentiating():
    for leave in (math.exp, pickle.dumps):
        with pytest.raises(ConversionError, match="differentiated"):
            grad(lambda x, leave=leave: on_another_thread(leave, x))(1.5)


def test_a_transform_on_another_thread_depends_on_what_is_differentiated():
    def f(x):
        return on_another_thread(lambda x: grad(lambda z: z * z * x)(2.0), x) * x

    assert grad(f)(1.5) == compile(grad(f))(1.5) == 12.0
