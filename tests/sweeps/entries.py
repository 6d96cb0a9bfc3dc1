"""Entries of compiled functions with arguments of every kind, and what calls leave behind.

    python -m tests.sweeps.entries --count 100000 --repeat 1000000

What an entry takes it computes as the general way does, to the last bit; what it gives takes no
reference and no byte with it. PYTHONMALLOC=debug looks at the memory of Python too. Anything wrong
makes the exit status 1.
"""

from __future__ import annotations

import gc
import random
import sys
import tracemalloc
import warnings
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from typing import Any

import numpy as np

from tests.support.entered import CASES, builtin_of, changed_call, described, outcome
from tests.sweeps.options import parser_of
from tinygrad_nn.errors import FaultWarning

BACKENDS = ("numpy", "machine") if find_spec("llvmlite") else ("numpy",)
SPARE = 16_000  # bytes that Python keeps for objects to come, whatever the number of calls


def sweep(count: int, seed: int, backend: str) -> tuple[int, list[str]]:
    """Call each case with changed arguments; count what was taken, and list what is wrong."""
    taken, wrong = 0, []
    for name, case in CASES.items():
        entered, general = case.compiled(backend=backend)
        ((entry, _, _),) = entered._entries.all
        expected = described(general(*case.args, **case.kwargs))
        generator = random.Random(f"{seed} {name}")
        for _ in range(-(-count // len(CASES))):
            args, kwargs = changed_call(case, generator)
            found = outcome(entry.call, args, kwargs)
            if found != described(NotImplemented):
                taken += 1
                if found != outcome(general, *args, **kwargs):
                    wrong.append(f"{backend}, {name}: {args!r} {kwargs!r} gives {found}")
            if described(entry.call(case.args, case.kwargs)) != expected:
                wrong.append(f"{backend}, {name}: other numbers after {args!r} {kwargs!r}")
    return taken, wrong


def lost(repeat: int, backend: str, names: Iterable[str] = CASES) -> list[str]:
    """Call each case again and again, with right and wrong arguments; list what is left behind."""
    wrong = []
    for name in names:
        case = CASES[name]
        entered, _ = case.compiled(backend=backend)
        entry = entered._entries.all[0][0]
        builtin = builtin_of(entry)
        args = *case.args, *case.kwargs.values()
        last = [*args[:-1], object()]
        watched = [*args, last[-1], NotImplemented, np.ndarray, tuple, float]
        forms: dict[str, Callable[[], Any]] = {
            "entry": lambda entry=entry, case=case: entry.call(case.args, case.kwargs),
            "entry, wrong": lambda entry=entry, last=last: entry.call(last, {}),
        }
        if builtin is not None:
            forms["built-in"] = lambda builtin=builtin, args=args: builtin(*args)
            forms["built-in, wrong"] = lambda builtin=builtin, last=last: builtin(*last)
        for form, call in forms.items():
            # NumPy itself loses references to its types in some versions.
            own = [np.dtype(float)] if form.startswith("built-in") else []
            more, references = left_behind(call, repeat, [*watched, *own])
            if more > SPARE or references > repeat // 100 + 10:
                wrong.append(f"{backend}, {name}, {form}: {more} bytes, {references} references")
    return wrong


def left_behind(call: Callable[[], Any], repeat: int, watched: list[Any]) -> tuple[int, int]:
    """Count the bytes, and the references to what is watched, that calls leave behind."""
    for _ in range(100):
        call()
    gc.collect()
    tracemalloc.start()
    try:
        bytes_before = tracemalloc.get_traced_memory()[0]
        before = [sys.getrefcount(one) for one in watched]
        for _ in range(repeat):
            call()
        gc.collect()
        after = [sys.getrefcount(one) for one in watched]
        more = tracemalloc.get_traced_memory()[0] - bytes_before
    finally:
        tracemalloc.stop()
    return more, int(np.abs(np.subtract(after, before)).max())


def main() -> int:
    parser = parser_of(__doc__, 100_000, "changed calls", seed=1)
    parser.add_argument("--repeat", type=int, default=1_000_000, help="of each form (1000000)")
    asked = parser.parse_args()
    wrong = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", FaultWarning)
        for backend in BACKENDS:
            taken, found = sweep(asked.count // len(BACKENDS), asked.seed, backend)
            print(f"{backend}: {taken} calls were taken by entries, {len(found)} wrong", flush=True)
            wrong += found
            left = lost(asked.repeat, backend)
            print(f"{backend}: {len(left)} forms of calls left something behind", flush=True)
            wrong += left
    print(*wrong[:20], sep="\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
