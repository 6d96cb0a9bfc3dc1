"""The function of one structure of arguments: from numbers to results, with nothing else asked.

It returns NotImplemented for everything unexpected, which then goes the general way: that of the
plan, which is what the call means.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from struct import error
from time import perf_counter
from typing import Any

import numpy as np

from ...scalar.contexts import state, watched
from ...tree import NONE, Key, branches_of, size_of
from ..backends.bound import Bound
from ..backends.guard import MAKING
from ..plan import Plan
from ..program.program import DOUBLE, Floats
from ..readout import sample_reader, within
from ..trace.results import given_for
from ..watch import observer as watching
from ..watch.watch import GONE, terms_of
from .gives import Giver
from .source import Source, Unfit
from .takes import Taker, is_static

__all__ = ["Entry", "entry_of"]

Entry = Callable[[tuple[Any, ...], dict[str, Any]], Any]

LONG = 1e-4  # seconds: what takes longer is not to keep the interpreter from other threads
ERRORS = TypeError, ValueError, OverflowError, error  # of numbers that are no floats


def entry_of(plan: Plan, key: Key, positional: int, count: int) -> Entry | None:
    """Make it for a call of `count` samples, whose arguments are nested as the key says.

    None if there is none for such calls.
    """
    if plan.dtype != DOUBLE:  # what entries know
        return None
    bound = plan.runner.first(count) if plan.trace.batched else plan.runner.bound(0, 0)
    if bound.count != count or (plan.trace.batched and not count):
        return None  # in blocks, or none at all
    try:
        return _Writer(plan, bound).entry(key, positional)
    except Unfit:
        return None


class _Writer:
    def __init__(self, plan: Plan, bound: Bound) -> None:
        self._plan = plan
        self._bound = bound
        self._source = source = Source()
        self._take = Taker(source, bound.memory.shared)
        self._give = Giver(source, plan.parts, bound.memory)

    def entry(self, key: Key, positional: int) -> Entry:
        source = self._source
        bind = source.bind
        plan = bind(self._plan)
        with source.block("def entry(args, kwargs):"):
            runner = bind(self._plan.runner)
            self._take.refuse(f"{bind(watching)}.at_work or {plan}.runner is not {runner}")
            with source.block("try:"):
                self._look_around()
            with source.block(f"except {bind(GONE)}:"):
                source.line("return NotImplemented")
            names = [source.variable() for _ in key]
            if positional < len(key):
                self._unpack(key, positional, names)
                self._call_builtin(
                    [*key[:positional], *[own for _, own in key[positional:]]], names
                )
            else:
                self._call_builtin(key, [])
                self._unpack(key, positional, names)
            # The general way knows what to do while another thread runs the program.
            self._take.refuse(f"not {bind(self._plan.lock.acquire)}(False)")
            with source.block("try:"):
                busy = bind(self._plan.busy)
                self._take.refuse(f"{busy}[0]")
                source.line(f"{busy}[0] = 1")
                with source.block("try:"):
                    with source.block("try:"):
                        self._take_all(key, positional, names)
                    with source.block(f"except {bind(ERRORS)}:"):
                        source.line("return NotImplemented")
                    if not self._plan.runner.is_settled:  # other code is to come at some run
                        self._take.refuse(f"{runner}.is_due({self._bound.count})")
                    self._run()
                    self._results()
                with source.block("finally:"):
                    source.line(f"{busy}[0] = 0")
            with source.block("finally:"):
                source.line(f"{bind(self._plan.lock.release)}()")
        return source.function("entry")

    def _unpack(self, key: Key, positional: int, names: list[str]) -> None:
        """Name the arguments."""
        by_name = tuple([name for name, _ in key[positional:]])
        self._take.refuse(f"len(args) != {positional}")
        if positional:
            self._source.line(f"{', '.join(names[:positional])}, = args")
        if not by_name:
            self._take.refuse("kwargs")
            return
        self._take.refuse(f"tuple(kwargs) != {self._source.bind(by_name)}")
        self._source.line(f"{', '.join(names[positional:])}, = kwargs.values()")

    def _look_around(self) -> None:
        """Go on only if everything outside is as it was when the function was recorded."""
        bind = self._source.bind
        watch = self._plan.watch
        terms = terms_of(watch.checks, bind)
        if terms is None:
            terms = [f"{bind(watch)}.holds()"]
        if self._plan.trace.captured:
            terms.append(f"{bind(state)}.derived is None and not {bind(watched)}()")
        self._take.expect(" and ".join(terms) or "True")

    def _call_builtin(self, key: Sequence[Key], names: Sequence[str]) -> None:
        """Leave the rest to a built-in function, if there is one and it takes the arguments.

        They have names if there are any, else all are given by position.
        """
        kernel = self._bound.kernel if self._plan.runner.is_settled else None
        if kernel is None or not self._is_short():
            return
        with MAKING:  # a process that is forked while a module is loaded can never load it
            from .builtin import builtin_of

        builtin = builtin_of(self._plan, self._bound, kernel, key)
        if builtin is None:
            return
        function, _ = map(self._source.bind, builtin)
        fixed = [
            self._take.same(own[1], names[place] if names else f"args[{place}]")
            for place, own in enumerate(key)
            if is_static(own)
        ]
        known = [] if names else ["not kwargs", *[f"len(args) == {len(key)}"] * bool(fixed)]
        with self._source.block(f"if {' and '.join([*known, *fixed]) or True}:"):
            self._source.line(f"result = {function}({', '.join(names) if names else '*args'})")
            with self._source.block("if result is not NotImplemented:"):
                self._source.line("return result")

    def _is_short(self) -> bool:
        """Run machine code, to see how long it takes."""
        with self._plan.lock:
            whole, busy = self._bound.whole, self._plan.busy
            if whole is None or busy[0]:
                return False
            times = []
            busy[0] = 1  # other entries share some of its memory, and do not ask for the lock
            try:
                for _ in range(3):
                    begin = perf_counter()
                    whole()
                    times.append(perf_counter() - begin)
            finally:
                busy[0] = 0
        return min(times) < LONG

    def _take_all(self, key: Key, positional: int, names: list[str]) -> None:
        trace, memory = self._plan.trace, self._bound.memory
        place = 0
        for position, (own, name) in enumerate(zip(key, names, strict=True)):
            of = own if position < positional else own[1]
            if is_static(of):
                self._take.expect(self._take.same(of[1], name))
                continue
            argument = trace.arguments[place]
            if argument.per_sample:
                self._take.array(name, _by_samples(memory.numbers(place), of))
            else:
                self._take.take(of, name, memory.start[place])
            place += 1
        if trace.captured:
            bind = self._source.bind
            numbers = bind(self._bound.inputs[self._plan.captured])
            self._source.line(f"{numbers}[:] = [v.data for v in {bind(trace.captured)}]")

    def _run(self) -> None:
        source, bound = self._source, self._source.bind(self._bound)
        quietly = source.bind(self._plan.quietly)
        if self._plan.trace.batched:
            runner = source.bind(self._plan.runner)
            source.line(f"{quietly}({runner}.run, {bound}, {self._bound.count}, {{}})")
            return
        if self._bound.has_lookups:
            source.line(f"{bound}.check_inputs()")
        source.line(f"{quietly}({bound}.before)")
        if self._bound.has_lookups:
            source.line(f"{bound}.check_computed()")

    def _results(self) -> None:
        trace = self._plan.trace
        if trace.batched:
            result = self._of_samples(trace.reduce, trace.nesting.key, 0)
        else:
            result = self._give.give(trace.nesting.key, 0)
        if self._plan.check or trace.chooses:
            self._look_at_results()
        self._source.line(f"return {result}")

    def _look_at_results(self) -> None:
        """Let the general way find out about numbers that are not finite, or not there."""
        bind = self._source.bind
        numbers = list(self._give.numbers)
        for array in self._give.arrays:
            numbers.append(self._source.variable())
            dot = f"{bind(self._plan.quietly)}({bind(np.vdot)}, {array}, {array})"
            self._source.line(f"{numbers[-1]} = {dot}")
        finite = bind(math.isfinite)
        for number in numbers:
            self._take.expect(
                f"{finite}({number})" if self._plan.check else f"{number} == {number}"
            )

    def _of_samples(self, reduce: Any, key: Key, start: int) -> str:
        """Write a nesting of results of many samples; those of each have an axis of them."""
        if isinstance(reduce, str):
            return self._give.give(key, start)
        made = []
        if reduce is None and (key == 0 or key[0] == "array" or isinstance(key[1], int)):
            return self._stacked(key, start)
        hows = [None] * len(branches_of(key)) if reduce is None else given_for(reduce, key)
        for how, (_, part) in zip(hows, branches_of(key), strict=True):
            made.append(self._of_samples(how, part, start))
            start += size_of(part)
        return self._give.together(key, made)

    def _stacked(self, key: Key, start: int) -> str:
        """Write results of each sample as one array, whose first axis they are."""
        if key == NONE:
            return "None"
        source, size, count = self._source, size_of(key), self._bound.count
        name = source.variable()
        reader = sample_reader(within(self._plan.parts, start, start + size), self._bound.memory)
        source.line(f"{name} = {source.bind(reader)}()")
        self._give.arrays.append(name)
        if key == 0:
            return f"{name}[0]"
        shape = key[1] if key[0] == "array" else (size,)
        return f"{name}.T" if shape == (size,) else f"{name}.T.reshape({(count, *shape)})"


def _by_samples(target: Floats, key: Key) -> Floats:
    """View an argument's numbers, which has a column for each sample, as the array that is given."""
    _, own, is_array = key
    if not is_array:
        raise Unfit
    shape = own[1] if own != 0 else ()
    return np.moveaxis(target.reshape(*shape, target.shape[1]), -1, 0)
