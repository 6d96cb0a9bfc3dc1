"""Kept machine code with changed bytes: never run, and written anew.

Run it in the root of the repository::

    python -m tests.sweeps.kept --count 1000 --seed 1

A program whose code was damaged computes the same bits, and the file is as it was before.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.sweeps.options import asked
from tinygrad_nn import compile, grad, tanh
from tinygrad_nn.compiler.backends.llvm import disk
from tinygrad_nn.compiler.backends.llvm.engine import trouble


def damaged(rng: random.Random, content: bytes) -> bytes:
    """Change some bytes, cut, repeat, or put something else there, until it is another file."""
    changed = content
    while changed == content:
        changed = _changed(rng, content)
    return changed


def _changed(rng: random.Random, content: bytes) -> bytes:
    kind = rng.random()
    if kind < 0.1:
        return rng.randbytes(rng.randrange(len(content)))
    changed = bytearray(content)
    if kind < 0.3:
        del changed[rng.randrange(len(changed)) :]
    elif kind < 0.5:
        place = rng.randrange(len(changed))
        changed[place:place] = changed[place : place + rng.randrange(1, 40)]
    for _ in range(rng.choice((1, 1, 2, 8))):
        place = rng.randrange(len(changed)) if changed else 0
        changed[place : place + 1] = bytes([rng.randrange(256)])
    return bytes(changed)


def check(count: int, seed: int, folder: Path) -> None:
    """Damage the code of small programs so often."""
    rng = random.Random(seed)
    functions: list[tuple[Any, Any]] = [
        (grad(lambda x: sum(tanh(a) * a for a in x)), [0.1, 0.2, 0.3]),
        (lambda x: sum(a * b for a, b in pairwise(x)), [1.0, 2.0, 3.0, 4.0, 5.0]),
    ]
    found: list[tuple[Any, Any, Any, bytes, Path]] = []
    assert not trouble()  # which makes code too
    compile(lambda x: x[0] * 2.0, backend="machine")([1.0])  # keeps what it knows of the sources
    for function, x in functions:
        before = {*folder.iterdir()}
        expected = compile(function, backend="machine")(x)
        found += [
            (function, x, expected, path.read_bytes(), path)
            for path in sorted({*folder.iterdir()} - before)
        ]
    for number in range(count):
        function, x, expected, content, path = found[number % len(found)]
        path.write_bytes(damaged(rng, content))
        again = compile(function, backend="machine")(x)
        assert again == expected, f"seed {seed}, file {number}: other numbers"
        assert path.read_bytes() == content, f"seed {seed}, file {number}: not written anew"


def main() -> None:
    given = asked(__doc__, 1000, "files", seed=1)
    with tempfile.TemporaryDirectory() as folder:
        os.environ[disk.VARIABLE] = folder
        check(given.count, given.seed, Path(folder))
    print(f"{given.count} damaged files of machine code: none was run, and each was written anew")


if __name__ == "__main__":
    sys.exit(main())
