"""Programs as text: the algebra that stands there is what is computed."""

from __future__ import annotations

import random
import re
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listed import check_listing
from programs import (
    PROGRAMS,
    Chain,
    Make,
    chains,
    inputs_of,
    numbers,
    program_of,
    valley,
)

import tinygrad_nn as tg
from tinygrad_nn import exp, relu, tanh
from tinygrad_nn.compiler.readable import Program
from tinygrad_nn.functions import dot


@pytest.mark.parametrize("make", PROGRAMS, ids=lambda make: make.__name__)
def test_what_a_listing_says_is_what_is_computed(make: Make) -> None:
    program = make()
    check_listing(program, inputs_of(program))


@given(chains, st.booleans(), st.booleans())
@settings(max_examples=60, report_multiple_bugs=False)
def test_so_it_is_for_random_functions(chain: Chain, by_sample: bool, derived: bool) -> None:
    program = chain.program(by_sample, derived)
    check_listing(program, inputs_of(program))


# ---- how it looks -----------------------------------------------------------------------------


def texts(program: Program) -> list[str]:
    """The lines of a listing, single blanks between their columns."""
    return [re.sub(" +", " ", line) for line in str(program).split("\n")]


def test_a_layer() -> None:
    def f(W: Any, b: Any, x: Any) -> Any:
        return [relu(dot(w, x) + c) for w, c in zip(W, b, strict=True)]

    program = program_of(f, numbers(random.Random(0), 30, 40), [0.0] * 30, [[1.0] * 40], batch="x")
    assert str(program).split("\n") == [
        "W                    (30, 40)",
        "b                    (30,)",
        "x                    (40, batch)",
        "z1 = W @ x + b       (30, batch)    1,230 nodes",
        "result = max(0, z1)  (30, batch)       30 nodes",
    ]


def lines_of(f: Any, *args: Any, **options: Any) -> list[str]:
    """Those lines that are statements or results."""
    return [line for line in texts(program_of(f, *args, **options)) if "=" in line]


VECTOR, THREE, PAIR = [0.5, 1.5, 2.5, 3.5], [1.0, 2.0, 3.0], [-1.0, 2.0]
MATRIX = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]


@pytest.mark.parametrize(
    ("f", "args", "wanted"),
    [
        (lambda A, x: [dot(row, x) for row in A], (MATRIX, PAIR), "A @ x (3,) 6 nodes"),
        (lambda A, x: [dot(c, x) for c in zip(*A, strict=True)], (MATRIX, THREE), "A.T @ x (2,) 6 nodes"),
        (lambda x, y: dot(x, y), (VECTOR, VECTOR[::-1]), "x @ y () 4 nodes"),
        (lambda x: sum(x), (VECTOR,), "sum(x) () 4 nodes"),
        (lambda A: [sum(row) for row in A], (MATRIX,), "sum(A, axis=1) (3,) 6 nodes"),
        (lambda A: [reduce(tg.max, row) for row in zip(*A, strict=True)], (MATRIX,), "max(A, axis=0) (2,) 6 nodes"),
        (lambda A: [tg.min(tg.min(a, b), 0.5) for a, b in A], (MATRIX,), "min(min(A, axis=1), 0.5) (3,) 9 nodes"),
        (lambda A, x: [[a + b for a, b in zip(r, x, strict=True)] for r in A], (MATRIX, PAIR), "A + x (3, 2) 12 nodes"),
        (lambda A, x: [[a - b for a in r] for r, b in zip(A, x, strict=True)], (MATRIX, THREE), "A - x[:, None] (3, 2) 12 nodes"),
        (lambda A, x: [sum(a * b for a in r) for r, b in zip(A, x, strict=True)], (MATRIX, THREE), "sum(A * x[:, None], axis=1) (3,) 6 nodes"),
        (lambda x: [exp(a) for a in x[::2]], (VECTOR,), "exp(x[0:3:2]) (2,) 2 nodes"),
        (lambda x: [a / 2 + 1 for a in x], (VECTOR,), "0.5 * x + 1 (4,) 8 nodes"),
        (lambda x: [1 - 3 * a for a in x], (VECTOR,), "1 - 3 * x (4,) 8 nodes"),
        (lambda x: [2 / a for a in x], (VECTOR,), "2 / x (4,) 4 nodes"),
        (lambda x, y: [a > b for a, b in zip(x, y, strict=True)], (VECTOR, VECTOR), "x > y (4,) 4 nodes"),
        (lambda A: [exp(A[i][i]) for i in range(2)], (MATRIX,), "exp(A.ravel()[0:4:3]) (2,) 2 nodes"),
        (lambda x: [exp(x[i]) for i in (0, 1, 3)], (VECTOR,), "exp(take(x, [0, 1, 3])) (3,) 3 nodes"),
        (lambda x, w: [dot(x[i : i + 3], w) for i in range(2)], (VECTOR, THREE), "[sum(x[i + j] * w[j] for j < 3) for i < 2] (2,) 6 nodes"),
    ],
)  # fmt: skip
def test_the_algebra(f: Any, args: Any, wanted: str) -> None:
    assert lines_of(f, *args) == [f"result = {wanted}"]


