"""Functions of the kinds that people write, with ordinary control flow, at points of several paths.

Those whose programs are short; the sweep `ordinary` calls all of them, and at more points.
"""

from __future__ import annotations

import pytest
from control_flow import CASES
from control_flow.compared import differences

SHORT = (
    "income_tax",
    "cubic_pieces",
    "quadrant",
    "table",
    "barrier",
    "instalment",
    "julian_day",
    "digit_sum",
    "spectral_radius",
    "refracted",
    "median",
    "huber",
)


@pytest.mark.parametrize("name", SHORT)
def test_compiled_it_gives_what_it_gives(name: str) -> None:
    case = CASES[name]
    wrong, answered = differences(case, case.points(1, 3))
    assert not wrong
    assert answered == 3
