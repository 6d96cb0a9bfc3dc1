"""Whole programs: how far from the truth, run by NumPy and as machine code.

    python -m tests.sweeps.accuracy

The truth is the record of the same function, computed operation by operation with 160 bits. Errors
are in units in the last place of each result; small results of sums that cancel have large ones, so
that the worst is given beside the largest result as well.
"""

from __future__ import annotations

from importlib.util import find_spec
from itertools import zip_longest
from typing import Any

import mpmath as mp
import numpy as np

from benchmarks import report
from benchmarks.cases import Case
from benchmarks.programs import counted_cases
from tests.support.truth import TRUTH
from tests.support.vectors import PRECISION
from tests.sweeps.options import asked
from tinygrad_nn import compile
from tinygrad_nn.compiler.tape.interpreter import compute
from tinygrad_nn.tree import flatten

SAMPLES = 32
BACKENDS = {"NumPy": "numpy"} | ({"machine code": "machine"} if find_spec("llvmlite") else {})
UNIT = 2.0**-53
LEFT_OUT = (
    "Hessian",
    "784",
    "16 characters",
    "two moons, batch=",
)  # as others, or too many numbers


def cases() -> dict[str, Case]:
    """Give the programs, with fewer samples."""
    return {
        name: fewer(case)
        for name, case in counted_cases().items()
        if not any(text in name for text in LEFT_OUT)
    }


def fewer(case: Case) -> Case:
    shared = len(case.args) - len(case.options.get("batch", ()))
    args = (*case.args[:shared], *(column[:SAMPLES] for column in case.args[shared:]))
    return Case(case.function, args, case.options)


def truth(recording: Any, case: Case) -> list[Any]:
    """Compute a record with many bits: all results, those of a sample after those of the last."""
    tape = recording.tape
    of_arguments = zip_longest(case.args, tape.arrays[: len(case.args)])
    arrays = [
        [flat(sample) for sample in argument] if array.per_sample else [flat(argument)]
        for argument, array in of_arguments
    ]
    count = max((len(rows) for rows in arrays), default=0)
    arrays += [[[]], [[float(count), mp.mpf(1) / count]]][: len(tape.arrays) - len(arrays)]

    def apply(entry: int, _: int, operands: list[Any]) -> Any:
        return TRUTH[tape.rows[entry].name][0](*operands)

    values = compute(tape, arrays, mp.mpf, apply)
    samples = zip(*[values[output] for output in recording.outputs], strict=True)
    return [number for sample in samples for number in sample]


def errors(found: list[float], true: list[Any]) -> tuple[float, float, float]:
    """The median and the worst error in units in the last place, and the worst beside the largest."""
    largest = max(abs(float(number)) for number in true)
    away = np.array([float(abs(mp.mpf(a) - b)) for a, b in zip(found, true, strict=True)])
    units = np.array([np.spacing(abs(float(number))) if number else UNIT for number in true])
    return float(np.median(away / units)), float(max(away / units)), float(max(away) / largest)


def flat(nesting: Any) -> list[float]:
    return [float(number) for number in flatten(nesting)[0]]


def measured(case: Case) -> dict[str, tuple[float, float, float]]:
    """Compare what each backend computes with the truth."""
    true: list[Any] = []
    found = {}
    with mp.workprec(PRECISION):
        for name, backend in BACKENDS.items():
            compiled = compile(case.function, sizes="fixed", backend=backend, **case.options)
            numbers = flat(compiled(*case.args))
            true = true or truth(compiled._latest.trace.recording, case)
            found[name] = errors(numbers, true)
    return found


def row(name: str, case: Case) -> list[str]:
    columns = zip(*measured(case).values(), strict=True)
    return [name, *(" · ".join(f"{number:.2g}" for number in column) for column in columns)]


def main() -> None:
    """Print the table."""
    asked(__doc__)
    by = " · ".join(BACKENDS)
    headings = [by, "median, ulp", "worst, ulp", "worst / largest"]
    print(report.table(headings, [row(name, case) for name, case in cases().items()]))


if __name__ == "__main__":
    main()
