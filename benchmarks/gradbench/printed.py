"""How the C by hand compares with the loops of our own programs, printed as C.

    python -m benchmarks.gradbench.printed [a part of a name]

Both run many times in one call, in turn; of all turns the lower quartile is taken.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tinygrad_nn import compile, to_c, value_and_grad
from tinygrad_nn.tree import flatten

from .. import report
from ..job import same
from .cases import CASES, Case
from .native import EXACT, FOLDER, Native
from .race import measured

ROUNDS = 5
NAME = "printed"


def written(case: Case, folder: str) -> Path:
    """Write our program with the gradient of a case; give a file that calls it as the others are."""
    ours = compile(value_and_grad(case.function, tuple(range(case.by))), backend="numpy")
    ours(*case.arguments)
    to_c(ours, f"{folder}/{NAME}.h", example=case.arguments)
    given, at = [], 0
    for argument in case.arguments:
        given.append(f"in + {at}")
        at += len(flatten(argument)[0])
    call = f"{NAME}({', '.join([*given, 'out', 'out + 1'])})"
    file = Path(folder, f"{NAME}.c")
    file.write_text(
        f'#include "{NAME}.h"\n\nvoid gradient(const double *in, double *out)\n{{\n    {call};\n}}\n'
    )
    return file


def ratio(name: str) -> list[str]:
    case = CASES[name]()
    numbers = flatten([case.arguments, case.fixed])[0]
    results = 1 + len(flatten(list(case.arguments[: case.by]))[0])
    with tempfile.TemporaryDirectory() as folder:
        file = written(case, folder)
        ours = Native(str(file.with_suffix("")), numbers, results, folder, EXACT)
        hand = Native(str(FOLDER / name), numbers, results, folder, EXACT)
        ours.call()
        hand.call()
        if not same(ours.out.tolist(), hand.out.tolist()):
            sys.exit(f"{name}: the printed program does not compute what the C by hand does")
        times = measured({"hand": hand.repeat, NAME: ours.repeat}, ROUNDS)
    both = times["hand"], times[NAME]
    return [case.title, *map(report.duration, both), report.digits(both[0] / both[1])]


def main(only: str = "") -> None:
    rows = [ratio(name) for name in CASES if only in name]
    print(report.table(["gradient", "C by hand", "ours as C", "by hand / ours"], rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
