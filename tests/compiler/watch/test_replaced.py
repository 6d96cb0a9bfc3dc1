"""What is replaced under a compiled function: its code, its defaults, classes, names that come later."""

from __future__ import annotations

import builtins
import ctypes
import dataclasses
import functools
import os
import sys
import types
import weakref
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_nn import compile, grad, nn

Case = tuple[Callable[[Any], Any], Callable[[], Any]]


def triple(x: Any, k: float) -> Any:
    return 3.0 * x


def tripled(x: Any) -> Any:
    return 3.0 * x


class Other:
    rate = 3.0

    def method(self, x: Any) -> Any:
        return 3.0 * x


# ---- functions -----------------------------------------------------------------------------------


def functions() -> Iterator[Case]:
    def given(x: Any, k: float = 2.0) -> Any:
        return k * x

    def keyword(x: Any, *, k: float = 2.0) -> Any:
        return k * x

    def coded(x: Any) -> Any:
        return 2.0 * x

    def inner(x: Any, k: float = 2.0) -> Any:
        return k * x

    def outer(k: float = 2.0) -> Callable[[Any], Any]:
        return lambda x: k * x

    def bare() -> None:
        pass

    times: Any = lambda x, k=2.0: k * x  # noqa: E731  # it has defaults

    @dataclasses.dataclass
    class Made:
        rate: float = 2.0

    class Called:
        @property
        def rate(self) -> float:
            return 2.0

        def __call__(self, x: Any) -> Any:
            return 2.0 * x

    called = Called()
    bound = functools.partial(lambda k, x: k * x, 2.0)
    named = functools.partial(lambda x, k: k * x, k=2.0)
    yield given, lambda: setattr(given, "__defaults__", (3.0,))
    yield keyword, lambda: setattr(keyword, "__kwdefaults__", {"k": 4.0})
    yield lambda x: keyword(x), lambda: keyword.__kwdefaults__.update(k=3.0)  # type: ignore[union-attr]
    yield coded, lambda: setattr(coded, "__code__", tripled.__code__)
    yield lambda x: inner(x), lambda: setattr(inner, "__defaults__", (3.0,))
    yield grad(lambda x: inner(x) * x), lambda: setattr(inner, "__defaults__", (4.0,))
    yield lambda x: inner(x, 2.0), lambda: setattr(inner, "__code__", triple.__code__)
    yield lambda x: outer()(x), lambda: setattr(outer, "__defaults__", (3.0,))
    yield lambda x: sum(map(times, [x, x])), lambda: setattr(times, "__defaults__", (3.0,))
    yield lambda x: x * (bare.k if hasattr(bare, "k") else 2.0), lambda: setattr(bare, "k", 3.0)  # type: ignore[attr-defined]
    yield lambda x: Made().rate * x, lambda: setattr(Made.__init__, "__defaults__", (3.0,))
    yield (
        lambda x: called.rate * x,
        lambda: setattr(Called.rate.fget, "__code__", (lambda self: 3.0).__code__),  # type: ignore[attr-defined]
    )
    yield called, lambda: setattr(Called.__call__, "__code__", Other.method.__code__)
    yield bound, lambda: bound.__setstate__((bound.func, (3.0,), {}, {}))  # type: ignore[attr-defined]
    yield lambda x: named(x), lambda: named.keywords.update(k=3.0)


# ---- objects and classes -------------------------------------------------------------------------


