"""What samples have their own of: lines that bring it in, run the program, and nest results."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...tree import Key, branches_of, has_nothing, size_of
from ..backends.bound import Bound
from ..plan import Plan
from ..program.program import Floats
from ..readout import own_rows, repeat_shared, sample_reader, within
from ..trace.results import given_for
from .gives import Giver
from .source import Source, Unfit
from .takes import Taker, has_arrays

__all__ = ["Sampler", "stacks_of"]


class Sampler:
    """Writes what is done for `count` samples, all at once or in blocks, which begin with `bound`.

    Results are arrays if an argument with samples is one, and else lists.
    """

    def __init__(
        self, source: Source, plan: Plan, bound: Bound, count: int, give: Giver, as_arrays: bool
    ) -> None:
        self._source = source
        self._plan = plan
        self._bound = bound
        self._memory = bound.memory
        self._count = count
        self._is_whole = bound.count == count
        self._give = give
        self._as_arrays = as_arrays
        self._columns: dict[int, str] = {}
        self._tables: dict[int, str] = {}  # by the first of the results in each

    # ---- arguments --------------------------------------------------------------------------------

    def take(self, place: int, key: Key, name: str, take: Taker) -> None:
        """Look at an argument, and copy it if there is room for all samples."""
        source, bind = self._source, self._source.bind
        _, own, is_array = key
        size, dtype = size_of(own), self._memory.dtype
        if not is_array:
            name = self._listed(own, name)
        elif self._is_whole:
            target = _by_samples(self._memory.numbers(place), own)
            take.array(name, target)
            return
        else:
            shape = own[1] if own != 0 else ()
            take.expect(take.is_array(name, (self._count, *shape)))
            name = f"{bind(np.asarray)}({name}, {bind(dtype)})"
        turned = f"{name}.reshape({(self._count, size)}).T"
        if self._is_whole:
            source.line(f"{bind(self._memory.numbers(place))}[...] = {turned}")
            return
        self._columns[place] = source.variable()
        source.line(f"{self._columns[place]} = {turned}")

    def _listed(self, own: Key, name: str) -> str:
        """Take a list of samples apart, into an array of its own."""
        if has_arrays(own):
            raise Unfit
        numbers = np.zeros(self._count * size_of(own), self._memory.dtype)
        key = (list, self._count if own == 0 else (own,) * self._count)
        Taker(self._source, numbers).take(key, name, 0)
        return self._source.bind(numbers)

    # ---- runs -------------------------------------------------------------------------------------

    def run(self, quietly: str) -> None:
        """Run the program; with blocks, tables of results are filled meanwhile."""
        source, bind = self._source, self._source.bind
        into = "()"
        if not self._is_whole:
            made = [self._table(key, start) for key, start in self._stacks()]
            into = f"[{', '.join(f'*{rows}' for rows in made)}]"
        columns = ", ".join(f"{place}: {name}" for place, name in self._columns.items())
        given = f"{bind(self._bound)}, {self._count}, {{{columns}}}, {into}"
        source.line(f"{quietly}({bind(self._plan.runner)}.run, {given})")

    def _table(self, key: Key, start: int) -> str:
        """Make a table of results that samples have their own of."""
        source, bind = self._source, self._source.bind
        size = size_of(key)
        name = self._tables[start] = source.variable()
        shape = size, self._count
        source.line(f"{name} = {bind(np.empty)}({shape}, {bind(self._memory.dtype)})")
        return f"{bind(own_rows)}({bind(within(self._plan.parts, start, start + size))}, {name})"

    # ---- results ----------------------------------------------------------------------------------

    def results(self) -> str:
        """Write the nesting of all results."""
        trace = self._plan.trace
        return self._results(trace.reduce, trace.nesting.key, 0)

    def _results(self, reduce: Any, key: Key, start: int) -> str:
        if isinstance(reduce, str):
            # A program with questions gives sums, as parts of a batch are put together.
            is_share = reduce == "mean" and self._plan.trace.questions
            self._give.factor = 1.0 / self._count if is_share else 1.0
            made_of_all = self._give.give(key, start)
            self._give.factor = 1.0
            return made_of_all
        if reduce is None and (not self._as_arrays or _is_stack(key)):
            return self._stacked(key, start)
        made = []
        for how, part, begin in _parts(reduce, key, start):
            made.append(self._results(how, part, begin))
        return self._give.together(key, made)

    def _stacks(self) -> list[tuple[Key, int]]:
        """List what is put in tables, each with the first of its results."""
        trace = self._plan.trace
        found, left = [], [(trace.reduce, trace.nesting.key, 0)]
        while left:
            reduce, key, start = left.pop()
            if reduce is None and (not self._as_arrays or _is_stack(key)):
                found.append((key, start))
            elif not isinstance(reduce, str):
                left += _parts(reduce, key, start)
        return [one for one in found if not has_nothing(one[0])]

    def _stacked(self, key: Key, start: int) -> str:
        """Write results of each sample as one array, whose first axis they are, or as a list."""
        if has_nothing(key) and self._as_arrays:
            return self._give.together(key, [])
        size = size_of(key)
        name = self._numbers(start, size)
        if not self._as_arrays:
            return self._list(key, name, size)
        if key == 0:
            return f"{name}[0]"
        shape = key[1] if key[0] == "array" else (size,)
        return f"{name}.T" if shape == (size,) else f"{name}.T.reshape({(self._count, *shape)})"

    def _numbers(self, start: int, size: int) -> str:
        """Write the table of some results, with a row for each."""
        source, bind = self._source, self._source.bind
        parts = within(self._plan.parts, start, start + size)
        name = self._tables.get(start, "")
        if name:
            if not all(part.per_sample for part in parts):
                source.line(f"{bind(repeat_shared)}({bind(parts)}, {bind(self._memory)}, {name})")
        else:
            name = source.variable()
            source.line(f"{name} = {bind(sample_reader(parts, self._memory))}()")
        self._give.arrays.append(name)
        return name

    def _list(self, key: Key, name: str, size: int) -> str:
        """Write a list of what each sample has."""
        if not size or has_arrays(key):
            raise Unfit
        numbers, place = self._source.variable(), self._source.variable()
        self._source.line(f"{numbers} = {name}.T.ravel().tolist()")
        one = self._give.nested(key, numbers, 0, place)
        return f"[{one} for {place} in range(0, {self._count * size}, {size})]"


def stacks_of(key: Key) -> list[int]:
    """List how many numbers there are in each array that results of samples are put in."""
    if _is_stack(key):
        return [size_of(key)]
    return [size for _, part in branches_of(key) for size in stacks_of(part)]


def _is_stack(key: Key) -> bool:
    return key == 0 or key[0] == "array" or isinstance(key[1], int)


def _parts(reduce: Any, key: Key, start: int) -> list[tuple[Any, Key, int]]:
    """List the parts of a result: how each is reduced, its key, and the first of its results."""
    parts = [part for _, part in branches_of(key)]
    hows = [None] * len(parts) if reduce is None else given_for(reduce, key)
    found = []
    for how, part in zip(hows, parts, strict=True):
        found.append((how, part, start))
        start += size_of(part)
    return found


def _by_samples(target: Floats, key: Key) -> Floats:
    """View an argument's numbers, which has a column for each sample, as the array that is given."""
    shape = key[1] if key != 0 else ()
    return np.moveaxis(target.reshape(*shape, target.shape[1]), -1, 0)
