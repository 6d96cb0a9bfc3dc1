"""Sums as they are written: parentheses and names stand, in every way of compiling.

Truth is plain Python: IEEE arithmetic, bit for bit, wherever the rule leaves no freedom.
"""

from __future__ import annotations

import itertools
import math
import operator
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
import pytest

from tinygrad_nn import Value, compile, exp, grad, gradients, mean, value_and_grad
from tinygrad_nn.compiler.function import Compiled
from tinygrad_nn.compiler.roll import written
from tinygrad_nn.tree import flatten

Function = Callable[..., Any]
RNG = random.Random(12)
NEAR = [1e8 + RNG.random() for _ in range(60)]
OTHERS = [1e8 + RNG.random() for _ in range(60)]
BIG = 2.0**52
TINY = 2.0**-20
LESSER = [2.0**54, 1.0, 0.5, 0.25, 0.125]  # whose sum is the first of them in any order


def flat(nesting: Any) -> list[float]:
    return [float(getattr(number, "data", number)) for number in flatten(nesting)[0]]


def assert_as_written(function: Function, *arguments: Any) -> None:
    assert flat(compile(function)(*arguments)) == flat(function(*arguments))


# ---- algorithms that live from their parentheses ------------------------------------------------


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def fast_two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    total = a + b
    return total, b - (total - a)


def halves(a: Any) -> tuple[Any, Any]:
    scaled = 134217729.0 * a
    high = scaled - (scaled - a)
    return high, a - high


def two_product(a: Any, b: Any) -> tuple[Any, Any]:
    product, (ah, al), (bh, bl) = a * b, halves(a), halves(b)
    return product, al * bl - (((product - ah * bh) - al * bh) - ah * bl)


def two_product_forwards(a: Any, b: Any) -> tuple[Any, Any]:
    product, (ah, al), (bh, bl) = a * b, halves(a), halves(b)
    return product, ((ah * bh - product) + ah * bl + al * bh) + al * bl


def kahan(numbers: Sequence[Any], start: Any = 0.0) -> Any:
    total, lost = start, 0.0
    for number in numbers:
        more = number - lost
        longer = total + more
        lost = (longer - total) - more
        total = longer
    return total


def neumaier(numbers: Sequence[Any]) -> Any:
    total, lost = numbers[0], 0.0
    for number in numbers[1:]:
        longer = total + number
        lost = lost + ((total - longer) + number)
        total = longer
    return total + lost


def taken_off(numbers: Sequence[Any], start: Any = 0.0) -> tuple[Any, Any]:
    """Give a sum, and what it has lost: from it all numbers are taken off one by one."""
    total = sum(numbers, start)
    return total, reduce(operator.sub, numbers, total)


def steps(x: Any, count: int) -> list[Any]:
    """Give the states of a recurrence, which become one array."""
    return list(itertools.accumulate(range(count), lambda state, _: abs(state * TINY), initial=x))


def compensated_product(v: Sequence[Any], w: Sequence[Any]) -> Any:
    total, lost = two_product(v[0], w[0])
    for a, b in zip(v[1:], w[1:], strict=True):
        product, error = two_product(a, b)
        total, more = two_sum(total, product)
        lost = lost + (more + error)
    return total + lost


def each(function: Function) -> Function:
    return lambda v, w: [function(a, b) for a, b in zip(v, w, strict=True)]


