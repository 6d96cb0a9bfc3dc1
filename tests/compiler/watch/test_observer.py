"""What a compiled function takes from outside: it is recorded anew when that changes, or refused."""

from __future__ import annotations

import contextlib
import copy
import cProfile
import functools
import itertools
import math
import operator
import random
import sys
import types
import weakref
from array import array
from collections import ChainMap, Counter, UserDict, UserList, deque
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import numpy as np
import pytest

import tinygrad_nn as tg
from tinygrad_nn import Value, compile, custom, grad, nn, tanh
from tinygrad_nn.compiler.watch.checks import Attributes, Cell
from tinygrad_nn.compiler.watch.observer import Observer
from tinygrad_nn.compiler.watch.watch import terms_of
from tinygrad_nn.errors import TraceError
from tinygrad_nn.scalar import contexts
from tinygrad_nn.scalar.switch import switch

SCALE: Any = 2.0
TABLE: Any = [1.0, 2.0]
CONFIG: Any = {"rate": 3.0, "inner": {"power": 2}}
ARRAY: Any = np.arange(3.0)
MODE: Any = "double"
WEIGHT: Any = Value(2.0)
HELPER: Any = tanh
OBJECT: Any = types.SimpleNamespace(slope=2.0, inner=types.SimpleNamespace(offset=1.0))
MODULE: Any = types.ModuleType("settings_of_a_user")
MODULE.rate = 2.0
CALLS = 0


@pytest.fixture(autouse=True)
def _restored() -> Any:
    """Put back what the tests change."""
    names = ("SCALE", "MODE", "WEIGHT", "HELPER", "CALLS")
    before = {name: globals()[name] for name in names}
    kept = copy.deepcopy((TABLE, CONFIG, ARRAY, vars(OBJECT)))
    yield
    globals().update(before)
    TABLE[:], ARRAY[...] = kept[0], kept[2]
    CONFIG.clear()
    CONFIG.update(kept[1])
    vars(OBJECT).update(kept[3])
    MODULE.rate = 2.0
    Scaled.factor = 2.0


def scaled(x: Any) -> Any:
    return SCALE * x


class Scaled:
    factor = 2.0

    def __init__(self) -> None:
        self.w = 2.0
        self.parts = [Part(1.0), Part(2.0)]

    def method(self, x: Any) -> Any:
        return self.w * x

    @property
    def double(self) -> float:
        return 2.0 * self.w

    def __call__(self, x: Any) -> Any:
        return sum(part(x) for part in self.parts) * self.factor


class Part:
    __slots__ = ("bias",)

    def __init__(self, bias: float) -> None:
        self.bias = bias

    def __call__(self, x: Any) -> Any:
        return x + self.bias


def _set(name: str, value: Any) -> Callable[[], None]:
    return lambda: globals().update({name: value})


THING = Scaled()


def _chosen(x: Any) -> Any:
    return x * 2 if MODE == "double" else x * 3


def _in_a_dict(x: Any) -> Any:
    return CONFIG["rate"] * x ** CONFIG["inner"]["power"]


def _in_a_local(x: Any) -> Any:
    for part in THING.parts:
        x = x * part.bias
    return x


def _with_getattr(x: Any) -> Any:
    return x * getattr(OBJECT, "slo" + "pe")


def _imported(x: Any) -> Any:
    import settings_of_a_user  # type: ignore[import-not-found]  # made above

    return settings_of_a_user.rate * x


sys.modules["settings_of_a_user"] = MODULE


