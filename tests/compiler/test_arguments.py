"""Arrays of every kind as arguments of a compiled function, and arrays as its results."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_nn as tg
from tinygrad_nn import Value


class Pair(NamedTuple):
    u: Any
    v: Any


class OfItsOwn(np.ndarray):  # type: ignore[type-arg]  # as a memmap is
    pass


def _every_other(a: Any) -> Any:
    wide = np.zeros(tuple(2 * n for n in a.shape))
    wide[tuple(slice(None, None, 2) for _ in a.shape)] = a
    return wide[tuple(slice(None, None, 2) for _ in a.shape)]


def _locked(a: Any) -> Any:
    a.flags.writeable = False
    return a


def _of_values(a: Any) -> Any:
    made = a.astype(object)
    made.flat = [Value(number) if place % 2 == 0 else number for place, number in enumerate(a.flat)]
    return made


KINDS = [
    np.asarray, np.asfortranarray, np.flip, _every_other, _locked, _of_values,
    lambda a: a.view(OfItsOwn), lambda a: a.astype(object), lambda a: a.astype(np.float32),
    lambda a: a.astype(np.longdouble), lambda a: a.astype(">f8"), lambda a: (9.0 * a).astype(int),
    lambda a: a > 0.0, lambda a: np.broadcast_to(a[:1], a.shape),
]  # fmt: skip
NUMBERS = [0.5, 3, True, np.float64(-0.25), np.float32(0.5), np.int8(-3), np.bool_(True)]
FORMS = st.recursive(
    st.sampled_from([(), (2,), (2, 3), (0,), (1, 2), "number", "numbers"]),
    lambda inner: (
        st.tuples(st.sampled_from([list, tuple, dict]), st.lists(inner, max_size=2))
        | st.tuples(st.just(Pair), st.lists(inner, min_size=2, max_size=2))
    ),
    max_leaves=4,
)


def argument(form: Any, rng: Any) -> Any:
    """Make an argument of a form; those of one form are of one structure."""
    if form == "number":
        return NUMBERS[rng.integers(len(NUMBERS))]
    if form == "numbers":
        return [argument("number", rng) for _ in range(3)]
    if form and isinstance(form[0], type):
        kind, inner = form
        parts = [argument(part, rng) for part in inner]
        if kind is dict:
            return dict(zip("ab", parts, strict=False))
        return Pair(*parts) if kind is Pair else kind(parts)
    array = np.array(rng.normal(size=form))
    kinds = KINDS if form else [np.asarray, _locked, lambda a: a.astype(np.float32)]
    return kinds[rng.integers(len(kinds))](array)


def leaves(nested: Any) -> list[Any]:
    if isinstance(nested, np.ndarray):
        return list(nested.ravel().tolist())
    if isinstance(nested, dict):
        nested = list(nested.values())
    if isinstance(nested, list | tuple):
        return [leaf for part in nested for leaf in leaves(part)]
    return [nested]


def arrays(nested: Any) -> list[Any]:
    """List the arrays of numbers."""
    if isinstance(nested, np.ndarray):
        return [] if nested.dtype == object else [nested]
    if isinstance(nested, dict):
        nested = list(nested.values())
    return [a for part in nested for a in arrays(part)] if isinstance(nested, list | tuple) else []


def plain(nested: Any) -> list[float]:
    return [leaf.data if isinstance(leaf, Value) else float(leaf) for leaf in leaves(nested)]


def form_of(nested: Any) -> Any:
    if isinstance(nested, np.ndarray):
        return nested.shape
    if isinstance(nested, dict):
        return {key: form_of(part) for key, part in nested.items()}
    if isinstance(nested, list | tuple):
        return type(nested), [form_of(part) for part in nested]
    return 0


@given(first=FORMS, second=FORMS, seed=st.integers(0, 1 << 30), whole=st.booleans())
@settings(max_examples=80, deadline=None)
def test_arguments_stay_and_results_are_kept(
    first: Any, second: Any, seed: int, whole: bool
) -> None:
    """Results that are arguments are copies, of the same form, and no call changes a former one."""
    rng = np.random.default_rng(seed)

    def f(x: Any, y: Any) -> Any:
        total = 0.5
        for place, leaf in enumerate(leaves([x, y])):
            total = total + (place + 1) * leaf * leaf
        return {"total": total, "x": x, "both": (y, x), "c": 1.5} if whole else total

    compiled = tg.compile(f)
    former: list[tuple[Any, list[float]]] = []
    for _ in range(4):
        x, y = argument(first, rng), argument(second, rng)
        before = copy.copy(plain([x, y]))
        found = compiled(x, y)
        assert plain([x, y]) == before
        total = 0.5 + sum((place + 1) * number**2 for place, number in enumerate(before))
        expected = [total, *plain([x, (y, x)]), 1.5] if whole else [total]
        assert np.allclose(plain(found), expected, rtol=1e-12)
        made = arrays(found)
        if whole:
            assert form_of(found["both"]) == form_of((y, x))
        for place, array in enumerate(made):
            for other in (*made[:place], *arrays([x, y])):
                assert not np.shares_memory(array, other)
            array += 1.0
        for result, numbers in former:
            assert np.array_equal(plain(result), numbers)
        former.append((found, plain(found)))
