"""compile: a function of numbers, recorded once and run as matrices."""

from __future__ import annotations

import sys
import warnings
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial, update_wrapper
from operator import attrgetter
from types import MethodType
from typing import Any

from .. import hypertext
from ..cached import cached_property
from ..locks import lock_of_process
from ..scalar.contexts import state
from ..scalar.value import Value
from ..transforms import value_and_grad
from .arguments import Arguments, parameter_names
from .backends.auto import AUTO, Standing
from .backends.backend import Backend
from .backends.choice import resumed
from .calling import uncompiled
from .carried import Carried, Origin, packed, unpacked
from .entries.entries import NO_ENTRY, Entries
from .entries.written import Entry
from .given import Given
from .interface import Interface
from .observed import observed
from .paths.guarded import Guarded
from .paths.integers import Integers, record_path
from .paths.numbers import numbers_of
from .paths.patience import Patience
from .plan import Plan
from .portable import made, portable
from .program.program import DOUBLE, Dtype, Program
from .proof.claim import claim_of
from .sizes.functions import AnySize, Task, lengths_in, records_small, refused
from .sizes.in_turns import found_in_turns
from .sizes.recordings import Refusal
from .sizes.report import Sizes
from .trace.results import Reduce
from .trace.structure import Key, Nesting
from .trace.tracing import Call, Numbers, Trace, reduced
from .waiting import shown_if_long
from .watch import observer as watching
from .watch.observer import Observer
from .watch.watch import Watch

__all__ = ["Compiled"]

Function = Callable[..., Any]
_Package = tuple[bytes, Standing]

MOST_PROGRAMS = 64
MOST_ALIKE = 4  # programs for one structure, of which one holds when what is outside is as it was
WARN_AT = 8


