from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")

from tinygrad_nn import (
    Value,
    abs,
    compile,
    derivative,
    exp,
    grad,
    hessian,
    jacobian,
    jvp,
    linalg,
    log,
    sin,
    sqrt,
)
from tinygrad_nn.errors import (
    ArgumentError,
    ArgumentTypeError,
    ConvergenceError,
    DomainError,
    ShapeError,
    TraceError,
)
from tinygrad_nn.solvers import argmin

Function = Callable[..., Any]


def rate(n: Any) -> Any:
    """The maximum of a likelihood of Poisson's: n / 4."""
    return argmin(lambda x, n: 4.0 * x - n * log(x), 1.0, (n,))


def test_all_transforms_give_the_same_derivatives() -> None:
    cubed = lambda n: rate(n**3)  # noqa: E731
    assert cubed(2.0) == pytest.approx(2.0, rel=1e-14)
    first = [grad(cubed)(2.0), jacobian(cubed)(2.0), derivative(cubed)(2.0)]
    first.append(jvp(cubed, (2.0,), (1.0,))[1])
    assert first == pytest.approx([3.0] * 4, rel=1e-13)
    for second in (grad(grad(cubed)), hessian(cubed), derivative(cubed, 2)):
        assert second(2.0) == pytest.approx(3.0, rel=1e-12)
    n = Value(8.0)
    x = rate(n)
    x.backward()
    assert (x.data, n.grad) == (rate(8.0), pytest.approx(0.25, rel=1e-13))
    found = Value(8.0)
    argmin(lambda x: 4.0 * x - found * log(x), 1.0).backward()
    assert found.grad == n.grad


def ridge(p: Any) -> Any:
    """Least squares with a penalty, nested in a dict; the closed form is below."""
    A = [[1.0, 2.0], [0.5, -1.0], [2.0, 0.3]]

    def cost(x: Any, y: Any, penalty: Any) -> Any:
        u, v = x["u"], x["v"]
        rest = [a * u + b * v - one for (a, b), one in zip(A, y, strict=True)]
        return sum(r * r for r in rest) + exp(penalty) * (u * u + v * v)

    found = argmin(cost, {"u": 0.0, "v": 0.0}, (p[:3], p[3]))
    return sin(found["u"]) * found["v"]


def ridge_in_closed_form(p: Any) -> Any:
    A = np.array([[1.0, 2.0], [0.5, -1.0], [2.0, 0.3]])
    squares = (A.T @ A).tolist()
    normal = [[squares[i][j] + (exp(p[3]) if i == j else 0.0) for j in range(2)] for i in range(2)]
    u, v = linalg.solve(normal, [sum(A[k, i] * p[k] for k in range(3)) for i in range(2)])
    return sin(u) * v


def test_several_unknowns_have_the_derivatives_of_the_closed_form() -> None:
    p = [1.0, -0.5, 2.0, 0.2]
    assert ridge(p) == pytest.approx(ridge_in_closed_form(p), rel=1e-13)
    assert grad(ridge)(p) == pytest.approx(grad(ridge_in_closed_form)(p), rel=1e-12)
    assert np.allclose(hessian(ridge)(p), hessian(ridge_in_closed_form)(p), rtol=1e-11)


def test_a_minimum_under_constraints_has_the_derivatives_of_the_closed_form() -> None:
    """Of a quadratic form on a plane, and the nearest point of a sphere."""

    def nearest(p: Any) -> Any:
        distance = lambda x, p: sum((a - b) ** 2 for a, b in zip(x, p, strict=True))  # noqa: E731
        found = argmin(
            distance,
            [1.0, 1.0, 1.0],
            (p[:3],),
            constraints=lambda x, _: [sum(a * a for a in x) - p[3] ** 2],  # p[3] is found by itself
        )
        return found[0] * found[1] + found[2]

    def known(p: Any) -> Any:
        length = sqrt(sum(a * a for a in p[:3]))
        x = [a * p[3] / length for a in p[:3]]
        return x[0] * x[1] + x[2]

    p = [1.0, 2.0, -0.5, 1.5]
    assert nearest(p) == pytest.approx(known(p), rel=1e-13)
    assert grad(nearest)(p) == pytest.approx(grad(known)(p), rel=1e-12)
    assert np.allclose(hessian(nearest)(p), hessian(known)(p), rtol=1e-11)


def test_constraints_alone_may_decide() -> None:
    def f(a: Any) -> Any:
        return argmin(
            lambda x, a: x[0] + x[1], [1.0, 1.0], (a,),
            constraints=lambda x, a: {"sum": x[0] + x[1] - a, "rest": x[0] - 2.0 * x[1]},
        )  # fmt: skip

    assert jacobian(f)(3.0) == pytest.approx([2.0 / 3.0, 1.0 / 3.0], rel=1e-14)


REFUSED: dict[str, Function] = {
    "a saddle": lambda: argmin(lambda x: x[0] ** 2 - x[1] ** 2, [0.0, 0.0]),
    "a maximum": lambda: argmin(lambda x: -x * x, 0.0),
    "a flat minimum": lambda: argmin(lambda x: x**4, 1.0),
    "a valley": lambda: argmin(lambda x: (x[0] - x[1]) ** 2, [1.0, 2.0]),
    "no minimum": lambda: argmin(lambda x: -x, 1.0),
    "a minimum at infinity": lambda: argmin(lambda x: exp(-x), 1.0),
    "a kink": lambda: argmin(lambda x: abs(x - 0.3), 1.0),
    "a constraint twice": lambda: argmin(
        lambda x: x[0] ** 2 + x[1] ** 2, [1.0, 1.0], constraints=lambda x: [x[0] - 1.0, x[0] - 1.0]
    ),
    "constraints that exclude": lambda: argmin(
        lambda x: x[0] ** 2 + x[1] ** 2, [1.0, 1.0], constraints=lambda x: [x[0] - 1.0, x[0] - 2.0]
    ),
    "a saddle along the constraint": lambda: argmin(
        lambda x: x[0] ** 2 - x[1] ** 2 + x[2] ** 2, [0.0, 0.0, 0.0], constraints=lambda x: x[0]
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_strict_minimum_is_refused(case: str) -> None:
    with pytest.raises((ConvergenceError, DomainError), match="Begin closer"):
        REFUSED[case]()


def test_steps_out_of_the_domain_are_taken_back() -> None:
    assert argmin(lambda x: x - 1e-3 * log(x), 1.0) == pytest.approx(1e-3, rel=1e-13)


def test_bad_arguments_are_named() -> None:
    cases: list[tuple[type[Exception], str, Function]] = [
        (ArgumentTypeError, "constraints is 3", lambda: argmin(exp, 1.0, constraints=3)),  # type: ignore[arg-type]
        (ShapeError, "2 numbers for 1", lambda: argmin(exp, 1.0, constraints=lambda x: [x, x])),
        (ArgumentTypeError, "2 numbers: expected one", lambda: argmin(lambda x: [x, x], 1.0)),
        (ArgumentError, "order 3", lambda: grad(grad(grad(rate)))(2.0)),
        (TraceError, "argmin", lambda: compile(rate)(2.0)),
    ]
    for kind, text, call in cases:
        with pytest.raises(kind, match=text):
            call()
