"""Measure the first call of functions of many numbers: python -m benchmarks.sizes.

Each first call is made in a process of its own, from the call to the numbers, after one array was
made; JAX runs vector code of the same thing.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from . import machine

FLOAT_RUNS = 12  # runs of the function on plain numbers that a first call may take beside JAX's
SPARE = 400  # MB that it may take beside three times its arguments and results


class Case(NamedTuple):
    """A function of plain loops, arguments, and the same in vectors for JAX."""

    function: Callable[..., Any]
    arguments: Callable[[], tuple[Any, ...]]
    vectors: Callable[[Any], Callable[..., Any]]


# ---- plain loops --------------------------------------------------------------------------------


def dot(u: Any, v: Any) -> Any:
    """Multiply two vectors."""
    return sum(a * b for a, b in zip(u, v, strict=True))


def classifier(layers: Any, x: Any, y: Any) -> Any:
    """Compute the cross-entropy of a network."""
    from tinygrad_nn import exp, log, tanh

    *hidden, (W, b) = layers
    for V, c in hidden:
        x = [tanh(dot(v, x) + e) for v, e in zip(V, c, strict=True)]
    z = [dot(w, x) + e for w, e in zip(W, b, strict=True)]
    return log(sum(exp(e) for e in z)) - dot(y, z)


def regression(layers: Any, x: Any, y: Any) -> Any:
    """Compute the squared error of a network."""
    from tinygrad_nn import tanh

    *hidden, (W, b) = layers
    for V, c in hidden:
        x = [tanh(dot(v, x) + e) for v, e in zip(V, c, strict=True)]
    return sum((dot(w, x) + e - t) ** 2 for w, e, t in zip(W, b, y, strict=True))


def layer(W: Any, x: Any) -> Any:
    """Sum what one layer gives."""
    from tinygrad_nn import tanh

    return sum(tanh(dot(w, x)) for w in W)


def attention(Q: Any, K: Any, V: Any) -> Any:
    """Sum the squares of what attention gives."""
    from tinygrad_nn import exp

    total = 0.0
    for q in Q:
        weights = [exp(dot(q, k) / math.sqrt(len(q))) for k in K]
        whole = sum(weights)
        weights = [w / whole for w in weights]
        total += sum(dot(weights, v) ** 2 for v in zip(*V, strict=True))
    return total


def row(E: Any, i: Any) -> Any:
    """Sum the squares of a row of a table."""
    from tinygrad_nn import lookup

    return sum(e * e for e in lookup([list(e) for e in E], i))


def rosenbrock(x: Any) -> Any:
    """Compute the valley of Rosenbrock."""
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


# ---- vectors ------------------------------------------------------------------------------------


def _classifier(np: Any) -> Callable[..., Any]:
    def function(layers: Any, x: Any, y: Any) -> Any:
        *hidden, (W, b) = layers
        for V, c in hidden:
            x = np.tanh(V @ x + c)
        z = W @ x + b
        return np.log(np.sum(np.exp(z))) - y @ z

    return function


def _regression(np: Any) -> Callable[..., Any]:
    def function(layers: Any, x: Any, y: Any) -> Any:
        *hidden, (W, b) = layers
        for V, c in hidden:
            x = np.tanh(V @ x + c)
        return np.sum((W @ x + b - y) ** 2)

    return function


def _attention(np: Any) -> Callable[..., Any]:
    def function(Q: Any, K: Any, V: Any) -> Any:
        weights = np.exp(Q @ K.T / math.sqrt(Q.shape[1]))
        return np.sum((weights / np.sum(weights, axis=1, keepdims=True) @ V) ** 2)

    return function


def _rosenbrock(np: Any) -> Callable[..., Any]:
    return lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


# ---- cases --------------------------------------------------------------------------------------


def _numbers(*shape: int) -> Any:
    import numpy as np

    return np.random.default_rng(sum(shape)).normal(0.0, 0.1, shape)


def _network(*widths: int) -> Callable[[], tuple[Any, ...]]:
    def arguments() -> tuple[Any, ...]:
        pairs = pairwise(widths)
        layers = [(_numbers(n, m), _numbers(n)) for m, n in pairs]
        y = _numbers(widths[-1])
        y[:] = [float(k == 0) for k in range(len(y))]
        return layers, _numbers(widths[0]), y

    return arguments


CASES = {
    "784-128-10": Case(classifier, _network(784, 128, 10), _classifier),
    "784-512-256-10": Case(classifier, _network(784, 512, 256, 10), _classifier),
    "tanh(W x), 1024": Case(
        layer,
        lambda: (_numbers(1024, 1024), _numbers(1024)),
        lambda np: lambda W, x: np.sum(np.tanh(W @ x)),
    ),
    "2-1000-1000-1": Case(regression, _network(2, 1000, 1000, 1), _regression),
    "attention, 128 x 64": Case(
        attention, lambda: tuple(_numbers(128, 64) for _ in "QKV"), _attention
    ),
    "a row of 5,000 x 32": Case(
        row,
        lambda: (_numbers(5000, 32), 17),
        lambda np: lambda E, i: np.sum(E[i] ** 2),
    ),
    "Rosenbrock, 1,000,000": Case(rosenbrock, lambda: (_numbers(1_000_000),), _rosenbrock),
}


# ---- one process --------------------------------------------------------------------------------


def first_call(name: str, engine: str) -> dict[str, float]:
    """Make the first call, and say how long it took, how long plain numbers take, and the memory."""
    case = CASES[name]
    arguments = case.arguments()
    call = _with_jax(case) if engine == "jax" else _ours(case)
    before, wall, processor = _peak(), time.perf_counter(), time.process_time()
    call(arguments)
    found = {
        "wall": time.perf_counter() - wall,
        "processor": time.process_time() - processor,
        "peak": _peak() - before,
        "size": _size(arguments) / 2**20,
    }
    if engine == "plain":
        plain = _plain(arguments)
        wall = time.perf_counter()
        case.function(*plain)
        found["floats"] = time.perf_counter() - wall
    return found


def _ours(case: Case) -> Callable[..., Any]:
    from tinygrad_nn import compile, value_and_grad

    compiled = compile(value_and_grad(case.function))
    return lambda arguments: compiled(*arguments)


def _with_jax(case: Case) -> Callable[..., Any]:
    import jax

    jax.config.update("jax_enable_x64", True)
    function = jax.jit(jax.value_and_grad(case.vectors(jax.numpy)))
    jax.block_until_ready(jax.numpy.zeros(3))
    return lambda arguments: jax.block_until_ready(function(*arguments))


def _peak() -> float:
    """Say how much memory this process has taken at most, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _size(nested: Any) -> int:
    """Count the bytes of arrays."""
    if isinstance(nested, list | tuple):
        return sum(map(_size, nested))
    return getattr(nested, "nbytes", 8)


