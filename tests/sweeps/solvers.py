"""Solvers on models as their authors write them, and random ones: are the derivatives right?

    python -m tests.sweeps.solvers --count 20

Models are compared with mpmath (`solved` has more of them): their gradient and Hessian, to 1e-8.
Random equations, minima, integrals and differential equations by every method are compared with
differences of what the same solver gives, which sees whatever a formula has left out.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Callable, Sequence
from typing import Any

import mpmath as mp
import numpy as np

from tinygrad_nn import cos, exp, grad, hessian, sin, sqrt, tanh
from tinygrad_nn.solvers import argmin, fixed_point, ode, quad, root

Function = Callable[[Any], Any]

# ---- models ------------------------------------------------------------------------------------


def kepler(p: Any) -> Any:
    """The distance from the sun at a time, by the eccentric anomaly."""
    anomaly = fixed_point(lambda e, m, k: m + k * sin(e), 1.0, (p[0], p[1]))
    return 1.0 - p[1] * cos(anomaly)


def true_kepler(p: Any) -> Any:
    anomaly = mp.findroot(lambda e: p[0] + p[1] * mp.sin(e) - e, 1)
    return 1 - p[1] * mp.cos(anomaly)


def period(p: Any) -> Any:
    """Of a pendulum of a length, let go at an angle."""
    inner = lambda x, k: 1.0 / sqrt(1.0 - k * sin(x) ** 2)  # noqa: E731
    return 4.0 * sqrt(p[0] / 9.81) * quad(inner, 0.0, math.pi / 2.0, (sin(p[1] / 2.0) ** 2,))


def true_period(p: Any) -> Any:
    return 4 * mp.sqrt(p[0] / mp.mpf("9.81")) * mp.ellipk(mp.sin(p[1] / 2) ** 2)


def equilibrium(p: Any) -> Any:
    """The energy of three charges in a trap, where it is least."""

    def energy(x: Any, stiffness: Any, charge: Any) -> Any:
        pairs = [(0, 1), (0, 2), (1, 2)]
        apart = sum(charge / sqrt((x[i] - x[j]) ** 2 + 0.01) for i, j in pairs)
        return sum(stiffness * a * a for a in x) + apart + 0.1 * x[0]

    x = argmin(energy, [-1.0, 0.1, 1.0], (p[0], p[1]))
    return x[0] * x[2]


def true_equilibrium(p: Any) -> Any:
    def slopes(*x: Any) -> list[Any]:
        found = []
        for i in range(3):
            total = 2 * p[0] * x[i] + (mp.mpf("0.1") if i == 0 else 0)
            for j in range(3):
                if i != j:
                    square = (x[i] - x[j]) ** 2 + mp.mpf("0.01")
                    total -= p[1] * (x[i] - x[j]) / (square * mp.sqrt(square))
            found.append(total)
        return found

    x = mp.findroot(slopes, (-1, 0, 1))
    return x[0] * x[2]


MODELS: list[tuple[Function, Function, list[float]]] = [
    (kepler, true_kepler, [1.3, 0.4]),
    (period, true_period, [1.5, 1.2]),
    (equilibrium, true_equilibrium, [0.8, 1.1]),
]


def model_error(ours: Function, theirs: Function, point: Sequence[float]) -> float:
    """Compare a model with mpmath's, by differences in 30 digits."""
    p = list(point)
    with mp.workdps(30):
        x = [mp.mpf(number) for number in point]
        steps = [abs(number) * mp.mpf(10) ** -7 for number in x]
        places = range(len(x))

        def at(*moves: tuple[int, int]) -> Any:
            moved = list(x)
            for place, count in moves:
                moved[place] += count * steps[place]
            return theirs(moved)

        middle = at()
        ahead, behind = [at((i, 1)) for i in places], [at((i, -1)) for i in places]
        slopes = [(ahead[i] - behind[i]) / (2 * steps[i]) for i in places]
        curvatures = [[mp.mpf(0)] * len(x) for _ in x]
        for i in places:
            curvatures[i][i] = (ahead[i] - 2 * middle + behind[i]) / steps[i] ** 2
            for j in range(i):
                apart_by = at((i, 1), (j, 1)) - ahead[i] - ahead[j] + middle
                apart_by += at((i, -1), (j, -1)) - behind[i] - behind[j] + middle
                curvatures[i][j] = curvatures[j][i] = apart_by / (2 * steps[i] * steps[j])
    return max(apart(grad(ours)(p), slopes), apart(hessian(ours)(p), curvatures))


# ---- random ones -------------------------------------------------------------------------------