TRICKS: dict[str, tuple[Function, tuple[Any, ...]]] = {
    "two differences": (
        lambda x, y: (x[0] - y[0]) + (x[1] - y[1]),
        ([1e16, 3e16], [1e16 - 2, 3e16 - 4]),
    ),
    "three that overflow": (
        lambda x, y: (x[0] - y[0]) + (x[1] - y[1]) + (x[2] - y[2]),
        ([1e308] * 3, [9e307] * 3),
    ),
    "rounding by a number": (lambda x: [(v + BIG) - BIG for v in x], ([1.2, 1.7, 2.5, 1e5 + 0.3],)),
    "rounding by an argument": (lambda x, c: (x + c) - c, (1.7, BIG)),
    "rounding, negated": (lambda x: -((x + BIG) - BIG), (1.7,)),
    "rounding, in a multiple": (lambda x: exp(0.3 * ((x + BIG) - BIG)), (1.7,)),
    "rounding in a long chain": (
        lambda x: x[0] + BIG - BIG + x[1] - x[2] + x[3],
        ([1.7, 0.3, 0.25, 1e-3],),
    ),
    "two_sum": (two_sum, (1e16, 1.2345)),
    "two_sum of a vector": (lambda v: two_sum(v[0], v[1]), ([1e16, 1.2345],)),
    "two_sum of vectors": (each(two_sum), ([1e16, 3.0, 1e-9], [1.2345, 1e17, 1.0])),
    "fast_two_sum": (fast_two_sum, (1e16, 1.2345)),
    "fast_two_sum, error only": (lambda v: fast_two_sum(v[0], v[1])[1], ([1e16, 1.2345],)),
    "two_product": (two_product, (math.pi, math.e)),
    "two_product, error only": (lambda v: two_product(v[0], v[1])[1], ([math.pi, math.e],)),
    "two_product of vectors": (each(two_product), (NEAR, OTHERS)),
    "two_product forwards": (each(two_product_forwards), (NEAR, OTHERS)),
    "two_product of neighbours": (
        lambda v: [two_product(a, b)[1] for a, b in itertools.pairwise(v)],
        (NEAR,),
    ),
    "two_product of squares": (lambda v: [two_product(a, a)[1] for a in v], (NEAR,)),
    "Kahan": (kahan, ([1.0] + [1e-16] * 20,)),
    "Kahan, near": (kahan, (NEAR,)),
    "Neumaier": (neumaier, ([1.0, 1e100, 1.0, -1e100],)),
    "compensated product": (
        compensated_product,
        (NEAR[:20], [(-1) ** i * b for i, b in enumerate(OTHERS[:20])]),
    ),
    "taken off": (taken_off, (LESSER,)),
    "taken off, of a chain": (lambda v: taken_off(v)[1], (LESSER[:4],)),
    "taken off steps": (lambda x: taken_off(steps(x, 20)[10:16]), (2.0**254,)),
    "a step": (lambda x, h: (x + h) - x, (1.0, 1e-9)),
    "a step along a vector": (lambda x: [(v + 1e-9) - v for v in x], ([1.0, 2.0],)),
    "multiples that cancel": (lambda x: [3 * v - 2.9999999 * v for v in x], ([1.7, 0.3, 9.1],)),
    "tenths that cancel": (lambda x: 0.3 * x - 0.2 * x - 0.1 * x, (1.7,)),
    "a tenth of a difference": (
        lambda x: [0.1 * (a - b) for a, b in itertools.pairwise(x)],
        (NEAR,),
    ),
    "one number twice": (lambda v: v[0] + v[1] - v[0], ([1e16, 1.7],)),
    "thirds": (lambda x: [v / 3 for v in x], ([3.0, 10.0, 0.1, 5.0],)),
    "thirds that cancel": (
        lambda x: [v / 3 - w / 3 for v, w in itertools.pairwise(x)],
        (NEAR,),
    ),
    "a quarter": (lambda x: [v / 4 - w / 4 for v, w in itertools.pairwise(x)], (NEAR,)),
    "a residual": (lambda x, w, t: [x[0] * w[0] + x[1] * w[1] - t], ([1.0, 2.0], [4.0, 5.0], 14.0)),
    "second differences": (
        lambda v: [(v[i] - v[i + 1]) - (v[i + 1] - v[i + 2]) for i in range(50)],
        (NEAR,),
    ),
}


@pytest.mark.parametrize("name", TRICKS)
def test_tricks_come_out_as_in_python(name: str) -> None:
    function, arguments = TRICKS[name]
    assert_as_written(function, *arguments)