def test_what_is_reached_in_another_order() -> None:
    def outer(x: Any, y: Any) -> Any:
        return [[exp(a * b) for b in y] for a in x], x[::-1], x[1]

    assert lines_of(outer, VECTOR, PAIR)[2:] == [
        "result[0] = h1.T (4, 2)",
        "result[1] = x[3::-1] (4,)",
        "result[2] = x[1] ()",
    ]


def test_samples() -> None:
    def f(w: Any, x: Any, y: Any) -> Any:
        z = dot(w, x) - y
        return z * z, [a * z for a in x]

    program = program_of(f, PAIR, MATRIX, THREE, batch=("x", "y"), reduce=("mean", "sum"))
    lines = texts(program)
    assert lines[:4] == ["w (2,)", "x (2, batch)", "y (batch,)", "1/batch ()"]
    assert "z1 = w @ x - y (batch,) 3 nodes" in lines
    assert "z2 = sum_batch(z1 * z1) () 1 node" in lines
    assert "result[0] = 1/batch * z2 () 1 node" in lines


def test_sums_of_outer_products_of_samples_are_a_matrix_product() -> None:
    def f(x: Any, y: Any) -> Any:
        return [[a * b for b in y] for a in x]

    program = program_of(f, MATRIX, [VECTOR] * 3, batch=("x", "y"), reduce="sum")
    assert texts(program)[-2:] in (
        ["y (4, batch)", "result = x @ y.T (2, 4) 8 nodes"],
        ["z1 = y @ x.T (4, 2) 8 nodes", "result = z1.T (2, 4)"],
    )


def test_what_is_added_to_what_is_there() -> None:
    assert [line for line in texts(valley()) if " += " in line] == [
        "result[1][0:29] += -2 * z2 (29,) 29 nodes"
    ]


def test_parts_are_named_as_python_reaches_them() -> None:
    def f(p: Any) -> Any:
        return {"a": [tanh(v) for v in p["v"]], "b": (dot(p["pair"][0], p["pair"][1]), 2.0)}

    lines = texts(program_of(f, {"v": VECTOR, "pair": (PAIR, [1.0, 2.0])}))
    assert sorted(lines) == [
        "p['pair'] (2, 2)",
        "p['v'] (4,)",
        "result['a'] = tanh(p['v']) (4,) 4 nodes",
        "result['b'][0] = p['pair'][0] @ p['pair'][1] () 2 nodes",
        "result['b'][1] = 2 ()",
    ]


def test_names_of_arguments_are_not_given_again() -> None:
    def f(z1: Any, h1: Any) -> Any:
        return tanh(dot(z1, h1))

    assert lines_of(f, VECTOR, VECTOR) == ["z2 = z1 @ h1 () 4 nodes", "result = tanh(z2) () 1 node"]


@pytest.mark.parametrize("make", PROGRAMS, ids=lambda make: make.__name__)
def test_the_same_program_has_the_same_text(make: Make) -> None:
    assert str(make()) == str(make())


def test_the_order_in_which_sums_are_written_does_not_matter() -> None:
    def backwards(W: Any, b: Any, x: Any) -> Any:
        results = [
            c + sum(a * w for w, a in reversed(list(zip(r, x, strict=True))))
            for r, c in zip(W, b, strict=False)
        ]
        return [tanh(z) for z in results]

    def forwards(W: Any, b: Any, x: Any) -> Any:
        return [
            tanh(sum(w * a for w, a in zip(r, x, strict=True)) + c)
            for r, c in zip(W, b, strict=False)
        ]

    assert lines_of(forwards, MATRIX, THREE, PAIR) == lines_of(backwards, MATRIX, THREE, PAIR)


def test_long_tables_are_told_apart() -> None:
    def picked(order: Any) -> list[str]:
        return lines_of(lambda x: [exp(x[i]) for i in order], [1.0] * 40)

    first = [0, 1, 2, 5, 7, 8, 11, 15, 16, 20]
    assert picked(first) == picked(first)
    assert picked(first) != picked([*first[:-1], 21])