def random_root(rng: random.Random) -> Function:
    size = rng.randint(1, 4)
    A = [[rng.gauss(0, 1) + 4.0 * (i == j) for j in range(size)] for i in range(size)]
    mixed = [rng.gauss(0, 1) for _ in range(size)]

    def f(p: Any) -> Any:
        def residuals(x: Any, p: Any) -> Any:
            rows = [sum(a * b for a, b in zip(row, x, strict=True)) for row in A]
            return [r + tanh(p[0] * a) - p[1] * b for r, a, b in zip(rows, x, mixed, strict=True)]

        return sum(sin(a) for a in root(residuals, [0.0] * size, (p,)))

    return f


def random_minimum(rng: random.Random) -> Function:
    centre = [rng.gauss(0, 1) for _ in range(3)]
    constrained = rng.random() < 0.5

    def f(p: Any) -> Any:
        def cost(x: Any, p: Any) -> Any:
            rest = zip(x, centre, strict=True)
            return sum((a - p[0] * b) ** 2 + exp(p[1] * a) for a, b in rest) + x[0] * x[1] * 0.3

        plane = (lambda x, p: [x[0] + p[1] * x[1] - p[0]]) if constrained else None
        x = argmin(cost, [0.0, 0.0, 0.0], (p,), constraints=plane)
        return x[0] * x[1] + sin(x[2])

    return f


def random_integral(rng: random.Random) -> Function:
    a, b, c = (rng.uniform(0.2, 2.0) for _ in range(3))
    infinite = rng.random() < 0.5

    def f(p: Any) -> Any:
        def g(x: Any, p: Any) -> Any:
            return exp(-a * x * x * p[0]) * cos(b * p[1] * x) + c * p[0] * exp(-x * x)

        return quad(g, -p[1], math.inf if infinite else 2.0 * p[0], (p,))

    return f


def random_equation(rng: random.Random, method: str) -> Function:
    A = [[rng.gauss(0, 1) for _ in range(2)] for _ in range(2)]
    stiff = 50.0 if method in ("Radau", "BDF", "LSODA") else 1.0

    def f(p: Any) -> Any:
        def slopes(t: Any, y: Any, p: Any) -> Any:
            u, v = y
            return [
                tanh(A[0][0] * u + A[0][1] * v * p[0]) + cos(p[1] * t),
                stiff * (sin(u * p[1]) + A[1][0] * p[0] - v),
            ]

        close = 1e-8 if method in ("BDF", "RK23") else 1e-10
        end = ode(slopes, [1.0, p[0]], [0.1 * p[1], 0.3, 1.0], (p,), method=method, rtol=close)[-1]
        return end[0] * end[1]

    return f


def random_error(f: Function, rng: random.Random) -> float:
    p = [rng.uniform(0.5, 1.2), rng.uniform(0.5, 1.2)]
    return max(apart(grad(f)(p), differences(f, p)), apart(hessian(f)(p), differences(grad(f), p)))


def differences(f: Function, p: list[float]) -> Any:
    """Differentiate by central differences of two steps."""

    def along(k: int, step: float) -> Any:
        moved = [[x + sign * step * (i == k) for i, x in enumerate(p)] for sign in (1, -1)]
        return (np.array(f(moved[0])) - np.array(f(moved[1]))) / (2.0 * step)

    return np.array([(4.0 * along(k, 1e-3) - along(k, 2e-3)) / 3.0 for k in range(len(p))])


def apart(found: Any, expected: Any) -> float:
    a, b = np.array(found, dtype=float), np.array(expected, dtype=float)
    return float(abs(a - b).max() / max(abs(b).max(), 1e-3))


def main() -> int:
    """Try all models, and random problems."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20)
    count = parser.parse_args().count
    bad = 0
    for ours, theirs, point in MODELS:
        error = model_error(ours, theirs, point)
        print(f"{ours.__name__:24} {error:.0e}", flush=True)
        bad += error > 1e-8
    methods = ["RK45", "RK23", "DOP853", "Radau", "BDF", "LSODA"]
    kinds: list[tuple[str, Callable[[random.Random], Function], float]] = [
        ("roots", random_root, 1e-8),
        ("minima", random_minimum, 1e-8),
        ("integrals", random_integral, 1e-8),
        *[
            (
                name,
                lambda rng, name=name: random_equation(rng, name),
                1e-4 if name == "BDF" else 1e-6,
            )
            for name in methods
        ],
    ]
    for name, make, bound in kinds:
        rng = random.Random(1)
        tried = count if name in ("roots", "minima", "integrals") else max(1, count // 5)
        error = max(random_error(make(rng), rng) for _ in range(tried))
        print(f"{tried:4} {name:19} {error:.0e}", flush=True)
        bad += error > bound
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