@pytest.mark.parametrize("name", ["two_sum", "two_product", "a step", "rounding by an argument"])
def test_tricks_of_each_sample(name: str) -> None:
    function, numbers = TRICKS[name]
    samples = [[number * (1 + 0.1 * i) for number in numbers] for i in range(5)]
    columns = [np.array(column) for column in zip(*samples, strict=True)]
    found = compile(lambda p, q: function(p, q), batch=("p", "q"))(*columns)
    table = np.reshape(
        np.array(found, dtype=float), (-1, 5) if isinstance(found, tuple) else (5, -1)
    )
    rows = table.T if isinstance(found, tuple) else table
    assert rows.tolist() == [flat(function(*sample)) for sample in samples]


def test_an_error_is_that_of_exact_arithmetic() -> None:
    product, error = compile(two_product)(0.1, 0.7)
    assert Fraction(product) + Fraction(error) == Fraction(0.1) * Fraction(0.7)
    total, rest = compile(two_sum)(1e16, 0.1)
    assert Fraction(total) + Fraction(rest) == Fraction(1e16) + Fraction(0.1)


# ---- algorithms that start from what is computed -------------------------------------------------

STARTS: dict[str, Function] = {
    "an input": lambda x: x[0],
    "zero": lambda x: 0.0,
    "a sum": lambda x: x[3] + x[0],
    "a difference": lambda x: x[0] - x[4],
    "a longer sum": lambda x: x[0] + x[1] - x[2],
    "a product": lambda x: x[3] * x[1],
    "a sum of products": lambda x: x[0] * x[1] + x[3] * x[2],
    "a result of a function": lambda x: abs(x[3]),
}
SCHEMES: dict[str, Function] = {
    "Kahan": lambda start, x: kahan(x, start),
    "Neumaier": lambda start, x: neumaier([start, *x]),
    "two_sum": lambda start, x: [two_sum(start, v) for v in x],
    "fast_two_sum": lambda start, x: [fast_two_sum(v, start) for v in x],
    "compensated product": lambda start, x: compensated_product([start, *x], [1.0, *x[::-1]]),
    "compensated product of two sums": lambda start, x: two_product(start, start + x[1]),
    "one chain": lambda start, x: [start + v - start - v for v in x],
    "one chain of a sum": lambda start, x: [undone(start, v, w) for v, w in itertools.pairwise(x)],
}
TERMS = [1.0, 3.0, 1.0, 2.0**53, -(2.0**53)]


def undone(start: Any, v: Any, w: Any) -> Any:
    """Take off what a sum of a sum is made of."""
    part = start + v
    total = part + w
    return total - start - v - w, part


def named_and_not(scheme: Function, start: Function) -> Function:
    """Compute with a start that is a name of its own, and with one that is not."""

    def f(x: Any) -> Any:
        begin = start(x)
        return scheme(begin, x), scheme(start(x), [x[0], x[2], x[4]]), begin

    return f


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("start", STARTS)
def test_algorithms_start_from_anything(scheme: str, start: str) -> None:
    f = named_and_not(SCHEMES[scheme], STARTS[start])
    compiled = compile(f)
    for turn in range(5):
        x = TERMS[turn:] + TERMS[:turn]
        assert flat(compiled(x)) == flat(f(x)), x


@pytest.mark.parametrize("scheme", ["Kahan", "Neumaier"])
def test_compensated_sums_of_a_vector_in_any_order(scheme: str) -> None:
    """The places of an array lead to other families, and to other orders within them."""
    orders = list(itertools.permutations(range(5)))[::4]

    def f(x: Any) -> Any:
        return [
            SCHEMES[scheme](x[order[0]] + x[order[1]], [x[place] for place in order])
            for order in orders
        ]

    assert_as_written(f, TERMS)
    for order in orders[::6]:
        assert_as_written(lambda x, order=order: f([x[place] for place in order])[0], TERMS)


@pytest.mark.parametrize("scheme", ["Kahan", "Neumaier", "one chain", "one chain of a sum"])
@pytest.mark.parametrize("how", ["sum", "mean"])
def test_algorithms_over_a_batch(scheme: str, how: str) -> None:
    """What is left is exact; in which order samples are added up is open."""

    def left(x: Any) -> Any:
        numbers = SCHEMES[scheme](x[3] + x[0], x)
        return numbers if scheme in ("Kahan", "Neumaier") else flatten(numbers)[0][0]

    rows = [[*[1.0 + i + k for k in range(3)], *TERMS[3:]] for i in range(4)]
    share = 4 if how == "mean" else 1
    found = compile(left, batch="x", reduce=how)(np.array(rows))
    expected = sum(left(row) for row in rows) / share
    assert found == pytest.approx(expected, rel=2.0**-52, abs=0.0)


