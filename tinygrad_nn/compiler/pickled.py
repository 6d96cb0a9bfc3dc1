"""Programs that are pickled with their function, and found again where they arrive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .backends.auto import Standing
from .backends.choice import resumed
from .carried import Carried, Origin, packed, unpacked
from .given import Given
from .plan import Plan
from .planning import Planner
from .trace.structure import Key, Nesting
from .trace.tracing import Trace

__all__ = ["Pickled"]

_Package = tuple[bytes, Standing]


class Pickled:
    """The programs that came with a function, until somebody asks for their structure."""

    def __init__(self) -> None:
        self._packages: list[_Package] = []  # as they came
        self._carried: dict[Key, list[tuple[Carried, Standing]]] = {}  # those that were looked at

    def take(self, packages: Iterable[_Package]) -> None:
        """Take what was pickled."""
        self._packages += packages

    def all(self, plans: Mapping[Key, Plan]) -> list[_Package]:
        """Pack the programs of plans that hold, and those that wait."""
        made = [(_packed(key, plan), plan.standing) for key, plan in plans.items()]
        waiting = [pair for many in self._carried.values() for pair in many]
        made += [(packed(carried), standing) for carried, standing in waiting]
        found = [(package, standing) for package, standing in made if package is not None]
        return [*found, *self._packages]

    def found(self, given: Given, planner: Planner) -> Plan | None:
        """Find a program for a call, if one holds here."""
        packages, self._packages = self._packages, []
        for package, standing in packages:
            carried = unpacked(package)
            if carried is not None:
                self._carried.setdefault(carried.about[0], []).append((carried, standing))
        for carried, standing in self._carried.pop(given.key, ()):
            found = carried.origin.found(_roots(given.roots))
            if found is None:
                continue
            watch, captured = found
            _, nesting, chooses, (proved, sizes) = carried.about
            reduce = planner.reduce_of(given)
            arguments = tuple(given.arguments)
            trace = Trace(None, arguments, Nesting(nesting), reduce, captured, given.call, chooses)
            backend = resumed(*standing)
            program = carried.program
            return planner.planned(given, trace, watch, program, sizes.alone, proved, backend)
        return None


def _packed(key: Key, plan: Plan) -> bytes | None:
    """Pack a program; what takes long is done once for each."""
    if not plan.watch.same():
        return None
    if plan.package is None:
        trace, interface = plan.trace, plan.interface
        assert interface is not None
        origin = Origin.of(plan.watch, _roots(interface.roots), trace.captured)
        known = interface.proved, plan.program.sizes.alone()
        carried = Carried.of(plan.data, origin, (key, trace.nesting.key, trace.chooses, known))
        plan.package = (None if carried is None else packed(carried)) or b""
    return plan.package or None


def _roots(roots: Iterable[tuple[str, Any]]) -> list[tuple[str, Any, None]]:
    return [(name, thing, None) for name, thing in roots]