def objects() -> Iterator[Case]:
    class Thing:
        rate = 2.0

        def __init__(self) -> None:
            self.own = 2.0

        def method(self, x: Any) -> Any:
            return 2.0 * x

    class Fewer(Thing):
        def method(self, x: Any) -> Any:
            return super().method(x)

    class Later(Thing):
        pass

    class Hooked:
        def __init__(self) -> None:
            self.kept = {"rate": 2.0}

        def __getattribute__(self, name: str) -> Any:
            if name == "rate":
                return object.__getattribute__(self, "kept")[name]
            return object.__getattribute__(self, name)

    class Alone:
        def __init__(self) -> None:
            self.own = 2.0

    class Layer(nn.Layer):
        pass

    class Numbers(list[float]):
        pass

    class Kind(Enum):
        plain = (2.0,)

    @dataclasses.dataclass
    class Row:
        rate: float = 2.0

    things: Any = [Thing() for _ in range(8)]
    fewer, later, hooked, row, key = Fewer(), Later(), Hooked(), Row(), Thing()
    layer, numbers = Layer(1, 1, "tanh", seed=0), Numbers([2.0])
    alone, space = Alone(), types.SimpleNamespace(rate=2.0)
    table = {key: 1.0}
    weak: Any = weakref.WeakKeyDictionary({key: 2.0})
    view = table.values()
    number, pair = ctypes.c_double(2.0), (ctypes.c_double * 2)(2.0, 1.0)
    array = np.array([2.0])

    def matched(x: Any) -> Any:
        match things[6]:
            case Thing(own=2.0):
                return 2.0 * x
            case _:
                return 3.0 * x

    def tried(x: Any) -> Any:
        try:
            return things[7].new * x
        except AttributeError:
            return 2.0 * x

    yield lambda x: things[0].method(x), lambda: setattr(things[0], "__class__", Other)
    yield lambda x: things[1].rate * x, lambda: setattr(things[1], "__class__", Other)
    yield lambda x: things[2].own * x, lambda: setattr(things[2], "__dict__", {"own": 3.0})
    yield lambda x: later.rate * x, lambda: setattr(Later, "__bases__", (Other,))
    Later.__bases__ = (Thing,)
    yield lambda x: fewer.method(x), lambda: setattr(Thing, "method", Other.method)
    yield lambda x: hooked.rate * x, lambda: hooked.kept.update(rate=3.0)
    yield lambda x: alone.own * x, lambda: setattr(Alone, "own", property(lambda self: 3.0))
    yield lambda x: getattr(things[3], "new", 2.0) * x, lambda: setattr(things[3], "new", 3.0)
    yield lambda x: getattr(things[4], "newer", 2.0) * x, lambda: setattr(Thing, "newer", 3.0)
    yield lambda x: getattr(Later, "newest", 2.0) * x, lambda: setattr(Thing, "newest", 3.0)
    yield tried, lambda: setattr(things[7], "new", 3.0)
    yield matched, lambda: setattr(things[6], "own", 3.0)
    yield lambda x: layer([x]), lambda: setattr(Layer, "__call__", lambda self, x: 3.0 * x[0])
    yield lambda x: numbers[0] * x, lambda: setattr(Numbers, "__getitem__", lambda self, k: 3.0)
    yield lambda x: Kind.plain.value[0] * x, lambda: setattr(Kind.plain, "_value_", (3.0,))
    yield lambda x: dataclasses.astuple(row)[0] * x, lambda: setattr(row, "rate", 3.0)
    yield lambda x: (2.0 if "rate=3" in repr(row) else 3.0) * x, lambda: setattr(row, "rate", 5.0)
    yield lambda x: sum(vars(space).values()) * x, lambda: setattr(space, "more", 1.0)
    yield lambda x: (2.0 if "new" not in dir(key) else 3.0) * x, lambda: setattr(key, "new", 1)
    yield lambda x: next(iter(table)).own * x, lambda: setattr(key, "own", 3.0)
    yield lambda x: sum(view) * x, lambda: table.update({key: 2.0})
    yield lambda x: weak[key] * x, lambda: weak.update({key: 3.0})
    yield lambda x: number.value * x, lambda: setattr(number, "value", 3.0)
    yield lambda x: pair[0] * x, lambda: pair.__setitem__(0, 3.0)
    yield (
        lambda x: float(array[0] != 2.0) * x + x,
        lambda: setattr(array, "dtype", np.dtype("int64")),
    )


# ---- names of modules ----------------------------------------------------------------------------