# ---- sums of differences --------------------------------------------------------------------------

WHOLE = [float(2**53 - RNG.randrange(1000)) for _ in range(60)]
LESS = [number - RNG.randrange(1, 9) for number in WHOLE]  # so that differences are exact
SUMS: dict[str, Function] = {
    "sum": lambda x, y: sum(a - b for a, b in zip(x, y, strict=True)),
    "start": lambda x, y: sum((a - b for a, b in zip(x, y, strict=True)), 2.0),
    "reduce": lambda x, y: reduce(operator.add, [a - b for a, b in zip(x, y, strict=True)]),
    "taken off": lambda x, y: reduce(operator.sub, [a - b for a, b in zip(x, y, strict=True)]),
    "added, negated": lambda x, y: sum(a + (-b) for a, b in zip(x, y, strict=True)),
    "turned": lambda x, y: sum(-(b - a) for a, b in zip(x, y, strict=True)),
    "times three": lambda x, y: sum(3 * (a - b) for a, b in zip(x, y, strict=True)),
    "of squares": lambda x, y: sum((a - b) ** 2 for a, b in zip(x, y, strict=True)),
    "centred": lambda x, y: sum(v - y[0] for v in x),
    "residuals": lambda x, y: sum(v - (u * 1.0 + 0.0) for u, v in zip(y, x, strict=True)),
}


@pytest.mark.parametrize("name", SUMS)
def test_sums_of_differences_are_exact(name: str) -> None:
    assert_as_written(SUMS[name], WHOLE, LESS)
    assert_as_written(value_and_grad(SUMS[name], (0, 1)), WHOLE, LESS)


LOSSES: dict[str, Function] = {
    "difference": lambda w, x: x - w,
    "twice": lambda w, x: 2 * (x - w),
    "square": lambda w, x: (x - w) ** 2,
    "a parameter apart": lambda w, x: (x - w) + w * w,
}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("how", ["sum", "mean"])
def test_sums_over_a_batch(name: str, how: str) -> None:
    """Whole numbers, so that sums of what stands in parentheses are exact in any order."""
    loss, count = LOSSES[name], 64
    w = 2.0 if name == "a parameter apart" else 2.0**52
    x = [w + RNG.randrange(1, 9) for _ in range(count)]
    value, slope = compile(value_and_grad(loss), batch="x", reduce=how)(w, np.array(x))
    rows = [value_and_grad(loss)(w, one) for one in x]
    share = count if how == "mean" else 1
    assert value == sum(v for v, _ in rows) / share
    assert slope == sum(s for _, s in rows) / share


# ---- what is free --------------------------------------------------------------------------------


def statements(function: Function, *arguments: Any) -> int:
    compiled: Compiled = compile(function)
    compiled(*arguments)
    return len(compiled.program.statements)


def test_sums_of_products_flow() -> None:
    def f(a: Any, b: Any, c: Any, d: Any, e: Any) -> Any:
        left = sum(u * v for u, v in zip(a, b, strict=True))
        return e + (left + sum(u * v for u, v in zip(c, d, strict=True)))

    v = [1.0, 2.0, 3.0]
    assert (
        statements(lambda a, b, e: e + sum(u * v for u, v in zip(a, b, strict=True)), v, v, 1.0)
        == 1
    )
    assert statements(f, v, v, v, v, 1.0) <= 2


def test_what_differentiation_adds_up_is_one_chain() -> None:
    """The shares of one number come from all over the function."""

    def f(x: Any) -> Any:
        return sum(x[i] * x[i + 1] + (x[i] * x[i] - x[0]) for i in range(len(x) - 1))

    found = compile(grad(f))
    found([float(i) for i in range(9)])
    (x,) = [[Value(float(i)) for i in range(9)]]
    marked = [node for node in gradients(f(x), x) if node.op == "add"]
    assert marked
    assert len(found.program.statements) < 12


