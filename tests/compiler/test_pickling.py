"""Compiled functions that are pickled: their programs go along, and are used where they hold."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from worlds import World
from worlds import worlds as module_of

import tinygrad_nn as tg
from tinygrad_nn import compile, grad, hessian, jacobian, value_and_grad
from tinygrad_nn.compiler import carried
from tinygrad_nn.compiler.function import Compiled
from tinygrad_nn.errors import DomainError

SOURCE = """
import math
from abc import ABC
from collections import OrderedDict, namedtuple
from typing import NamedTuple
from enum import Enum
from functools import partial
import numpy as np
from tinygrad_nn import Value, compile, log, nn, tanh, custom, value_and_grad
calls = []
scale = 2.0
powers = [1, 2]
options = {"a": 1.0, "b": [1, 2]}
kinds = {"p", "q"}
weight, offset = Value(3.0), Value(1.0)
model = nn.MLP(1, [2, 1], activation="tanh", seed=0)
unused = 5
class Mode(Enum):
    plain = 1
    odd = 2
mode = Mode.plain
class Base(ABC):
    bias = 0.5
    def shifted(self, x): return x + self.bias
class Thing(Base):
    def __init__(self): self.rate = 0.1
    def __call__(self, x): return self.shifted(x) * self.rate
thing = Thing()
thing.other = 7
def power(x, p=1.0): return x ** p * 1.5
def make(k):
    def times(x): return k * x
    return times
double = make(2.0)
added = partial(lambda a, x: a + x, 4.0)
inner = compile(lambda x, n: x * scale * n, static="n")
table = np.array([1.0, 2.0])
pair = (1.0, (2, "x"))
Point = namedtuple("Point", "x y")
class Named(NamedTuple):
    z: float
point, named, small = Point(0.5, 1.5), Named(0.25), np.float64(0.125)
ordered = OrderedDict(a=1.0)
def f(x):
    calls.append(1)
    total = thing(x) + double(x) + power(x) + inner(x, 2) * weight + model([x]) + table[0] + pair[0]
    for p in powers:
        total = total + x**p
    if mode is Mode.plain and "p" in kinds:
        total = total - point.x * named.z * small - ordered["a"]
    return total + options["a"] * len(options["b"]) + [y * scale for y in (added(x),)][0]
def cost(w, x, n=2):
    calls.append(1)
    return sum(a * x for a in w) ** n
def shifted(x):
    calls.append(1)
    return x * offset.data
@compile
def decorated(x):
    calls.append(1)
    return x * x
product = weight * offset
def times_product(x):
    calls.append(1)
    return x * product
def logarithm(x):
    calls.append(1)
    return log(x)
ceiling = custom(math.ceil, None, name="ceiling")
def stepped(x):
    calls.append(1)
    return ceiling(x) * x