@pytest.mark.parametrize(
    ("function", "change"),
    [
        (scaled, _set("SCALE", 5.0)),
        (lambda x: scaled(x) + 1, _set("SCALE", 5.0)),
        (lambda x: math.fsum([1.0, SCALE]) * x, _set("SCALE", 5.0)),
        (grad(lambda x: scaled(x) * x), _set("SCALE", 5.0)),
        (functools.partial(lambda a, x: a * scaled(x), 3.0), _set("SCALE", 5.0)),
        (lambda x: max([x], key=lambda v: SCALE) * SCALE, _set("SCALE", 5.0)),
        (lambda x: sum(v * SCALE for v in (x, x)), _set("SCALE", 5.0)),
        (_chosen, _set("MODE", "triple")),
        (lambda x: HELPER(x), _set("HELPER", tg.sin)),
        (lambda x: WEIGHT * x, _set("WEIGHT", Value(7.0))),
        (lambda x: WEIGHT.data * x, lambda: setattr(WEIGHT, "data", 7.0)),
        (lambda x: TABLE[0] * x, lambda: TABLE.__setitem__(0, 9.0)),
        (lambda x: len(TABLE) * x, lambda: TABLE.append(9.0)),
        (lambda x: sum(TABLE) * x, lambda: TABLE.__setitem__(slice(None), [4.0, 4.0])),
        (_in_a_dict, lambda: CONFIG.update(rate=1.5)),
        (_in_a_dict, lambda: CONFIG["inner"].update(power=3)),
        (lambda x: ARRAY[1] * x, lambda: ARRAY.__setitem__(1, 9.0)),
        (lambda x: (ARRAY * x).sum(), lambda: ARRAY.__setitem__(1, 9.0)),
        (lambda x: OBJECT.slope * x, lambda: setattr(OBJECT, "slope", 9.0)),
        (lambda x: OBJECT.inner.offset + x, lambda: setattr(OBJECT.inner, "offset", 9.0)),
        (_with_getattr, lambda: setattr(OBJECT, "slope", 9.0)),
        (lambda x: MODULE.rate * x, lambda: setattr(MODULE, "rate", 9.0)),
        (_imported, lambda: setattr(MODULE, "rate", 9.0)),
        (lambda x: Scaled.factor * x, lambda: setattr(Scaled, "factor", 9.0)),
    ],
)
def test_what_changes_outside_counts(
    function: Callable[[Any], Any], change: Callable[[], Any]
) -> None:
    compiled = compile(function)
    before = compiled(0.75)
    assert before == pytest.approx(function(0.75), rel=1e-14)
    recorded = compiled._made, compiled._renewed
    assert compiled(0.75) == before
    assert (compiled._made, compiled._renewed) == recorded
    change()
    assert compiled(0.75) == pytest.approx(function(0.75), rel=1e-14)
    assert compiled(0.75) != before


class Derived(Scaled):
    pass


class Hooked:
    """Finds attributes by a function."""

    def __init__(self) -> None:
        self.found = {"rate": 2.0}

    def __getattr__(self, name: str) -> float:
        return self.found[name]


class Slotted:
    __slots__ = ("rate",)

    def __init__(self) -> None:
        self.rate = 2.0


