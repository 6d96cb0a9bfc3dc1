"""What is called by a function of its own: entries, and those that take what they refuse."""

from __future__ import annotations

import gc
import inspect
import os
import sys
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from tinygrad_nn import Value, compile
from tinygrad_nn.compiler.paths.direct import direct


def product(x: Any, y: Any = 2.0) -> Any:
    return x * y


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_it_is_a_function_as_others() -> None:
    function = compile(product)
    assert callable(function)
    assert str(inspect.signature(function)) == "(x: 'Any', y: 'Any' = 2.0) -> 'Any'"
    for _ in range(6):
        assert (function(3.0), function(x=3.0), function(3, y=4.0)) == (6.0, 6.0, 12.0)
        assert function([1.0, 2.0].pop()) == 4.0
    with pytest.raises(TypeError, match="z"):
        function(3.0, z=1.0)


@pytest.mark.skipif("TINYGRAD_NN_LOW" in os.environ, reason="there what it is made of is a circle")
def test_it_goes_as_soon_as_nobody_has_it(no_collector: None) -> None:
    function = compile(product)
    gone = weakref.ref(function)
    for _ in range(8):
        function(3.0)
    del function
    assert gone() is None
    assert compile(product)(3.0) == 6.0  # though nobody has it but who calls it


# ---- built-in ones ------------------------------------------------------------------------------


def test_either() -> None:
    pytest.importorskip("llvmlite")
    from tinygrad_nn.compiler.entries.making import either

    def first(*args: Any, **named: Any) -> Any:
        if args == ("error",):
            raise KeyError(args)
        return NotImplemented if named or len(args) != 1 else ("first", *args)

    def others(*args: Any, **named: Any) -> Any:
        return "others", args, named

    both = either(first, others)
    assert both(3) == ("first", 3)
    assert both() == ("others", (), {})
    assert both(3, 4, by=5) == ("others", (3, 4), {"by": 5})
    with pytest.raises(KeyError):
        both("error")
    thing = object()
    before = sys.getrefcount(thing), sys.getrefcount(NotImplemented)
    for _ in range(100):
        both(thing)
        both(thing, thing)
    assert abs(sys.getrefcount(thing) - before[0]) < 9
    assert abs(sys.getrefcount(NotImplemented) - before[1]) < 90


def odd(x: float, y: Any) -> Any:
    if y < 0:
        raise KeyboardInterrupt
    return {0.0: [x], 1.0: 1, 2.0: Value(x)}.get(y, x / (y - 3.0))


def named(c: float, turns: float = 3.0, kind: str = "") -> float:
    return c * turns


def test_what_is_called_as_it_is_has_the_errors_of_the_function() -> None:
    left: list[Any] = []
    entry = direct(named, None, (0, 0), 2, False)  # type: ignore[arg-type]
    assert entry is not None
    quick = entry.before(lambda *args, **given: left.append((args, given)))
    assert quick(2.0, 4.0) == quick(turns=4.0, c=2.0) == 8.0
    assert left == []
    wrong: list[Any] = [((2.0,), {"z": 1.0}), ((2.0,), {"c": 2.0}), ((), {}), ((1.0,) * 4, {})]
    for args, given in wrong:
        with pytest.raises(TypeError) as expected:
            named(*args, **given)
        with pytest.raises(TypeError) as found:
            quick(*args, **given)
        assert str(found.value) == str(expected.value)
    quick(2.0)
    quick(2, turns=4.0)
    quick(2.0, kind="")
    assert left == [((2.0,), {}), ((2, 4.0), {}), ((2.0,), {"kind": ""})]


@pytest.mark.parametrize("is_coded", [False, True])
def test_direct(is_coded: bool) -> None:
    if is_coded:
        pytest.importorskip("llvmlite")

    def eager(leaves: Any) -> Any:
        return "again", leaves

    left: list[Any] = []

    def others(*args: Any, **named: Any) -> Any:
        left.append((args, named))
        return "others"

    entry = direct(odd, eager, (0, 0), 2, is_coded)  # type: ignore[arg-type]
    assert entry is not None
    quick = entry.before(others)
    assert (type(quick) is type(len)) == is_coded
    assert [quick(6.0, 5.0), quick(6.0, 0.0), quick(6.0, 1.0), quick(6.0, 2.0)] == [3, [6], 1, 6]
    assert list(map(type, (quick(6.0, 1.0), quick(6.0, 2.0), quick(6.0, 0.0)[0]))) == [float] * 3
    assert left == []
    assert quick(6.0, 3.0) == ("again", [[6.0], [3.0]])  # dividing by zero failed
    with pytest.raises(KeyboardInterrupt):
        quick(6.0, -1.0)
    assert left == []
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
        ((6, 5.0), {}),
        ((Value(6.0), 5.0), {}),
        ((6.0, "5"), {}),
    ]
    if is_coded:
        calls += [((6.0,), {}), ((), {}), ((6.0, 5.0, 4.0), {}), ((6.0,), {"y": 5.0})]
    for args, given in calls:
        assert quick(*args, **given) == "others"
    assert left == calls