def test_a_sum_that_the_user_wrote_as_well_keeps_its_parentheses() -> None:
    """The slope by x is a + b, added up by differentiation, and the result has it too."""

    def f(x: Any, a: Any, b: Any) -> Any:
        def inner(x: Any) -> Any:
            return x * a + x * b

        return (grad(inner)(x) - a) + ((a + b) - a)

    assert_as_written(f, 1.0, 1e16, 3.0)


def test_second_derivatives_in_symbols() -> None:
    def f(x: Any) -> Any:
        return ((x + BIG) - BIG) * x * x + ((x * x + 1.0) - x * x) * x

    for order in (f, grad(f), grad(grad(f))):
        assert flat(compile(order)(3.7)) == pytest.approx(flat(order(3.7)), rel=1e-14)


def test_a_graph_keeps_its_parentheses() -> None:
    x, y = Value(1e16), Value(1.2345)
    total, error = two_sum(x, y)
    run = compile([total, error], [x, y])
    for a, b in ((1e16, 1.2345), (3.0, 1e17), (1.0, 1e-9)):
        assert flat(run([a, b])) == flat(two_sum(a, b))


# ---- the listing ---------------------------------------------------------------------------------


def test_a_listing_shows_the_order_of_computation() -> None:
    def stencil(u: Any) -> Any:
        return [u[i - 1] - 2 * u[i] + u[i + 1] for i in range(1, len(u) - 1)]

    compiled = compile(stencil)
    compiled([float(i) for i in range(7)])
    assert "u[0:5] - 2 * u[1:6] + u[2:7]" in str(compiled)


# ---- random formulas -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Sum:
    """A formula of + and - on numbers of two arrays, each used once or more."""

    left: Formula
    right: Formula
    minus: bool

    def __call__(self, x: Any, y: Any) -> Any:
        a, b = self.left(x, y), self.right(x, y)
        return a - b if self.minus else a + b

    @property
    def terms(self) -> list[tuple[Formula, bool]]:
        """The chain as it is written."""
        before = self.left.terms if isinstance(self.left, Sum) else [(self.left, False)]
        return [*before, (self.right, self.minus)]


@dataclass(frozen=True)
class Number:
    """An element of one of two arrays."""

    array: int
    place: int

    def __call__(self, x: Any, y: Any) -> Any:
        return (x, y)[self.array][self.place]


@dataclass(frozen=True)
class Constant:
    """A plain number."""

    number: float

    def __call__(self, x: Any, y: Any) -> Any:
        return self.number


Formula = Sum | Number | Constant


def kind(one: Formula) -> str:
    return "xy"[one.array] if isinstance(one, Number) else type(one).__name__


def is_free(one: Formula, kind: Callable[[Formula], str] = kind) -> bool:
    """Whether some numbers of one kind follow each other with one sign, but not at first."""
    if not isinstance(one, Sum):
        return False
    terms = one.terms
    for place, ((a, minus), (b, again)) in enumerate(itertools.pairwise(terms)):
        if place and minus == again and a != b and kind(a) == kind(b):
            return True
    return len(terms) > written.FEW or any(is_free(term, kind) for term, _ in terms)


def formula(rng: random.Random, size: int) -> Formula:
    if size == 1:
        if rng.random() < 0.15:
            return Constant(rng.choice([2.0**52, 1.0, 1e16, 0.3, -7.0]))
        return Number(rng.randrange(2), rng.randrange(4))
    left = rng.randrange(1, size)
    return Sum(formula(rng, left), formula(rng, size - left), rng.random() < 0.5)


def numbers(rng: random.Random) -> list[float]:
    return [rng.choice([-1, 1]) * rng.random() * 10.0 ** rng.randrange(-3, 17) for _ in range(4)]


