"""Calls with arguments of every kind: what an entry takes, it computes as the general way does."""

from __future__ import annotations

import random
from collections import OrderedDict, namedtuple
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from operator import methodcaller
from typing import Any
from unittest.mock import patch

import numpy as np

from tinygrad_nn import Value, compile, exp, log, lookup, tanh, value_and_grad, where
from tinygrad_nn.compiler.backends import runner
from tinygrad_nn.compiler.function import Compiled

Point = namedtuple("Point", "x y")
NEVER = 1 << 60


class Real(float):
    pass


class Row(list):  # type: ignore[type-arg]
    pass


class Table(np.ndarray):
    pass


@dataclass
class Case:
    """A function with arguments that it is called with."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    in_blocks: bool = False

    def compiled(self, **options: Any) -> tuple[Compiled, Compiled]:
        """Compile it twice: with entries, and without; both have run."""
        entered, general = [compile(self.function, **self.options, **options) for _ in "ab"]
        small = {"CACHE": 0, "LEAST": 64} if self.in_blocks else {}
        with patch.multiple(runner, **small) if small else nullcontext():
            for function in (entered, general):
                function(*self.args, **self.kwargs)
                function._latest.due = NEVER
        entered._latest.due = 0
        entered(*self.args, **self.kwargs)
        return entered, general


def _nested(p: Any, x: Any) -> Any:
    rows = [tanh(sum(w * v for w, v in zip(row, x, strict=True))) for row in p["W"]]
    return {"rows": rows, "point": Point(p["b"].x * rows[0], 2.0), "none": None}


def _rows(rows: Any, scale: Any) -> Any:
    return [tuple(v * scale for v in row) for row in rows], [], sum(map(sum, rows))


def _layers(layers: Any, x: Any) -> Any:
    for W, b in layers:
        x = [tanh(sum(map(_times, row, x)) + c) for row, c in zip(W, b, strict=True)]
    return sum(x)


def _times(a: Any, b: Any) -> Any:
    return a * b


def _array(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


WEIGHTS = _array(0, 3, 4), _array(1, 3)
CASES: dict[str, Case] = {
    "numbers": Case(value_and_grad(lambda x, y: x * tanh(y) + exp(-x)), (0.5, 2.0)),
    "by name": Case(lambda x, *, y: x / y, (0.5,), {"y": 2.0}),
    "lists": Case(lambda a, b: [a[0] * b[0], b[6], 1.5, a[2]], ([1.0, 2.0, 3.0], (0.5,) * 7)),
    "rows": Case(_rows, ([[0.1 * i, 2.0, -1.0, i] for i in range(9)], 1.5)),
    "nested": Case(_nested, ({"W": [[1.0] * 5, [0.5] * 5], "b": Point(1.0, 2.0)}, [0.1] * 5)),
    "array": Case(value_and_grad(lambda x: sum(v * v * v for v in x)), (_array(2, 12),)),
    "layers": Case(value_and_grad(_layers), ([WEIGHTS, (_array(3, 2, 3), [0.1, 0.2])], [1.0] * 4)),
    "pieces": Case(lambda A: (A.T[0] * 2.0, A[::-1], A[0, 0], 1.0, A), (_array(4, 3, 2),)),
    "not all finite": Case(lambda x: [log(x[0]), x[1] / x[2]], ([1.0, 2.0, 3.0],)),
    "looked at": Case(lambda x: [x[0] + x[1], x[2] * x[2]], ([1.0] * 3,), options={"check": True}),
    "choices": Case(
        value_and_grad(lambda x: where(x[0] > 0.0, log(x[0]), x[0] * x[1])), ([1.0, 2.0],)
    ),
    "lookup": Case(lambda t, i: lookup(t, i) * t[0], ([1.0, 2.0, 4.0], 1)),
    "static": Case(
        lambda x, n, kind: x**n if kind else x, (2.0, 3), {"kind": "a"}, {"static": ("n", "kind")}
    ),
    "batch": Case(
        value_and_grad(lambda w, x, y: (tanh(w[0] * x[0] + w[1] * x[1]) - y) ** 2),
        ([0.5, 1.5], _array(5, 6, 2), _array(6, 6)),
        options={"batch": ("x", "y"), "reduce": "mean"},
    ),
    "one sample": Case(
        lambda w, x: w * x[0] + x[1] ** 2, (2.0, _array(9, 1, 2)), options={"batch": "x"}
    ),
    "each sample": Case(
        lambda w, x: {"a": w * x[0], "b": [x[1], w, 1.0], "c": None, "d": x},
        (2.0, _array(7, 5, 3)),
        options={"batch": "x"},
    ),
    "listed": Case(
        lambda w, x: {"a": w * x[0], "b": [x[1], w, (1.0, x[0])], "c": None},
        (2.0, _array(10, 5, 2).tolist()),
        options={"batch": "x"},
    ),
    "listed numbers": Case(
        value_and_grad(lambda w, x, y: (w * x - y[0]) ** 2 + y[1]),
        (2.0, _array(11, 9).tolist(), _array(12, 9, 2)),
        options={"batch": ("x", "y"), "reduce": ("mean", None)},
    ),
    "in blocks": Case(
        value_and_grad(lambda w, x, y: (tanh(w[0] * x[0] + w[1] * x[1]) - y) ** 2),
        ([0.5, 1.5], _array(13, 200, 2), _array(14, 200)),
        options={"batch": ("x", "y"), "reduce": ("sum", None)},
        in_blocks=True,
    ),
    "blocks in parts": Case(
        lambda x, y: {"a": x * y, "b": [x, 1.0, y * y], "d": exp(x)},
        (_array(15, 200), _array(16, 200)),
        options={"batch": ("x", "y")},
        in_blocks=True,
    ),
    "listed in blocks": Case(
        lambda w, x: [w * x[0], x[1], w],
        (2.0, _array(17, 200, 2).tolist()),
        options={"batch": "x"},
        in_blocks=True,
    ),
    "in float32": Case(
        value_and_grad(lambda x, y: sum(v * tanh(y) for v in x)),
        ([0.1] * 7, 0.3),
        options={"dtype": "float32"},
    ),
    "arrays in float32": Case(
        lambda W, x: (W * x, W[0, 0] * x, 0.1),
        (_array(18, 2, 3), 0.7),
        options={"dtype": "float32"},
    ),
    "batch in float32": Case(
        lambda w, x: ([w * x[0], x[1] + 0.1], w * w),
        (0.1, _array(19, 6, 2)),
        options={"batch": "x", "reduce": (None, "mean"), "dtype": "float32"},
    ),
    "listed in float32": Case(
        value_and_grad(lambda w, x, y: tanh(w[0] * x[0] + w[1] * x[1]) * y),
        ([0.5, 0.1], _array(20, 40, 2).tolist(), _array(21, 40).tolist()),
        options={"batch": ("x", "y"), "dtype": "float32"},
    ),
    "parts of a batch": Case(
        lambda w, x: (w * x, (w, x * x), w),
        (2.0, _array(8, 5)),
        options={"batch": "x", "reduce": ("sum", None, "mean")},
    ),
}

NUMBERS: list[Callable[[Any], Any]] = [
    *(int, bool, Real, np.float64, np.float32, np.int64, np.array, Value, str, Decimal, complex),
    *(Fraction, lambda x: [x], lambda x: (x,), lambda _: None, lambda x: -x, lambda _: -0.0),
    *(lambda _: float("nan"), lambda _: float("inf"), lambda _: 10**400, lambda _: -1.5),
]
ROWS: list[Callable[[Any], Any]] = [
    *(list, tuple, Row, np.array, lambda x: x[:-1], lambda x: [*x, 1.0], lambda x: [x]),
    *(
        lambda x: x[::-1],
        lambda _: [],
        lambda x: dict(enumerate(x)),
        iter,
        lambda x: np.array(x)[:0],
    ),
]
DICTS: list[Callable[[Any], Any]] = [
    *(OrderedDict, lambda x: dict(reversed(x.items())), lambda x: dict(list(x.items())[1:])),
    *(lambda x: {**x, "more": 1.0}, list, lambda x: list(x.values())),
]
ARRAYS: list[Callable[[Any], Any]] = [
    *(
        methodcaller("astype", kind)
        for kind in ("f4", ">f8", "i8", "i1", "?", "c16", "O", "g", "u4")
    ),
    *(np.asfortranarray, lambda x: np.repeat(x, 2, 0)[::2], lambda x: x[::-1], lambda x: x[:-1]),
    *(lambda x: x[..., None], lambda x: x.ravel(), lambda x: x.view(Table), np.ma.masked_array),
    *(lambda x: x.tolist(), lambda x: x[:0], lambda x: list(x), lambda x: x * np.nan, np.copy),
    *(lambda x: np.broadcast_to(x[:1], x.shape), lambda x: np.concatenate([x, x]), lambda x: x.T),
    *(lambda x: x * np.inf, lambda x: x.astype("M8[s]"), lambda x: x[0]),
]


def changed(thing: Any, random: random.Random) -> Any:
    """Change a nesting somewhere."""
    if isinstance(thing, np.ndarray):
        return random.choice(ARRAYS)(thing)
    inside = isinstance(thing, list | tuple | dict) and thing and random.random() < 0.7
    if isinstance(thing, dict):
        if not inside:
            return random.choice(DICTS)(thing)
        name = random.choice(list(thing))
        return thing | {name: changed(thing[name], random)}
    if isinstance(thing, list | tuple):
        if not inside:
            return random.choice(ROWS)(thing)
        place = random.randrange(len(thing))
        parts = [*thing[:place], changed(thing[place], random), *thing[place + 1 :]]
        return Point(*parts) if isinstance(thing, Point) else type(thing)(parts)
    return random.choice(NUMBERS)(thing) if isinstance(thing, int | float) else thing


def changed_call(case: Case, random: random.Random) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Change one of the arguments of a case, or more; or leave one away, or give one more."""
    args, kwargs = list(case.args), dict(case.kwargs)
    for _ in range(random.choice([1, 1, 1, 2])):
        place = random.randrange(len(args) + len(kwargs))
        try:
            if place < len(args):
                args[place] = changed(args[place], random)
            else:
                name = list(kwargs)[place - len(args)]
                kwargs[name] = changed(kwargs[name], random)
        except (ValueError, TypeError, OverflowError, AttributeError, IndexError, KeyError):
            pass  # no such change of this
    if random.random() < 0.02:
        del args[-1:]
    if random.random() < 0.02:
        kwargs["more"] = 1.0
    return tuple(args), kwargs


def described(thing: Any) -> Any:
    """Say what something is to the last bit."""
    if isinstance(thing, dict):
        return [type(thing), *[(name, described(part)) for name, part in thing.items()]]
    if isinstance(thing, list | tuple):
        return [type(thing), *map(described, thing)]
    if isinstance(thing, np.ndarray):
        return (
            type(thing),
            thing.dtype,
            thing.shape,
            described(thing.tolist()),
            thing.flags.writeable,
        )
    return type(thing), thing.hex() if isinstance(thing, float) and thing == thing else repr(thing)


def outcome(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Say what a call gives, or raises."""
    try:
        return described(function(*args, **kwargs))
    except Exception as error:
        return type(error), str(error)


def builtin_of(entry: Any) -> Any:
    """Find the built-in function that an entry calls; None if there is none."""
    found = [one for one in entry.call.__globals__.values() if type(one) is type(len)]
    return next((one for one in found if one.__name__ == "entry"), None)
