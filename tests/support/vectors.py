"""Functions of vectors as machine code, called on arrays, and the truth of them."""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np

from tinygrad_nn import TABLE
from tinygrad_nn.compiler.backends.forms import form_of
from tinygrad_nn.compiler.backends.llvm.engine import Engine, Target, target
from tinygrad_nn.compiler.backends.llvm.module import Module
from tinygrad_nn.compiler.backends.llvm.reals import DOUBLE, Real
from tinygrad_nn.compiler.backends.llvm.tables import table_of
from tinygrad_nn.compiler.backends.loops import OUTSIDE, Nest, Ref
from tinygrad_nn.compiler.backends.schedule import Rules

Numbers = Any  # an array of float64
PRECISION = 160  # bits

# Of each function some ranges, with the most units in the last place that an error may have.
FUNCTIONS: dict[str, list[tuple[float, float, float]]] = {
    "exp": [(-1.0, 1.0, 1.0), (-708.0, 709.7, 1.0)],
    "expm1": [(-1.5, 1.5, 2.0), (-40.0, 709.7, 2.0), (-1e-8, 1e-8, 1.0)],
    "log": [(0.5, 2.0, 1.0), (0.0, 1e300, 1.0)],
    "log1p": [(-0.999, 1.5, 1.0), (0.0, 1e300, 1.0), (-1e-8, 1e-8, 1.0)],
    "tanh": [(-1.0, 1.0, 1.5), (-20.0, 20.0, 1.5), (-1e-8, 1e-8, 1.0)],
    "sigmoid": [(-5.0, 5.0, 2.0), (-700.0, 700.0, 2.0)],
    "cosh": [(-3.0, 3.0, 1.5), (-710.0, 710.0, 1.5)],
    "sin": [(-7.0, 7.0, 1.0), (-1e6, 1e6, 1.0), (-1e9, 1e9, 1.0)],
    "cos": [(-7.0, 7.0, 1.0), (-1e6, 1e6, 1.0), (-1e9, 1e9, 1.0)],
    "erf": [(-0.75, 0.75, 2.0), (-6.0, 6.0, 2.0)],
    "erfc": [(-6.0, 0.5, 2.0), (0.5, 6.0, 3.5), (6.0, 26.0, 3.5)],
    "sech": [(-3.0, 3.0, 2.0), (-700.0, 700.0, 2.0)],
    "softplus": [(-5.0, 5.0, 3.0), (-700.0, 700.0, 3.0)],
    "log_sigmoid": [(-5.0, 5.0, 3.0), (-700.0, 700.0, 3.0)],
}
IS_X86 = platform.machine() in ("x86_64", "AMD64")
SHORT = [Target("x86-64", ""), Target("haswell", "+avx2,+fma")] if IS_X86 else []
TRUTHS: dict[str, Callable[..., Any]] = {
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "softplus": lambda x: mp.log1p(mp.exp(x)),
    "log_sigmoid": lambda x: -mp.log1p(mp.exp(-x)),
}
SIZE = 4096


def function(
    name: str, processor: Target | None = None, real: Real = DOUBLE
) -> Callable[..., Numbers]:
    """An operation as a function of arrays, of this kind of numbers."""
    processor = processor or target()

    def compute(*operands: Numbers) -> Numbers:
        count = len(operands)
        lanes = processor.width * DOUBLE.size // real.size
        rules = Rules(lambda ref: (ref.arena, True))
        module = Module(OUTSIDE + count + 1, lanes, rules, real=real)
        parts = tuple(Ref(OUTSIDE + n, 0, (1,)) for n in range(count))
        size = len(operands[0])
        width = min(size, SIZE)
        value = form_of(TABLE[name], parts)
        module.add("all", [Nest(Ref(OUTSIDE + count, 0, (1,)), (width,), value)])
        engine = Engine(module.text(), processor)
        run = engine.function("all")
        table = table_of(module.constants.bits, processor.width)
        found = np.empty_like(operands[0])
        arrays = [np.ascontiguousarray(one) for one in (*operands, found)]
        for first in (*range(0, size - width, width), size - width):
            addresses = [array.ctypes.data + real.size * first for array in arrays]
            pointers = np.array([0, 0, *addresses, table.ctypes.data], np.uintp)
            run(pointers.ctypes.data, 0, 0)
        return arrays[-1]

    return compute


def errors(name: str, points: Numbers, found: Numbers) -> Numbers:
    """How far numbers are from the truth, in units in its last place."""
    truth = TRUTHS.get(name) or getattr(mp, name)
    result = []
    with mp.workprec(PRECISION):
        for x, y in zip(points.tolist(), found.tolist(), strict=True):
            true = truth(mp.mpf(x))
            unit = np.spacing(abs(float(true)))
            result.append(float(abs(mp.mpf(y) - true) / mp.mpf(float(unit))))
    return np.array(result)
