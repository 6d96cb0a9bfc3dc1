"""compile: a function of numbers, recorded once and run as matrices."""

from __future__ import annotations

import sys
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cached_property, update_wrapper
from inspect import Parameter, signature
from operator import attrgetter
from types import MethodType
from typing import Any

from ..errors import ArgumentError, ArgumentTypeError, ShapeError
from ..scalar.value import Value
from ..transforms import value_and_grad
from ..tree import is_array
from .observed import observed
from .plan import Plan
from .proof.claim import claim_of, slopes_of
from .trace.recorder import Argument
from .trace.results import Reduce
from .trace.structure import Key, describe
from .trace.tracing import Call, reduced
from .watch import observer as watching
from .watch.observer import Observer

__all__ = ["Compiled"]

Function = Callable[..., Any]

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
    ) -> None:
        self.__name__ = getattr(function, "__name__", "function")
        update_wrapper(self, function, updated=())
        self._function = function
        self._batch = frozenset(batch)
        self._static = frozenset(static)
        self._reduce = reduce
        self._check = check
        self._prove = prove
        self._names = _parameter_names(function, self._batch | self._static)
        self._plans: OrderedDict[Key, list[Plan]] = OrderedDict()  # the latest first
        self._made = 0
        self._renewed = 0
        self._lock = threading.RLock()  # a function may call itself while it is recorded
        self._latest: Plan | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the function."""
        keys: list[Key] = []
        leaves: list[list[Any]] = []
        names = self._names
        for position, argument in enumerate(args):
            name = names[position] if position < len(names) else f"argument {position}"
            keys.append(self._describe(name, argument, leaves))
        for name, argument in kwargs.items():
            keys.append((name, self._describe(name, argument, leaves)))
        key = tuple(keys)
        plans = self._plans.get(key)
        plan = plans[0] if plans else self._plan_for_none(keys)
        if plan is None or (plan.is_watched and not plan.watch.holds()):
            plan = self._plan(key, args, kwargs)
        self._latest = plan
        if watching.at_work:
            watching.include(plan.watch)
        return plan.run(leaves)

    def _describe(self, name: str, argument: Any, leaves: list[list[Any]]) -> Key:
        """Take an argument apart; one that shapes the program has no numbers."""
        if name in self._static:
            try:
                hash(argument)
            except TypeError:
                raise ArgumentTypeError(
                    f"{name} is {argument!r} and named in static: expected something that can be "
                    "hashed; give a tuple instead of a list"
                ) from None
            # 1 and True are equal, 0.0 and -0.0 too, and shape programs of their own.
            return ("static", type(argument), argument, repr(argument))
        found: list[Any] = []
        leaves.append(found)
        if name not in self._batch:
            return describe(argument, found, name)
        if not is_array(argument) and hasattr(argument, "__array__"):  # a frame, a tensor
            argument = argument.__array__()
        if hasattr(argument, "ndim") and argument.ndim > 0 and argument.dtype != object:
            if hasattr(argument, "mask") or argument.dtype.kind not in "biuf":
                describe(argument, [], name)  # raises
            found.append(argument)
            shape = tuple(argument.shape[1:])
            return ("batch", ("array", shape) if shape else 0, True)
        try:
            samples = list(argument)
        except TypeError:
            raise ArgumentTypeError(
                f"{name} is {argument!r}: expected one entry for each sample, as it is named in "
                "batch"
            ) from None
        return ("batch", self._sample_key(name, samples, found), False)

    def _sample_key(self, name: str, samples: list[Any], found: list[Any]) -> Key:
        key: Key = None
        for number, sample in enumerate(samples):
            one: list[Any] = []
            own = describe(sample, one, name)
            if number == 0:
                key = own
            elif own != key:
                raise ShapeError(
                    f"{name}[{number}] is nested in another way than {name}[0]: all samples must "
                    "be alike"
                )
            found.append(one)
        return key

    def _plan_for_none(self, keys: list[Key]) -> Plan | None:
        """Find a plan for no samples at all, whose structure nobody knows."""
        empty = {i for i, key in enumerate(keys) if _has_no_samples(key)}
        if empty:
            for known, plans in self._plans.items():
                rest = [k for i, k in enumerate(known) if i not in empty]
                if rest == [k for i, k in enumerate(keys) if i not in empty]:
                    return plans[0]
        return None

    def _plan(self, key: Key, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Plan:
        """Find a plan that holds, or record one; old ones may hold again."""
        with self._lock, watching.unobserved():
            plans = self._plans.get(key, [])
            for plan in plans:
                if plan.watch.same():
                    break
            else:
                changed = plans[0].watch.changed() if plans else []
                plan = self._record(key, args, kwargs)
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

    def _record(self, keys: Key, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Plan:
        arguments: list[Argument] = []
        where: list[int | str] = []
        roots = [(self.__name__, self._function)]
        names = self._names
        given: list[tuple[str, int | str, Key]] = [
            (names[i] if i < len(names) else f"argument {i}", i, keys[i]) for i in range(len(args))
        ]
        given += [(name, name, key) for name, key in keys[len(args) :]]
        for name, place, key in given:
            if name in self._static:
                roots.append((name, args[place] if isinstance(place, int) else kwargs[place]))
                continue
            per_sample = name in self._batch
            if per_sample and key[1] is None:
                raise ShapeError(
                    f"{name} has no samples, and the function has not been recorded yet: call it "
                    "once with one sample at least"
                )
            arguments.append(Argument(name, key[1] if per_sample else key, per_sample))
            where.append(place)

        call = _caller(self._function, args, kwargs, where)

        def watched(nested: list[Any], _: Observer) -> Any:
            return call(nested)

        recorder, observer = observed(self.__name__, roots, arguments, watched, debug=self._check)
        traced = reduced(recorder, self._reduce, call)
        claim = None
        if self._prove:
            function = self._function
            slopes = slopes_of(function, lambda f: _caller(f, args, kwargs, where), where, names)
            claim = claim_of(traced, self.__name__, slopes)
        return Plan(traced, self._check, observer.watch(traced.captured), claim)

    # ---- what a compiled function offers ------------------------------------------------

    def __get__(self, instance: Any, owner: type) -> Any:
        """Bind it to an instance, as a method: name ``self`` in static."""
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Pickle it by name if it has one; otherwise the function, to be recorded anew."""
        name: str = getattr(self, "__qualname__", "")
        try:
            if attrgetter(name)(sys.modules[self.__module__]) is self:
                return name
        except (AttributeError, KeyError):
            pass
        return Compiled, (self._function, *self._options)

    @property
    def _options(self) -> tuple[Any, ...]:
        return tuple(self._batch), self._reduce, tuple(self._static), self._check, self._prove

    @property
    def program(self) -> Any:
        """The program of the latest call; None before the first."""
        return None if self._latest is None else self._latest.program

    def value_and_grad(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the value and the gradient by the first argument, compiled as well."""
        return self._derivative(*args, **kwargs)

    @cached_property
    def _derivative(self) -> Compiled:
        return Compiled(value_and_grad(self._function), *self._options)

    def __str__(self) -> str:
        return f"{self!r}" if self.program is None else str(self.program)

    def __repr__(self) -> str:
        return f"<compiled {self.__name__}>"


def _caller(
    function: Function, args: Sequence[Any], kwargs: dict[str, Any], where: Sequence[int | str]
) -> Call:
    """Make what calls a function with others in place of some arguments, which it does not keep."""
    kept = [None if place in where else argument for place, argument in enumerate(args)]
    kept_named = {name: argument for name, argument in kwargs.items() if name not in where}

    def call(nested: list[Any]) -> Any:
        positional, named = list(kept), dict.fromkeys(kwargs) | kept_named
        for place, argument in zip(where, nested, strict=True):
            if isinstance(place, int):
                positional[place] = argument
            else:
                named[place] = argument
        return function(*positional, **named)

    return call


def _has_no_samples(key: Key) -> bool:
    if isinstance(key, tuple) and len(key) == 2 and isinstance(key[0], str):
        key = key[1] if key[0] not in ("batch", "static", "array") else key
    return isinstance(key, tuple) and key[0] == "batch" and key[1] is None


def _parameter_names(function: Function, named: frozenset[str]) -> list[str]:
    """List the parameters that arguments are given to by position."""
    try:
        parameters = list(signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    kinds = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    names = [parameter.name for parameter in parameters if parameter.kind in kinds]
    known = [p.name for p in parameters if p.kind is not Parameter.VAR_POSITIONAL]
    open_ended = any(parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters)
    for name in sorted(named):
        if name not in known and not open_ended:
            raise ArgumentError(
                f"batch or static names {name!r}, and {getattr(function, '__name__', 'the function')} "
                f"has the parameters {', '.join(known) or 'none'}: name one of them"
            )
    return names


def is_graph(thing: Any) -> bool:
    """Tell whether a thing is a Value, or a nesting that holds one."""
    if isinstance(thing, Value):
        return True
    if isinstance(thing, dict):
        return any(map(is_graph, thing.values()))
    return isinstance(thing, list | tuple) and any(map(is_graph, thing))
