"""Program files with changed bytes, and with changed heads whose checksum is right again.

Run it in the root of the repository::

    python -m tests.sweeps.damaged --count 5000 --seed 1

A file with changed bytes gives an error of ours, or the same numbers. What a changed head says
gives an error of ours when it is loaded or called, or is a program: printed, and computed as the
interpreter says. Nothing else is raised, and neither memory nor time runs out.
"""

from __future__ import annotations

import copy
import hashlib
import json
import math
import random
import signal
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

import tinygrad_nn as tg
from tests.sweeps.options import asked
from tinygrad_nn import nn
from tinygrad_nn.compiler.program.interpreter import interpret, results_of
from tinygrad_nn.compiler.program.program import Role
from tinygrad_nn.compiler.program.statements import Loop, Map, extents_of, terms_of
from tinygrad_nn.errors import TinygradNNError

ENTRY = "tinygrad_nn program"
MEMORY = 6 << 30  # bytes that may be asked for
SECONDS = 20  # for one file
MOST_WORK = 20_000  # numbers that the interpreter takes
NAMES = ("add", "mul", "max", "min", "where", "exp", "div", "stop_gradient", "x", "")
RNG = np.random.default_rng(0)


# ---- files ---------------------------------------------------------------------------------------


def _net(p: Any, x: Any, y: Any) -> Any:
    W, b, V = p
    h = [
        tg.tanh(sum(w * v for w, v in zip(r, x, strict=True)) + c)
        for r, c in zip(W, b, strict=True)
    ]
    return nn.cross_entropy([sum(w * v for w, v in zip(r, h, strict=True)) for r in V], y)


def _smooth(u: Any) -> Any:
    for _ in range(12):
        u = [u[0], *[a - 2.1 * b + c for a, b, c in zip(u, u[1:], u[2:], strict=False)], u[-1]]
    return u


def _most(x: Any) -> Any:
    return tg.max(tg.max(x[0], x[1]), tg.max(x[2] * x[2], x[3]))


def _triangle(x: Any) -> Any:
    return [sum(x[: n + 1]) * x[n] for n in range(len(x))]


SCALE = tg.Value(1.5, label="scale")
P = ([[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]], [0.1, -0.2, 0.3], [[1.0, 2.0, 3.0], [0.1, -0.2, -0.3]])
X = RNG.normal(size=(5, 2))
FUNCTIONS: list[tuple[Any, tuple[Any, ...]]] = [
    (tg.compile(tg.value_and_grad(_net)), (P, [1.0, 2.0], 1)),
    (
        tg.compile(tg.value_and_grad(_net), batch=("x", "y"), reduce="mean"),
        (P, X, np.array([0, 1, 1, 0, 1])),
    ),
    (
        tg.compile(tg.value_and_grad(_net), batch=("x", "y"), reduce=(None, "sum")),
        (P, X.tolist(), [0, 1, 1, 0, 1]),
    ),
    (tg.compile(_smooth), ([1.0, 2.0, 3.0, 4.0, 6.0, 5.0],)),
    (tg.compile(tg.grad(lambda u: sum(a * a for a in _smooth(u)))), ([1.0, 2.0, 3.0, 4.0, 5.0],)),
    (tg.compile(tg.value_and_grad(_most)), ([1.0, 2.0, -3.0, 4.0],)),
    (tg.compile(_triangle), ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0],)),
    (
        tg.compile(tg.value_and_grad(lambda E, i: sum(x * x for x in tg.lookup(E, i)) * SCALE)),
        ([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], 1),
    ),
    (tg.compile(lambda x: [x[p] for p in (3, 1, 4, 0, 2)] + [x[0] * c for c in (0.3, 7.0)]),
     ([1.0, 2.0, 3.0, 4.0, 5.0],)),
    (tg.compile(tg.hessian(lambda x: tg.exp(x[0] * x[1]) + x[0] / x[2])), ([0.1, 0.2, 0.3],)),
]  # fmt: skip


