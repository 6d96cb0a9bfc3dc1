"""Formulas of statements by hand, which are read back and computed."""

from __future__ import annotations

from typing import Any

import pytest
from forms import at, inner, made, over_samples, total
from listed import shaped, shown

from tinygrad_nn.compiler.program.statements import Map, Reduce, Runs, Term
from tinygrad_nn.compiler.program.strides import row_major
from tinygrad_nn.scalar import ops
from tinygrad_nn.scalar.ops import add, maximum, minimum

A, B, X, Y, S, T, Z = range(7)  # of shapes (3, 4), (4, 2), 4, 3; S and T are of the samples
TABLES = [[2, 0, 1], [1, 2, 4], [0, 3, 1, 2]]


def line(statement: Any, per_sample: bool = False) -> str:
    """The formula of what fills an array."""
    arrays = [shaped("A", 3, 4), shaped("B", 4, 2), shaped("x", 4), shaped("y", 3)]
    arrays += [shaped("s", 3, per_sample=True), shaped("t", 2, per_sample=True)]
    size = 1
    for n in statement.nest:
        size *= n
    (text,) = shown(made([*arrays, inner(size, per_sample)], [statement], TABLES), count=3)
    return text.removeprefix("result = ")


def joined(op: Any, nest: tuple[int, ...], *terms: Term) -> Reduce:
    return Reduce(at(Z, *row_major(nest)), nest, op, terms, nodes=1)


Ax = total(at(A, 4, 1), at(X, 0, 1), over=[4])
rows = total(at(A, 4, 1), over=[4])

SUMS = [
    ((3,), [Ax], "A @ x"),
    ((3, 2), [total(at(Y, 1, 0))], "y[:, None]"),
    ((3, 2), [total(at(A, 4, 0, 1), at(B, 0, 1, 2), over=[4])], "A @ B"),
    ((2, 3), [total(at(A, 0, 4, 1), at(B, 1, 0, 2), over=[4])], "B.T @ A.T"),
    ((3, 4), [total(at(Y, 1, 0), at(X, 0, 1))], "outer(y, x)"),
    ((3, 4), [total(at(A, 4, 1), at(Y, 1, 0))], "A * y[:, None]"),
    ((3,), [rows], "sum(A, axis=1)"),
    ((), [total(at(A, 1), over=[12])], "sum(A)"),
    ((), [total(at(X, 1), at(X, 1), over=[4])], "x @ x"),
    ((2,), [total(at(X, 1, 1), at(Y, 0, 1), over=[3])], "[sum(x[i + j] * y[j] for j < 3) for i < 2]"),
    ((3,), [total(at(Y, 1)), total(at(X, 1), coef=-1.0)], "y - x[0:3]"),
    ((3,), [total(at(Y, 1), coef=-1.0), total(at(X, 1))], "x[0:3] - y"),
    ((3,), [total(at(Y, 1), coef=-1.0), total(coef=-2.5)], "-y - 2.5"),
    ((3,), [Term(-0.5, Ax.factors, Ax.over), total(coef=1.0)], "1 - 0.5 * (A @ x)"),
    ((3,), [total(at(Y, -1, start=2), coef=2.0)], "2 * y[2::-1]"),
    ((3,), [total(at(Y, 1, 0), over=[4])], "4 * y"),
    ((3,), [total(coef=2.0, over=[4])], "8"),
    ((2, 2), [total(at(X, 2, 1)), total(at(X, 0, 1))], "x.reshape(2, 2) + x[0:2]"),
    ((3,), [total(at(Y, 1), at(Y, 1), at(Y, 1))], "[y[i] * y[i] * y[i] for i < 3]"),
    ((3,), [total(at(A, 4, 1), at(X, 0, 1), at(Y, 1, 0), over=[4])], "[sum(A[i, j] * x[j] * y[i] for j < 4) for i < 3]"),
    ((3,), [total(at(X, 1, table=2))], "take(x, [0, 3, 1, 2])[0:3]"),
]  # fmt: skip


@pytest.mark.parametrize(("nest", "terms", "text"), SUMS, ids=[text for *_, text in SUMS])
def test_sums(nest: tuple[int, ...], terms: list[Term], text: str) -> None:
    assert line(joined(add, nest, *terms)) == text


EXTREMES = [
    (maximum, (3,), [rows], "max(A, axis=1)"),
    (minimum, (3,), [rows, total(at(Y, 1)), total(coef=0.5)], "min(min(A, axis=1), y, 0.5)"),
    (maximum, (), [total(at(A, 1), over=[12])], "max(A)"),
    (maximum, (3,), [total(at(Y, 1, 0), over=[2])], "y"),
    (maximum, (3,), [total(at(A, 4, 1), at(X, 0, 1), over=[4])], "[max(A[i, j] * x[j] for j < 4) for i < 3]"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "nest", "terms", "text"), EXTREMES)
def test_extremes(op: Any, nest: tuple[int, ...], terms: list[Term], text: str) -> None:
    assert line(joined(op, nest, *terms)) == text


