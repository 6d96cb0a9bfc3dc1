"""Recording a function for one structure of arguments: at small lengths, in turns, or in full."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from threading import RLock
from typing import Any, NamedTuple

import numpy as np

from ..scalar.contexts import collector_paused, state
from ..tree import flatten
from .arguments import Arguments
from .backends.auto import AUTO
from .backends.backend import Backend
from .backends.choice import resumed
from .calling import uncompiled
from .given import Given
from .interface import Interface
from .observed import observed
from .paths.batch import Batch
from .paths.by_classes import ByClasses
from .paths.eager import Eager
from .paths.faults import Faults
from .paths.guarded import Guarded
from .paths.integers import Integers, record_path
from .paths.numbers import numbers_of
from .paths.patience import Patience
from .plan import Plan
from .program.program import DOUBLE, Dtype, Program
from .proof.claim import claim_of
from .proof.prove import prove_recording
from .sizes.functions import AnySize, lengths_in, refused
from .sizes.in_turns import found_in_turns
from .sizes.recordings import Refusal
from .sizes.report import Sizes
from .sizes.source import Task
from .trace.asked import Asked, kinds_of, sample_kinds
from .trace.results import Reduce
from .trace.tracing import Asking, Call, Numbers, Trace, reduced
from .waiting import shown_if_long
from .watch import observer as watching
from .watch.observer import Observer
from .watch.watch import Watch

__all__ = ["Options", "Planner"]

CLOSE = 1e-9  # what counts as the same result


class Options(NamedTuple):
    """What a function is compiled with."""

    batch: frozenset[str]
    reduce: Reduce
    static: frozenset[str]
    check: bool
    prove: bool = False
    sizes: str = "auto"
    backend: Backend = AUTO
    dtype: Dtype = DOUBLE
    threads: int = 1
    strict: bool = False

    def portable(self) -> tuple[Any, ...]:
        """Give what can be pickled: a backend by its name."""
        batch, reduce, static, *others, backend, dtype, threads, strict = self
        names = tuple(sorted(batch)), reduce, tuple(sorted(static))
        return (*names, *others, backend.name, dtype, threads, strict)

    @classmethod
    def unpacked(cls, options: Sequence[Any]) -> Options:
        """Take them up again."""
        batch, reduce, static, check, prove, sizes, backend, *others = options
        names = frozenset(batch), reduce, frozenset(static)
        return cls(*names, check, prove, sizes, resumed(backend), *others)


class Planner:
    """Makes the plans of a function; `lock` is held by whoever records."""

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        arguments: Arguments,
        options: Options,
        lock: RLock,
    ) -> None:
        self._name = name
        self._function = function
        self._arguments = arguments
        self._options = options
        self._lock = lock
        self._any_size = AnySize()
        self._faults = Faults(name)

    def record(self, given: Given, leaves: list[list[Any]]) -> Plan | Guarded:
        """Record at small lengths if that will do, and in full if not."""
        task = given.task(self._options.reduce)
        if self._options.check or self._options.sizes == "fixed":
            return self._in_full(given, leaves, task)
        if self._options.sizes != "free":
            in_full = partial(self._in_full, given, leaves, task)
            plan = self._any_size.in_full(task, in_full)
            if plan is not None:
                return plan
        try:
            found = self._any_size.find(task, self._options.sizes == "free")
        except Refusal as refusal:
            if self._options.sizes == "free":
                raise refused(task, refusal) from None
            in_turns = found_in_turns(task, refusal)
            if in_turns is None:
                return self._in_full(given, leaves, task, refusal)
            found = in_turns
        return self.planned(given, found.trace, found.watch, found.program, found.sizes, True)

    def _in_full(
        self,
        given: Given,
        leaves: list[list[Any]],
        task: Task,
        why: Refusal | None = None,
        asked: Asked | None = None,
    ) -> Plan | Guarded:
        """Record it; if it looks at numbers, as they are in this call."""
        asked = Asked() if asked is None else asked
        patience = Patience(self._name, self._faults)
        integers = Integers(given.arguments, given.call, asked)
        record = partial(self._path, given, task, why, patience, integers)
        first = record(leaves, 0)
        if first is not None and not first.trace.questions and not asked.version:
            return first

        def anew(leaves: list[list[Any]], sample: int) -> Plan | None:
            with self._lock, watching.unobserved():
                return record(leaves, sample)

        def others(leaves: list[list[Any]]) -> Plan | Guarded:
            with self._lock, watching.unobserved():
                return self._in_full(given, leaves, task, why, asked)

        trace = uncompiled(given.call, given.arguments, self.reduce_of(given))
        kinds = list(map(kinds_of, given.arguments, leaves)) if asked.version else None
        calls = ByClasses(asked, given.arguments, kinds, others)
        return Guarded(patience, anew, trace, self._function, given.key, first, integers, calls)

    def _path(
        self,
        given: Given,
        task: Task,
        why: Refusal | None,
        patience: Patience,
        integers: Integers,
        leaves: list[list[Any]],
        sample: int,
    ) -> Plan | None:
        """Record the path of a call, or a sample; None if that is for the function itself to go."""
        # In float32 guards would be answered for rounded numbers.
        options = self._options
        kinds = [
            sample_kinds(a, own, sample) for a, own in zip(given.arguments, leaves, strict=True)
        ]
        asking = integers.asked, kinds
        if options.strict or options.dtype != DOUBLE:
            return self._recorded(given, task, why, None, asking, given.call)
        numbers = partial(numbers_of, state.session, given.arguments, leaves, sample)
        record = partial(self._recorded, given, task, why, numbers, asking)
        computes = partial(self._computes, given, leaves, sample)
        agrees = partial(self._agrees, given, leaves, sample)
        return record_path(record, computes, agrees, patience, integers, kinds)

    def _computes(self, given: Given, leaves: list[list[Any]], sample: int) -> bool:
        """Tell whether the function itself gives a result for a sample."""
        eager, own = self._alone(given, leaves, sample)
        try:
            eager(own)
        except Exception:
            return False
        return True

    def _agrees(self, given: Given, leaves: list[list[Any]], sample: int, plan: Plan) -> bool:
        """Tell whether a plan gives for a sample what the function itself gives."""
        eager, own = self._alone(given, leaves, sample)
        try:
            found, wanted = (flatten(one)[0] for one in (plan.run(own), eager(own)))
            return bool(np.allclose(found, wanted, rtol=CLOSE, atol=CLOSE, equal_nan=True))
        except Exception:
            return False

    def _alone(
        self, given: Given, leaves: list[list[Any]], sample: int
    ) -> tuple[Eager, list[list[Any]]]:
        """Give the function itself, and the numbers of one sample."""
        trace = uncompiled(given.call, given.arguments, self.reduce_of(given))
        if trace.batched:
            leaves = Batch(given.arguments, leaves).taken(np.array([sample]))
        return Eager(trace), leaves

    def _recorded(
        self,
        given: Given,
        task: Task,
        why: Refusal | None,
        numbers: Numbers | None,
        asking: Asking,
        call: Call,
    ) -> Plan:
        def watched(nested: list[Any], _: Observer) -> Any:
            return call(nested)

        sizes = partial(lengths_in, task, why)
        # Walks of the collector through what is recorded, in between, would find nothing.
        with (
            collector_paused(),
            shown_if_long(lambda: f"recording all of {task.name}: {sizes().reason}"),
        ):
            recorder, observer = observed(
                task.name,
                given.roots,
                given.arguments,
                watched,
                debug=self._options.check,
                numbers=numbers,
                asking=asking,
            )
            traced = reduced(recorder, self._options.reduce, given.call)
            asked, _ = asking
            traced = replace(traced, asks_classes=asked.version > 0, of_values=asked.of_values)
            return self.planned(given, traced, observer.watch(traced.captured), sizes=sizes)

    def reduce_of(self, given: Given) -> Reduce:
        """Say how results are reduced in a call, which may have no samples."""
        return self._options.reduce if any(a.per_sample for a in given.arguments) else None

    def planned(
        self,
        given: Given,
        trace: Trace,
        watch: Watch,
        program: Program | None = None,
        sizes: Callable[[], Sizes] | None = None,
        proved: bool = False,
        backend: Backend | None = None,
    ) -> Plan:
        """Make a plan of what was traced."""
        names, statics, roots = self._arguments.names, tuple(given.statics), tuple(given.roots)
        claim = None
        guarded = bool(trace.questions) or trace.asks_classes
        if self._options.prove and not proved and not guarded:
            claim, proved = claim_of(trace, self._name, given.slopes()), True
        about = names, statics, roots, self._options.check, proved, self._options.dtype
        interface = None if guarded else Interface.of(trace, self._name, *about)
        asked = backend or self._options.backend, self._options.dtype, self._options.threads
        plan = Plan(trace, self._options.check, watch, interface, program, claim, sizes, *asked)
        if self._options.prove and guarded:  # of this path, with its guards
            assert trace.recording is not None
            prove_recording(plan.runner.program, trace.recording)
        return plan
