"""What programs cost: numbers counted by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from forms import at, given, inner, made, over_samples, total
from listed import shaped
from programs import causal_attention, program_of

from tinygrad_nn import exp, relu
from tinygrad_nn.compiler.listing.stats import stats_of
from tinygrad_nn.compiler.program.program import Array, Program, Role, Run
from tinygrad_nn.compiler.program.statements import Basic, Chosen, Map, Reduce, Runs
from tinygrad_nn.functions import dot
from tinygrad_nn.scalar import ops
from tinygrad_nn.scalar.ops import add, maximum

VECTOR, THREE, PAIR = [0.5, 1.5, 2.5, 3.5], [1.0, 2.0, 3.0], [-1.0, 2.0]
MATRIX = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]


def test_counts_of_a_layer() -> None:
    def f(W: Any, b: Any, x: Any) -> Any:
        return [relu(dot(w, x) + c) for w, c in zip(W, b, strict=True)]

    stats = stats_of(program_of(f, MATRIX, THREE, [PAIR], batch="x"), calls=3)
    assert (stats.nodes, stats.statements, stats.calls) == (9 + 3, 2, 3)
    assert stats.flops == 3 * (2 + 1 + 1) + 3  # two products, two sums; a maximum
    assert stats.shared_bytes == 8 * (6 + 3 + 2)  # and the number of samples, and its inverse
    assert stats.sample_bytes == 8 * (2 + 3 + 3)
    assert stats.gathered == 0.0
    assert str(stats) == (
        "2 statements for 12 nodes, 3 calls of NumPy\n"
        "15 flops for a sample, 0 % of them gathered\n"
        "88 bytes shared, 64 for each sample"
    )


def test_what_gathers_and_why() -> None:
    def f(x: Any) -> Any:
        return [exp(x[0]), exp(x[1]), exp(x[3])], [sum(x[: i + 2]) * 2.0 for i in range(3)]

    stats = stats_of(program_of(f, VECTOR))
    assert [gather.why for gather in stats.gathers][:1] == ["what is read is no slice"]
    assert stats.gathers[0].statement == "result[0] = exp(take(x, [0, 1, 3]))"
    assert stats.gathers[0].places == 3
    assert 0.0 < stats.gathered <= 1.0
    reasons = {gather.why for gather in stats_of(causal_attention()).gathers}
    assert "sums differ in length" in reasons
    assert "some products of a matrix product are left out" in reasons


# ---- programs by hand ---------------------------------------------------------------------------

A, X, Y, I, Z, PIECE = range(6)
ARRAYS = [shaped("A", 3, 4), shaped("x", 4), shaped("y", 3), shaped("i", 3)]
product = total(at(A, 4, 1), at(X, 0, 1), over=[4])


def of(*statements: Basic, tables: Any = ([2, 0, 1], [1, 4])) -> Program:
    """On A of shape (3, 4), x, y and i, which chooses, to an array of 3, with one between."""
    arrays = [*ARRAYS, inner(3), inner(3)]
    return made(arrays, statements, tables, [Run(3, at(Z, 1))])


def sums(*terms: Any, target: Any = None, **more: Any) -> Reduce:
    return Reduce(target or at(Z, 1), (3,), add, terms, **{"nodes": 1} | more)


COUNTED = [
    (Map(at(Z, 1), (3,), ops.exp, (at(Y, 1),), 3), 3),
    (sums(product), 3 * (4 + 3)),
    (sums(replace(product, coef=2.0)), 3 * (4 + 3 + 1)),
    (sums(product, total(at(Y, 1)), total(coef=1.5)), 3 * (4 + 3 + 1 + 1)),
    (Reduce(at(Z, 1), (3,), maximum, (total(at(A, 4, 1), over=[4]),), nodes=1), 3 * 3),
    (sums(total(at(A, 4, chosen=Chosen(1, 4, at(I, 1))))), 0),
    (sums(total(at(A, 4, chosen=Chosen(1, 4, at(I, 1))), coef=2.0)), 3),
]


@pytest.mark.parametrize(("statement", "flops"), COUNTED)
def test_operations_are_counted(statement: Basic, flops: int) -> None:
    assert stats_of(of(statement)).flops == flops


def test_what_is_added_takes_an_addition_for_each_number() -> None:
    zeros = sums(total(coef=0.0), nodes=0)
    chosen = at(Z, 0, chosen=Chosen(1, 3, at(I, 1)))
    scattered = Reduce(chosen, (3,), add, (total(at(Y, 1), coef=-2.0),), True, 3)
    assert stats_of(of(zeros, scattered)).flops == 3 + 3
    both = sums(total(at(Y, 1)), nodes=0)
    assert stats_of(of(both, scattered)).flops == 3 + 3
    twice = stats_of(of(sums(total(at(Y, 1))), sums(product, onto=True)))
    assert (twice.flops, twice.statements) == (3 * 8, 2)


def test_what_stands_inside_of_a_line_belongs_to_it() -> None:
    piece = sums(product, target=at(PIECE, 1), nodes=0)
    stats = stats_of(of(piece, sums(total(at(PIECE, 1, table=0)), total(at(Y, 1)), nodes=21)))
    assert (stats.statements, stats.nodes, stats.flops) == (1, 21, 3 * 7 + 3)
    assert stats.shared_bytes == 8 * (12 + 4 + 3 + 3 + 3)  # without the piece
    (gather,) = stats.gathers
    assert gather.why == "some products of a matrix product are left out"
    assert (gather.places, gather.statement) == (3, "result = take(A @ x, [2, 0, 1]) + y")


def test_reasons_to_gather() -> None:
    gathered, runs = at(X, 1, table=0), total(at(X, 1, table=1), over=[2])
    scaled = made(
        [*ARRAYS, inner(3), Array(3, False, Role.CONSTANT)],
        [sums(total(gathered, at(5, 1)))],
        [[2, 0, 1]],
        [Run(3, at(Z, 1))],
    )
    scaled.constants[5] = np.array([1.0, 2.0, 3.0])
    found = {
        "no slice": of(sums(total(gathered))),
        "differ": scaled,
        "length": of(Runs(at(Z, 1), (3,), add, runs, 0, 3), tables=[[1, 2, 4], [0, 1, 2, 3]]),
        "written": of(sums(total(at(Y, 1)), target=at(Z, 1, table=0))),
    }
    whys = {key: [gather.why for gather in stats_of(p).gathers] for key, p in found.items()}
    assert whys == {
        "no slice": ["what is read is no slice"],
        "differ": ["coefficients differ"],
        "length": ["sums differ in length"],
        "written": ["where it is written is no slice"],
    }
    (gather,) = stats_of(found["written"]).gathers
    assert gather.places == 3
    assert stats_of(scaled).shared_bytes == 8 * (12 + 4 + 3 + 3 + 3)  # a scale is in its table
    assert stats_of(of(sums(product))).gathers == ()


def test_an_array_of_the_samples_gives_its_places_to_a_later_one() -> None:
    def chain(*sizes: int, kept: int = -1) -> int:
        arrays = [given(2, True)] + [inner(size, True) for size in sizes]
        statements = [
            Map(at(n, 1), (size,), ops.exp, (at(n - 1, 0),), size)
            for n, size in enumerate(sizes, 1)
        ]
        ends = {len(sizes), len(sizes) if kept < 0 else kept}
        results = [Run(arrays[n].size, at(n, 1)) for n in sorted(ends)]
        return stats_of(made(arrays, statements, results=results)).sample_bytes // 8

    assert chain(3) == 2 + 3
    assert chain(3, 3) == 2 + 3 + 3  # what is read is still there
    assert chain(3, 3, 3) == 2 + 3 + 3
    assert chain(3, 4, 3) == 2 + 3 + 4
    assert chain(3, 4, 5) == 2 + 3 + 4 + 5
    assert chain(3, 4, 3, 3) == 2 + 3 + 4 + 3  # but only to one
    assert chain(3, 3, 3, kept=1) == 2 + 3 + 3 + 3  # a result is


def test_sums_over_samples_are_shared() -> None:
    arrays = [given(2, True), inner(2)]
    program = made(arrays, [Reduce(at(1, 1), (2,), add, (over_samples(at(0, 1)),), nodes=2)])
    stats = stats_of(program)
    assert (stats.shared_bytes, stats.sample_bytes) == (16, 16)
