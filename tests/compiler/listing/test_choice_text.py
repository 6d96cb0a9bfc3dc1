"""What is chosen when the program runs, as text that is read back."""

from __future__ import annotations

from typing import Any

import pytest
from forms import at, inner, made, total
from listed import shaped, shown

from tinygrad_nn.compiler.program.program import Program
from tinygrad_nn.compiler.program.statements import Access, Chosen, Reduce, Term
from tinygrad_nn.scalar.ops import add

A, X, Y, Z = range(4)
INPUTS = [None, None, [2.0, 0.0, 1.0, 2.0]]
ROWS, COLUMNS = Chosen(4, 3, at(Y, 1)), Chosen(1, 3, at(Y, 1))


def of(*statements: Reduce, size: int) -> Program:
    """On A of shape (3, 4), x of 4 and y, four numbers that choose."""
    arrays = [shaped("A", 3, 4), shaped("x", 4), shaped("y", 4), inner(size)]
    return made(arrays, statements)


def by(start: int, *strides: int) -> Access:
    return at(Y, *strides, start=start)


READ = [
    (
        (4,),
        total(at(A, 0, chosen=Chosen(4, 3, at(Y, 1))), at(X, 1)),
        "[A[y[i], 0] * x[i] for i < 4]",
    ),
    ((4, 4), total(at(A, 0, 1, chosen=Chosen(4, 3, by(0, 1, 0)))), "A[y]"),
    ((4, 4), total(at(A, 1, 0, chosen=Chosen(4, 3, by(0, 0, 1)))), "A[y].T"),
    ((2, 4), total(at(A, 0, 1, chosen=Chosen(4, 3, by(1, 2, 0)))), "A[y[1:4:2]]"),
    ((4,), total(at(A, 1, chosen=Chosen(4, 3, at(Y, 0)))), "A[y[0]]"),
    ((3,), total(at(A, 4, chosen=Chosen(1, 4, at(Y, 1)))), "[A[i, y[i]] for i < 3]"),
    ((3,), total(at(X, 0, chosen=Chosen(1, 4, at(Y, 1))), coef=-2.0), "-2 * x[y[0:3]]"),
    ((), total(at(A, 1, chosen=Chosen(4, 3, at(Y, 0))), over=[4]), "sum(A[y[0], i] for i < 4)"),
    (
        (3,),
        total(at(A, 0, 1, chosen=Chosen(4, 3, at(Y, 1, 0))), over=[4]),
        "[sum(A[y[i], j] for j < 4) for i < 3]",
    ),
]


@pytest.mark.parametrize(("nest", "term", "text"), READ, ids=[text for _, _, text in READ])
def test_what_is_read(nest: tuple[int, ...], term: Term, text: str) -> None:
    strides = (nest[1], 1) if len(nest) == 2 else (1,) * len(nest)
    size = nest[0] * strides[0] if nest else 1
    program = of(Reduce(at(Z, *strides), nest, add, (term,), nodes=1), size=size)
    assert shown(program, INPUTS) == [f"result = {text}"]


def added(nest: tuple[int, ...], target: Access, term: Term, shape: tuple[int, int]) -> list[str]:
    """Add to zeros of a shape."""
    zeros = Reduce(at(Z, shape[1], 1), shape, add, (total(coef=0.0),))
    scattered = Reduce(target, nest, add, (term,), True, 1)
    return shown(of(zeros, scattered, size=shape[0] * shape[1]), INPUTS)


def test_what_is_added_to() -> None:
    target = at(Z, 0, 1, chosen=Chosen(4, 3, at(Y, 1, 0)))
    assert added((4, 4), target, total(at(X, 0, 1), coef=-2.0), (3, 4)) == [
        "result = 0; result[y] -= 2 * x"
    ]


ADDED: list[Any] = [
    ((4,), at(Z, 0, chosen=COLUMNS), total(at(X, 1)), (1, 3), "result[y] += x"),
    ((4,), at(Z, 0, chosen=COLUMNS), total(coef=0.5), (1, 3), "result[y] += 0.5"),
    ((4,), at(Z, 0, chosen=COLUMNS), total(), (1, 3), "result[y] += 1"),
    ((3,), at(Z, 3, chosen=COLUMNS), total(at(X, 1)), (3, 3), "result[i, y[i]] += x[i] for i < 3"),
    ((4, 4), at(Z, 0, 0, chosen=Chosen(1, 3, at(Y, 1, 0))), total(at(X, 0, 1)), (1, 3), "result[y[j]] += x[k] for j < 4, k < 4"),
]  # fmt: skip


@pytest.mark.parametrize(("nest", "target", "term", "shape", "text"), ADDED)
def test_how_it_is_added(nest: Any, target: Any, term: Any, shape: Any, text: str) -> None:
    assert added(nest, target, term, shape) == [f"result = 0; {text}"]


def test_elements_and_results_may_be_chosen_by_the_same_number() -> None:
    target = at(Z, 0, chosen=Chosen(1, 3, at(Y, 1)))
    term = total(at(A, 0, chosen=Chosen(4, 3, at(Y, 1))))
    assert added((4,), target, term, (1, 3)) == ["result = 0; result[y[j]] += A[y[j], 0] for j < 4"]