class Compiled:
    """A function that is recorded for each new structure of its arguments, and then run."""

    def __init__(
        self,
        function: Function,
        batch: Sequence[str],
        reduce: Reduce,
        static: Sequence[str],
        check: bool,
        prove: bool = False,
        sizes: str = "auto",
        backend: Backend = AUTO,
        dtype: Dtype = DOUBLE,
        threads: int = 1,
        strict: bool = False,
    ) -> None:
        self.__name__ = getattr(function, "__name__", "function")
        update_wrapper(self, function, updated=())
        self._function = function
        self._batch = frozenset(batch)
        self._static = frozenset(static)
        self._reduce = reduce
        self._check = check
        self._prove = prove
        self._sizes = sizes
        self._any_size = AnySize()
        self._backend = backend
        self._dtype = dtype
        self._threads = threads
        self._strict = strict
        names = parameter_names(function, self._batch | self._static)
        self._arguments = Arguments(names, self._batch, self._static)
        self._plans: OrderedDict[Key, list[Plan | Guarded]] = OrderedDict()  # the latest first
        self._entries = Entries()
        self._enter(NO_ENTRY)
        self._made = 0
        self._renewed = 0
        self._lock = lock_of_process()  # a function may call itself while it is recorded
        self._latest: Plan | Guarded | None = None
        self._packages: list[_Package] = []  # programs that were pickled with it, as they came
        self._carried: dict[Key, list[tuple[Carried, Standing]]] = {}  # those that were looked at

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the function."""
        if self._builtin is not None and not kwargs:
            result = self._builtin(*args)
            if result is not NotImplemented:
                return result
        result = self._entry(args, kwargs)
        if result is not NotImplemented:
            return result
        for entry, entered, _ in self._entries.all:
            result = entry.call(args, kwargs)
            if result is not NotImplemented:
                self._enter(entry)
                self._latest = entered
                return result
        self._enter(NO_ENTRY)
        keys: list[Key] = []
        leaves: list[list[Any]] = []
        arguments = self._arguments
        names, describe = arguments.names, arguments.describe
        for position, argument in enumerate(args):
            name = names[position] if position < len(names) else arguments.name(position)
            keys.append(describe(name, argument, leaves))
        for name, argument in kwargs.items():
            keys.append((name, describe(name, argument, leaves)))
        key = tuple(keys)
        plans = self._plans.get(key)
        plan = plans[0] if plans else self._plan_for_none(keys)
        if plan is None or (plan.is_watched and not plan.watch.holds()):
            plan = self._plan(key, args, kwargs, leaves)
        self._latest = plan
        if isinstance(plan, Guarded):
            result = plan.meet(self._entries, args, kwargs)
            return plan.run(leaves) if result is NotImplemented else result
        if watching.at_work:
            watching.include(plan.watch)
        result = self._entries.meet(plan, key, args, kwargs, leaves)
        return plan.run(leaves) if result is NotImplemented else result

    def _enter(self, entry: Entry) -> None:
        """Let an entry, that of the latest call, be the first to be tried."""
        self._entry, self._builtin = entry

    def _plan_for_none(self, keys: list[Key]) -> Plan | Guarded | None:
        """Find a plan for no samples at all, whose structure nobody knows."""
        empty = {i for i, key in enumerate(keys) if _has_no_samples(key)}
        if not empty:
            return None
        rest = [k for i, k in enumerate(keys) if i not in empty]
        with self._lock:  # other threads may be recording
            known = list(self._plans.items())
        for other, plans in known:
            if rest == [k for i, k in enumerate(other) if i not in empty]:
                return plans[0]
        return None

    def _plan(
        self, key: Key, args: tuple[Any, ...], kwargs: dict[str, Any], leaves: list[list[Any]]
    ) -> Plan | Guarded:
        """Find a plan that holds, or record one; old ones may hold again."""
        with self._lock, watching.unobserved():
            plans = self._plans.get(key, [])
            given = Given(self.__name__, self._function, self._arguments, key, args, kwargs)
            plan = next((plan for plan in plans if plan.watch.same()), None) or self._arrived(given)
            if plan is None:
                changed = plans[0].watch.changed() if plans else []
                plan = self._record(given, leaves)
                if changed or not (plan.has_free_lengths or records_small()):
                    self._warn(key, changed)
            others = [other for other in plans if other is not plan]
            self._plans[key] = [plan, *others[: MOST_ALIKE - 1]]
            if len(self._plans) > MOST_PROGRAMS:
                self._plans.popitem(last=False)
            return plan

    def _warn(self, key: Key, changed: list[str]) -> None:
        """Say that a function is recorded anew and anew, and why."""
        if changed:
            self._renewed += 1
            if self._renewed == WARN_AT:
                warnings.warn(
                    f"{self.__name__} has been recorded anew {WARN_AT} times, as what it takes from "
                    f"outside had changed, the last time {', '.join(changed)}: hand it over as an "
                    "argument",
                    stacklevel=4,
                )
            return
        self._made += 1
        if self._made == WARN_AT:
            warnings.warn(
                f"{self.__name__} has been compiled for {WARN_AT} structures of its "
                f"arguments, the latest being {key!r}: each new one is recorded anew; keep "
                "the lengths of lists the same, or name in batch what differs in length",
                stacklevel=4,
            )

    def _record(self, given: Given, leaves: list[list[Any]]) -> Plan | Guarded:
        """Record at small lengths if that will do, and in full if not."""
        task = given.task(self._reduce)
        if self._check or self._sizes == "fixed":
            return self._record_in_full(given, leaves, task)
        if self._sizes != "free":
            in_full = partial(self._record_in_full, given, leaves, task)
            plan = self._any_size.in_full(task, in_full)
            if plan is not None:
                return plan
        try:
            found = self._any_size.find(task, self._sizes == "free")
        except Refusal as refusal:
            if self._sizes == "free":
                raise refused(task, refusal) from None
            in_turns = found_in_turns(task, refusal)
            if in_turns is None:
                return self._record_in_full(given, leaves, task, refusal)
            found = in_turns
        return self._planned(given, found.trace, found.watch, found.program, found.sizes, True)

    def _record_in_full(
        self, given: Given, leaves: list[list[Any]], task: Task, why: Refusal | None = None
    ) -> Plan | Guarded:
        """Record it; if it looks at numbers, as they are in this call."""
        patience, integers = Patience(self.__name__), Integers(given.arguments, given.call)
        record = partial(self._path, given, task, why, patience, integers)
        first = record(leaves, 0)
        if first is not None and not first.trace.questions:
            return first

        def anew(leaves: list[list[Any]], sample: int) -> Plan | None:
            with self._lock, watching.unobserved():
                return record(leaves, sample)

        def others(leaves: list[list[Any]]) -> Plan | Guarded:
            with self._lock, watching.unobserved():
                return self._record_in_full(given, leaves, task, why)

        reduce = self._reduce if any(a.per_sample for a in given.arguments) else None
        trace = uncompiled(integers.call, given.arguments, reduce)
        return Guarded(patience, anew, trace, self._function, given.key, first, integers, others)

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
        if self._strict or self._prove or self._dtype != DOUBLE:
            return self._recorded(given, task, why, None, given.call)
        numbers = partial(numbers_of, state.session, given.arguments, leaves, sample)
        record = partial(self._recorded, given, task, why, numbers)
        return record_path(record, patience, integers, leaves)

    def _recorded(
        self, given: Given, task: Task, why: Refusal | None, numbers: Numbers | None, call: Call
    ) -> Plan:
        def watched(nested: list[Any], _: Observer) -> Any:
            return call(nested)

        sizes = partial(lengths_in, task, why)
        with shown_if_long(lambda: f"recording all of {task.name}: {sizes().reason}"):
            recorder, observer = observed(
                task.name, given.roots, given.arguments, watched, debug=self._check, numbers=numbers
            )
            traced = reduced(recorder, self._reduce, call)
            return self._planned(given, traced, observer.watch(traced.captured), sizes=sizes)

    def _planned(
        self,
        given: Given,
        trace: Trace,
        watch: Watch,
        program: Program | None = None,
        sizes: Callable[[], Sizes] | None = None,
        proved: bool = False,
        backend: Backend | None = None,
    ) -> Plan:
        names, statics, roots = self._arguments.names, tuple(given.statics), tuple(given.roots)
        claim = None
        if self._prove and not proved:
            claim, proved = claim_of(trace, self.__name__, given.slopes()), True
        about = names, statics, roots, self._check, proved, self._dtype
        interface = None if trace.questions else Interface.of(trace, self.__name__, *about)
        asked = backend or self._backend, self._dtype, self._threads
        return Plan(trace, self._check, watch, interface, program, claim, sizes, *asked)

    # ---- what a compiled function offers ------------------------------------------------

    def __get__(self, instance: Any, owner: type) -> Any:
        """Bind it to an instance, as a method: name ``self`` in static."""
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Pickle it by name if it has one; otherwise the function, with programs that hold."""
        name: str = getattr(self, "__qualname__", "")
        try:
            if attrgetter(name)(sys.modules[self.__module__]) is self:
                return name
        except (AttributeError, KeyError):
            pass
        with self._lock:
            waiting = [pair for many in self._carried.values() for pair in many]
            programs = [
                *[
                    (self._packed(key, plans[0]), plans[0].standing)
                    for key, plans in self._plans.items()
                    if isinstance(plans[0], Plan)
                ],
                *[(packed(carried), standing) for carried, standing in waiting],
                *self._packages,
            ]
        state = {
            "programs": [one for one in programs if one[0] is not None],
            "derivative": vars(self).get("_derivative"),
        }
        asked = self._backend.name, self._dtype, self._threads, self._strict
        made = _again, (portable(self._function), asked, *self._options)
        return (*made, state) if any(state.values()) else made

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._packages += state["programs"]
        if state["derivative"] is not None:
            vars(self)["_derivative"] = state["derivative"]

    # ---- programs that were pickled ----------------------------------------------------------

    def _packed(self, key: Key, plan: Plan) -> bytes | None:
        """Pack a program; what takes long is done once for each."""
        if not plan.watch.same():
            return None
        if plan.package is None:
            trace, interface = plan.trace, plan.interface
            assert interface is not None
            roots = [(name, thing, None) for name, thing in interface.roots]
            origin = Origin.of(plan.watch, roots, trace.captured)
            known = interface.proved, plan.program.sizes.alone()
            about = key, trace.nesting.key, trace.chooses, known
            carried = Carried.of(plan.data, origin, about)
            plan.package = (None if carried is None else packed(carried)) or b""
        return plan.package or None

    def _arrived(self, given: Given) -> Plan | None:
        """Find a program that was pickled with the function, if it holds here."""
        if self._packages:
            for package, standing in self._packages:
                carried = unpacked(package)
                if carried is not None:
                    pair = carried, standing
                    self._carried.setdefault(carried.about[0], []).append(pair)
            self._packages = []
        for carried, standing in self._carried.pop(given.key, ()):
            found = carried.origin.found([(name, thing, None) for name, thing in given.roots])
            if found is None:
                continue
            watch, captured = found
            _, nesting, chooses, (proved, sizes) = carried.about
            reduce = self._reduce if any(a.per_sample for a in given.arguments) else None
            trace = Trace(
                None,
                tuple(given.arguments),
                Nesting(nesting),
                reduce,
                captured,
                given.call,
                chooses,
            )
            backend = resumed(*standing)
            program = carried.program
            return self._planned(given, trace, watch, program, sizes.alone, proved, backend)
        return None

    @property
    def _options(self) -> tuple[Sequence[str], Reduce, Sequence[str], bool, bool, str]:
        batch, static = tuple(sorted(self._batch)), tuple(sorted(self._static))
        return batch, self._reduce, static, self._check, self._prove, self._sizes

    @property
    def program(self) -> Any:
        """The program of the latest call; None before the first."""
        return None if self._latest is None else self._latest.program

    def value_and_grad(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the value and the gradient by the first argument, compiled as well."""
        return self._derivative(*args, **kwargs)

    @cached_property
    def _derivative(self) -> Compiled:
        asked = self._backend, self._dtype, self._threads
        return Compiled(value_and_grad(self._function), *self._options, *asked, self._strict)

    def __str__(self) -> str:
        latest = self._latest
        if isinstance(latest, Guarded):
            return str(latest)
        return f"{self!r}" if latest is None else str(latest.program)

    def _repr_html_(self) -> str:
        return hypertext.listing(str(self))

    def __repr__(self) -> str:
        return f"<compiled {self.__name__}>"


def _again(function: Any, asked: tuple[str, Dtype, int, bool], *options: Any) -> Compiled:
    """Make what was pickled, or copied."""
    name, *others = asked
    return Compiled(made(function), *options, resumed(name), *others)  # type: ignore[call-arg]  # the options are six


def _has_no_samples(key: Key) -> bool:
    if isinstance(key, tuple) and len(key) == 2 and isinstance(key[0], str):
        key = key[1] if key[0] not in ("batch", "static", "array") else key
    return isinstance(key, tuple) and key[0] == "batch" and key[1] is None


def is_graph(thing: Any) -> bool:
    """Tell whether a thing is a Value, or a nesting that holds one."""
    if isinstance(thing, Value):
        return True
    if isinstance(thing, dict):
        return any(map(is_graph, thing.values()))
    return isinstance(thing, list | tuple) and any(map(is_graph, thing))
