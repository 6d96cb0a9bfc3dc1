"""A sweep of `check_grad`: random functions with zeros, ties and kinks, right and wrong.

Run it in the root of the repository::

    python -m tests.sweeps.gradient_checks --count 10000 --seed 1

Each function is made of steps whose graph shares numbers; its leaves and constants are such that
sums vanish, ties occur and kinks are hit. Every other one is made wrong in a known way: a number is
taken out of the graph, a rule is wrong by 0.1 % up to grossly, a term has no slope. What is right is
known without `check_grad`: `Dual` differentiates to the left and to the right by rules of its own.
"""

from __future__ import annotations

import math
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import tinygrad_nn as tg
from tests.sweeps.one_sided import NEAR, STEPS, Dual, NotTriedError
from tests.sweeps.options import asked
from tinygrad_nn.check import Report, check_grad

THOUSANDTH = 1e-3  # an error of so much of the derivative itself must be caught
PERCENT = 1e-2  # in entries of at least so much of the largest
MOST = 1e4  # values and slopes beyond are not tried


# ---- what goes wrong -----------------------------------------------------------------------------


def _scaled(factor: float) -> Callable[[Any], Any]:
    return tg.custom(lambda x: x, lambda x, z: factor + 0.0 * x, name="scaled")


def _wrong_product(factor: float) -> Callable[[Any], Any]:
    rule = (lambda x, y, z: factor * y, lambda x, y, z: x)
    product = tg.custom(lambda x, y: x * y, rule, name="product")
    return lambda x: product(x, x) - x * x + x


def _missing(x: Any) -> Any:
    total = tg.custom(lambda a, b: a + b, (lambda a, b, z: 1.0, None), name="total")
    return total(x, x) - x


def _lost(x: Any) -> Any:
    return x.data if isinstance(x, tg.Value) else x


def _half_lost(x: Any) -> Any:
    return 0.5 * x + 0.5 * _lost(x)


def _unrecorded(x: Any) -> Any:
    with tg.no_grad():
        return x * 1.0


def faults(rng: random.Random, in_python: bool) -> Callable[[Any], Any]:
    """Draw what is done to a number: its value stays, its derivative is another."""
    small = rng.choice((-1, 1)) * 10 ** rng.uniform(-2.9, -0.5)
    gross = rng.choice((-1.0, 0.0, 2.0, 10.0))
    kinds = [_scaled(1 + small), _scaled(1 + small), _scaled(gross), _wrong_product(1 + 3 * small)]
    kinds += [_missing]
    if in_python:
        kinds += [_lost, _lost, _half_lost, _unrecorded]
    return rng.choice(kinds)


# ---- functions -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Function:
    """Steps on a pool of numbers; the result is the sum of the last ones."""

    leaves: tuple[float, ...]
    constants: tuple[float, ...]
    steps: tuple[tuple[str, tuple[int, ...]], ...]
    last: int  # how many are added up
    wrong: Callable[[Any], Any] | None = None
    at: int = -1  # which step reads its first operand through what is wrong

    def __call__(self, *leaves: Any) -> Any:
        """Evaluate by the package."""
        return self._run(leaves, self.constants, 1)

    def along(self, place: int, sign: float) -> float:
        """Give the slope by one leaf, on the right (1) or on the left (-1); NaN at a jump."""
        pool = [Dual(x, sign * (i == place)) for i, x in enumerate(self.leaves)]
        result = self._run(pool, [Dual(c, 0.0) for c in self.constants], 2)
        return sign * result.t

    def _run(self, leaves: Sequence[Any], constants: Sequence[Any], engine: int) -> Any:
        pool = [*leaves, *constants]
        for number, (name, places) in enumerate(self.steps):
            operands = [pool[place] for place in places]
            if engine == 1 and number == self.at and self.wrong is not None:
                operands[0] = self.wrong(operands[0])
            made = STEPS[name][engine](*operands)
            if engine == 2 and not (abs(made.x) < MOST and not abs(made.t) > MOST):
                raise NotTriedError
            pool.append(made)
        total = pool[-1]
        for number in pool[len(pool) - self.last : -1]:
            total = STEPS["add"][engine](total, number)
        return total

    def right(self) -> Function:
        """Give the same without what is wrong."""
        return Function(self.leaves, self.constants, self.steps, self.last)


OFTEN = ("add", "sub", "mul", "add", "sub", "mul", "abs", "relu", "max", "min")
SPECIAL = (0.0, 0.0, 1.0, -1.0, 0.5, 2.0, 3.0)
SMOOTH = tuple(name for name in STEPS if name not in ("floor", "sign", "where", "bend", "if"))
AT_ZERO = ("abs", "relu", "abs", "relu", "if", "sign")
AT_TIES = ("max", "min", "bend", "hypot", "where")


def drawn(rng: random.Random, wrong: bool, in_python: bool) -> Function:
    """Draw a function."""
    leaves = [
        rng.choice(SPECIAL) if rng.random() < 0.6 else round(rng.uniform(-3, 3), 2)
        for _ in range(rng.randint(1, 4))
    ]
    constants = [0.0, rng.choice(SPECIAL), *leaves]  # so that there is one equal to each leaf
    steps: list[tuple[str, tuple[int, ...]]] = []
    begin = len(leaves) + len(constants)

    def operand() -> int:
        made = len(steps)
        if made and rng.random() < 0.5:
            return begin + made - 1 - rng.randrange(min(3, made))
        return rng.randrange(len(leaves)) if rng.random() < 0.7 else rng.randrange(begin + made)

    for _ in range(rng.randint(2, 8)):
        if rng.random() < 0.35:
            place = rng.randrange(len(leaves))
            equal = len(leaves) + 2 + place
            if rng.random() < 0.5:
                names = AT_ZERO if in_python else AT_ZERO[:4]
                steps.append(("sub", (place, equal)))
                steps.append((rng.choice(names), (begin + len(steps) - 1,)))
            else:
                name = rng.choice(AT_TIES)
                more = (operand(),) * (STEPS[name][0] - 2)
                steps.append((name, (place, equal, *more)))
        else:
            name = rng.choice(OFTEN if rng.random() < 0.4 else SMOOTH)
            steps.append((name, tuple(operand() for _ in range(STEPS[name][0]))))
    fault = faults(rng, in_python) if wrong else None
    at = rng.randrange(len(steps)) if wrong else -1
    last = rng.randint(1, min(5, len(steps)))
    return Function(tuple(leaves), tuple(constants), tuple(steps), last, fault, at)


