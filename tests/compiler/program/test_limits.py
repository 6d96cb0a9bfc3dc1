"""How large a program may be that comes from elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from forms import at, given, inner, made, total

from tinygrad_nn.compiler.program.limits import check_limits
from tinygrad_nn.compiler.program.program import Lookup, Run
from tinygrad_nn.compiler.program.statements import Loop, Map, Reduce
from tinygrad_nn.errors import ProgramError
from tinygrad_nn.scalar.ops import add, mul

LINE = Map(at(1, 0, 0), (), mul, (at(0, 0, 0), 2.0))


def program(*statements: Any, size: int = 1, **parts: Any) -> Any:
    return made([given(size), inner(1)], statements, **parts)


@pytest.mark.parametrize(
    ("large", "match"),
    [
        (program(LINE, size=1 << 29), "has 536870913 numbers in memory: 268435456 are"),
        (program(LINE, results=[Run(1 << 29, 1.0)]), "536870912 results"),
        (program(Loop(10_000, (Loop(10_000, (LINE, LINE)),))), "200000000 statements to run"),
        (program(Map(at(1, 0), (1 << 43,), mul, (at(0, 0), 2.0))), "numbers to join"),
        (
            program(Reduce(at(1), (), add, (total(at(0, 0, 0), over=[1 << 20, 1 << 20]),))),
            "numbers to join",
        ),
        (program(Map(at(1), (1,) * 17, mul, (at(0), 2.0))), "17 axes: 16 are the most"),
    ],
)
def test_what_is_too_large_is_refused(large: Any, match: str) -> None:
    with pytest.raises(ProgramError, match=match):
        check_limits(large)


def test_large_tables_are_refused() -> None:
    large = program(LINE)
    large.lookups.append(Lookup(Run(1, at(0, 1)), 1 << 29))
    with pytest.raises(ProgramError, match="numbers in memory"):
        check_limits(large)


def test_what_is_usual_is_accepted() -> None:
    check_limits(program(Loop(100_000, (LINE,)), size=10_000_000))
