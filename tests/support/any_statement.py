"""Programs of one statement of any kind, at random: strides, tables, terms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st
from written import Making, at

from tinygrad_nn.compiler.program.program import Run
from tinygrad_nn.compiler.program.statements import Access, Map, Reduce, Runs, Term
from tinygrad_nn.scalar.ops import add, maximum, minimum, sub

RNG = np.random.default_rng(1)
SIZE = 320
STRIDES = [0, 1, 2, 3, 4, 6, 8, 12, -1, -3, -4]


@st.composite
def accesses(draw: Any, sizes: tuple[int, ...], arrays: list[int]) -> Access:
    most = SIZE // 2 // max(1, len(sizes))  # what one axis may span
    strides = [
        draw(st.sampled_from([s for s in STRIDES if (n - 1) * abs(s) <= most])) for n in sizes
    ]
    reach = [(n - 1) * stride for n, stride in zip(sizes, strides, strict=True)]
    least = -sum(r for r in reach if r < 0)
    start = least + draw(st.integers(0, 5))
    table = draw(st.sampled_from([-1, -1, -1, 0]))
    return at(draw(st.sampled_from(arrays)), *strides, start=start, table=table)


@st.composite
def targets(draw: Any, making: Making, nest: tuple[int, ...], per_sample: bool) -> Access:
    """Any order of the axes, with holes, some from the end."""
    strides, step = [0] * len(nest), draw(st.integers(1, 2))
    start = 0
    for axis in draw(st.permutations(range(len(nest)))):
        strides[axis] = step * draw(st.sampled_from([1, -1]))
        start += (nest[axis] - 1) * step if strides[axis] < 0 else 0
        step *= nest[axis] + draw(st.integers(0, 1))
    table = -1
    if draw(st.booleans()):
        table = making.table(RNG.permutation(SIZE))
    return at(making.inner(SIZE, per_sample), *strides, start=start, table=table)


@st.composite
def programs(draw: Any) -> Any:
    making = Making()
    shared = [making.input(SIZE), making.input(SIZE)]
    sampled = [making.input(SIZE, True), making.input(SIZE, True)]
    making.table(RNG.integers(0, SIZE, SIZE))
    nest = tuple(draw(st.lists(st.integers(1, 4), max_size=3)))
    per_sample = draw(st.booleans())
    target = draw(targets(making, nest, per_sample))
    arrays = shared + sampled if per_sample else shared
    kind = draw(st.sampled_from(["map", "reduce", "reduce", "reduce", "runs"]))
    if kind == "map":
        operands = [draw(accesses(nest, arrays)) for _ in range(2)]
        making.add(Map(target, nest, sub, tuple(operands)))
    else:
        op = draw(st.sampled_from([add, add, maximum, minimum]))
        terms = []
        samples = op is add and not per_sample and draw(st.booleans())
        for _ in range(draw(st.integers(1, 3)) if kind == "reduce" else 1):
            own = shared + sampled if samples else arrays
            over = tuple(draw(st.lists(st.integers(1, 4), max_size=2)))
            sizes = (*nest, *over)
            if kind == "runs":
                ends = np.cumsum([draw(st.integers(1, 3)) for _ in range(math.prod(nest))])
                sizes = over = (int(ends[-1]),)
            factors = [draw(accesses(sizes, own)) for _ in range(draw(st.integers(0, 3)))]
            coef = draw(st.sampled_from([1.0, 1.0, -1.0, 0.5]))
            terms.append(Term(coef, tuple(factors), over, samples))
        if kind == "runs":
            making.add(Runs(target, nest, op, terms[0], making.table(ends)))
        else:
            making.add(Reduce(target, nest, op, tuple(terms)))
    # What is written is a result, and what is not is none.
    access = target
    places = access.start + sum(
        (stride * index for stride, index in zip(access.strides, np.indices(nest), strict=True)),
        start=np.zeros(nest, int),
    )
    if access.table >= 0:
        places = making.tables[access.table][places]
    places = making.table(np.ravel(places))
    where = at(access.array, 1, table=places)
    making.results = [Run(math.prod(nest), where)]
    return making.program()
