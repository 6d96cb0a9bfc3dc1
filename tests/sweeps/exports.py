"""Random programs in every language of arrays that is installed: python -m tests.sweeps.exports --count 500."""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import exported
import numpy as np
import programs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinygrad_nn import to_latex, to_numpy, to_onnx, to_torch, value_and_grad
from tinygrad_nn.errors import TinygradNNError


def in_numpy(case: exported.Case) -> Any:
    return exported.defined(to_numpy(case.thing, name="f"), "f")


def in_torch(case: exported.Case) -> Any:
    return exported.defined(to_torch(case.thing, name="f"), "f")


def in_onnx(case: exported.Case) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 3, 1
    session = onnxruntime.InferenceSession(
        to_onnx(case.thing).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    names = [one.name for one in session.get_inputs()]

    def call(*arguments: Any) -> Any:
        arrays = [np.asarray(one, float) for one in arguments]
        return session.run(None, dict(zip(names, arrays, strict=True)))

    return call


def languages() -> dict[str, Callable[[exported.Case], Any]]:
    """Find the libraries that are installed."""
    found: dict[str, Callable[[exported.Case], Any]] = {"numpy": in_numpy}
    for name, run, modules in (
        ("torch", in_torch, ("torch",)),
        ("onnx", in_onnx, ("onnx", "onnxruntime")),
    ):
        try:
            for module in modules:
                __import__(module)
        except ImportError:
            continue
        found[name] = run
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    count = parser.parse_args().count
    rng = random.Random(2)
    A, x, y = [programs.numbers(rng, *shape) for shape in ((5, 3), (4,), (6,))]
    wrong: list[str] = []
    tried = 0

    @settings(
        max_examples=count,
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(programs.chains, st.booleans(), st.booleans())
    def each(chain: Any, by_sample: bool, differentiated: bool) -> None:
        nonlocal tried
        function = value_and_grad(chain.total) if differentiated else chain.__call__
        try:
            if by_sample:
                call = A, [x, x[::-1]], [y, y[::-1]]
                case = exported.made(function, call, batch=("x", "y"), reduce="sum")
            else:
                case = exported.made(function, (A, x, y))
        except TinygradNNError:
            return
        tried += 1
        to_latex(case.thing)
        for name, run in languages().items():
            if exported.wrong(lambda _, one, run=run: run(one), {"program": case}):
                wrong.append(f"{name}: {chain} {by_sample=} {differentiated=}")

    each()
    print(f"{tried} programs in {', '.join(languages())}: {len(wrong)} differ")
    print("\n".join(wrong[:5]))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
