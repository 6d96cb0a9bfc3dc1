"""What arrays are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from forms import at, given, inner, made, total
from listed import shaped, shown

from tinygrad_nn.compiler.listing.entries import entries_of
from tinygrad_nn.compiler.listing.names import Names
from tinygrad_nn.compiler.program.program import Array, Piece, Program, Role, Run
from tinygrad_nn.compiler.program.statements import Map, Reduce, Statement
from tinygrad_nn.scalar.ops import add, exp, maximum, tanh


def copies(target: int, size: int, source: int = 0, op: Any = exp, start: int = 0) -> Map:
    return Map(at(target, 1, start=start), (size,), op, (at(source, 1),), size)


def of(sizes: Sequence[int], statements: Sequence[Statement], results: Sequence[Run]) -> Program:
    """On inputs x of 6 and z1 of 4, to arrays of these sizes."""
    arrays = [given(6), given(4, name="z1"), *[inner(size) for size in sizes]]
    return made(arrays, statements, [[3, 1, 0]], results)


def test_arrays_are_named_by_what_computes_them_and_counted() -> None:
    statements = [
        copies(2, 4),
        Reduce(at(3, 1), (4,), add, (total(at(2, 1)), total(at(0, 1))), nodes=4),
        Reduce(at(4, 1), (4,), maximum, (total(at(3, 1)), total(at(0, 1))), nodes=4),
        copies(5, 4, 4, tanh),
        copies(6, 4, 5),
    ]
    program = of([4] * 5, statements, [Run(4, at(6, 1))])
    assert [line.split(" = ")[0] for line in shown(program)] == ["h1", "z2", "m1", "h2", "result"]


def test_results_are_named_as_they_are_reached() -> None:
    program = of([4, 1], [copies(2, 4), copies(3, 1)], [Run(4, at(2, 1)), Run(1, at(3, 1))])
    program.pieces.extend([Piece("result['a']", 0, (2, 2)), Piece("result['b']", 4, ())])
    assert shown(program) == [
        "result['a'] = exp(x[0:4])",
        "result['b'] = exp(x[0])",
    ]
    names = Names(program, entries_of(program))
    assert names.result(0, 4) == ("result['a']", (2, 2))
    assert names.result(2, 2) == ("result['a'][1]", (2,))
    assert names.result(1, 1) == ("result['a'][0, 1]", ())
    assert names.result(4, 1) == ("result['b']", ())


def test_results_without_names_are_one_array() -> None:
    assert shown(of([4], [copies(2, 4)], [Run(4, at(2, 1))])) == ["result = exp(x[0:4])"]
    assert shown(of([1], [copies(2, 1)], [Run(1, at(2, 1))])) == ["result = exp(x[0])"]


def test_what_several_lines_write_is_named_as_a_whole() -> None:
    statements = [copies(2, 2), copies(2, 2, 1, start=2), copies(3, 4, 2)]
    assert shown(of([4, 4], statements, [Run(4, at(3, 1))])) == [
        "b1[0:2] = exp(x[0:2])",
        "b1[2:4] = exp(z1[0:2])",
        "result = exp(b1)",
    ]
    assert shown(of([4], statements[:2], [Run(4, at(2, 1))])) == [
        "result[0:2] = exp(x[0:2])",
        "result[2:4] = exp(z1[0:2])",
    ]


def test_so_is_what_is_written_in_strides() -> None:
    strided = Map(at(2, -1, start=2), (3,), exp, (at(0, 1),), 3)
    assert shown(of([3], [strided], [Run(3, at(2, 1))])) == ["result[2::-1] = exp(x[0:3])"]
    table = Map(at(2, 1, table=0), (3,), exp, (at(0, 1),), 3)
    program = of([4], [Map(at(2, start=2), (), exp, (3.0,), 1), table], [Run(4, at(2, 1))])
    assert shown(program) == ["result[2] = exp(3)", "result[[3, 1, 0]] = exp(x[0:3])"]


def test_constants_are_counted_but_not_scales() -> None:
    scaled = Reduce(at(4, 1), (3,), add, (total(at(0, 1, table=0), at(2, 1)),), nodes=3)
    program = of([3, 3, 3, 3], [scaled, copies(5, 3, 3)], [Run(3, at(5, 1)), Run(3, at(4, 1))])
    program.arrays[2:4] = [Array(3, False, Role.CONSTANT)] * 2
    program.constants.update({2: np.ones(3), 3: np.ones(3)})
    assert shown(program) == [
        "result[3:6] = (take(x, [3, 1, 0]) * [1, 1, 1])",
        "result[0:3] = exp(c1)",
    ]


def test_inputs_have_their_pieces_and_a_whole() -> None:
    pieces = Piece("p['W']", 0, (2, 2)), Piece("p['b']", 4, (2,))
    parted = Array(6, False, Role.INPUT, "p", pieces)
    program = made([parted, inner(2)], [Map(at(1, 1), (2,), exp, (at(0, 1, start=4),), 2)])
    names = Names(program, entries_of(program))
    assert names.find(0, 4, 4).name == "p['b']"
    assert names.find(0, 1, 2).name == "p['W']"
    assert names.find(0, 3, 4) == Piece("p", 0, (6,))
    assert shown(program) == ["result = exp(p['b'])"]
    matrix = made([shaped("A", 2, 3), inner(1)], [])
    assert Names(matrix, []).whole(0) == Piece("A", 0, (2, 3))


def test_results_that_no_line_is_named_after() -> None:
    results = [Run(4, at(2, 1)), Run(2, at(0, 1)), Run(2, 1.0), Run(1, at(2, 1, start=1))]
    program = of([4], [copies(2, 4)], results)
    assert shown(program) == [
        "result[0:4] = exp(x[0:4])",
        "result[4:6] = x[0:2]",
        "result[6:8] = 1",
        "result[8] = result[0:4][1]",
    ]
