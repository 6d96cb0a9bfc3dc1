"""A compiled function that is given Values: the user's own function, called as it is.

So derivatives through a compiled function are those of the function, whatever it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from ..errors import ArgumentTypeError, ConversionError, TraceError
from ..scalar.contexts import copies_kept, state, watched
from ..scalar.graph import ancestors
from ..scalar.log_sums import total_of
from ..scalar.user_line import is_raised_by_user
from ..scalar.value import Value, constant
from ..tree import NONE, Key
from .program.program import DOUBLE, Dtype
from .tape.interpreter import sample_count
from .trace.recorder import Argument
from .trace.results import Reduce, assemble, segments
from .trace.structure import Nesting, flat, nesting_of
from .trace.tracing import Call, Trace

__all__ = [
    "as_given",
    "call_as_it_is",
    "has_arrays",
    "has_values",
    "is_differentiated",
    "on_values",
    "rows_as_they_are",
    "samples_of",
    "uncompiled",
]

Numbers = Sequence[list[Any]]  # of each argument, for one sample
Result = Callable[[Numbers], tuple[Nesting, Any]]

_PLAIN = frozenset({float, int, np.ndarray})


def call_as_it_is(
    trace: Trace, leaves: Sequence[list[Any]], plain: Dtype | None = None, arrays: bool = False
) -> Any:
    """Call what was traced on the numbers of each argument, sample by sample if there are some.

    It is given Values throughout, as when it was traced; but what is given beside Values, or where it
    asks for classes, is given as it is. With `plain`, floats come out, rounded to this type, and with
    `arrays` those of all samples as arrays.
    """
    asks = trace.asks_classes and not trace.of_values
    result = partial(_result, trace, plain, asks or has_values(trace.arguments, leaves))
    if not trace.batched:
        nesting, numbers = result(leaves)
        return nesting.rebuild(numbers)
    key, rows, count = rows_as_they_are(trace, leaves, result)
    return assemble(trace.reduce, key, rows, count, plain if arrays else None)


def rows_as_they_are(
    trace: Trace, leaves: Sequence[list[Any]], result: Result
) -> tuple[Key, list[Any], int]:
    """Call what was traced on each sample, and give how a result is nested, and its numbers.

    `result` does so for one. Each is reduced, or listed for all samples; how many these are comes
    last.
    """
    given = [
        samples_of(numbers, a.nesting.size) if a.per_sample else [numbers]
        for a, numbers in zip(trace.arguments, leaves, strict=True)
    ]
    counts = {
        a.name: len(rows) for a, rows in zip(trace.arguments, given, strict=True) if a.per_sample
    }
    count = sample_count(counts)
    key = trace.nesting.key
    results: list[Any] = []
    for sample in range(count):
        own = [
            r[sample if a.per_sample else 0] for a, r in zip(trace.arguments, given, strict=True)
        ]
        nesting, numbers = result(own)
        if sample and nesting.key != key:
            raise ArgumentTypeError(
                f"samples give results of different structures, as {key!r} and {nesting.key!r}: "
                "return the same for all samples of a batch, or call the function for each"
            )
        key = nesting.key
        results.append(numbers)
    columns = [[row[place] for row in results] for place in range(Nesting(key).size)]
    return key, _reduced(trace.reduce, key, columns, count), count


def uncompiled(call: Call, arguments: Sequence[Argument], reduce: Reduce) -> Trace:
    """Give what calls a function of which there is no program."""
    return Trace(None, tuple(arguments), Nesting(NONE), reduce, (), call)


def has_values(arguments: Sequence[Argument], leaves: Sequence[list[Any]]) -> bool:
    """Tell whether there are Values among the numbers."""
    for argument, numbers in zip(arguments, leaves, strict=True):
        for row in numbers if argument.per_sample else (numbers,):
            if not isinstance(row, np.ndarray):
                kinds = set(map(type, row)) - _PLAIN
                if kinds and any(issubclass(kind, Value) for kind in kinds):
                    return True
    return False


def is_differentiated(captured: Iterable[Value] | None = None) -> bool:
    """Tell whether an open call may ask for derivatives by Values that are captured, or by any."""
    if state.derived is not None:
        return True
    by = watched()
    if not by or state.no_grad:
        return False
    return captured is None or not set(ancestors(*by)).isdisjoint(captured)


def has_arrays(arguments: Sequence[Argument], leaves: Sequence[list[Any]]) -> bool:
    """Tell whether the samples of an argument are an array."""
    return any(
        isinstance(numbers[0], np.ndarray) if numbers else False
        for numbers, argument in zip(leaves, arguments, strict=True)
        if argument.per_sample
    )


def samples_of(numbers: list[Any], size: int) -> list[list[Any]]:
    """List the numbers of an argument sample by sample."""
    if numbers and hasattr(numbers[0], "reshape"):
        table: list[list[Any]] = numbers[0].reshape(len(numbers[0]), size).tolist()
        return table
    return [flat(sample) for sample in numbers]


def _node(number: Any) -> Value:
    return number if isinstance(number, Value) else constant(float(number))


def _node_of_float(number: Any) -> Any:
    return _node(number) if isinstance(number, float) else number


def on_values(
    trace: Trace, numbers: Numbers, node: Callable[[Any], Any] = _node
) -> tuple[Nesting, list[Any]]:
    """Call the function on Values, for the numbers of each argument; take its result apart."""
    arguments = zip(trace.arguments, numbers, strict=True)
    given = [a.nesting.rebuild(list(map(node, flat(own)))) for a, own in arguments]
    with copies_kept():  # as while it was traced
        return _apart(trace.call(given))


def as_given(trace: Trace, again: Trace, numbers: Numbers) -> tuple[Nesting, list[Any]]:
    """Call the function on the numbers of each argument as they are; take its result apart.

    If that fails it is called on Values in place of floats, as it may need a method of theirs, and
    then `again`, on Values throughout; their errors say more. An error that only plain numbers have
    is that of the call.
    """
    arguments = zip(trace.arguments, numbers, strict=True)
    given = [a.given(own, trace.asks_classes) for a, own in arguments]
    try:
        # Numbers of NumPy are to raise where those of Python do.
        with copies_kept(), np.errstate(divide="raise", over="raise", invalid="raise"):
            return _apart(trace.call(given))
    except Exception as error:
        failure = error
    if is_raised_by_user(failure) or isinstance(failure, _REFUSALS):
        raise failure
    if _may_need_values(failure):
        try:
            return on_values(trace, numbers, _node_of_float)
        except Exception as error:
            if is_raised_by_user(error) or not _may_need_values(error):
                raise
        return on_values(again, numbers)
    on_values(again, numbers)  # raises, in most cases
    raise failure


def _may_need_values(error: Exception) -> bool:
    """Tell whether an error may come of numbers that are no Values."""
    cause = error.__cause__ if isinstance(error.__cause__, AttributeError) else error
    if isinstance(cause, AttributeError):  # Values may have what no number of Python's has
        return not isinstance(cause.obj, Value) and hasattr(Value, str(cause.name))
    may_be = isinstance(error, TypeError | FloatingPointError)
    return may_be and not isinstance(error, _REFUSALS)


_REFUSALS = TraceError, ConversionError  # of Values


def _apart(result: Any) -> tuple[Nesting, list[Any]]:
    leaves: list[Any] = []
    return nesting_of(result, leaves), flat(leaves)


def _result(
    trace: Trace, plain: Dtype | None, given: bool, numbers: Numbers
) -> tuple[Nesting, Any]:
    found: Any
    nesting, found = as_given(trace, trace, numbers) if given else on_values(trace, numbers)
    if plain is not None:
        found = [number.data if isinstance(number, Value) else number for number in found]
        if plain != DOUBLE:
            found = np.array(found, plain)
    return nesting, found


def _reduced(reduce: Reduce, key: Any, columns: list[list[Any]], count: int) -> list[Any]:
    """Reduce the numbers of all samples, each part of the result as it is to be."""
    found: list[Any] = []
    rest = iter(columns)
    for how, part in segments(reduce, key):
        for column in islice(rest, Nesting(part).size):
            if how is None:
                found.append(column)
            elif how == "sum":
                found.append(total_of(column))
            else:
                found.append(total_of(column) * (1.0 / count) if count else float("nan"))
    return found