def decorated(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(function)
    def inner(x: Any) -> Any:
        return function(x) * SCALE

    return inner


@contextlib.contextmanager
def lent() -> Any:
    yield SCALE


def _in_a_context(x: Any) -> Any:
    with lent() as scale:
        return x * scale


def _by_default(x: Any, table: Any = TABLE) -> Any:
    return x * table[0]


class Counting(type):
    rate = 2.0


class Counted(metaclass=Counting):
    pass


def _with_an_attribute(x: Any) -> Any:
    return x * _with_an_attribute.rate  # type: ignore[attr-defined]


_with_an_attribute.rate = 2.0  # type: ignore[attr-defined]


def _kinds() -> list[tuple[Callable[[Any], Any], Callable[[], Any]]]:
    """More ways to keep things, each with its own."""
    derived, hooked, slotted = Derived(), Hooked(), Slotted()
    queue, numbers, counts = deque([1.0]), array("d", [1.0]), Counter("a")
    context: ContextVar[float] = ContextVar("context", default=1.0)
    view = types.MappingProxyType(counts)
    members = {1.0, 2.0}
    pair = ([1.0], 2.0)
    objects = np.array([1.0, Value(2.0)], dtype=object)
    raw = bytearray(b"a")
    draw = [lambda x: x * SCALE]
    pop = queue.copy
    reached = types.SimpleNamespace(inner=types.SimpleNamespace(rate=2.0))
    rate_of = operator.attrgetter("inner.rate")
    mapped, listed, chained = UserDict(rate=2.0), UserList([2.0]), ChainMap({}, {"rate": 2.0})
    held = Scaled()
    weak: Any = weakref.ref(held)
    return [
        (_with_an_attribute, lambda: setattr(_with_an_attribute, "rate", 3.0)),
        (
            lambda x: scaled(_with_an_attribute(x)),
            lambda: vars(_with_an_attribute).update(rate=4.0),
        ),
        (lambda x: mapped["rate"] * x, lambda: mapped.update(rate=3.0)),
        (lambda x: listed[0] * x, lambda: setattr(listed, "data", [3.0])),
        (lambda x: chained["rate"] * x, lambda: chained.maps[1].update(rate=3.0)),
        (lambda x: chained["rate"] * x, lambda: chained.update(rate=4.0)),
        (lambda x: weak().w * x, lambda: setattr(held, "w", 3.0)),
        (lambda x: Counted.rate * x, lambda: setattr(Counting, "rate", 3.0)),
        (lambda x: rate_of(reached) * x, lambda: setattr(reached.inner, "rate", 3.0)),
        (
            lambda x: operator.attrgetter("inner.rate")(reached) * x,
            lambda: setattr(reached.inner, "rate", 4.0),
        ),
        (lambda x: derived.factor * x, lambda: setattr(Derived, "factor", 9.0)),
        (lambda x: type(derived).factor * x, lambda: setattr(Derived, "factor", 9.5)),
        (lambda x: derived.method(x), lambda: setattr(Derived, "method", lambda self, x: -x)),
        (lambda x: hooked.rate * x, lambda: hooked.found.update(rate=3.0)),
        (lambda x: slotted.rate * x, lambda: setattr(slotted, "rate", 3.0)),
        (lambda x: getattr(slotted, "rate") * x, lambda: setattr(slotted, "rate", 4.0)),  # noqa: B009
        (lambda x: vars(hooked)["found"]["rate"] * x, lambda: hooked.found.update(rate=5.0)),
        (lambda x: queue[0] * x, lambda: queue.appendleft(3.0)),
        (lambda x: pop()[0] * x, lambda: queue.appendleft(4.0)),
        (lambda x: numbers[0] * x, lambda: numbers.__setitem__(0, 3.0)),
        (lambda x: counts["a"] * x, lambda: counts.update("aa")),
        (lambda x: view["a"] * x, lambda: counts.update("aa")),
        (lambda x: context.get() * x, lambda: context.set(3.0)),
        (lambda x: sum(members) * x, lambda: members.add(5.0)),
        (lambda x: pair[0][0] * x, lambda: pair[0].__setitem__(0, 2.0)),
        (lambda x: objects[1] * x + objects[0], lambda: objects.__setitem__(0, 2.0)),
        (lambda x: raw[0] * x, lambda: raw.__setitem__(0, 5)),
        (lambda x: draw[0](x), lambda: draw.__setitem__(0, lambda x: -x)),
        (lambda x: functools.reduce(lambda a, b: a + b * SCALE, [x, x]), _set("SCALE", 5.0)),
        (lambda x: sum(map(scaled, [x, x])), _set("SCALE", 5.0)),
        (decorated(tanh), _set("SCALE", 5.0)),
        (_in_a_context, _set("SCALE", 5.0)),
        (_by_default, lambda: TABLE.__setitem__(0, 5.0)),
        (lambda x: abs(x), _set("abs", lambda x: 3.0 * x)),
    ]


@pytest.mark.parametrize("place", range(len(_kinds())))
def test_every_way_of_keeping_things_counts(place: int) -> None:
    function, change = _kinds()[place]
    compiled = compile(function)
    try:
        before = compiled(0.75)
        assert before == pytest.approx(function(0.75), rel=1e-14)
        change()
        assert compiled(0.75) == pytest.approx(function(0.75), rel=1e-14)
        assert compiled(0.75) != before
    finally:
        globals().pop("abs", None)
        for name in ("factor", "method"):
            if name in vars(Derived):
                delattr(Derived, name)


@pytest.mark.parametrize(
    ("read", "change"),
    [
        (lambda thing, x: thing.method(x), lambda thing: setattr(thing, "w", 9.0)),
        (lambda thing, x: thing.double * x, lambda thing: setattr(thing, "w", 9.0)),
        (lambda thing, x: thing(x), lambda thing: setattr(thing.parts[1], "bias", 9.0)),
        (lambda thing, x: thing(x), lambda thing: thing.parts.append(Part(5.0))),
        (lambda thing, x: thing(x), lambda thing: setattr(thing, "factor", 5.0)),
        (lambda thing, x: thing(x), lambda thing: setattr(Scaled, "factor", 5.0)),
    ],
)
def test_attributes_count_however_an_object_is_reached(
    read: Callable[[Any, Any], Any], change: Callable[[Any], None]
) -> None:
    def by_closure(x: Any) -> Any:
        return read(thing, x)

    for make in (
        lambda thing: compile(by_closure),
        lambda thing: compile(functools.partial(read, thing)),
        lambda thing: functools.partial(compile(read, static="thing"), thing),
        lambda thing: compile(lambda x, held=thing: read(held, x), static="held"),
        lambda thing: compile(lambda x: sum(read(held, x) for held in [thing])),
    ):
        Scaled.factor = 2.0
        thing = Scaled()
        compiled = make(thing)
        before = compiled(0.5)
        assert before == read(thing, 0.5)
        change(thing)
        assert compiled(0.5) == read(thing, 0.5) != before


def test_self_of_a_compiled_method() -> None:
    class Line:
        def __init__(self) -> None:
            self.w = 2.0

        @compile(static="self")
        def at(self, x: Any) -> Any:
            return self.w * x

    line = Line()
    assert line.at(1.0) == 2.0
    line.w = 5.0
    assert line.at(1.0) == 5.0
    bound = compile(Scaled().method)
    bound.__wrapped__.__self__.w = 7.0
    assert bound(1.0) == 7.0


def test_closures() -> None:
    offset, table = 1.0, [2.0]

    def inner(x: Any) -> Any:
        return x * table[0] + offset

    functions = {"inner": inner}
    f = compile(lambda x: functions["inner"](x))
    assert f(1.0) == 3.0
    offset = 5.0
    assert f(1.0) == 7.0
    table[0] = 3.0
    assert f(1.0) == 8.0
    functions["inner"] = lambda x: -x
    assert f(1.0) == -1.0


def test_closures_that_no_name_leads_to() -> None:
    class Deep:
        def __add__(self, x: Any) -> Any:
            return rate * x

    rate = 2.0
    kept = iter([Deep()])  # which nobody looks into
    deep = next(kept)
    f = compile(lambda x: deep + x)
    assert f(1.0) == 2.0
    rate = 3.0
    assert f(1.0) == 3.0


def test_another_closure_of_the_same_code_does_not_count() -> None:
    def made(table: list[float]) -> Callable[[Any], Any]:
        return lambda x: x * x * table[0]

    ours, others = [2.0], [3.0]
    mine, other = made(ours), made(others)
    compiled = compile(grad(mine))
    assert compiled(1.0) == 4.0
    before = compiled._made, compiled._renewed
    others[0] = 5.0
    assert (compiled(1.0), other(1.0)) == (4.0, 5.0)
    assert (compiled._made, compiled._renewed) == before
    ours[0] = 5.0
    assert compiled(1.0) == 10.0
    long = made([1.0] * 2000)
    assert compile(grad(mine))(1.0) == 10.0
    assert long(1.0) == 1.0


def test_a_model_that_is_replaced_or_changed() -> None:
    model = nn.MLP(2, [3, 1], "tanh", seed=0)
    f = compile(lambda x: model(x))
    for change in (
        lambda: setattr(model.layers[0].neurons[0].b, "data", 3.0),
        lambda: setattr(model.layers[1].neurons[0], "b", Value(-7.0)),
        lambda: setattr(model.layers[1].neurons[0], "activation", tanh),
        lambda: model.layers.append(nn.Layer(1, 1, "tanh", seed=0)),
    ):
        before = f([0.5, -1.0])
        change()
        assert f([0.5, -1.0]) == pytest.approx(model([0.5, -1.0]).data, rel=1e-12)
        assert f([0.5, -1.0]) != before
    model = nn.MLP(2, [1], seed=5)
    assert f([0.5, -1.0]) == pytest.approx(model([0.5, -1.0]).data, rel=1e-12)


def test_a_rule_of_the_user_reads_from_outside() -> None:
    double = custom(lambda x: SCALE * x, lambda x, z: SCALE)
    f = compile(grad(lambda x: double(x) + x))
    assert f(1.0) == 3.0
    globals()["SCALE"] = 5.0
    assert f(1.0) == 6.0


# ---- compiled functions inside -------------------------------------------------------------------


def test_what_a_compiled_function_inside_depends_on_counts() -> None:
    inner = compile(lambda x: SCALE * x)
    inner(1.0)
    f, g = compile(lambda x: inner(x) + 1), compile(lambda x: inner(2.0) * x)
    assert [f(1.0), g(1.0)] == [3.0, 4.0]
    globals()["SCALE"] = 5.0
    assert [f(1.0), g(1.0)] == [6.0, 10.0]


def test_a_program_inside_is_no_function_of_the_users() -> None:
    inner = compile(lambda x: sum(v * v for v in x))
    ones = (1.0,) * 5000
    f = compile(lambda x: inner(ones) * x)
    assert [inner(ones), f(1.0), f(2.0)] == [5000.0, 5000.0, 10000.0]


def test_captured_values_of_a_compiled_function_inside() -> None:
    w = Value(2.0)
    inner = compile(lambda x: w * x)
    f = compile(lambda x: inner(3.0) * x)
    assert f(1.0) == 6.0
    w.data = 5.0
    assert f(1.0) == 15.0


# ---- what is equal is the same -------------------------------------------------------------------


def test_equal_numbers_are_not_recorded_anew_and_old_programs_hold_again() -> None:
    f = compile(scaled)
    for scale in (2.0, float("2"), 5.0, 2.0, 5.0, float("5")):
        globals()["SCALE"] = scale
        assert f(1.0) == scale
    assert (f._made, f._renewed) == (1, 1)
    for other in (5, np.float64(5.0), -5.0, 0.0, -0.0):
        globals()["SCALE"] = other
        assert math.copysign(1.0, f(1.0)) == math.copysign(1.0, other)


def test_ever_new_numbers_are_warned_of() -> None:
    f = compile(scaled)

    def called(count: int) -> None:
        for scale in range(count):
            globals()["SCALE"] = float(scale)
            assert f(2.0) == 2.0 * scale

    with pytest.warns(UserWarning, match=r"anew 8 times.*the last time SCALE: hand it") as caught:
        called(10)
    assert [warning.filename for warning in caught] == [__file__]


def test_only_its_code_is_asked_for_where_nothing_is_taken() -> None:
    f = compile(lambda x: x * x + 1.0)
    assert f(2.0) == 5.0
    checks = next(iter(f._plans.values()))[0].watch.checks
    assert [(type(check), list(check.values)) for check in checks] == [(Attributes, ["__code__"])]  # type: ignore[attr-defined]  # they are names


# ---- what is refused -----------------------------------------------------------------------------

LONG = [0.0] * 1001
NESTED = [[0.0] * 100 for _ in range(11)]
LONG_ARRAY = np.zeros(1001)
STREAM = itertools.count()


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: LONG[0] * x, "LONG, which has more than 1000 numbers.*hand it over"),
        (lambda x: NESTED[0][1] * x, r"NESTED\[10\], which has more than 1000 numbers"),
        (lambda x: LONG_ARRAY[0] * x, "LONG_ARRAY, which has more than 1000 numbers"),
        (lambda x: next(STREAM) * x, "STREAM, an iterator, which gives something else"),
    ],
)
def test_what_cannot_be_compared_is_refused_by_name(
    function: Callable[[Any], Any], words: str
) -> None:
    with pytest.raises(TraceError, match=f"<lambda> reads {words}"):
        compile(function)(1.0)


