"""Choices as calls of NumPy: elements of a table, and additions to chosen results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ...program.statements import Choice, Factor, Term
from ...program.strides import size_of, spread, strides_of
from .contraction import Side
from .places import Places
from .term_writer import TermWriter
from .views import Buffer

__all__ = ["ChoiceWriter"]

Array = Any  # an array of float64
Ints = Any  # an array of int64
Strides = Sequence[tuple[int, int]]  # axes, each a size and a stride in elements of an arena


class _Axis(NamedTuple):
    """An axis of a choice: its strides in the results, the factor and what chooses."""

    size: int
    out: int | None
    left: int
    chooser: int


class _Places(Places):
    """Turns numbers into places, once in each run for all statements that they choose in.

    Parameters
    ----------
    numbers : array of float
    size : int
        How many places there are to choose from.
    """

    def __init__(self, numbers: Array, size: int) -> None:
        super().__init__(numbers.shape, size)
        self._numbers = numbers
        self._spreads: dict[tuple[int, int, tuple[tuple[int, int, bool], ...]], Any] = {}
        self.wrong: Any = np.zeros(numbers.shape, bool)

    def __call__(self) -> bool:
        """Follow the numbers; tell whether some are no places, which `wrong` then says."""
        any_wrong = not self.follow(self._numbers)
        if any_wrong:
            np.not_equal(self.back, self._numbers, self.wrong)
            self.chosen[self.wrong] = 0
        for own, step, steps, begin, places in self._spreads.values():
            if step != 1:
                np.multiply(own, step, steps)
            np.add(steps, begin, places)
        return any_wrong

    def spread(self, start: int, step: int, axes: Sequence[tuple[int, int, bool]]) -> Ints:
        """Give the places of all elements along axes, each a size, a stride, and if it chooses."""
        key = start, step, tuple(axes)
        if key not in self._spreads:
            shape = tuple([n for n, _, _ in axes])
            begin = spread(start, [(n, stride) for n, stride, _ in axes]).reshape(shape)
            own = self.chosen.reshape([n if met else 1 for n, _, met in axes])
            places = np.zeros(shape, np.intp)
            steps = own if step == 1 else np.zeros(own.shape, np.intp)
            self._spreads[key] = own, step, steps, begin, places
        found: Ints = self._spreads[key][-1]
        return found


class ChoiceWriter(TermWriter):
    """Writes terms whose elements, or results, are chosen when the program runs."""

    def _dense(self, term: Term, out: Side) -> None:
        if term.choice is None:
            super()._dense(term, out)
            return
        axes = self._axes(term, term.choice)
        kept = [(axis.size, axis.out) for axis in axes if axis.out is not None]
        target = out.view(kept)
        if len(kept) == len(axes):
            self._elements(term, term.choice, axes, target)
            return
        values = self._elements(term, term.choice, axes, None)
        self._reduce("add", values, tuple(range(len(kept), len(axes))), target)

    def _scatter(self, term: Term, coef: float) -> None:
        """Add a term to the results that are chosen."""
        emit, choice = self.emit, term.choice
        assert choice is not None
        axes = self._axes(term, choice)
        axes.sort(key=lambda axis: -axis.left)  # so that the values are in one piece
        name, index = self._index(choice, axes)
        values = self._added(term, choice, axes, coef)
        strides = [(axis.size, axis.out or 0) for axis in axes]
        step = choice.target * self.unit
        whole, low = _run(Side(self.out.buffer, term.start), [*strides, (choice.size, step)])
        places = index.spread(-low, step, _met(strides, axes))
        function = "subtract" if coef == -1.0 else "add"
        emit.function(f"{function}_to", getattr(np, function).at)
        emit.function("where", np.where)
        wrong = index.wrong.reshape([axis.size if axis.chooser else 1 for axis in axes])
        one = values[(0,) * values.ndim + (...,)]
        right = emit.name(one if _is_one_number(values) else values.reshape(-1))
        emit.line(
            f"{function}_to({emit.name(whole)}, {emit.name(places.reshape(-1))}, "
            f"where({emit.name(wrong)}, 0.0, {emit.name(values)}).ravel() if {name}_wrong "
            f"else {right})"
        )

    def _added(self, term: Term, choice: Choice, axes: Sequence[_Axis], coef: float) -> Array:
        """Write what is added, side by side; its sign is left out if it is -1 times something."""
        if term.left is None:
            return np.full([axis.size for axis in axes], 1.0 if coef == -1.0 else coef)
        if choice.source:
            values = self._elements(term, choice, axes, None)
        else:
            values = self._side(term.left)[0].view([(axis.size, axis.left) for axis in axes])
        if abs(coef) == 1.0 and (values.flags.c_contiguous or _is_one_number(values)):
            return values
        run = self.emit.scratch(values.size).reshape(values.shape)
        if abs(coef) == 1.0:
            self.emit.copy(run, values)
        else:
            self.emit.call("multiply", values, coef, out=run)
        return run

    # ---- numbers to places --------------------------------------------------------------------

    def _axes(self, term: Term, choice: Choice) -> list[_Axis]:
        """List all axes, those of the results first, with strides in elements."""
        left, left_sample = self._unit(term.left)
        index, index_sample = self._unit(choice.index)
        own = iter(choice.strides)
        kept = [
            _Axis(n, out * self.unit, a * left, next(own) * index) for n, out, a, _ in term.axes
        ]
        summed = [_Axis(n, None, a * left, next(own) * index) for n, a, _ in term.reduced]
        if self.per_sample:
            kept.append(_Axis(self.count, 1, left_sample, index_sample))
        elif left_sample or index_sample:
            summed.append(_Axis(self.count, None, left_sample, index_sample))
        return kept + summed

    def _unit(self, factor: Factor | None) -> tuple[int, int]:
        """Return how far neighbours in a factor lie apart, and how far samples."""
        if factor is None or not self.bound.program.families[factor.family].per_sample:
            return 1, 0
        return self.count, 1

    def _index(self, choice: Choice, axes: Sequence[_Axis]) -> tuple[str, _Places]:
        """Find what turns the numbers into places, and under which name."""
        emit, index = self.emit, choice.index
        dims = [(axis.size, axis.chooser) for axis in axes if axis.chooser]
        table = 0 if index.table is None else id(index.table)
        which = [index.family, index.start, choice.size, table, *[n for dim in dims for n in dim]]
        name = "places_" + "_".join(map(str, which)).replace("-", "m")
        if name not in emit.things:
            emit.function(name, _Places(self._side(index)[0].view(dims), choice.size))
            emit.line(f"{name}_wrong = {name}()", 2)
        found: _Places = emit.things[name]
        return name, found

    # ---- elements -----------------------------------------------------------------------------

    def _elements(
        self, term: Term, choice: Choice, axes: Sequence[_Axis], target: Array | None
    ) -> Array:
        """Write the chosen elements along axes to a target, or aside."""
        emit = self.emit
        assert term.left is not None
        name, index = self._index(choice, axes)
        side, unit = self._side(term.left)
        step = choice.source * unit
        rows = _rows(axes, step)
        if rows is None:
            order = list(range(len(axes)))
            strides = [(axis.size, axis.left) for axis in axes]
            source, low = _run(side, [*strides, (choice.size, step)])
            places = index.spread(-low, step, _met(strides, axes))
        else:
            order = rows
            sizes = [(axes[n].size, axes[n].left) for n in rows if not axes[n].chooser]
            source = side.view([(choice.size, step), *sizes])
            places = index.chosen
        shape = [axes[n].size for n in order]
        run = None if target is None else target.transpose(order)
        if run is None or not run.flags.c_contiguous:
            run = emit.scratch(size_of(shape)).reshape(shape)
        self._take(source, places, run)
        wrong = index.wrong.reshape([axes[n].size if axes[n].chooser else 1 for n in order])
        emit.function("copyto", np.copyto)
        emit.line(f"if {name}_wrong: copyto({emit.name(run)}, 0.0, where={emit.name(wrong)})", 0)
        values = run.transpose(np.argsort(order))
        if target is None:
            return values
        if not np.shares_memory(run, target):
            emit.copy(target, values)
        return target


def _is_one_number(values: Array) -> bool:
    """Tell whether all elements are the same place in memory."""
    return not any(
        stride for size, stride in zip(values.shape, values.strides, strict=True) if size > 1
    )


def _met(strides: Strides, axes: Sequence[_Axis]) -> list[tuple[int, int, bool]]:
    return [(*dim, axis.chooser != 0) for dim, axis in zip(strides, axes, strict=True)]


def _rows(axes: Sequence[_Axis], step: int) -> list[int] | None:
    """Order axes so that what is chosen are whole rows of a matrix; None if they are not."""
    order = [n for n, axis in enumerate(axes) if axis.chooser]
    rest = [n for n, axis in enumerate(axes) if not axis.chooser]
    rest.sort(key=lambda n: -axes[n].left)
    sizes = [axes[n].size for n in rest]
    whole = [axes[n].left for n in rest] == strides_of(sizes) and step == size_of(sizes)
    return order + rest if whole and not any(axes[n].left for n in order) else None


def _run(side: Side, axes: Strides) -> tuple[Array, int]:
    """Give the run of memory that axes lie in, and how far before their begin it begins."""
    reach = [(size - 1) * stride for size, stride in axes]
    low = sum(r for r in reach if r < 0)
    high = sum(r for r in reach if r > 0)
    buffer = side.buffer
    begin = buffer.start + side.start * buffer.unit + low
    return Buffer(buffer.arena, begin, 1).view(0, [(high - low + 1, 1)]), low