def files() -> list[tuple[bytes, tuple[Any, ...], str]]:
    """Give the content of each file, the arguments of its program, and its results."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for function, args in FUNCTIONS:
            result = function(*args)
            function.program.save(f"{folder}/f")
            found.append((Path(folder, "f").read_bytes(), args, repr(result)))
    return found


# ---- damage --------------------------------------------------------------------------------------


def with_other_bytes(rng: random.Random, content: bytes) -> bytes:
    """Change some bytes, or cut, or repeat some."""
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8))):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    if rng.random() < 0.1:
        del changed[rng.randrange(len(changed)) :]
    elif rng.random() < 0.1:
        place = rng.randrange(len(changed))
        changed[place:place] = changed[place : place + rng.randrange(40)]
    return bytes(changed)


def with_another_head(rng: random.Random, content: bytes) -> bytes:
    """Change parts of the head or numbers of the arrays, and make the checksum right."""
    size = int.from_bytes(content[:8], "little")
    version, _, text = json.loads(content[8 : 8 + size])["__metadata__"][ENTRY].split(" ", 2)
    head = json.loads(text)
    arrays = {n: a.copy() for n, a in safetensors.numpy.load(content).items()}
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if rng.random() < 0.1:
            _change_array(rng, arrays)
        else:
            _change(rng, head)
    text = json.dumps(head)
    metadata = {ENTRY: f"{version} {_checksum(text, arrays)} {text}"}
    return bytes(safetensors.numpy.save(arrays, metadata))


def _checksum(text: str, arrays: dict[str, Any]) -> str:
    found = hashlib.sha256(text.encode())
    for name, array in sorted(arrays.items()):
        found.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode() + array.tobytes())
    return found.hexdigest()


def _change_array(rng: random.Random, arrays: dict[str, Any]) -> None:
    name = rng.choice(sorted(arrays))
    array = arrays[name]
    if array.size and rng.random() < 0.8:
        kind = array.dtype.type
        array.flat[rng.randrange(array.size)] = kind(rng.choice((-1, 0, 1, 2, 3, 5, 1 << 40)))
    elif rng.random() < 0.5:
        arrays[name] = array.reshape(1, -1)
    else:
        arrays[name] = array.astype(rng.choice(("<f8", "<i8", "<f4")))


def _change(rng: random.Random, head: Any) -> None:
    """Change one part, found by a walk down from the head."""
    here = head
    while True:
        places = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not places:
            return
        place = rng.choice(places)
        inside = here[place]
        if isinstance(inside, dict | list) and inside and rng.random() < 0.93:
            here = inside
            continue
        here[place] = _other(rng, inside)
        if isinstance(here, list) and rng.random() < 0.2:
            _shuffle(rng, here, place)
        return


def _shuffle(rng: random.Random, row: list[Any], place: int) -> None:
    what = rng.randrange(3)
    if what == 0:
        del row[place]
    elif what == 1:
        row.insert(place, copy.deepcopy(row[rng.randrange(len(row))]))
    else:
        rng.shuffle(row)


def _other(rng: random.Random, x: Any) -> Any:
    if isinstance(x, bool):
        return not x
    if isinstance(x, int):
        large = rng.choice((1 << 20, 1 << 33, 1 << 47, 10**30, -(1 << 40)))
        return rng.choice((x + 1, x - 1, 2 * x, -x, 0, 1, 2, 3, 7, large))
    if isinstance(x, float):
        return rng.choice((x + 1.0, -x, 0.0, -0.0, 1e308, {"float": "nan"}, {"float": "inf"}, 1))
    if isinstance(x, str):
        return rng.choice(NAMES)
    return rng.choice((None, 0, 1.5, "x", [], {}, [0], {"float": "nan"}, [x], copy.deepcopy(x)))


# ---- what comes of it ----------------------------------------------------------------------------


def trouble(
    changed: bytes, args: tuple[Any, ...], expected: str | None, path: Path, counts: Counter[str]
) -> str:
    """Load a file and call it: what went wrong, or nothing."""
    path.write_bytes(changed)
    try:
        loaded = tg.load_program(path)
    except TinygradNNError:
        counts["refused"] += 1
        return ""
    except Exception:
        return f"loading raises\n{traceback.format_exc()}"
    try:
        str(loaded), loaded.program.stats  # it is computed
    except Exception:
        return f"printing raises\n{traceback.format_exc()}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            result = loaded(*args)
    except TinygradNNError:
        counts["refused when called"] += 1
        return ""
    except Exception:
        return f"calling raises\n{traceback.format_exc()}"
    counts["computed"] += 1
    if expected is not None:
        return "" if repr(result) == expected else f"other numbers: {result!r:.200}"
    return "" if _is_meant(loaded, args, result, counts) else "not what the interpreter says"


def _is_meant(loaded: Any, args: tuple[Any, ...], result: Any, counts: Counter[str]) -> bool:
    """Compare with the interpreter, where that is quick."""
    program = loaded.program
    batch = [len(arg) for arg, one in zip(args, program.arrays, strict=False) if one.per_sample]
    count = batch[0] if batch else 1
    if count * _work(program.statements) > MOST_WORK:
        return True
    counts["compared"] += 1
    inputs: dict[int, Any] = {}
    rest = iter(args)
    for number, array in enumerate(program.arrays):
        if array.role is Role.INPUT:
            rows = count if array.per_sample else 1
            inputs[number] = np.reshape(_flat(next(rest)), (rows, array.size)).T.tolist()
        elif array.role is Role.CAPTURED:
            inputs[number] = [[one] for one in loaded.captured.values()]
        elif array.role is Role.BATCH:
            inputs[number] = [[float(count)], [1.0 / count]] if batch else [[0.0], [math.nan]]
    memory = interpret(program, inputs, count)
    expected = np.array(
        [x for columns in results_of(program, memory) for x in columns], dtype=float
    )
    found = _flat(result)
    if len(found) != len(expected):  # what samples share is there for each of them
        return bool(batch)
    finite = np.isfinite(expected)
    scale = np.maximum(np.abs(expected), 1e-3 * np.abs(expected[finite]).max(initial=0.0))
    with np.errstate(all="ignore"):
        near = np.abs(found - expected) <= 1e-9 * scale
    return bool((near | (found == expected) | ~finite).all())


def _flat(nested: Any) -> Any:
    return np.array([x for x in tg.tree.flatten(nested)[0] if x is not None], dtype=float)


def _work(statements: Any) -> int:
    total = 0
    for one in statements:
        if isinstance(one, Loop):
            total += one.count * _work(one.body)
        else:
            total += math.prod(one.nest)
            if not isinstance(one, Map):
                total += sum(math.prod(extents_of(one, term)) for term in terms_of(one))
    return total


def sweep(count: int, seed: int, path: Path, counts: Counter[str]) -> Iterator[tuple[int, str]]:
    """Try so many files, half with changed bytes; yield the number of each that is trouble."""
    known = files()
    for number in range(count):
        rng = random.Random(1_000_003 * seed + number)
        content, args, result = rng.choice(known)
        if number % 2:
            found = trouble(with_another_head(rng, content), args, None, path, counts)
        else:
            found = trouble(with_other_bytes(rng, content), args, result, path, counts)
        if found:
            yield number, found


def _limited(run: Callable[[], int]) -> int:
    """Run with a limit of memory; a file that takes long ends it."""
    import resource  # of Unix

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    return run()


def main() -> int:
    given = asked(__doc__, 5000, "files", seed=1)

    def run() -> int:
        counts: Counter[str] = Counter()
        troubles = 0
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "f")
            signal.alarm(SECONDS + given.count // 10)
            for number, found in sweep(given.count, given.seed, path, counts):
                print(f"file {number}: {found}", flush=True)
                troubles += 1
        print(f"{given.count} files, {troubles} of them trouble: {dict(counts)}")
        return int(troubles > 0)

    return _limited(run)


if __name__ == "__main__":
    sys.exit(main())