MAPS = [
    (ops.exp, (3,), [at(Y, 1)], "exp(y)"),
    (ops.sub, (3,), [1.0, at(Y, 1)], "1 - y"),
    (ops.ge, (3, 4), [at(A, 4, 1), at(X, 0, 1)], "A >= x"),
    (ops.where, (3,), [at(Y, 1), at(X, 1), -1.0], "where(y, x[0:3], -1)"),
    (ops.maximum, (3,), [at(Y, 1), 0.0], "max(y, 0)"),
    (ops.exp, (2,), [at(A, 5)], "exp(A.ravel()[0:6:5])"),
    (ops.exp, (2, 2), [at(X, 1, 1)], "exp([x[i + j] for i < 2, j < 2])"),
    (ops.exp, (3,), [at(X, 1, table=2, start=1)], "exp(take(x, [0, 3, 1, 2])[1:4])"),
]


@pytest.mark.parametrize(("op", "nest", "operands", "text"), MAPS)
def test_operations(op: Any, nest: tuple[int, ...], operands: list[Any], text: str) -> None:
    assert line(Map(at(Z, *row_major(nest)), nest, op, tuple(operands), 3)) == text


SAMPLES = [
    ((3,), [over_samples(at(S, 1))], "sum_batch(s)"),
    ((3,), [over_samples(at(Y, 1))], "sum_batch(y)"),
    ((3,), [over_samples(coef=2.0)], "2 * sum_batch(1)"),
    ((), [over_samples(at(S, 1), at(Y, 1), over=[3])], "sum_batch(s @ y)"),
    ((3, 2), [over_samples(at(S, 1, 0), at(T, 0, 1))], "s @ t.T"),
    ((2, 3), [over_samples(at(S, 0, 1), at(T, 1, 0), coef=-0.5)], "-0.5 * (t @ s.T)"),
    ((3, 3), [over_samples(at(S, 1, 0), at(Y, 0, 1))], "sum_batch(outer(s, y))"),
]


@pytest.mark.parametrize(("nest", "terms", "text"), SAMPLES, ids=[text for *_, text in SAMPLES])
def test_sums_over_samples(nest: tuple[int, ...], terms: list[Term], text: str) -> None:
    assert line(joined(add, nest, *terms)) == text


def test_what_is_of_each_sample_is_written_for_one() -> None:
    statement = joined(add, (3,), total(at(S, 1)), Ax)
    assert line(statement, per_sample=True) == "s + A @ x"


@pytest.mark.parametrize(("op", "name"), [(add, "sum"), (maximum, "max"), (minimum, "min")])
def test_runs(op: Any, name: str) -> None:
    term = total(at(X, 1, table=2), over=[4])
    statement = Runs(at(Z, 1), (3,), op, term, 1, 4)
    assert line(statement) == f"{name}_runs(take(x, [0, 3, 1, 2]), [1, 1, 2])"


def test_runs_of_products() -> None:
    term = total(at(X, 1, table=2), at(X, 1), over=[4], coef=3.0)
    statement = Runs(at(Z, 1), (3,), add, term, 1, 4)
    assert line(statement) == "3 * sum_runs(take(x, [0, 3, 1, 2]) * x, [1, 1, 2])"


def test_parts_of_other_axes_are_given_the_shape_of_the_result() -> None:
    """Rows of four and of six end at other places."""
    statement = Reduce(at(2, 1), (12,), add, (total(at(0, 1)), total(at(1, 1))), nodes=12)
    program = made([shaped("A", 3, 4), shaped("C", 2, 6), inner(12)], [statement])
    assert shown(program) == ["result = A + (C).reshape(3, 4)"]


def test_an_axis_along_which_nothing_varies_is_written_out_in_one_run() -> None:
    """Broadcasting alone would leave too few numbers to put into another shape."""
    arrays = [shaped("A", 3, 4), shaped("B", 4, 2), shaped("x", 4), shaped("y", 3), inner(6)]
    target = at(4, 2, 1, table=0)
    table = [[5, 2, 0, 4, 1, 3]]
    product = Reduce(target, (3, 2), add, (total(at(3, 1, 0), at(2, 0, 0)),))
    (text,) = shown(made(arrays, [product], table))
    assert text == "result[[5, 2, 0, 4, 1, 3]] = ([y[i] * x[0] for i < 3, j < 2]).reshape(6)"
    (text,) = shown(made(arrays, [Map(target, (3, 2), ops.exp, (at(3, 1, 0),))], table))
    assert text == "result[[5, 2, 0, 4, 1, 3]] = (exp([y[i] for i < 3, j < 2])).reshape(6)"


def test_runs_of_a_matrix_go_through_all_of_it() -> None:
    arrays = [shaped("A", 3, 4), inner(3)]
    runs = Runs(at(1, 1), (3,), add, total(at(0, 1), over=[12]), 0)
    (text,) = shown(made(arrays, [runs], [[2, 7, 12]]))
    assert text == "result = sum_runs(A.ravel(), [2, 5, 5])"