HOME = types.ModuleType("home_of_a_user")
exec(
    """
def tried(x):
    try: return x * come
    except NameError: return x * 2.0
def by_name(x): return x * globals()["rate"]
def by_any_name(x): return x * globals().get("new_rate", 2.0)
def greatest(x): return max([2.0, 1.0]) * x
rate = 2.0
def of_builtins(x): return x * rate_of_builtins
def imported(x):
    import home_of_another
    return x * home_of_another.rate
def of_module(x): return x * (another.rate if hasattr(another, "rate") else 2.0)
""",
    vars(HOME),
)


def modules() -> Iterator[Case]:
    home: Any = HOME
    first, second = types.ModuleType("home_of_another"), types.ModuleType("home_of_another")
    first.rate, second.rate = 2.0, 3.0  # type: ignore[attr-defined]
    sys.modules["home_of_another"] = first
    home.another, kept = types.ModuleType("another"), {"rate": 2.0}
    hooked: Any = types.ModuleType("hooked")
    hooked.__getattr__ = lambda name: kept[name]
    builtins.rate_of_builtins = 2.0  # type: ignore[attr-defined]
    os.environ["RATE_OF_A_USER"] = "2"
    yield home.tried, lambda: setattr(home, "come", 3.0)
    yield home.by_name, lambda: setattr(home, "rate", 3.0)
    yield home.by_any_name, lambda: setattr(home, "new_rate", 3.0)
    yield home.greatest, lambda: setattr(home, "max", min)
    yield home.of_builtins, lambda: setattr(builtins, "rate_of_builtins", 3.0)
    yield home.imported, lambda: sys.modules.__setitem__("home_of_another", second)
    yield home.of_module, lambda: setattr(home.another, "rate", 3.0)
    yield lambda x: hooked.rate * x, lambda: kept.update(rate=3.0)
    yield (
        lambda x: float(os.environ["RATE_OF_A_USER"]) * x,
        lambda: os.environ.__setitem__("RATE_OF_A_USER", "3"),
    )


@pytest.fixture(autouse=True)
def _restored() -> Any:
    """Take away what the tests have added."""
    yield
    for name in ("come", "new_rate", "max"):
        vars(HOME).pop(name, None)
    HOME.rate = 2.0  # type: ignore[attr-defined]
    sys.modules.pop("home_of_another", None)
    vars(builtins).pop("rate_of_builtins", None)
    os.environ.pop("RATE_OF_A_USER", None)


@pytest.mark.filterwarnings("ignore:Setting the dtype:DeprecationWarning")
@pytest.mark.parametrize("made", [functions, objects, modules])
@pytest.mark.parametrize("calls", [1, 6])
def test_what_is_replaced_counts(made: Callable[[], Iterator[Case]], calls: int) -> None:
    for place, (function, change) in enumerate(made()):
        compiled = compile(function)
        before = [compiled(0.75) for _ in range(calls)]
        expected = function(0.75)
        assert before == pytest.approx([expected] * calls, rel=1e-14), place
        change()
        after = function(0.75)
        assert after != expected, place
        assert compiled(0.75) == pytest.approx(after, rel=1e-14), place


def test_classes_of_code_without_a_name_are_watched() -> None:
    space: dict[str, Any] = {}
    code = "class Scale:\n    by = 2.0\nscale = Scale()\ndef scaled(x): return x * scale.by"
    exec(code, space)
    compiled = compile(space["scaled"])
    assert compiled(1.0) == 2.0
    space["scale"].by = 3.0
    assert compiled(1.0) == 3.0
    space["Scale"].by = 5.0
    del space["scale"].by
    assert compiled(1.0) == 5.0


def test_classes_of_modules_named_as_pythons_are_watched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    module = types.ModuleType("profile")
    module.__file__ = str(tmp_path / "profile.py")
    monkeypatch.setitem(sys.modules, "profile", module)
    code = "class Scale:\n    by = 2.0\nscale = Scale()\ndef scaled(x): return x * scale.by"
    exec(code, vars(module))
    compiled = compile(module.scaled)
    assert compiled(1.0) == 2.0
    module.scale.by = 3.0
    assert compiled(1.0) == 3.0
