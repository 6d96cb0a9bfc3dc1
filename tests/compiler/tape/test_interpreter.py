"""What a tape means: all its entries, by hand, with several kinds of numbers."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from bounded import interpret

from tinygrad_nn.compiler.program.program import Array, Role
from tinygrad_nn.compiler.tape.interpreter import compute, sample_count
from tinygrad_nn.compiler.tape.recording import Recording, Result
from tinygrad_nn.compiler.tape.tape import BATCH_SUM, Tape
from tinygrad_nn.errors import ShapeError
from tinygrad_nn.scalar.ops import add, exp, mul, sub, where

ARRAYS = [[[2.0, 5.0]], [[1.0, 3.0], [4.0, -6.0], [0.5, 0.25]]]  # w, and x of three samples


def recording() -> Recording:
    """w1 - w0; x1 * w0; its sum over samples, and that times 10."""
    tape = Tape([Array(2, False, Role.INPUT, "w"), Array(2, True, Role.INPUT, "x")])
    w0, w1, x1 = tape.leaf(0, 0), tape.leaf(0, 1), tape.leaf(1, 1)
    difference = tape.apply(sub, w1, w0)
    product = tape.apply(mul, x1, w0)
    total = tape.apply(BATCH_SUM, product)
    scaled = tape.apply(mul, total, tape.constant(10.0))
    results = Result((difference,), False), Result((product,), True), Result((total, scaled), False)
    return Recording(tape, results)


WANTED = [[3.0], [6.0, -12.0, 0.5], [-5.5], [-55.0]]


def test_floats_and_fractions_give_the_numbers_on_paper() -> None:
    record = recording()
    tape = record.tape

    def exact(entry: int, _: int, operands: list[Fraction]) -> Fraction:
        x, y = operands
        return x - y if tape.rows[entry] is sub else x * y

    values = compute(tape, ARRAYS, Fraction, exact)
    assert [values[entry] for entry in record.outputs] == WANTED
    numbers, _ = interpret(tape, ARRAYS)
    assert [numbers[entry] for entry in record.outputs] == WANTED


def test_every_operation_is_told_its_entry_and_its_sample() -> None:
    record = recording()
    asked: list[tuple[int, int]] = []

    def apply(entry: int, sample: int, operands: list[float]) -> float:
        asked.append((entry, sample))
        return record.tape.rows[entry].quiet(*operands)

    compute(record.tape, ARRAYS, float, apply)
    difference, product, _, scaled = record.outputs
    assert asked == [(difference, 0), (product, 0), (product, 1), (product, 2), (scaled, 0)]


@pytest.mark.parametrize("count", [0, 1])
def test_few_samples(count: int) -> None:
    record = recording()
    numbers, _ = interpret(record.tape, [ARRAYS[0], ARRAYS[1][:count]])
    found = [numbers[entry] for entry in record.outputs]
    assert found == [[3.0], WANTED[1][:count], [6.0 * count], [60.0 * count]]


def test_sizes_bound_what_was_added_up() -> None:
    tape = Tape([Array(3, False, Role.INPUT, "x")])
    x, y, z = (tape.leaf(0, place) for place in range(3))
    cancelled = tape.apply(add, tape.apply(sub, x, y), z)
    grown = tape.apply(exp, z)
    _, sizes = interpret(tape, [[[1e8, 1e8, -0.5]]])
    assert sizes[x] == [1e8]
    assert sizes[cancelled][0] >= 2e8
    assert sizes[grown] == [pytest.approx(math.exp(-0.5) * 1.5)]
    chosen = tape.apply(where, x, y, (z,))
    _, sizes = interpret(tape, [[[1.0, -7.0, 1e9]]])
    assert sizes[chosen] == [14.0]  # nothing of what is not chosen


def test_samples_are_counted_once_for_all_arguments() -> None:
    assert sample_count({}) == 0
    assert sample_count({"x": 3, "y": 3}) == 3
    with pytest.raises(ShapeError, match="x has 3, y has 2"):
        sample_count({"x": 3, "y": 2})
