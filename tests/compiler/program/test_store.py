"""Programs as text and arrays: what is written is read again, to the bit."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from forms import at, given, inner, made, over_samples, programs, total
from hypothesis import given as for_all
from hypothesis import settings

from tinygrad_nn import custom, ops
from tinygrad_nn.compiler.program.program import Array, Lookup, Piece, Program, Role, Run
from tinygrad_nn.compiler.program.statements import Chosen, Loop, Map, Reduce, Runs, Statement, Term
from tinygrad_nn.compiler.program.store import is_same, load, save
from tinygrad_nn.errors import ArgumentError, StateError
from tinygrad_nn.scalar.arities import Unary
from tinygrad_nn.scalar.operation import TABLE, forget
from tinygrad_nn.scalar.ops import add, maximum, where


def everything() -> Program:
    """A program that has each class, with each of its parts in use."""
    arrays = [
        Array(6, True, Role.INPUT, "W", (Piece("W", 0, (3, 2)), Piece("W[0]", 0, (2,)))),
        Array(1, False, Role.CAPTURED, "captured"),
        Array(2, False, Role.BATCH, "batch"),
        Array(3, False, Role.CONSTANT),
        inner(5),
    ]
    chosen = at(0, 1, 2, table=0, chosen=Chosen(-1, 3, at(2, 0, 0, start=1)))
    body = Map(at(4, 1), (2,), where, (at(3, 0), 0.5, -0.0), nodes=3)
    statements: list[Statement] = [
        Reduce(at(4, 1), (3,), add, (over_samples(chosen, over=[2], coef=-0.0), Term(math.nan))),
        Loop(2, (body, Loop(3, (body,)))),
        Runs(at(4, 1), (2,), maximum, total(at(3, 1), over=[3], coef=math.inf), 1, 2),
        Reduce(at(4, chosen=Chosen(1, 5, at(2))), (), add, (Term(-math.inf),), onto=True),
    ]
    return Program(
        arrays,
        statements,
        [Run(5, at(4, 1)), Run(2, -0.0), Run(1, math.nan)],
        [Piece("result", 0, (8,)), Piece("result[0]", 0, ())],
        [Lookup(Run(1, at(0, 1)), 3)],
        [np.array([3, 0, 1]), np.array([1, 3])],
        {3: np.array([-0.0, math.nan, math.inf])},
    )


def test_what_is_written_is_read_again() -> None:
    program = everything()
    text, numbers = save(program)
    again = load(text, numbers)
    assert is_same(again, program)
    assert again.arrays == program.arrays
    assert again.pieces == program.pieces
    assert again.lookups == program.lookups
    assert again.statements[1:] == program.statements[1:]  # NaN is not itself
    assert repr(again.statements) == repr(program.statements)
    assert repr(again.results) == repr(program.results)
    assert repr(again) == repr(program)
    assert [x.dtype for x in again.tables] == [np.int64, np.int64]


def test_the_text_is_json_as_all_read_it() -> None:
    text, _ = save(everything())

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    json.loads(text, parse_constant=refuse)


def test_statements_hold_no_arrays_and_are_compared() -> None:
    again = load(*save(everything()))
    assert len({*again.statements, *everything().statements}) == 5  # but for that with NaN
    assert type(again.statements[0]) is Reduce
    assert isinstance(again.statements[0].terms, tuple)
    assert isinstance(again.statements, list)


@pytest.mark.parametrize(
    "change",
    [
        {"results": [Run(5, at(4, 1)), Run(2, 0.0), Run(1, math.nan)]},
        {"constants": {3: np.array([0.0, math.nan, math.inf])}},
        {"tables": [np.array([3, 0, 2]), np.array([1, 3])]},
        {"tables": [np.array([[3, 0, 1]]), np.array([1, 3])]},
        {"tables": [np.array([3, 0, 1]).view(float), np.array([1, 3])]},
        {"pieces": []},
        {"statements": everything().statements[:2]},
    ],
)
def test_what_is_not_the_same_is_told(change: dict[str, object]) -> None:
    assert not is_same(replace(everything(), **change), everything())  # type: ignore[arg-type]


@settings(max_examples=30)
@for_all(programs)
def test_random_programs_are_read_again(program: Program) -> None:
    again = load(*save(program))
    assert again.statements == program.statements
    assert is_same(again, program)


# ---- operations ----------------------------------------------------------------------------------


@pytest.mark.parametrize("op", TABLE.values(), ids=lambda op: op.name)
def test_every_operation_of_the_table(op: ops.Op) -> None:
    line = Map(at(1), (), op, (at(0),) * op.arity)
    assert load(*save(made([given(1), inner(1)], [line]))).statements == [line]


def test_an_operation_of_the_users_own_is_refused() -> None:
    own = custom(lambda x: x + 1.0, lambda x, z: 1.0, name="increment")
    program = made([given(1), inner(1)], [Map(at(1), (), own, (at(0),))])
    with pytest.raises(ArgumentError, match="operation increment, which is your own"):
        save(program)


def test_a_row_of_the_users_own_is_refused() -> None:
    row = Unary("gone", lambda x: x, lambda x, z: 1.0)
    try:
        with pytest.raises(ArgumentError, match="operation gone, which is your own"):
            save(made([given(1), inner(1)], [Map(at(1), (), row, (at(0),))]))
    finally:
        forget(row)


# ---- what `save` has not written ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda x: x.update(arrays=3), "Program.arrays: 3 is none of list"),
        (lambda x: x.update(more=[]), "Program has no 'more'"),
        (lambda x: x.pop("statements"), "Program lacks statements"),
        (lambda x: x["arrays"][0].update(size=True), "Array.size: true is none of int"),
        (lambda x: x["arrays"][0].update(size=2.0), "Array.size: 2.0 is none of int"),
        (lambda x: x["arrays"][0].update(size=1 << 60), "is too large"),
        (lambda x: x["arrays"][0].update(role={"role": "king"}), "is none of Role"),
        (lambda x: x["arrays"][0].update(role={"role": []}), "is none of Role"),
        (lambda x: x["statements"][0].update(op={"op": "print"}), "is none of Op"),
        (lambda x: x["statements"][0].update(op={"op": {}}), "is none of Op"),
        (lambda x: x["statements"][0].update(op={"op": "add", "x": 1}), "has not 1 parts"),
        (lambda x: x["statements"][0].update({"is": "Access"}), "is none of Map, Reduce"),
        (lambda x: x["statements"][0].update({"is": []}), "is none of Map, Reduce"),
        (lambda x: x["statements"][0]["terms"][0].update(coef=1), "coef: 1 is none of float"),
        (lambda x: x["statements"][0]["terms"][0].update(coef={"float": "1"}), "none of float"),
        (lambda x: x["results"][0].update(where="x"), '"x" is none of'),
        (lambda x: x.update(constants=[[3]]), "has not 2 parts"),
        (lambda x: x.update(tables=[{"numbers": 7}]), "is none of ndarray"),
        (lambda x: x.update(tables=[{"numbers": -1}]), "is none of ndarray"),
        (lambda x: x.update(tables=[[1, 2]]), "is none of ndarray"),
    ],
)
def test_what_is_not_of_the_form_is_refused(change: Any, match: str) -> None:
    text, numbers = save(everything())
    x = json.loads(text)
    change(x)
    with pytest.raises(StateError, match=match):
        load(json.dumps(x), numbers)


def test_what_is_nested_too_deep_is_refused() -> None:
    statement: Statement = Map(at(1), (), add, (1.0, 2.0))
    for _ in range(200):
        statement = Loop(1, (statement,))
    with pytest.raises(StateError, match="in more than 100 levels"):
        load(*save(made([given(1), inner(1)], [statement])))
