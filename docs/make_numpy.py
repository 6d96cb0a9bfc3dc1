"""Write docs/numpy.md: which public functions of NumPy take Values.

    python docs/make_numpy.py

Each that works is called eagerly and compiled, and its value and gradient are compared with NumPy's
own and with differences; the page is written when all agree.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support.numpy_cases import (
    CASES,
    NO_CONCERN,
    ONLY_EAGER,
    POINT,
    REFUSED,
    differences,
    public_names,
)
from tinygrad_nn import compile, value_and_grad

VERSION = ".".join(np.__version__.split(".")[:2])
PAGE = Path(__file__).with_name("numpy.md")

HEAD = """# NumPy's functions

<!-- written by docs/make_numpy.py -->

A transform and `compile` hand arrays over as arrays of Values that NumPy's functions take, also mixed with floats;
`tinygrad_nn.asarray` makes one anywhere. Results are plain arrays. Every public function of `numpy` and
`numpy.linalg` {version} was called on such an array, and its value and gradient compared with NumPy's own and with differences:
{eager} work, {compiled} of them compiled too. A plain array of objects, outside of transforms, belongs to NumPy, and
keeps its errors.
"""


def main() -> int:
    """Try all, and write the page."""
    wrong = [
        f"{name}, {way}" for name in CASES for way in ("eager", "compiled") if _fails(name, way)
    ]
    if wrong:
        print("these are not as the page would say:", *wrong, sep="\n  ")
        return 1
    PAGE.write_text(page())
    return 0


def page() -> str:
    """Write the page, which follows from the lists."""
    names = public_names()
    works = [name for name in names if name in CASES and name not in REFUSED]
    compiled = [name for name in works if name not in ONLY_EAGER]
    lines = [
        HEAD.format(version=VERSION, eager=len(works), compiled=len(compiled)),
        "## They work",
        "",
    ]
    lines += [", ".join(f"`{name}`" for name in works) + ".", ""]
    lines += [f"`{name}` works eagerly only; compiled: {why}." for name, why in ONLY_EAGER.items()]
    lines += [
        "",
        "## They are refused, with an error that says what works",
        "",
        "| function | instead, or why |",
        "|---|---|",
    ]
    lines += [f"| `{name}` | {why} |" for name, why in REFUSED.items()]
    lines += [
        "",
        "## They are of no concern",
        "",
        "| what they are about | functions |",
        "|---|---|",
    ]
    for why, found in NO_CONCERN.items():
        own = [name for name in found.split() if name in names]
        lines.append(f"| {why} | {', '.join(f'`{name}`' for name in own)} |")
    return "\n".join(lines) + "\n"


def _fails(name: str, way: str) -> bool:
    f = CASES[name]
    refused = name in REFUSED or (way == "compiled" and name in ONLY_EAGER)
    derived = value_and_grad(f)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value, slope = (compile(derived) if way == "compiled" else derived)(POINT)
    except Exception as error:
        return not (refused and type(error).__module__.startswith("tinygrad_nn"))
    right = np.allclose(float(value), float(f(POINT)), 1e-9, 1e-9) and np.allclose(
        slope, differences(f), 1e-6, 1e-6
    )
    return refused or not right


if __name__ == "__main__":
    sys.exit(main())