LONG_TUPLE = tuple(float(k) for k in range(5000))


def test_chains_may_be_long() -> None:
    class Link:
        def __init__(self, below: Any, rate: float) -> None:
            self.below, self.rate = below, rate

    first = chain = Link(None, 2.0)
    for k in range(2000):
        chain = Link(chain, float(k % 2))

    def total(x: Any) -> Any:
        link, found = chain, 0.0
        while link is not None:
            found += link.rate
            link = link.below
        return found * x

    f = compile(total)
    assert f(1.0) == 1002.0
    first.rate = 5.0
    assert f(1.0) == 1005.0


def test_what_cannot_change_may_be_long() -> None:
    assert compile(lambda x: LONG_TUPLE[4999] * x)(2.0) == 9998.0
    assert compile(lambda x: [v * x for v in map(float, range(2000))])(1.0)[-1] == 1999.0


# ---- what a function changes itself --------------------------------------------------------------


def counting(x: Any) -> Any:
    global CALLS
    CALLS += 1
    return x * 2


def counted(x: Any) -> Any:
    global CALLS
    CALLS += 1
    return x * CALLS


class Recurrent:
    def __init__(self) -> None:
        self.h: Any = 0.0
        self.seen: list[Any] = []

    def step(self, x: Any) -> Any:
        self.h = tanh(0.5 * self.h + x)
        return self.h

    def kept(self, x: Any) -> Any:
        self.z = x * 2
        self.layers = [self.z, tanh(self.z)]
        self.seen.append(self.z)
        return self.layers[-1]