# ---- what is right ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Truth:
    """For each leaf the slopes on the left and on the right, and what is claimed with the fault."""

    sides: tuple[tuple[float, float], ...]
    claims: tuple[float, ...]
    conventions: tuple[float, ...]  # what is claimed without the fault

    @property
    def errors(self) -> list[int]:
        """The leaves whose claim is wrong: outside of the slopes on both sides."""
        return [place for place in range(len(self.sides)) if self._is_wrong(place)]

    @property
    def beside_kinks(self) -> bool:
        """Whether one of these is at a true kink."""
        return any(self.sides[place][0] != self.sides[place][1] for place in self.errors)

    def _is_wrong(self, place: int) -> bool:
        left, right = self.sides[place]
        claim, convention = self.claims[place], self.conventions[place]
        if math.isnan(left) or math.isnan(right) or not math.isfinite(convention):
            return False
        numbers = [*self.claims, *(side for sides in self.sides for side in sides)]
        largest = max(abs(number) for number in numbers if math.isfinite(number))
        size = max(abs(left), abs(right))
        if max(size, abs(claim)) < max(PERCENT * largest, NEAR):
            return False
        off = max(min(left, right) - claim, claim - max(left, right))
        changed = abs(claim - convention)
        if not changed > 0.0 or changed < THOUSANDTH * max(abs(convention), abs(claim)):
            return False
        return off > 0.0 and off >= THOUSANDTH * max(size, abs(claim))


def truth(function: Function) -> Truth:
    """Find what is right, and what the package says with the fault and without it."""
    count = len(function.leaves)
    sides = tuple((function.along(i, -1.0), function.along(i, 1.0)) for i in range(count))
    return Truth(sides, _claims(function), _claims(function.right()))


def _claims(function: Function) -> tuple[float, ...]:
    leaves = [tg.Value(x) for x in function.leaves]
    result = function(*leaves)
    if isinstance(result, tg.Value):
        result.backward()
    return tuple(leaf.grad for leaf in leaves)


# ---- the sweep -----------------------------------------------------------------------------------


@dataclass
class Tally:
    """What was found."""

    counts: Counter[str] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)

    def add(self, function: Function, in_python: bool, seed: int) -> None:
        """Check one function, unless it is unclear what is right."""
        try:
            found = truth(function)
        except (NotTriedError, ArithmeticError, ValueError):
            return
        if function.wrong is not None and not found.errors:
            return  # nothing comes of the fault
        report = checked(function, in_python, seed)
        self.counts["functions"] += 1
        entries = report.entries
        self.counts["entries"] += len(entries)
        self.counts["inconclusive"] += sum(entry.status == "inconclusive" for entry in entries)
        if function.wrong is None:
            self.counts["right"] += 1
            self._note("blamed", not report, function, report)
        else:
            self.counts["injected"] += 1
            self.counts["beside kinks"] += found.beside_kinks
            self._note("missed", bool(report), function, report)
            self.counts["missed beside kinks"] += bool(report) and found.beside_kinks

    def _note(self, what: str, happened: bool, function: Function, report: Report) -> None:
        self.counts[what] += happened
        if happened:
            self.bad.append(f"{what}: {function}\n{report}")

    def __str__(self) -> str:
        c = self.counts
        share = c["inconclusive"] / max(1, c["entries"])
        return (
            f"{c['functions']} functions: caught {c['injected'] - c['missed']} of {c['injected']} "
            f"errors, {c['beside kinks'] - c['missed beside kinks']} of {c['beside kinks']} beside "
            f"kinks; blamed {c['blamed']} of {c['right']} right ones; {share:.2%} of "
            f"{c['entries']} derivatives inconclusive"
        )


def checked(function: Function, in_python: bool, seed: int) -> Report:
    """Check a function, or the graph that it records."""
    if in_python:
        return check_grad(function, *function.leaves, seed=seed)
    leaves = [tg.Value(x) for x in function.leaves]
    return check_grad(function(*leaves) + 0.0 * leaves[0], wrt=leaves, seed=seed)


def functions(seed: int) -> Iterator[tuple[Function, bool]]:
    """Draw functions without end: half of them wrong, most of them to be run by Python."""
    rng = random.Random(seed)
    while True:
        wrong, in_python = rng.random() < 0.8, rng.random() < 0.8
        yield drawn(rng, wrong, in_python), in_python


def main(count: int, seed: int = 1) -> Tally:
    """Check so many functions that are right, or whose derivative is known to be wrong."""
    tally = Tally()
    for number, (function, in_python) in enumerate(functions(seed)):
        tally.add(function, in_python, number)
        if tally.counts["functions"] >= count:
            break
    return tally


if __name__ == "__main__":
    options = asked(__doc__, 1000, "functions", seed=1)
    done = main(options.count, options.seed)
    print(*done.bad[:20], done, sep="\n\n")
    sys.exit(bool(done.bad))