def _plain(nested: Any) -> Any:
    """Make lists of arrays."""
    if isinstance(nested, list | tuple):
        return type(nested)(map(_plain, nested))
    return nested.tolist() if hasattr(nested, "tolist") else nested


# ---- all of them --------------------------------------------------------------------------------


def _in_process(python: str, name: str, engine: str) -> dict[str, float]:
    command = [python, "-m", "benchmarks.sizes", "--case", name, "--engine", engine]
    found: dict[str, float] = json.loads(subprocess.check_output(command, text=True))
    return found


def _of(runs: list[dict[str, float]], what: str) -> float:
    return median(run[what] for run in runs)


def main() -> None:
    """Measure every case in turn, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sizes", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jax", default=sys.executable, help="the Python that has JAX")
    parser.add_argument("--only", default="", help="cases whose names have this text")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    parser.add_argument("--engine", default="plain", help=argparse.SUPPRESS)
    options = parser.parse_args()
    machine.keep_to_one_thread()
    if options.case:
        print(json.dumps(first_call(options.case, options.engine)))
        return
    print(
        "| first call, ms | ours | JAX | 12 runs on floats | ours / JAX | ours / both | MB | most |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name in CASES:
        if options.only in name:
            print(_line(name, options.rounds, options.jax), flush=True)


def _line(name: str, rounds: int, python: str) -> str:
    pairs = [
        (_in_process(sys.executable, name, "plain"), _in_process(python, name, "jax"))
        for _ in range(rounds)
    ]
    ours, jax = [one for one, _ in pairs], [one for _, one in pairs]
    first, other = _of(ours, "processor"), _of(jax, "processor")
    floats = FLOAT_RUNS * _of(ours, "floats")
    most = 3 * 2 * _of(ours, "size") + SPARE
    return (
        f"| {name} | {first * 1e3:.0f} | {other * 1e3:.0f} | {floats * 1e3:.0f} | "
        f"{first / other:.2f} | {first / (other + floats):.2f} | "
        f"{max(run['peak'] for run in ours):.0f} | {most:.0f} |"
    )


if __name__ == "__main__":
    main()