def test_a_count_that_nobody_reads_is_kept() -> None:
    f = compile(counting)
    assert [f(1.0), f(2.0)] == [2.0, 4.0]
    assert CALLS == 1


def test_what_a_function_changes_and_reads_is_refused_and_put_back() -> None:
    recurrent, running, log = Recurrent(), Value(1.0), [1.0]

    def average(x: Any) -> Any:
        running.data = 0.9 * running.data + 0.2
        return x * running.data

    def length(x: Any) -> Any:
        log.append(1.0)
        return x * len(log)

    for function, words in (
        (counted, "counted changes CALLS"),
        (recurrent.step, r"step changes self\.h"),
        (average, r"average changes \.data of a Value"),
        (length, "length changes log"),
    ):
        with pytest.raises(TraceError, match=f"{words}, which it reads.*return what it becomes"):
            compile(function)(1.0)
    assert (CALLS, recurrent.h, running.data, log) == (0, 0.0, 1.0, [1.0])


def test_what_is_only_kept_to_look_at_is_allowed() -> None:
    recurrent = Recurrent()
    f = compile(recurrent.kept)
    assert [f(0.5), f(0.25)] == [math.tanh(1.0), math.tanh(0.5)]
    recurrent.kept(3.0)
    assert (f(0.5), f._made, f._renewed) == (math.tanh(1.0), 1, 0)


