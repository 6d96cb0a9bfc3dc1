"""Places that are chosen when the program runs: elements there, and additions to them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...program.program import Floats, Ints
from ...program.statements import Access, Chosen, Reduce
from ...program.strides import row_major, spread
from .nest import Nest
from .places import Places
from .views import Buffer, Strided

__all__ = ["add_to_chosen", "elements"]


class _Chosen(Places):
    """Turns numbers into places, once in each run for all statements that they choose in.

    `wrong` tells which numbers are no places.
    """

    def __init__(self, numbers: Floats, size: int) -> None:
        super().__init__(numbers, size)
        self._numbers = numbers
        self._spreads: dict[tuple[Any, ...], tuple[Ints, int, Ints, Ints, Ints]] = {}
        self.wrong: Any = np.zeros(numbers.shape, bool)

    def __call__(self) -> bool:
        """Follow the numbers; tell whether some are no places."""
        any_wrong = not self.follow(self._numbers)
        if any_wrong:
            np.not_equal(self.back, self._numbers, self.wrong)
            self.chosen[self.wrong] = 0
        for own, step, steps, begin, places in self._spreads.values():
            if step != 1:
                np.multiply(own, step, steps)
            np.add(steps, begin, places)
        return any_wrong

    def spread(
        self, start: int, step: int, sizes: Sequence[int], strides: Sequence[int], own: Ints
    ) -> Ints:
        """Give the places of all elements along axes; `own` is what is chosen, `step` apart."""
        key = start, step, tuple(sizes), tuple(strides), own.shape
        if key not in self._spreads:
            places = np.zeros(sizes, np.intp)
            steps = own if step == 1 else np.zeros(own.shape, np.intp)
            begin = spread(start, sizes, strides)
            self._spreads[key] = own, step, steps, begin, places
        return self._spreads[key][-1]


class _Choice:
    """What is chosen from an array along the axes of a nest, these in another order."""

    def __init__(self, nest: Nest, chosen: Chosen, array: int, order: Sequence[int]) -> None:
        emit, by = nest.emit, chosen.by
        self.size = chosen.size
        self.step = chosen.step * nest.memory.place(array).unit
        along = nest.along(by)
        self.sizes = [nest.sizes[n] for n in order]
        strides = [along.strides[n] for n in order]
        self.met = [stride != 0 for stride in strides]
        dims = [dim for dim in zip(self.sizes, strides, strict=True) if dim[1]]
        which = by.array, by.start, by.table + 1, self.size, *[n for dim in dims for n in dim]
        self.name = "places_" + "_".join(map(str, which)).replace("-", "m")
        if self.name not in emit.things:
            emit.function(self.name, _Chosen(along.buffer.view(dims), self.size))
            emit.line(f"{self.name}_wrong = {self.name}()", 2)
        self.places: _Chosen = emit.things[self.name]
        shape = [n if met else 1 for n, met in zip(self.sizes, self.met, strict=True)]
        self.own = self.places.chosen.reshape(shape)
        self.wrong = self.places.wrong.reshape(shape)

    def run(self, buffer: Buffer, strides: Sequence[int]) -> tuple[Floats, Ints]:
        """Give the run of memory that all places lie in, and the places there."""
        reach = [(n - 1) * stride for n, stride in zip(self.sizes, strides, strict=True)]
        reach.append((self.size - 1) * self.step)
        low = sum(n for n in reach if n < 0)
        length = sum(map(abs, reach)) + 1
        whole = Buffer(buffer.arena, buffer.start + low).view([(length, 1)])
        return whole, self.places.spread(-low, self.step, self.sizes, strides, self.own)


def elements(nest: Nest, access: Access, out: Strided | None = None) -> Strided:
    """Write the elements that an access chooses along the axes of a nest, and tell where they are.

    They go to `out` only if they are written there in one run.
    """
    assert access.chosen is not None
    assert access.table < 0, "what is chosen is in no table"
    emit, source = nest.emit, nest.along(access)
    order = list(range(len(nest.sizes)))
    choice = _Choice(nest, access.chosen, access.array, order)
    rows = _rows(choice, source.strides)
    if rows is None:
        table, places = choice.run(source.buffer, source.strides)
    else:
        order, places = rows, choice.places.chosen
        rest = [(choice.sizes[n], source.strides[n]) for n in order if not choice.met[n]]
        table = source.buffer.view([(choice.size, choice.step), *rest])
    shape = [choice.sizes[n] for n in order]
    run = None if out is None else out.view(nest.sizes).transpose(order)
    if run is None or not run.flags.c_contiguous:
        steps = dict(zip(order, row_major(shape), strict=True))
        out = Strided(nest.aside().buffer, tuple([steps[n] for n in range(len(order))]))
        run = out.view(nest.sizes).transpose(order)
    assert out is not None
    nest.take(table, places, run)
    wrong = choice.wrong.transpose(order)
    emit.function("copyto", np.copyto)
    emit.line(f"if {choice.name}_wrong: copyto({emit.name(run)}, 0.0, where={emit.name(wrong)})", 0)
    return out


def _rows(choice: _Choice, strides: Sequence[int]) -> list[int] | None:
    """Order axes so that what is chosen are whole rows of a matrix; None if they are not."""
    order = [n for n, met in enumerate(choice.met) if met]
    rest = [n for n, met in enumerate(choice.met) if not met]
    rest.sort(key=lambda n: -strides[n])
    sizes = [choice.sizes[n] for n in rest]
    whole = [strides[n] for n in rest] == list(row_major(sizes)) and choice.step == math.prod(sizes)
    return order + rest if whole and not any(strides[n] for n in order) else None


def add_to_chosen(nest: Nest, statement: Reduce) -> None:
    """Write a statement that adds its term to places that are chosen."""
    (term,) = statement.terms
    target, emit = statement.target, nest.emit
    assert target.chosen is not None
    read = *term.factors, target.chosen.by
    nest = nest.within((), nest.samples or (term.samples and nest.is_varying(*read)))
    coef = nest.coefficient(term, target.chosen.by)
    if term.factors:
        values = _values(nest, term.factors)
    else:
        values, coef = (
            Strided(Buffer(np.array(coef, nest.emit.dtype), 0), (0,) * len(nest.sizes)),
            1.0,
        )
    order = list(range(len(nest.sizes)))
    order.sort(key=lambda n: -values.strides[n])  # so that the values are in one piece
    choice = _Choice(nest, target.chosen, target.array, order)
    out = nest.along(target)
    whole, places = choice.run(out.buffer, [out.strides[n] for n in order])
    added = _scaled(nest, values.view(nest.sizes).transpose(order), coef)
    function, nothing = ("subtract", "0.0") if coef == -1.0 else ("add", "-0.0")
    emit.function(f"{function}_to", getattr(np, function).at)
    emit.function("where", np.where)
    right = emit.name(added[(0,) * added.ndim + (...,)] if _is_one(added) else added.reshape(-1))
    emit.line(
        f"{function}_to({emit.name(whole)}, {emit.name(places.reshape(-1))}, "
        f"where({emit.name(choice.wrong)}, {nothing}, {emit.name(added)}).ravel() "
        f"if {choice.name}_wrong else {right})"
    )


def _values(nest: Nest, factors: Sequence[Access]) -> Strided:
    """Find what is added, but for its coefficient."""
    found = [elements(nest, f) if f.chosen is not None else nest.along(f) for f in factors]
    value = nest.multiplied(found)
    assert isinstance(value, Strided)
    return value


def _scaled(nest: Nest, values: Floats, coef: float) -> Floats:
    """Multiply values by a coefficient but for its sign, and write them side by side."""
    emit = nest.emit
    if abs(coef) == 1.0 and (values.flags.c_contiguous or _is_one(values)):
        return values
    run: Floats = emit.scratch(values.size).reshape(values.shape)
    if abs(coef) == 1.0:
        emit.copy(run, values)
    else:
        emit.call("multiply", values, coef, out=run)
    return run


def _is_one(values: Floats) -> bool:
    """Tell whether all elements are the same place in memory."""
    axes = zip(values.shape, values.strides, strict=True)
    return not any(stride for size, stride in axes if size > 1)
