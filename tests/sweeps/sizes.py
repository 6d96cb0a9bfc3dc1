"""Functions at any size, larger than quick tests have them: python -m tests.sweeps.sizes.

Each is compiled from recordings at small lengths and in full, and gives the same bits; what is not
the same program at all lengths is recorded in full.
"""

from __future__ import annotations

import sys
from typing import Any

from tests.support.any_size import SAME, SLY, SLY_OF_TWO, Case, inferred_from
from tinygrad_nn import compile, value_and_grad
from tinygrad_nn.tree import flatten

LEAST = 27  # of those that are the same program at all lengths, so many are found


def bits(nested: Any) -> list[str]:
    """Write all numbers of a nesting exactly."""
    return [float(number).hex() for number in flatten(nested)[0]]


def is_found(case: Case) -> bool:
    """Compile a function both ways, and tell whether any length was free."""
    function, args = case
    both = value_and_grad(function)
    found, full = compile(both), compile(both, sizes="fixed")
    with inferred_from():
        given = bits(found(*args))
    assert given == bits(full(*args)), f"{function.__name__} gives other numbers"
    return bool(found.program.sizes.free)


def main() -> None:
    """Compile all of them."""
    found = {name: is_found(case) for name, case in SAME.items()}
    missed = [name for name, free in found.items() if not free]
    sly = [name for name, case in (SLY | SLY_OF_TWO).items() if is_found(case)]
    print(f"{len(SAME) - len(missed)} of {len(SAME)} found, not {', '.join(missed)}")
    print(f"of {len(SLY | SLY_OF_TWO)} that differ, {len(sly)} are the same after all, 0 wrong")
    if len(SAME) - len(missed) < LEAST:
        sys.exit(1)


if __name__ == "__main__":
    main()