def test_a_table_that_is_filled_at_the_first_call() -> None:
    table: dict[int, Any] = {}

    def weights(n: int) -> Any:
        if n not in table:
            table[n] = [random.random() for _ in range(n)]
        return table[n]

    f = compile(lambda x: x * weights(3)[2])
    assert f(1.0) == table[3][2]
    table[3][2] = 7.0
    assert f(1.0) == 7.0


# ---- who else is looking -------------------------------------------------------------------------


def test_a_profiler_goes_on_looking() -> None:
    seen: list[str] = []

    def profiler(frame: Any, event: str, _: Any) -> None:
        seen.append(frame.f_code.co_name)

    outside = sys.getprofile()
    sys.setprofile(profiler)
    try:
        compile(scaled)(1.0)
        assert sys.getprofile() is profiler
        counting(1.0)
    finally:
        sys.setprofile(outside)
    assert "counting" in seen


def test_the_profiler_of_python_goes_on_looking() -> None:
    profiler = cProfile.Profile()
    profiler.enable()
    try:
        compile(scaled)(1.0)
        counting(1.0)
    finally:
        profiler.disable()
    assert counting.__code__ in [entry.code for entry in profiler.getstats()]


def test_an_error_of_the_function_is_raised_as_it_is() -> None:
    def wrong(x: Any) -> Any:
        raise KeyError(SCALE)

    with pytest.raises(KeyError):
        compile(wrong)(1.0)
    assert sys.getprofile() is None or "Observer" not in repr(sys.getprofile())


def test_how_we_record_is_not_put_back() -> None:
    """What leads to our own state, as a debugger's frames do, does not take it along."""
    holder = types.SimpleNamespace(state=contexts.state, switch=switch)

    def failing(x: Any) -> Any:
        if holder.state.kept or holder.switch.active:
            raise ValueError("as it should")
        return x

    with pytest.raises(ValueError, match="as it should"):
        compile(failing)(1.0)
    assert (contexts.state.kept, switch.active) == (0, 0)


# ---- what ran before -----------------------------------------------------------------------------


def _helped(x: float) -> Any:
    return scaled(x) if x > 1.0 else x


def _nested(x: float) -> Any:
    return sum(SCALE * y for y in [x]) if x > 1.0 else x


def _of_a_class(x: float) -> Any:
    return THING.method(x) if x > 1.0 else x


@pytest.mark.parametrize("function", [_helped, _nested, _of_a_class])
def test_functions_are_noted_where_others_than_before_may_run(function: Any) -> None:
    def observed(x: float, ran: Any = ()) -> tuple[Observer, bool]:
        observer = Observer([("f", function)], ran=ran)
        with observer:
            notes = sys.getprofile() is not None
            function(x)
        return observer, notes

    one, both = observed(0.5)[0], observed(2.0)[0]
    again, notes = observed(2.0, one.ran)
    assert notes
    assert again.ran == both.ran
    again, notes = observed(2.0, both.ran)
    assert notes is (function is _of_a_class)  # which has methods that were not called
    assert again.ran == both.ran
    terms = [terms_of(one.watch().checks, lambda thing: "it") for one in (again, both)]
    assert set(terms[0] or ()) == set(terms[1] or ()) != set()


def test_a_closure_that_no_name_leads_to_is_looked_at_when_it_runs() -> None:
    def made(factor: float) -> Any:
        return lambda x: factor * x

    times = made(3.0)
    first = Observer()
    with first:
        times(2.0)
    second = Observer(ran=first.ran)
    with second:
        assert sys.getprofile() is not None
        times(2.0)
    cells = [check for check in second.watch().checks if isinstance(check, Cell)]
    assert 3.0 in [cell.value for cell in cells]
