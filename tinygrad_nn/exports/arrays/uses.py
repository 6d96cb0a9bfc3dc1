"""How often the variables of a form are read, and what need not have a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from .form import Expr, Form, Let, Loop, Parts, Statement, Variable, parts_of

__all__ = ["once_read", "uses_of"]


def uses_of(statements: Sequence[Statement], result: Parts = None) -> Counter[str]:
    """Count how often variables are read; what loops carry is read twice more."""
    return Counter(name for one in (*statements, result) for name in _names(one))


def _names(thing: Statement | Parts) -> Iterator[str]:
    if isinstance(thing, Loop):
        for one in thing.body:
            yield from _names(one)
        yield from [variable.name for variable in thing.carried] * 2
    elif isinstance(thing, tuple):
        for part in thing[2]:
            yield from _names(part)
    elif thing is not None:
        waiting = [thing] if isinstance(thing, Expr) else [_expr(thing)]
        while waiting:
            expr = waiting.pop()
            if isinstance(expr, Variable):
                yield expr.name
            waiting += parts_of(expr)


def _expr(statement: Statement) -> Expr:
    assert not isinstance(statement, Loop)
    return statement.value if isinstance(statement, Let) else statement.of


def once_read(form: Form) -> list[Let]:
    """Find what is read once, by a statement that is run as often."""
    uses = uses_of(form.statements, form.result)
    loops = [one for one in form.statements if isinstance(one, Loop)]
    inside = uses_of(loops)
    carried = {variable.name for loop in loops for variable in loop.carried}
    return [
        one
        for one in form.statements
        if isinstance(one, Let)
        and uses[one.target.name] == 1
        and not inside[one.target.name]
        and carried.isdisjoint([one.target.name, *_names(one.value)])
    ]