"""


@pytest.fixture
def worlds() -> Iterator[World]:
    with module_of(SOURCE) as install:
        yield install


def arrived(content: bytes, module: Any, *args: Any) -> tuple[bool, Any]:
    """Call what was pickled: whether its program was used, and what it gives."""
    function = pickle.loads(content)
    before = len(module.calls)
    result = function(*args)
    return len(module.calls) == before, result


TRANSFORMS: list[Callable[[Any], Any]] = [
    lambda f: f,
    grad,
    value_and_grad,
    hessian,
    lambda f: jacobian(grad(f)),
    lambda f: tg.derivative(f, 2),
]


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_a_program_is_used_where_all_is_alike(transform: Any, worlds: Any) -> None:
    world = worlds()
    function = compile(transform(world.f))
    expected = function(1.5)
    content = pickle.dumps(function)
    for module in (world, worlds(), worlds(("unused = 5", "unused = 6\n\n# a line"))):
        assert arrived(content, module, 1.5) == (True, expected)


SAME = [
    ("thing.other = 7", "thing.other = 8"),
    ("Value(3.0)", "Value(4.0)"),
    ("seed=0", "seed=1"),
    ("def power", "def more(): pass\ndef power"),
    ('{"p", "q"}', '{"q", "p"}'),
]
OTHERS = [
    ("scale = 2.0", "scale = 2.5"),
    ("scale = 2.0", "scale = Value(2.0)"),
    ("powers = [1, 2]", "powers = [1, 3]"),
    ("powers = [1, 2]", "powers = [1, 2, 3]"),
    ("powers = [1, 2]", "powers = [1, 2.0]"),
    ("powers = [1, 2]", "powers = (1, 2)"),
    ('"a": 1.0', '"a": -1.0'),
    ('"b": [1, 2]', '"b": [1]'),
    ("Point(0.5, 1.5)", "Point(1.5, 1.5)"),
    ("Named(0.25)", "Named(0.5)"),
    ("np.float64(0.125)", "np.float64(0.25)"),
    ("np.float64(0.125)", "0.125"),
    ("OrderedDict(a=1.0)", "OrderedDict(a=2.0)"),
    ("OrderedDict(a=1.0)", "dict(a=1.0)"),
    ('{"p", "q"}', '{"q"}'),
    ("mode = Mode.plain", "mode = Mode.odd"),
    ("bias = 0.5", "bias = 0.25"),
    ("return x + self.bias", "return x - self.bias"),
    ("class Thing(Base):", "class Thing(Base):\n    bias = 3.0"),
    ("class Thing(Base):", "class Thing(Base):\n    def __radd__(self, other): return 7.0"),
    ("self.rate = 0.1", "self.rate = 0.2"),
    ("* self.rate", "* self.rate * 2"),
    ("p=1.0", "p=3.0"),
    ("* 1.5", "* -1.5"),
    ("make(2.0)", "make(-2.0)"),
    ("return k * x", "return k + x"),
    ("a + x, 4.0", "a + x, 5.0"),
    ("a + x, 4.0", "a - x, 4.0"),
    ("x * scale * n", "x + scale * n"),
    ("table = np.array([1.0, 2.0])", "table = np.array([1.5, 2.0])"),
    ("table = np.array([1.0, 2.0])", "table = np.array([1, 2])"),
    ("pair = (1.0, (2", "pair = (1.5, (2"),
    ('activation="tanh"', 'activation="relu"'),
    ("[2, 1]", "[3, 1]"),
    ("total + x**p", "total - x**p"),
    ("import math", "import math\nlen = lambda x: 7"),
]


@pytest.fixture(scope="module")
def content() -> bytes:
    """The value and the slope, pickled with their program."""
    with module_of(SOURCE) as install:
        function = compile(value_and_grad(install().f))
        function(1.5)
        return pickle.dumps(function)


@pytest.mark.parametrize("change", [*SAME, *OTHERS], ids=lambda change: change[1])
def test_a_program_is_left_where_anything_that_counts_is_other(
    change: Any, content: bytes, worlds: Any
) -> None:
    world = worlds(change)
    used, found = arrived(content, world, 1.5)
    assert used == (change in SAME)
    assert found == compile(value_and_grad(world.f))(1.5)


def test_a_number_that_was_read_as_a_number_counts(worlds: Any) -> None:
    world = worlds()
    function = compile(world.shifted)
    function(1.5)
    content = pickle.dumps(function)
    assert arrived(content, worlds(), 1.5) == (True, 1.5)
    assert arrived(content, worlds(("Value(1.0)", "Value(2.0)")), 1.5) == (False, 3.0)


def test_the_graph_of_what_was_computed_before_counts(worlds: Any) -> None:
    world = worlds()
    function = compile(world.times_product)
    function(1.5)
    content = pickle.dumps(function)
    assert arrived(content, worlds(("weight * offset", "weight + offset")), 1.5) == (False, 6.0)


def test_what_changes_after_it_has_come_is_seen(worlds: Any) -> None:
    world = worlds()
    function = compile(world.f)
    function(1.5)
    content = pickle.dumps(function)
    world = worlds()
    again = pickle.loads(content)
    assert again(1.5) == function(1.5)
    world.weight.data = -1.0
    assert again(1.5) != function(1.5)
    assert not world.calls
    assert again(1.5) == compile(world.f)(1.5)
    for change in (world.powers.append, lambda _: setattr(world.thing, "rate", 4.0)):
        change(3)
        assert again(1.5) == compile(world.f)(1.5)


def test_what_has_changed_before_does_not_go_along(worlds: Any) -> None:
    world = worlds()
    function = compile(world.f)
    function(1.5)
    world.scale = 7.0
    content = pickle.dumps(function)
    assert not arrived(content, world, 1.5)[0]


# ---- arguments, and what else there is ---------------------------------------------------------


def test_each_structure_has_its_program(worlds: Any) -> None:
    world = worlds()
    function = compile(value_and_grad(world.cost), batch="x", reduce="mean", static="n")
    calls = [
        (([1.0, 2.0], [3.0, 4.0]), {}),
        (([1.0, 2.0, 3.0], np.array([3.0, 4.0])), {}),
        (([1.0, 2.0], [3.0, 4.0]), {"n": 3}),
        (([1.0, 2.0],), {"x": [3.0, 4.0], "n": 3}),
    ]
    expected = [function(*args, **kwargs) for args, kwargs in calls]
    content = pickle.dumps(function)
    world = worlds()
    again = pickle.loads(content)
    third = pickle.loads(pickle.dumps(again))  # before it was called
    for one in (again, third, pickle.loads(pickle.dumps(again))):
        assert [one(*args, **kwargs) for args, kwargs in calls] == expected
    assert not world.calls
    again([1.0, 2.0], [3.0], n=4)
    assert len(world.calls) == 1


def test_derivatives_go_through_the_function(worlds: Any) -> None:
    world = worlds()
    function = compile(world.cost)
    function([1.0, 2.0], 3.0)
    again = pickle.loads(pickle.dumps(function))
    assert grad(again)([1.0, 2.0], 3.0) == grad(world.cost)([1.0, 2.0], 3.0)


def test_the_derivative_of_its_own_goes_along(worlds: Any) -> None:
    world = worlds()
    function = compile(world.cost)
    expected = function.value_and_grad([1.0, 2.0], 3.0)
    again = pickle.loads(pickle.dumps(function))
    before = len(world.calls)
    assert again.value_and_grad([1.0, 2.0], 3.0) == expected
    assert len(world.calls) == before


def test_errors_are_found_as_before(worlds: Any) -> None:
    world = worlds()
    function = compile(world.logarithm, check=True)
    function(1.0)
    again = pickle.loads(pickle.dumps(function))
    before = len(world.calls)
    assert again(1.0) == 0.0
    assert len(world.calls) == before
    with pytest.raises(DomainError, match="log at "):
        again(-1.0)


def test_operations_of_the_users_own_are_recorded(worlds: Any) -> None:
    world = worlds()
    function = compile(world.stepped)
    function(1.5)
    assert arrived(pickle.dumps(function), world, 1.5) == (False, 3.0)


def test_a_function_with_a_name_carries_no_program(worlds: Any) -> None:
    world = worlds()
    world.decorated(3.0)
    content = pickle.dumps(world.decorated)
    assert len(content) < 50
    assert pickle.loads(content) is world.decorated
    assert arrived(content, worlds(), 3.0) == (False, 9.0)


def test_a_program_of_another_package_is_left(worlds: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world = worlds()
    function = compile(world.cost)
    function([1.0], 3.0)
    content = pickle.dumps(function)
    monkeypatch.setattr(carried, "made_by", lambda: ("another", 1))
    assert arrived(content, world, [1.0], 3.0) == (False, 9.0)


def test_a_graph(worlds: Any) -> None:
    x, y = tg.Value(2.0), tg.Value(3.0)
    function = compile({"z": x * y + 1.0}, inputs=[x, y])
    for again in (pickle.loads(pickle.dumps(function)), copy.deepcopy(function)):
        assert again() == function() == {"z": 7.0}
        assert again([4.0, 5.0]) == {"z": 21.0}
        assert str(again) == str(function)
        assert again._plan.trace.recording is None
        assert grad(lambda v, f: f([v, 5.0])["z"])(4.0, again) == 5.0


def test_a_graph_with_an_operation_of_the_users_own(worlds: Any) -> None:
    x = tg.Value(1.5)
    function = compile(worlds().ceiling(x) * x, inputs=[x])
    assert copy.deepcopy(function)([2.5]) == 7.5


def test_before_the_first_call_there_is_nothing_to_go_along() -> None:
    content = pickle.dumps(compile(np.hypot))
    assert isinstance(pickle.loads(content), Compiled)
    assert len(content) < 200


def test_parameters_that_come_along_are_those_of_the_model() -> None:
    model = tg.nn.MLP(2, [3, 1], seed=0)
    function = compile(model)
    expected = function([1.0, 2.0])
    for again in (pickle.loads(pickle.dumps(function)), copy.deepcopy(function)):
        assert again([1.0, 2.0]) == expected
        for parameter in again._function.parameters():
            parameter.data = 0.0
        assert again([1.0, 2.0]) == 0.0
        assert function([1.0, 2.0]) == expected
        assert again._latest.trace.recording is None
    assert copy.copy(function)([1.0, 2.0]) == expected


# ---- other processes -----------------------------------------------------------------------------

WORKER = """
import pickle, sys
content = open(sys.argv[1], "rb").read()
function = pickle.loads(content)
import world
result = function(1.5)
print(repr((len(world.calls), result)))
"""


@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_worker_does_not_record(seed: str, tmp_path: Path, worlds: Any) -> None:
    (tmp_path / "world.py").write_text(SOURCE)
    world = worlds()
    function = compile(value_and_grad(world.f))
    expected = function(1.5)
    (tmp_path / "function").write_bytes(pickle.dumps(function))
    paths = os.pathsep.join([str(tmp_path), str(Path(tg.__file__).parents[1])])
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(tmp_path / "function")],
        env={**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == f"{(0, expected)!r}\n", done.stderr
