"""Arguments named in static: those that anything tells apart shape programs of their own."""

from __future__ import annotations

import dataclasses
import decimal
import enum
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinygrad_nn import Value, compile
from tinygrad_nn.compiler.statics import Static


class Alike:
    """Says that all of its kind are equal, and looks like them."""

    __slots__ = ("k",)

    def __init__(self, k: Any) -> None:
        self.k = k

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1

    def __repr__(self) -> str:
        return "Alike"


@dataclasses.dataclass(frozen=True)
class Hidden:
    a: int
    k: Any = dataclasses.field(default=2.0, compare=False, repr=False)


class Text(str):
    k = 2.0


class Number(float):
    k = 2.0


class Row(tuple[int, ...]):
    k = 2.0


class Exact(decimal.Decimal):
    pass


class Kind(enum.IntEnum):
    plain = 2


def _with(thing: Any, k: float) -> Any:
    thing.k = k
    return thing


def _k(thing: Any) -> Any:
    return thing.k


VALUE = Value(3.0)
PAIRS: list[tuple[Any, Any, Callable[[Any], Any]]] = [
    (1, True, lambda s: 3.0 if s is True else 2.0),
    (1, 1.0, lambda s: 3.0 if type(s) is float else 2.0),
    (0.0, -0.0, lambda s: math.copysign(2.0, s)),
    ((0.0, (1,)), (-0.0, (1,)), lambda s: math.copysign(2.0, s[0])),
    (complex(1, 0.0), complex(1, -0.0), lambda s: math.copysign(2.0, s.imag)),
    (range(0, 3, 2), range(0, 4, 2), lambda s: s.stop),
    (np.float64(1.0), np.float32(1.0), lambda s: s.dtype.itemsize),
    (np.float64(1.0), 1.0, lambda s: 2.0 if isinstance(s, np.float64) else 3.0),
    (frozenset([1]), frozenset([True]), lambda s: 3.0 if True is next(iter(s)) else 2.0),
    (Kind.plain, 2, lambda s: 3.0 if isinstance(s, Kind) else 2.0),
    (Alike(2.0), Alike(3.0), _k),
    (Alike([2.0]), Alike([3.0]), lambda s: s.k[0]),
    ((Alike(2.0),), (Alike(3.0),), lambda s: s[0].k),
    (Hidden(1, 2.0), Hidden(1, 3.0), _k),
    (Hidden(1, Value(2.0)), Hidden(1, VALUE), lambda s: s.k.data),
    (Hidden(1, np.array([2.0])), Hidden(1, np.array([3.0])), lambda s: float(s.k[0])),
    (Hidden(1), Hidden(True), lambda s: 3.0 if s.a is True else 2.0),
    (_with(Text("a"), 2.0), _with(Text("a"), 3.0), _k),
    (_with(Number(1.0), 2.0), _with(Number(1.0), 3.0), _k),
    (_with(Row((1,)), 2.0), _with(Row((1,)), 3.0), _k),
    (Row((1,)), Row((2,)), lambda s: s[0]),
    (Exact("1"), Exact("2"), float),
    (max, min, lambda s: s(2.0, 3.0)),
]


@pytest.mark.parametrize(("one", "other", "read"), PAIRS)
@pytest.mark.parametrize("calls", [1, 6])
def test_what_is_told_apart_has_a_program_of_its_own(
    one: Any, other: Any, read: Any, calls: int
) -> None:
    f = compile(lambda x, s: x * read(s), static="s")
    for static in [one] * calls + [other] * calls + [one, other]:
        assert f(2.0, static) == 2.0 * float(read(static))
    assert Static(one) != Static(other)


@pytest.mark.parametrize(
    "make",
    [
        lambda: math.nan * 1.0,
        lambda: (1, [2.0, {"a": {3}}], frozenset([4])),
        lambda: Hidden(1, [2.0]),
        lambda: Hidden(1, VALUE),
        lambda: Text("a b"),
        lambda: Row((1, 2)),
        lambda: Kind.plain,
        lambda: np.float32(0.5),
        lambda: decimal.Decimal("1.50"),
    ],
)
def test_what_nothing_tells_apart_shares_one(make: Callable[[], Any]) -> None:
    one, other = Static(make()), Static(make())
    assert one == other
    assert hash(one) == hash(other)
    assert one.is_like(make())
    assert repr(one) == repr(make())


def test_what_is_in_itself() -> None:
    one, other = Alike([]), Alike([])
    one.k.append(one)
    other.k.append(other)
    assert Static(one) == Static(other)


def test_it_is_compared_anew_where_it_arrives() -> None:
    hidden = Hidden(1, 3.0)
    assert pickle.loads(pickle.dumps(Static(hidden))) == Static(hidden)
    assert pickle.loads(pickle.dumps(Static(VALUE))) != Static(VALUE)
