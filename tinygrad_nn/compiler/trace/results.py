"""Results of many samples: how each part is reduced, and how it is nested again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, TypeAlias

import numpy as np

from ...containers import Form
from ...errors import ArgumentError, ArgumentTypeError
from ...tree import Key, branches_of, has_nothing, put_together, size_of
from ..program.program import Dtype
from .structure import Nesting, plain

__all__ = ["Reduce", "assemble", "given_for", "means_of", "segments", "summed"]

Reduce: TypeAlias = Any  # "mean", "sum", None, or a nesting of these
Segment = tuple[str | None, Key]


def segments(reduce: Reduce, key: Key) -> list[Segment]:
    """Say for each part of a result, in order, how it is reduced."""
    if not isinstance(reduce, dict | list | tuple):
        if reduce not in (None, "mean", "sum"):
            raise ArgumentError(f"reduce is {reduce!r}: expected 'mean', 'sum' or None")
        return [(reduce, key)]
    given = given_for(reduce, key)
    if not given or len(given) != _width(key):
        raise ArgumentTypeError(
            f"reduce is {reduce!r} and does not fit the result, which is nested as {key!r}: give "
            "one text for all of it, or one for each part"
        )
    found: list[Segment] = []
    for how, (_, part) in zip(given, branches_of(key), strict=True):
        found += segments(how, part)
    return found


def summed(reduce: Reduce) -> Reduce:
    """Say the same with a sum for each mean, so that parts of a batch can be put together."""
    if isinstance(reduce, dict):
        return {name: summed(how) for name, how in reduce.items()}
    if isinstance(reduce, list | tuple):
        return [summed(how) for how in reduce]
    return "sum" if reduce == "mean" else reduce


def means_of(reduce: Reduce, key: Key, numbers: Sequence[Any], count: float) -> list[Any]:
    """Make means of sums over so many samples, where means are asked for."""
    share = 1.0 / count if count else math.nan
    rest = iter(numbers)
    found: list[Any] = []
    for how, part in segments(reduce, key):
        own = islice(rest, size_of(part))
        found += [number * share for number in own] if how == "mean" else own
    return found


def _width(key: Key) -> int:
    """Count the parts of a list, tuple or dict."""
    if key == 0 or key[0] == "array":
        return 0
    return key[1] if isinstance(key[1], int) else len(key[1])


def assemble(reduce: Reduce, key: Key, numbers: list[Any], count: int, arrays: Dtype | None) -> Any:
    """Nest results of `count` samples; a part that is not reduced has a leading axis of them.

    With a type, such a part has `arrays` of it. For each number of the key of one sample, `numbers` has a number, or those of all samples.
    """
    if isinstance(reduce, str):
        return Nesting(key).rebuild(numbers)
    if reduce is None:
        columns = [n if isinstance(n, np.ndarray | list) else [n] * count for n in numbers]
        if arrays is not None:
            return _stacked(key, columns, count, arrays)
        nesting = Nesting(key)
        return [nesting.rebuild([plain(column[s]) for column in columns]) for s in range(count)]
    made = [
        assemble(how, part, own, count, arrays)
        for how, (part, own) in zip(given_for(reduce, key), _by_parts(key, numbers), strict=True)
    ]
    return put_together(key[0], [step for step, _ in branches_of(key)], made)


def given_for(reduce: Any, key: Key) -> list[Reduce]:
    """List what is given for each part, in the order of the parts."""
    if not isinstance(reduce, dict):
        return list(reduce)
    is_named = key != 0 and (key[0] is dict or isinstance(key[0], Form))
    names = [name for name, _ in branches_of(key)] if is_named else []
    return [reduce[name] for name in names] if set(names) == set(reduce) else []


def _stacked(key: Key, columns: list[Any], count: int, dtype: Dtype) -> Any:
    """Put the results of all samples in arrays with a leading axis."""
    if key == 0:
        return _table(columns, count, dtype)[0]
    kind, inner = key
    if has_nothing(key):
        return kind(())
    if kind == "array" or isinstance(inner, int):
        shape = inner if kind == "array" else (inner,)
        return _table(columns, count, dtype).T.reshape(count, *shape)
    made = [_stacked(part, own, count, dtype) for part, own in _by_parts(key, columns)]
    return put_together(key[0], [step for step, _ in branches_of(key)], made)


def _table(columns: list[Any], count: int, dtype: Dtype) -> Any:
    """Put columns in the rows of a table; those of all of one, in their order, are that one."""
    if columns and all(isinstance(column, np.ndarray) for column in columns):
        base = columns[0].base
        is_whole = base is not None and base.shape == (len(columns), count)
        if is_whole and all(column.base is base for column in columns):
            return base
    return np.array(columns, dtype).reshape(len(columns), count)


def _by_parts(key: Key, numbers: Sequence[Any]) -> Iterator[tuple[Key, list[Any]]]:
    """Yield the key of each part, and its share of the numbers."""
    rest = iter(numbers)
    for _, part in branches_of(key):
        yield part, list(islice(rest, size_of(part)))
