"""The function of one structure of arguments: from numbers to results, with nothing else asked.

It returns NotImplemented for everything unexpected, which then goes the general way: that of the
plan, which is what the call means. Where a question has another answer, it returns what was missed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, partial
from struct import error
from typing import Any, NamedTuple

import numpy as np

from ...scalar.contexts import state, watched
from ...tree import Key
from ..backends.backend import Kernel
from ..backends.bound import Bound
from ..backends.guard import MAKING, is_ending
from ..plan import Plan
from ..watch import observer as watching
from ..watch.watch import GONE, terms_of
from .gives import Giver
from .guards import guard
from .samples import Sampler
from .source import Source, Unfit
from .takes import Taker, is_static

__all__ = ["Builtin", "Entry", "Later", "entry_of"]

Builtin = Callable[..., Any]


class Entry(NamedTuple):
    """What takes calls of one structure: a function of their arguments, by position and by name.

    With a built-in one there need be nobody in between.
    """

    call: Callable[[tuple[Any, ...], dict[str, Any]], Any]
    builtin: Builtin | None = None
    joined: Callable[[Builtin], Builtin] | None = None  # is quicker than what is written here

    def before(self, others: Builtin) -> Builtin:
        """Give a function that does it all: what this one refuses is left to others, always the same."""
        if self.joined is not None:
            return self.joined(others)
        run = self.call

        def call(*args: Any, **kwargs: Any) -> Any:
            result = run(args, kwargs)
            return others(*args, **kwargs) if result is NotImplemented else result

        return call


Later = Callable[[Callable[[Entry], None]], None]  # given what an entry is handed to

ERRORS = (
    TypeError,
    ValueError,
    OverflowError,
    AttributeError,
    error,
)  # of numbers that are no floats


def entry_of(
    plan: Plan, key: Key, positional: int, count: int
) -> tuple[Entry, Later | None] | None:
    """Make it for a call of `count` samples, whose arguments are nested as the key says.

    None if there is none for such calls. What comes later makes a better one, and takes long.
    """
    if plan.trace.batched and not count:
        return None
    try:
        writer = _Writer(plan, key, positional, count)
        entry = writer.entry()
    except Unfit:
        return None
    making = writer.making
    if making is None:
        return entry, None

    def later(add: Callable[[Entry], None]) -> None:
        builtin = making()
        if builtin is not None:
            with plan.lock:
                add(_Writer(plan, key, positional, count, builtin).entry())
            writer.retired.append(True)

    return entry, later


def _either(builtin: Builtin, others: Builtin) -> Builtin:
    from .making import either

    return either(builtin, others)


def _builtin_of(plan: Plan, bound: Bound, kernel: Kernel, keys: Sequence[Key]) -> Builtin | None:
    with MAKING:  # a process that is forked while a module is loaded can never load it
        from .builtin import builtin_of

        return None if is_ending() else builtin_of(plan, bound, kernel, keys)


class _Writer:
    """Writes one; a built-in function is called if it is given, or if its making may be waited for.

    If not, there is what makes it, and the entry takes no more calls as soon as it is `retired`.
    """

    def __init__(
        self,
        plan: Plan,
        key: Key,
        positional: int,
        count: int,
        builtin: Builtin | None = None,
    ) -> None:
        self.making: Callable[[], Builtin | None] | None = None
        self.retired: list[bool] = []
        self._builtin = builtin
        self._positional = positional
        self._by_name = tuple([name for name, _ in key[positional:]])
        self._keys: list[Key] = [*key[:positional], *[own for _, own in key[positional:]]]
        self._plan = plan
        self._count = count
        bound = plan.runner.first(count) if plan.trace.batched else plan.runner.bound(0, 0)
        self._bound = bound
        self._source = source = Source()
        self._take = Taker(source, bound.memory.shared)
        self._give = give = Giver(source, plan.parts, bound.memory)
        of_samples = [own for own in self._keys if own != 0 and own[0] == "batch"]
        as_arrays = any(is_array for _, _, is_array in of_samples)
        self._samples = Sampler(source, plan, bound, count, give, as_arrays)

    def entry(self) -> Entry:
        source = self._source
        bind = source.bind
        plan = bind(self._plan)
        with source.block("def entry(args, kwargs):"):
            runner = bind(self._plan.runner)
            # A runner that is settled stays.
            other = "" if self._plan.runner.is_settled else f" or {plan}.runner is not {runner}"
            names = [source.variable() for _ in self._keys]
            if self._by_name:
                self._unpack(names)
                self._call_builtin(names)
            else:
                self._call_builtin([])
                self._unpack(names)
            self._take.refuse(f"{bind(watching)}.at_work{other}")
            with source.block("try:"):
                self._look_around()
            with source.block(f"except {bind(GONE)}:"):
                source.line("return NotImplemented")
            # The general way knows what to do while another thread runs the program.
            self._take.refuse(f"not {bind(self._plan.lock.acquire)}(False)")
            with source.block("try:"):
                busy = bind(self._plan.busy)
                self._take.refuse(f"{busy}[0]")
                source.line(f"{busy}[0] = 1")
                with source.block("try:"):
                    with source.block("try:"):
                        self._take_all(names)
                    with source.block(f"except {bind(ERRORS)}:"):
                        source.line("return NotImplemented")
                    if not self._plan.runner.is_settled:  # other code is to come at some run
                        self._take.refuse(f"{runner}.is_due({self._count})")
                    self._run()
                    if self._plan.trace.questions:
                        guard(source, self._plan, self._bound.memory)
                    self._results()
                with source.block("finally:"):
                    source.line(f"{busy}[0] = 0")
            with source.block("finally:"):
                source.line(f"{bind(self._plan.lock.release)}()")
        alone = not (self._by_name or any(map(is_static, self._keys)))
        written, builtin = source.function("entry"), self._builtin
        if builtin is None or not alone:
            return Entry(written)
        return Entry(written, builtin, cache(partial(_either, builtin)))

    def _unpack(self, names: list[str]) -> None:
        """Name the arguments."""
        positional = self._positional
        self._take.refuse(f"len(args) != {positional}")
        if positional:
            self._source.line(f"{', '.join(names[:positional])}, = args")
        if not self._by_name:
            self._take.refuse("kwargs")
            return
        self._take.refuse(f"tuple(kwargs) != {self._source.bind(self._by_name)}")
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

    def _call_builtin(self, names: Sequence[str]) -> None:
        """Leave the rest to a built-in function, if there is one and it takes the arguments.

        They have names if there are any, else all are given by position.
        """
        kernel = self._bound.kernel if self._plan.runner.is_settled else None
        if kernel is None or kernel.releases or self._bound.count != self._count:
            return
        if self._builtin is None:
            making = partial(_builtin_of, self._plan, self._bound, kernel, self._keys)
            if self._plan.runner.tiers.waits_for_none:
                self.making = making
                self._take.refuse(self._source.bind(self.retired))
                return
            self._builtin = making()
        if self._builtin is None:
            return
        function = self._source.bind(self._builtin)
        fixed = [
            self._take.same(own[1], names[place] if names else f"args[{place}]")
            for place, own in enumerate(self._keys)
            if is_static(own)
        ]
        known = [] if names else ["not kwargs", *[f"len(args) == {len(self._keys)}"] * bool(fixed)]
        with self._source.block(f"if {' and '.join([*known, *fixed]) or True}:"):
            self._source.line(f"result = {function}({', '.join(names) if names else '*args'})")
            with self._source.block("if result is not NotImplemented:"):
                self._source.line("return result")

    def _take_all(self, names: list[str]) -> None:
        trace, memory = self._plan.trace, self._bound.memory
        place = 0
        for own, name in zip(self._keys, names, strict=True):
            if is_static(own):
                self._take.expect(self._take.same(own[1], name))
                continue
            argument = trace.arguments[place]
            if argument.per_sample:
                self._samples.take(place, own, name, self._take)
            else:
                self._take.take(own, name, memory.start[place])
            place += 1
        if trace.captured:
            bind = self._source.bind
            numbers = bind(self._bound.inputs[self._plan.captured])
            self._source.line(f"{numbers}[:] = [v.data for v in {bind(trace.captured)}]")

    def _run(self) -> None:
        source, bound = self._source, self._source.bind(self._bound)
        quietly = source.bind(self._plan.quietly)
        if self._plan.trace.batched:
            self._samples.run(quietly)
            return
        if self._bound.has_lookups:
            source.line(f"{bound}.check_inputs()")
        source.line(f"{quietly}({bound}.before)")
        if self._bound.has_lookups:
            source.line(f"{bound}.check_computed()")

    def _results(self) -> None:
        trace = self._plan.trace
        plain = self._give.give
        result = self._samples.results() if trace.batched else plain(trace.nesting.key, 0)
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
