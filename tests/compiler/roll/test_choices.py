"""Rows of a table, and entries of a vector, chosen by numbers that are known at run time only."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from groups import mapped
from hypothesis import given, settings
from hypothesis import strategies as st
from listed import check_listing
from programs import latest, numbers

from tinygrad_nn import compile, draw, exp, lookup, max, tanh, value_and_grad, where
from tinygrad_nn.compiler.backends import runner
from tinygrad_nn.compiler.function import Compiled
from tinygrad_nn.compiler.program.nests import Steps
from tinygrad_nn.compiler.readable import Program
from tinygrad_nn.compiler.roll.choices import OneHots
from tinygrad_nn.compiler.roll.shapes import Family
from tinygrad_nn.compiler.roll.terms import Factor, Pattern, Source
from tinygrad_nn.errors import ArgumentError
from tinygrad_nn.functions import dot, logsumexp
from tinygrad_nn.scalar.ops import eq, ge

RNG = random.Random(7)
TABLE = numbers(RNG, 6, 4)
W = numbers(RNG, 3, 4)
INDICES = [0.0, 3.0, 3.0, 5.0, 1.0]


def embed(table: Any, weights: Any, indices: Any) -> Any:
    rows = [lookup(table, index) for index in indices]
    return sum(tanh(dot(w, row)) for row in rows for w in weights)


def one_row(table: Any, index: Any) -> Any:
    row = lookup(table, index)
    return dot(row, row)


def entry(vector: Any, index: Any) -> Any:
    return 3.0 * lookup(vector, index) ** 2


def two_tables(a: Any, b: Any, indices: Any) -> Any:
    pairs = zip(indices, indices[::-1], strict=True)
    return sum(tanh(dot(lookup(a, i), lookup(b, j))) for i, j in pairs)


def entries_of_rows(rows: Any, indices: Any) -> Any:
    return sum(exp(lookup(row, i)) * row[0] for row, i in zip(rows, indices, strict=True))


def likelihood(logits: Any, indices: Any) -> Any:
    found = [logsumexp(z) - lookup(z, i) for z, i in zip(logits, indices, strict=True)]
    return sum(found) / len(found)


def odd_places(vector: Any, indices: Any) -> Any:
    return sum(exp(lookup(vector, indices[place])) for place in (0, 3, 1))


def other_places(vector: Any, indices: Any) -> Any:
    return odd_places(vector, indices) * sum(lookup(vector, indices[p]) ** 2 for p in (0, 1, 4))


def computed_table(table: Any, indices: Any) -> Any:
    rows = [[tanh(x) for x in row] for row in table]
    found = [lookup(rows, index) for index in indices]
    return sum(exp(x) for row in found for x in row)


def three_arguments(vector: Any, i: Any, j: Any, k: Any) -> Any:
    return lookup(vector, i) ** 2 * lookup(vector, j) + lookup(vector, k)


def masked(vector: Any, index: Any) -> Any:
    return [x * eq(index, float(place)) for place, x in enumerate(vector)]


def number_table(index: Any) -> Any:
    return [2.0 * x for x in lookup([[0.0, 1.0], [3.0, 4.0], [1.0, 5.0]], index)]


CASES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (value_and_grad(embed, argnums=(0, 1)), (TABLE, W, INDICES)),
    (value_and_grad(one_row), (TABLE, 3.0)),
    (value_and_grad(entry), ([0.5, -1.0, 2.0, 4.0], 2.0)),
    (value_and_grad(two_tables, argnums=(0, 1)), (TABLE, numbers(RNG, 9, 4), INDICES)),
    (value_and_grad(entries_of_rows), (numbers(RNG, 5, 7), INDICES)),
    (value_and_grad(likelihood), (numbers(RNG, 5, 7), INDICES)),
    (value_and_grad(odd_places), (numbers(RNG, 6), INDICES)),
    (value_and_grad(other_places), (numbers(RNG, 6), INDICES)),
    (value_and_grad(computed_table), (TABLE, INDICES)),
    (value_and_grad(three_arguments), (numbers(RNG, 6), 3.0, 0.0, 3.0)),
    (masked, (numbers(RNG, 6), 3.0)),
    (number_table, (2.0,)),
]
NAMES = ["embed", "one", "entry", "two", "entries", "likelihood"]
NAMES += ["odd", "other", "computed", "three", "masked", "numbers"]


def flat(nested: Any) -> list[float]:
    if isinstance(nested, list | tuple):
        return [number for part in nested for number in flat(part)]
    return [float(nested)]


@pytest.mark.parametrize(("f", "arguments"), CASES, ids=NAMES)
def test_what_is_looked_up_is_that_of_the_eager_engine(
    f: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    compiled = compile(f, check=True)
    assert flat(compiled(*arguments)) == pytest.approx(flat(f(*arguments)), rel=1e-14, abs=1e-14)
    program = latest(compiled)
    in_order = f not in (CASES[6][0], CASES[7][0])
    assert not (in_order and program.stats.gathers)
    draw(program)


@pytest.mark.parametrize(("f", "arguments"), CASES, ids=NAMES)
def test_the_listing_says_what_is_looked_up(
    f: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    compiled = compile(f)
    compiled(*arguments)
    check_listing(
        latest(compiled), [[flat(argument)] for argument in arguments] + [[[]], [[0.0, 0.0]]]
    )


def sample_cost(p: Any, x: Any, y: Any) -> Any:
    z = [dot(w, x) + b for w, b in zip(*p, strict=True)]
    return logsumexp(z) - lookup(z, y)


def sample_row(table: Any, w: Any, i: Any) -> Any:
    return tanh(dot(lookup(table, i), w))


BATCHED: list[tuple[Callable[..., Any], tuple[Any, ...], str, str]] = [
    (
        value_and_grad(sample_cost),
        ((numbers(RNG, 5, 4), numbers(RNG, 5)), numbers(RNG, 7, 4), [0, 1, 2, 3, 4, 0, 1]),
        "011",
        "z[y]",
    ),
    (
        value_and_grad(sample_row, argnums=(0, 1)),
        (TABLE, numbers(RNG, 4), [0, 3, 3, 5, 1]),
        "001",
        "table[i]",
    ),
]


@pytest.mark.parametrize(("f", "arguments", "varying", "_"), BATCHED)
@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_each_sample_looks_up_for_itself(
    f: Callable[..., Any], arguments: tuple[Any, ...], varying: str, _: str, reduce: str
) -> None:
    names = {"011": ("x", "y"), "001": ("i",)}[varying]
    compiled = compile(f, batch=names, reduce=reduce)
    count = len(arguments[-1])
    total = np.zeros(1)
    for sample in range(count):
        own = [a[sample] if v == "1" else a for a, v in zip(arguments, varying, strict=True)]
        total = total + flat(f(*own))
    expected = total / (count if reduce == "mean" else 1)
    assert flat(compiled(*arguments)) == pytest.approx(expected, rel=1e-13, abs=1e-13)
    program = latest(compiled)
    arrays = [
        [flat(row) for row in a] if v == "1" else [flat(a)]
        for a, v in zip(arguments, varying, strict=True)
    ]
    check_listing(program, [*arrays, [[]], [[float(count), 1 / count]]])


def test_long_batches_add_up_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinygrad_nn.compiler.backends.runner.CACHE", 1 << 14)
    f, (table, w, _), *_ = BATCHED[1]
    indices = [float(RNG.randrange(6)) for _ in range(3000)]
    found = compile(f, batch="i", reduce="sum")(table, w, indices)
    rows, weights = np.array(table), np.array(w)
    slopes = 1.0 - np.tanh(rows @ weights) ** 2
    counts = np.bincount(np.array(indices, dtype=int), minlength=6)
    assert flat(found[0]) == pytest.approx([float(counts @ np.tanh(rows @ weights))])
    assert np.array(found[1][0]) == pytest.approx(np.outer(counts * slopes, weights))
    assert np.array(found[1][1]) == pytest.approx((counts * slopes) @ rows)


@given(st.data())
@settings(max_examples=60)
def test_random_lookups(data: st.DataObject) -> None:
    size, width = data.draw(st.integers(2, 9)), data.draw(st.integers(1, 5))
    index = st.integers(0, size - 1)
    places = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=6))
    indices = [float(i) for i in data.draw(st.lists(index, min_size=6, max_size=6))]
    rng = random.Random(data.draw(st.integers(0, 99)))
    table, vector = numbers(rng, size, width), numbers(rng, size)

    def f(table: Any, vector: Any, indices: Any) -> Any:
        rows = [lookup(table, indices[place]) for place in places]
        total = sum(
            exp(dot(row, row) - lookup(vector, i))
            for row, i in zip(rows, indices[: len(rows)], strict=True)
        )
        return total * lookup([row[-1] for row in rows] + [1.0], indices[0] * 0.0)

    both = value_and_grad(f, argnums=(0, 1))
    found = compile(both, check=True)(table, vector, indices)
    assert flat(found) == pytest.approx(flat(both(table, vector, indices)), rel=1e-12, abs=1e-12)


# ---- what is not chosen ------------------------------------------------------------------------


@pytest.mark.parametrize("odd", [math.nan, math.inf])
def test_rows_that_are_not_chosen_do_not_count(odd: float) -> None:
    table = [*TABLE[:2], [odd] * 4, *TABLE[3:]]
    f = value_and_grad(embed, argnums=(0, 1))
    assert flat(compile(f)(table, W, INDICES)) == pytest.approx(flat(f(table, W, INDICES)))


def test_nor_do_they_in_gradients() -> None:
    f = value_and_grad(lambda v, i, j: lookup(v, i) + exp(lookup(v, j)))
    value, slopes = compile(f)([1.0, 800.0, 2.0], 0.0, 1.0)
    assert value == math.inf
    assert slopes == [1.0, math.inf, 0.0]


@pytest.mark.parametrize("index", [-1.0, 6.0, 2.5, math.nan, math.inf, 1e300])
@pytest.mark.parametrize("many", [False, True])
def test_an_index_of_no_entry_is_refused(index: float, many: bool) -> None:
    for f in (two_tables, value_and_grad(two_tables, argnums=(0, 1))):
        compiled = compile(f)
        with pytest.raises(ArgumentError, match=re.escape(f"indices has {index:g} as an index")):
            compiled(TABLE, W + W, [1.0, index, 5.0] if many else [index])
        good = [1.0, 2.0, 5.0] if many else [3.0]
        assert flat(compiled(TABLE, W + W, good)) == pytest.approx(flat(f(TABLE, W + W, good)))


def test_so_is_one_of_a_sample_in_a_long_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CACHE", 8)
    f = compile(lookup, batch="index")
    assert f(TABLE, [5.0] * 300)[0] == pytest.approx(TABLE[5])
    with pytest.raises(ArgumentError, match="index has 6 as an index, and the table has 6 entries"):
        f(TABLE, [5.0] * 200 + [6.0] + [5.0] * 99)


def test_in_a_branch_there_may_be_no_such_entry() -> None:
    f = compile(lambda v, i: where(i < 2.5, lambda: lookup(v, i), -1.0))
    assert [f([4.0, 5.0, 6.0], i) for i in (1.0, 7.0)] == [5.0, -1.0]


@pytest.mark.parametrize("index", [-1.0, 6.0, 2.5, math.nan, math.inf, 1e300])
@pytest.mark.parametrize("many", [False, True])
def test_so_is_an_index_that_was_computed(index: float, many: bool) -> None:
    def halved(table: Any, weights: Any, indices: Any) -> Any:
        return two_tables(table, weights, [i / 2 for i in indices])

    f = value_and_grad(halved, argnums=(0, 1))
    compiled = compile(f)
    with pytest.raises(ArgumentError, match=re.escape(f"what was computed has {index:g} as an")):
        compiled(TABLE, W + W, [2.0, 2 * index, 10.0] if many else [2 * index])
    good = [2.0, 4.0, 10.0] if many else [6.0]
    assert flat(compiled(TABLE, W + W, good)) == pytest.approx(flat(f(TABLE, W + W, good)))


def test_negative_zero_is_zero() -> None:
    assert compile(one_row)(TABLE, -0.0) == pytest.approx(one_row(TABLE, 0))


def test_indices_may_change_from_run_to_run() -> None:
    f = value_and_grad(embed, argnums=(0, 1))
    compiled = compile(f)
    for indices in ([0, 1, 2, 3, 4], [5, 5, 5, 5, 5], [1, 0, 5, 0, 2], [4, 4, 0, 1, 1]):
        assert flat(compiled(TABLE, W, indices)) == pytest.approx(flat(f(TABLE, W, indices)))


# ---- what a program shows of it -----------------------------------------------------------------


def program(f: Callable[..., Any], *arguments: Any, **options: Any) -> Program:
    compiled: Compiled = compile(f, **options)
    compiled(*arguments)
    return latest(compiled)


def formulas(made: Program) -> list[str]:
    """The lines of a program, without shapes and numbers of nodes."""
    return [line.split("  ")[0] for line in str(made).splitlines()]


def test_rows_are_read_and_added_to() -> None:
    found = formulas(program(value_and_grad(one_row), TABLE, 3.0))
    assert "z1 = table[index]" in found
    assert "result[1] = 0; result[1][index] += z2" in found


def test_entries_are_read_and_added_to() -> None:
    found = formulas(program(value_and_grad(likelihood), numbers(RNG, 5, 7), INDICES))
    assert "z2 = [logits[i, indices[i]] for i < 5]" in found
    (added,) = [line for line in found if line.startswith("result[1] = ")]
    assert added.endswith("; result[1][i, indices[i]] -= 0.2 for i < 5")


def test_samples_add_up() -> None:
    f, arguments, *_ = BATCHED[1]
    found = formulas(program(f, *arguments, batch="i", reduce="sum"))
    assert "z1 = table[i]" in found
    assert "result[1][0] = 0; result[1][0][i] += z4 for each sample" in found


@pytest.mark.parametrize(("f", "arguments"), CASES, ids=NAMES)
def test_ones_and_zeros_that_nothing_reads_are_not_made(
    f: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    shown = str(program(f, *arguments)).replace(" == inf", "")  # of logsumexp
    assert " == " not in shown or f is CASES[9][0]  # of three arrays


def test_flops_are_those_of_what_is_chosen() -> None:
    def count(f: Callable[..., Any], *arguments: Any) -> int:
        return program(f, *arguments).stats.flops

    assert count(lambda v, i: lookup(v, i), [1.0, 2.0, 3.0], 1.0) == 0
    assert count(lambda v, i: 2.0 * lookup(v, i), [1.0, 2.0, 3.0], 1.0) == 1
    assert count(lambda v, i: [x - eq(i, float(k)) for k, x in enumerate(v)], [1.0, 2.0], 1.0) == 1
    assert count(masked, [1.0, 2.0, 3.0], 1.0) == 1
    assert count(value_and_grad(entry), [1.0, 2.0, 3.0, 4.0], 1.0) == 4


def test_ones_and_zeros_that_are_wanted_are_made() -> None:
    def f(table: Any, index: Any) -> Any:
        chosen = [eq(index, float(place)) for place in range(len(table))]
        return chosen, dot(chosen, table)

    made = program(f, [5.0, 6.0, 7.0], 1.0)
    assert "result[0] = index == c1" in formulas(made)
    assert "result[1] = table[index]" in formulas(made)
    assert compile(f)([5.0, 6.0, 7.0], 1.0) == ([0.0, 1.0, 0.0], 6.0)


@pytest.mark.parametrize("places", [(1, 2, 3), (0, 2, 4), (0, 1, 3), (0, 1, 5, 6), (0, 0, 1)])
def test_comparisons_with_other_numbers_choose_nothing(places: tuple[int, ...]) -> None:
    def f(x: Any, index: Any) -> Any:
        return dot([eq(index, float(k)) for k in places], x)

    x = [5.0, 6.0, 7.0, 8.0][: len(places)]
    for index in range(7):
        assert compile(f)(x, index) == f(x, index)


def test_extremes_choose_nothing() -> None:
    def f(x: Any, index: Any) -> Any:
        return [max(eq(index, float(k)), x[k], x[0]) for k in range(3)]

    assert compile(f)([-0.5, -0.25, 0.5], 1.0) == [0.0, 1.0, 0.5]


# ---- patterns ---------------------------------------------------------------------------------

INDEX, ONES, ROWS, OTHER = range(4)


def compared(numbers: Sequence[Sequence[float]], family: Family | None = None) -> OneHots:
    """Ones and zeros: for each number at INDEX a row, of whether it is this or that."""
    known = OneHots()
    family = family or Family(ONES, sum(map(len, numbers)), False)
    indices = [place for place, row in enumerate(numbers) for _ in row]
    flat_numbers = [number for row in numbers for number in row]
    known.note(mapped(family, range(len(indices)), eq, (INDEX, indices), flat_numbers))
    return known


def run_of(array: int, *rows: int, columns: tuple[int, ...] = ()) -> Factor:
    return Factor(Source(array), Steps(np.array(rows)), columns)


COUNTED = [[0.0, 1.0, 2.0]] * 2


@pytest.mark.parametrize("swapped", [False, True])
def test_a_product_that_is_summed_over_ones_and_zeros_reads_what_is_chosen(swapped: bool) -> None:
    """Row i of ones times a table, of three rows of two, is row index[i]: four members."""
    factors = [run_of(ONES, 0, 0, 3, 3, columns=(1,)), run_of(ROWS, 0, 1, 0, 1, columns=(2,))]
    pattern = Pattern(0.5, factors[::-1] if swapped else factors, (3,))
    found = compared(COUNTED).chosen(pattern, Steps(np.arange(4)))
    (factor,) = found.factors
    assert (found.coef, found.over, found.onto) == (0.5, (), None)
    assert (factor.source.array, factor.rows.places.tolist()) == (ROWS, [0, 1, 0, 1])
    assert factor.chosen is not None
    assert (factor.chosen.step, factor.chosen.size) == (2, 3)
    assert factor.chosen.by.source.array == INDEX
    assert factor.chosen.by.rows.places.tolist() == [0, 0, 1, 1]


def test_a_product_with_ones_and_zeros_that_are_members_adds_to_what_is_chosen() -> None:
    """For three rows of two members each, the sum over i of ones[i, row] * other[i, column]."""
    ones = run_of(ONES, 0, 0, 1, 1, 2, 2, columns=(3,))
    other = run_of(OTHER, 0, 1, 0, 1, 0, 1, columns=(2,))
    found = compared(COUNTED).chosen(Pattern(2.0, [ones, other], (2,)), Steps(np.arange(6)))
    assert found.onto is not None
    assert (found.over, found.onto.steps) == ((2, 2), (1, 0))  # columns, and then numbers
    assert (found.onto.chosen.step, found.onto.chosen.size) == (2, 3)
    assert found.onto.chosen.by.columns == (0, 1)
    (factor,) = found.factors
    assert (factor.rows.places.tolist(), factor.columns, factor.chosen) == ([0], (1, 2), None)


@pytest.mark.parametrize(
    ("numbers", "change"),
    [
        (COUNTED, {"ends": np.array([1, 2, 3, 4])}),
        ([[0.0, 1.0, 3.0]] * 2, {}),
        ([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]], {}),
        ([[1.0, 2.0, 3.0]] * 2, {}),
    ],
    ids=["runs", "gap", "order", "from one"],
)
def test_other_products_stay_products(numbers: list[list[float]], change: dict[str, Any]) -> None:
    factors = [run_of(ONES, 0, 0, 3, 3, columns=(1,)), run_of(ROWS, 0, 1, 0, 1, columns=(2,))]
    pattern = replace(Pattern(0.5, factors, (3,)), **change)
    assert compared(numbers).chosen(pattern, Steps(np.arange(4))) is pattern


def test_what_scales_ones_and_zeros_keeps_them_a_factor() -> None:
    scaled = Source(ONES, np.arange(6), np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))
    ones = Factor(scaled, Steps(np.array([0, 3])), (1,))
    pattern = Pattern(1.0, [ones, run_of(ROWS, 0, 0, columns=(1,))], (3,))
    assert compared(COUNTED).chosen(pattern, Steps(np.arange(2))) is pattern


def test_only_comparisons_with_numbers_are_noted() -> None:
    known = OneHots()
    known.note(mapped(Family(ONES, 3, False), range(3), eq, (INDEX, [0, 0, 0]), (OTHER, [0, 1, 2])))
    known.note(mapped(Family(ONES, 3, False), range(3), ge, (INDEX, [0, 0, 0]), [0.0, 1.0, 2.0]))
    pattern = Pattern(1.0, [run_of(ONES, 0, columns=(1,)), run_of(ROWS, 0, columns=(1,))], (3,))
    assert known.chosen(pattern, Steps(np.arange(1))) is pattern
