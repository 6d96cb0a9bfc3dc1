"""compile: a function of numbers, recorded once and run as matrices."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from functools import update_wrapper
from types import MethodType
from typing import Any
from weakref import ref

from .. import hypertext
from ..cached import cached_property
from ..containers import is_container, parts_of
from ..locks import lock_of_process
from ..scalar.user_line import warn_user
from ..scalar.value import Value
from ..transforms import value_and_grad
from ..transforms.transformed import name_to_pickle
from .arguments import Arguments, parameter_names
from .backends.auto import AUTO, Standing
from .backends.backend import Backend
from .entries.called import Called
from .entries.entries import Entries
from .given import Given, check_reduce
from .paths.guarded import Guarded
from .paths.tree import Tree
from .pickled import Pickled
from .plan import Plan
from .planning import Options, Planner
from .program.program import DOUBLE, Dtype
from .sizes.source import records_small
from .trace.results import Reduce
from .trace.structure import Key
from .watch import observer as watching

__all__ = ["Compiled"]

Function = Callable[..., Any]
_Package = tuple[bytes, Standing]

MOST_PROGRAMS = 64
MOST_ALIKE = 4  # programs for one structure, of which one holds when what is outside is as it was
WARN_AT = 8


class Compiled(Called):
    """A function that is recorded for each new structure of its arguments, and then run."""

    def __init__(
        self,
        function: Function,
        batch: Iterable[str],
        reduce: Reduce,
        static: Iterable[str],
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
        named, fixed = frozenset(batch), frozenset(static)
        how = check, prove, sizes, backend, dtype, threads, strict
        self._asked = Options(named, reduce, fixed, *how)
        names = parameter_names(function, named | fixed)
        check_reduce(function, names, named, reduce)
        self._arguments = Arguments(names, named, fixed)
        self._lock = lock_of_process()  # a function may call itself while it is recorded
        self._planner = Planner(self.__name__, function, self._arguments, self._asked, self._lock)
        self._plans: OrderedDict[Key, list[Plan | Guarded]] = OrderedDict()  # the latest first
        self._entries = Entries()
        self._general = self.__call__ = _general(ref(self))
        self._made = 0
        self._renewed = 0
        self._latest: Plan | Guarded | None = None
        self._pickled = Pickled()

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run the function, where the entry of the latest call does not."""
        for entry, entered, _ in self._entries.all:
            result = entry.call(args, kwargs)
            if result is not NotImplemented:
                self.__call__ = entry.before(self._general)
                self._latest = entered
                return result
        self.__call__ = self._general
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
            result = plan.meet(self._entries, args, kwargs, leaves)
            return plan.run(leaves) if result is NotImplemented else result
        if watching.at_work:
            watching.include(plan.watch)
        result = self._entries.meet(plan, key, args, kwargs, leaves)
        return plan.run(leaves) if result is NotImplemented else result

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
            plan = next((plan for plan in plans if plan.watch.same()), None) or self._pickled.found(
                given, self._planner
            )
            if plan is None:
                changed = plans[0].watch.changed() if plans else []
                plan = self._planner.record(given, leaves)
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
                warn_user(
                    f"{self.__name__} has been recorded anew {WARN_AT} times, as what it takes from "
                    f"outside had changed, the last time {', '.join(changed)}: hand it over as an "
                    "argument",
                    UserWarning,
                )
            return
        self._made += 1
        if self._made == WARN_AT:
            warn_user(
                f"{self.__name__} has been compiled for {WARN_AT} structures of its "
                f"arguments, the latest being {key!r}: each new one is recorded anew; keep "
                "the lengths of lists the same, or name in batch what differs in length",
                UserWarning,
            )

    # ---- what a compiled function offers ------------------------------------------------

    def __get__(self, instance: Any, owner: type) -> Any:
        """Bind it to an instance, as a method: name ``self`` in static."""
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Pickle it by name if it has one; otherwise the function, with programs that hold."""
        name = name_to_pickle(self, self._function)
        if name:
            return name
        with self._lock:
            plans = {key: plans[0] for key, plans in self._plans.items()}
            programs = self._pickled.all({k: p for k, p in plans.items() if isinstance(p, Plan)})
        state = {"programs": programs, "derivative": vars(self).get("_derivative")}
        made = _again, (self._function, self._options)
        return (*made, state) if any(state.values()) else made

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._pickled.take(state["programs"])
        if state["derivative"] is not None:
            vars(self)["_derivative"] = state["derivative"]

    @property
    def _options(self) -> tuple[Any, ...]:
        """What tells it from others that are made of the same function."""
        return self._asked.portable()

    @property
    def program(self) -> Any:
        """The program of the latest call; None before the first."""
        return None if self._latest is None else self._latest.program

    @property
    def paths(self) -> Tree | None:
        """The known paths of the latest call's structure; None where nothing is asked."""
        latest = self._latest
        return latest.tree if isinstance(latest, Guarded) else None

    def value_and_grad(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the value and the gradient by the first argument, compiled as well."""
        return self._derivative(*args, **kwargs)

    @cached_property
    def _derivative(self) -> Compiled:
        return Compiled(value_and_grad(self._function), *self._asked)

    def __str__(self) -> str:
        latest = self._latest
        if isinstance(latest, Guarded):
            return str(latest)
        return f"{self!r}" if latest is None else str(latest.program)

    def _repr_html_(self) -> str:
        return hypertext.listing(str(self))

    def __repr__(self) -> str:
        return f"<compiled {self.__name__}>"


def _general(reference: ref[Compiled]) -> Function:
    """Give what calls a compiled function, which has it, and so is not kept alive by it."""

    def call(*args: Any, **kwargs: Any) -> Any:
        this = reference()
        assert this is not None, "whoever calls it has it"
        return this._call(args, kwargs)

    return call


def _again(function: Any, options: Sequence[Any]) -> Compiled:
    """Make what was pickled, or copied."""
    return Compiled(function, *Options.unpacked(options))


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
    if is_container(thing) and not callable(thing):
        return any(is_graph(part) for _, part, kept in parts_of(thing)[1] if not kept)
    return isinstance(thing, list | tuple) and any(map(is_graph, thing))
