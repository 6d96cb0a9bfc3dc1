"""Special functions against mpmath, in every way of calling; orders; what is missing or refused."""

from __future__ import annotations

import math
import pickle
import sys
from typing import Any

import pytest
from special_truth import TRUTH, Truth, worst

import tinygrad_nn as tg
from tinygrad_nn import (
    Value,
    check_grad,
    compile,
    derivative,
    errors,
    gradients,
    special,
    to_c,
)
from tinygrad_nn.special import rows

np = pytest.importorskip("numpy")
pytest.importorskip("scipy")

ROWS = [pytest.param(row, id=name) for name, row in special.TABLE.items()]


def inside(row: Any, share: float = 0.3) -> list[float]:
    return [low + share * (high - low) for low, high in row.sample]


# ---- values and derivatives ----------------------------------------------------------------------


@pytest.mark.parametrize("name", TRUTH)
def test_values_and_slopes_are_those_of_mpmath(name: str) -> None:
    """At few points; ``make sweep`` takes thousands, up to the third derivative."""
    truth: Truth = TRUTH[name]
    row: Any = special.find_row(name)
    for point in truth.points(2, "few"):
        leaves = [Value(x) for x in point]
        value = row(*leaves)
        zero = (0,) * truth.arity
        firsts = [
            tuple(int(n == place) for n in range(truth.arity)) for place in range(truth.arity)
        ]
        exact = truth.derivatives(point, [zero, *firsts])
        assert worst(value.data, point, exact, zero) <= truth.limit
        for orders, slope in zip(firsts, gradients(value, leaves), strict=True):
            assert worst(slope.data, point, exact, orders) <= truth.limit, point


def test_every_function_has_a_truth() -> None:
    assert {*special.TABLE} - {*TRUTH} == {"copysign", "fmod", "remainder", "same_sign"}
    assert all(map(special.find_row, TRUTH))


@pytest.mark.parametrize("row", ROWS)
def test_all_ways_of_calling_agree(row: Any) -> None:
    points = [inside(row, share) for share in (0.2, 0.6)]
    points += [point for point in map(list, row.special) if math.isfinite(row.quiet(*point))]

    def both(point: Any) -> Any:
        value = row(*point)
        return [value, *gradients(value, list(point))]

    eager = [[number.data for number in both([Value(x) for x in point])] for point in points]
    for found in (
        compile(lambda xs: [both(x) for x in xs])(points),
        compile(both, batch="point")(points),
    ):
        assert np.allclose(found, eager, rtol=1e-12, atol=1e-300, equal_nan=True)
    assert np.allclose(compile(both)(points[0]), eager[0], rtol=1e-12, atol=1e-300)
    assert [row(*point) for point in points] == [numbers[0] for numbers in eager]


@pytest.mark.parametrize("row", ROWS)
def test_derivatives_are_those_of_differences(row: Any) -> None:
    assert check_grad(row, *inside(row), order=2)
    if row.arity == 1:
        by_series = derivative(row, 3)(*inside(row))
        nested = derivative(derivative(derivative(row)))(*inside(row))
        assert by_series == pytest.approx(nested, rel=1e-9)


def test_numpy_and_scipy_find_them() -> None:
    from scipy import special as scipys

    x = Value(0.7)
    assert scipys.gammaln(x).op == "lgamma"
    assert scipys.psi(x).op == "digamma"
    assert np.copysign(x, -1.0).data == -0.7
    assert np.fmod(x, 0.5).data == math.fmod(0.7, 0.5)
    assert np.remainder(-x, 0.5).op == "mod"  # NumPy's has the sign of the divisor


# ---- rows ------------------------------------------------------------------------------------------


def slope_of_both(x: Any) -> Any:
    return gradients(special.erfcx(x) * special.gammaln(x), [x])[0]


def test_rows_are_pickled_and_kept_in_files(tmp_path: Any) -> None:
    for row in (special.erfcx, special.polygamma[3], special.find_row("erfcx[2]")):
        assert pickle.loads(pickle.dumps(row)) is row

    compiled = compile(slope_of_both)
    wanted = compiled(1.5)
    assert compile(slope_of_both, prove=True)(1.5) == wanted
    assert pickle.loads(pickle.dumps(compiled))(1.5) == wanted
    pytest.importorskip("safetensors")
    compiled.program.save(tmp_path / "slope.safetensors")
    assert tg.load_program(tmp_path / "slope.safetensors")(1.5) == wanted


