"""Compiled random functions do what the functions do: values, gradients, batches of any size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from compiled import Interpreted, assert_within, flat
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from random_functions import Function, functions, vectors

from tinygrad_nn import compile, hvp, value_and_grad
from tinygrad_nn.errors import DomainError

some = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

lengths = st.sampled_from([1, 2, 3, 5])


def evaluated(function: Any, *arguments: Any) -> Any:
    """Call a function; leave out points at which it is not defined."""
    try:
        return function(*arguments)
    except (DomainError, ValueError, ArithmeticError):
        assume(False)


@st.composite
def calls(draw: st.DrawFn, count: int) -> list[tuple[list[float], list[float]]]:
    """Draw several arguments (p, x) of one structure."""
    lengths_of = draw(lengths), draw(lengths)
    return [tuple(draw(vectors(n)) for n in lengths_of) for _ in range(count)]


def assert_agrees(compiled: Any, function: Any, arguments: Sequence[Any]) -> None:
    """NumPy, the interpreter and the eager engine give the same."""
    expected = flat(evaluated(function, *arguments))
    found = flat(compiled(*arguments))
    truth = Interpreted(compiled, *arguments)
    assume(truth.is_steady)
    sizes = [size for (size,) in truth.sizes]
    assert_within([number for (number,) in truth.numbers], expected, sizes)
    assert_within(found, expected, sizes)


@some
@given(functions(), calls(2))
def test_values(f: Function, arguments: list[Any]) -> None:
    compiled = compile(f)
    for one in arguments:
        assert_agrees(compiled, f, one)


@some
@given(functions(), calls(2))
def test_gradients(f: Function, arguments: list[Any]) -> None:
    both = value_and_grad(f.cost, argnums=(0, 1))
    compiled = compile(both)
    for one in arguments:
        assert_agrees(compiled, both, one)


@settings(some, max_examples=60)
@given(functions(most=5), calls(1))
def test_second_derivatives(f: Function, arguments: list[Any]) -> None:
    ((p, x),) = arguments
    product = hvp(lambda x: f.cost(p, x))
    compiled = compile(product)
    assert_agrees(compiled, product, (x, [0.5 - 0.25 * i for i in range(len(x))]))


# ---- batches -----------------------------------------------------------------------------------


def reduced(samples: list[float], how: str | None) -> list[float]:
    """Reduce one number of all samples."""
    if how is None:
        return samples
    if how == "mean" and not samples:
        return [math.nan]
    return [math.fsum(samples) / (len(samples) if how == "mean" else 1)]


def spread(sizes: list[float], count: int) -> list[float]:
    """Give each sample the size of what all share."""
    return sizes if len(sizes) == count else sizes * count


def by_part(result: Any, parts: int, reduce: Any, count: int) -> list[list[list[float]]]:
    """Arrange what a compiled function of a tuple returns: part, number, sample."""
    if reduce is None:
        assert len(result) == count
        result = [[sample[part] for sample in result] for part in range(parts)]
    arranged = []
    for part, how in zip(result, hows(reduce, parts), strict=True):
        samples = [flat(sample) for sample in part] if how is None else [flat(part)]
        arranged.append([list(column) for column in zip(*samples, strict=True)])
    return arranged


def hows(reduce: Any, parts: int) -> list[str | None]:
    return list(reduce) if isinstance(reduce, tuple) else [reduce] * parts


@st.composite
def reductions(draw: st.DrawFn, parts: int) -> Any:
    one = st.sampled_from(["mean", "sum", None])
    return draw(st.one_of(one, st.tuples(*[one] * parts)))


@some
@given(functions(), st.data(), lengths, lengths)
def test_batches(f: Function, data: st.DataObject, n: int, m: int) -> None:
    parts = len(f.outputs)
    reduce = data.draw(reductions(parts))
    compiled = compile(f, batch=("x",), reduce=reduce)
    samples = data.draw(st.lists(vectors(m), min_size=3, max_size=3))
    for count in (2, 1, 33, 0):
        p = data.draw(vectors(n))
        xs = [[number * 0.9**i for number in samples[i % 3]] for i in range(count)]
        rows = [evaluated(f, p, x) for x in xs]
        found = by_part(compiled(p, xs), parts, reduce, count)
        truth = Interpreted(compiled, p, xs)
        assume(truth.is_steady)
        sizes = iter(truth.sizes)
        one = f(p, samples[0])
        for part, how in enumerate(hows(reduce, parts)):
            for index in range(len(one[part])):
                expected = reduced([row[part][index] for row in rows], how)
                numbers = found[part][index] if expected else []
                assert_within(numbers, expected, spread(next(sizes), len(expected)))


@some
@given(functions(most=5), st.data(), lengths, lengths, st.sampled_from(["mean", "sum"]))
def test_gradients_of_batches(
    f: Function, data: st.DataObject, n: int, m: int, reduce: str
) -> None:
    both = value_and_grad(f.cost)
    compiled = compile(both, batch=("x",), reduce=reduce)
    for count in (3, 1):
        p = data.draw(vectors(n))
        xs = data.draw(st.lists(vectors(m), min_size=count, max_size=count))
        rows = [flat(evaluated(both, p, x)) for x in xs]
        found = flat(compiled(p, xs))
        truth = Interpreted(compiled, p, xs)
        assume(truth.is_steady)
        for index, number in enumerate(found):
            expected = reduced([row[index] for row in rows], reduce)
            assert_within([number], expected, truth.sizes[index])
