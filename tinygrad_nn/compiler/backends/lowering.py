"""From the statements of a simple program to loops over numbers in memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from ..program.program import Program
from ..program.split import is_plain
from ..program.statements import (
    Access,
    Basic,
    Loop,
    Map,
    Reduce,
    Runs,
    Statement,
    Term,
    with_choosers,
)
from ..program.unroll import unroll
from .forms import form_of
from .loops import (
    OUTSIDE,
    SAMPLES,
    SHARED,
    Apply,
    Aside,
    Choice,
    Count,
    Nest,
    Ref,
    Repeat,
    Step,
    Value,
)
from .memory import Layout

__all__ = ["lowered"]

JOINS = {"add": "add", "maximum": "max", "minimum": "min"}


def lowered(
    layout: Layout,
    outside: Sequence[int],
    statements: Iterable[Statement],
    is_known: Callable[[str], bool],
    whole: Collection[str] = (),
) -> tuple[Step, ...]:
    """Write statements as loops; the arrays `outside` are arenas of their own, in this order.

    A statement with an operation that is not known stays aside; one that is `whole` is not composed
    of others.
    """
    return _Lowering(layout, outside, is_known, whole).steps(statements)


class _Lowering:
    def __init__(
        self,
        layout: Layout,
        outside: Sequence[int],
        is_known: Callable[[str], bool],
        whole: Collection[str],
    ) -> None:
        self.is_known = is_known
        self.whole = whole
        self.program: Program = layout.program
        self.layout = layout
        self.outside = {array: OUTSIDE + place for place, array in enumerate(outside)}

    def steps(self, statements: Iterable[Statement]) -> tuple[Step, ...]:
        found: list[Step] = []
        for statement in statements:
            if isinstance(statement, Loop):
                found += self._loop(statement)
            else:
                found.append(self._step(statement))
        return tuple(found)

    def _loop(self, loop: Loop) -> Sequence[Step]:
        """Write a loop; one with a statement that has no such form is written out."""
        body = self.steps(loop.body)
        if not any(isinstance(step, Aside) for step in body):
            return [Repeat(loop.count, body)]
        return self.steps(unroll(replace(self.program, statements=[loop])).statements)

    def _step(self, statement: Basic) -> Step:
        nest = self._nest(statement)
        return Aside(statement) if nest is None or not self._knows(nest.value) else nest

    def _knows(self, value: Value) -> bool:
        if not isinstance(value, Apply):
            return True
        return self.is_known(value.op) and all(map(self._knows, value.parts))

    def _nest(self, statement: Basic) -> Nest | None:
        target = self.ref(statement.target)
        if isinstance(statement, Map):
            operands = [self.ref(x) if isinstance(x, Access) else x for x in statement.operands]
            value = form_of(statement.op, operands, self.whole)
            return None if value is None else Nest(target, statement.nest, value)
        join = JOINS.get(str(statement.op.array), "")
        if not join:
            return None
        if isinstance(statement, Runs):
            return self._joined(statement, target, join, statement.term)
        plain = [is_plain(self.program.arrays, term) for term in statement.terms]
        if all(plain) and statement.target.chosen is None:
            parts = tuple([self._product(join, term) for term in statement.terms])
            value = parts[0] if len(parts) == 1 else Apply(join, parts)
            return Nest(target, statement.nest, value, join, onto=statement.onto)
        return self._joined(statement, target, join, statement.terms[0])

    def _joined(self, statement: Reduce | Runs, target: Ref, join: str, term: Term) -> Nest | None:
        """Write a statement of one term that sums or chooses."""
        varies = self._varies(*term.factors, statement.target)
        if term.samples and self.program.arrays[statement.target.array].per_sample:
            return None
        over_samples = term.samples and varies
        after = join == "add" and math.isfinite(term.coef)
        if after and statement.target.chosen is None:
            coef, term = term.coef, replace(term, coef=1.0)
        else:
            coef = 1.0
        value = self._product(join, term, counted=term.samples and not varies)
        onto = isinstance(statement, Reduce) and statement.onto
        ends = statement.ends if isinstance(statement, Runs) else -1
        return Nest(target, statement.nest, value, join, term.over, over_samples, onto, coef, ends)

    def _product(self, join: str, term: Term, counted: bool | None = None) -> Value:
        """Multiply factors, and with the coefficient; what is counted comes for each sample.

        A coefficient below 1 comes first, so that nothing overflows of which it takes a part.
        """
        counted = term.samples if counted is None else counted
        parts: list[Value] = [self.ref(factor) for factor in term.factors]
        if counted and join == "add":
            parts.append(Count())
        if not parts or abs(term.coef) != 1.0:
            parts.insert(0 if abs(term.coef) < 1.0 else len(parts), term.coef)
        found = parts[0] if len(parts) == 1 else Apply("mul", tuple(parts))
        return Apply("neg", (found,)) if term.coef == -1.0 and parts[0] != -1.0 else found

    # ---- places -----------------------------------------------------------------------------

    def ref(self, access: Access) -> Ref:
        """Say where an access lies."""
        rows = self.program.arrays[access.array].per_sample
        arena = self.outside.get(access.array, SAMPLES if rows else SHARED)
        start = 0 if arena >= OUTSIDE else self.layout.start[access.array]
        chosen = access.chosen
        choice = None
        if chosen is not None:
            choice = Choice(self.ref(chosen.by), chosen.step, chosen.size)
        if access.table < 0:
            return Ref(
                arena,
                start + access.start,
                access.strides,
                rows,
                chosen=choice,
                array=access.array,
            )
        return Ref(
            arena, start, access.strides, rows, access.table, access.start, choice, access.array
        )

    def _varies(self, *accesses: Access) -> bool:
        arrays = self.program.arrays
        return any(arrays[access.array].per_sample for access in with_choosers(accesses))