def test_random_formulas_are_bit_for_bit_but_for_what_is_free() -> None:
    rng = random.Random(2026)
    free = different = 0
    for _ in range(100):
        some = [formula(rng, rng.randrange(2, 10)) for _ in range(6)]
        x, y = numbers(rng), numbers(rng)
        found = compile(lambda x, y, some=some: [one(x, y) for one in some])(x, y)
        for one, number in zip(some, found, strict=True):
            if is_free(one):
                free += 1
                different += number != one(x, y)
            else:
                assert number == one(x, y), one
    assert free < 200
    assert different <= 60


def test_random_formulas_of_names() -> None:
    """Names that are used in several formulas are numbers of any kind."""
    rng = random.Random(7)
    tried = 0
    for _ in range(60):
        parts = [formula(rng, rng.randrange(1, 4)) for _ in range(3)]
        tops = [formula(rng, rng.randrange(2, 5)) for _ in range(4)]

        def f(x: Any, y: Any, parts: Any = parts, tops: Any = tops) -> Any:
            named = [part(x, y) for part in parts]
            return [top([*named, x[0]], y) for top in tops] + named

        if not any(is_free(one, lambda term: "any") for one in [*parts, *tops]):
            x, y = numbers(rng), numbers(rng)
            assert flat(compile(f)(x, y)) == flat(f(x, y)), (parts, tops)
            tried += 1
    assert tried > 10


Chain = list[tuple[int, bool]]  # the number of each term, and whether it is taken off


def test_random_chains_of_chains_are_bit_for_bit_where_they_undo_what_they_added_up() -> None:
    """All numbers of inputs and of chains that have a name; all chains are results."""
    rng, tried = random.Random(3), 0
    for _ in range(2000):
        count = rng.randrange(2, 5)
        chains: list[Chain] = []
        for made in range(rng.randrange(2, 6)):
            chain = [
                (rng.randrange(count + made), rng.random() < 0.5)
                for _ in range(rng.randrange(2, 6))
            ]
            chains.append([(chain[0][0], False), *chain[1:]])

        def content(
            chain: Chain, chains: Any = chains, count: int = count
        ) -> set[tuple[int, bool]]:
            inner = [(n, m, content(chains[n - count]) if n >= count else ()) for n, m in chain]
            return {*chain, *[(n, m != minus) for _, minus, terms in inner for n, m in terms]}

        def is_one_run(chain: Chain) -> bool:
            """Whether two that follow each other with one sign are free."""
            for place, ((a, minus), (b, again)) in enumerate(itertools.pairwise(chain)):
                before = content(chain[: place + 1])
                undoes = (a, not minus) in before or (b, not again) in before
                if minus == again and (not undoes if place else len(chain) > 2):
                    return True
            return False

        def f(x: Any, chains: Any = chains) -> Any:
            numbers = list(x)
            for (first, _), *rest in chains:
                total = numbers[first]
                for number, minus in rest:
                    total = total - numbers[number] if minus else total + numbers[number]
                numbers.append(total)
            return numbers

        if not any(map(is_one_run, chains)):
            assert_as_written(f, (numbers(rng) + numbers(rng))[:count])
            tried += 1
    assert tried > 150


def test_long_chains_stay_within_the_bound_of_python() -> None:
    """In any order: 2 (n - 1) u times the sum of the partial sums that Python computes."""
    rng = random.Random(5)
    for _ in range(20):
        count = rng.randrange(10, 80)
        x = [rng.choice([-1, 1]) * rng.random() * 10.0 ** rng.randrange(8) for _ in range(count)]
        signs = [rng.random() < 0.5 for _ in x]

        def chain(x: Any, signs: Any = signs) -> Any:
            total = x[0]
            for number, minus in zip(x[1:], signs[1:], strict=True):
                total = total - number if minus else total + number
            return total

        exact = [Fraction(v) if i == 0 or not signs[i] else -Fraction(v) for i, v in enumerate(x)]
        partial = [sum(exact[: i + 1], Fraction(0)) for i in range(count)]
        bound = 2 * (count - 1) * 2.0**-53 * float(sum(map(abs, partial)))
        assert abs(float(Fraction(float(compile(chain)(x))) - partial[-1])) <= bound


def test_a_mean_is_a_quotient() -> None:
    assert compile(lambda x: mean(x))([0.1, 0.2, 0.7]) == (0.1 + 0.2 + 0.7) / 3