@pytest.mark.parametrize("name", ["erfcx[-1]", "erfcx[x]", "erfcx", "nothing[1]", "polygamma[0.5]"])
def test_names_of_no_row(name: str) -> None:
    assert special.find_row(name) is (special.erfcx if name == "erfcx" else None)


@pytest.mark.parametrize("order", [Value(1.0), 1.5, -1, "1", None])
def test_an_order_is_a_plain_whole_number(order: Any) -> None:
    with pytest.raises(errors.TinygradNNError, match="order of polygamma"):
        special.polygamma(order, 2.0)


@pytest.mark.parametrize(
    ("f", "name"),
    [
        (special.jn, "jn"),
        (special.yn, "yn"),
        (special.ive, "ive"),
        (special.kve, "kve"),
        (lambda n, x: special.lambertw(x, n), "lambertw"),
    ],
)
def test_orders_are_refused_by_name(f: Any, name: str) -> None:
    for order in (Value(0.0), math.inf, "0"):
        with pytest.raises(errors.TinygradNNError, match=f"of {name} must be"):
            f(order, 0.5)
    assert f(0, Value(0.5)).data == f(0.0, 0.5)


def test_a_symbol_is_no_order() -> None:
    with pytest.raises(errors.TinygradNNError, match="order of polygamma"):
        compile(lambda n, x: special.polygamma(n, x))(1.0, 2.0)
    fixed = compile(lambda n, x: special.polygamma(n, x), static="n")
    assert fixed(1, 2.0) == special.polygamma(1, 2.0) == pytest.approx(math.pi**2 / 6 - 1)


def test_exports_refuse_by_name() -> None:
    compiled = compile(lambda x: special.erfcx(x) + 1.0)
    compiled(1.0)
    with pytest.raises(errors.ArgumentError, match="erfcx, which has no form there"):
        to_c(compiled)


def test_bad_arguments_are_errors() -> None:
    for f, x, error in [
        (special.gammaln, 0.0, errors.PoleError),
        (special.digamma, -1.0, errors.DomainError),
        (special.ndtri, 1.0, errors.PoleError),
        (special.erfcx, -30.0, errors.RangeError),
        (special.log1mexp, 0.0, errors.PoleError),
        (special.gamma, 200.0, errors.RangeError),
    ]:
        with pytest.raises(error, match=f"{f.name} at x = {x}"):
            f(Value(x))


def test_without_scipy_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    compute = rows.of_scipy("erfinv")
    with pytest.raises(errors.MissingExtraError, match=r'pip install "tinygrad-nn\[science\]"'):
        compute(0.5)


# ---- all of math -----------------------------------------------------------------------------------

TWO = {"atan2", "copysign", "fmod", "hypot", "pow", "remainder"}
LISTS = {"dist": ([1.0, 2.0], [0.5, 3.0])}


def of_math() -> list[str]:
    return [name for name, thing in vars(math).items() if callable(thing) and name[0] != "_"]


@pytest.mark.parametrize("name", of_math())
def test_every_function_of_math_is_here_or_refused_in_words(name: str) -> None:
    if name in ("comb", "factorial", "fma", "frexp", "fsum", "gcd", "isqrt", "lcm", "ldexp", "modf",
                "nextafter", "perm", "prod", "sumprod", "ulp"):  # fmt: skip
        with pytest.raises(errors.UnknownNameError, match="it is "):
            getattr(tg, name)
        return
    ours, theirs = getattr(tg, name), getattr(math, name)
    if name in LISTS:
        assert ours(*LISTS[name]) == pytest.approx(theirs(*LISTS[name]), rel=1e-15)
    elif name == "isclose":
        assert ours(1.0, 1.0) == 1.0
    else:
        x = 1.25 if name == "acosh" else 0.75
        point = (x, 0.5) if name in TWO else (x,)
        assert ours(*point) == pytest.approx(float(theirs(*point)), rel=1e-15)
        assert check_grad(ours, *point) or name in ("trunc", "floor", "ceil")
