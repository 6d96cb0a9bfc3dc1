"""Formulas mean what was computed, have no parentheses to spare, and read well."""

import math
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from latex_reader import evaluate

from tinygrad_nn import Value, cos, exp, gradients, hypot, log1p, relu, sigmoid, sin, sqrt, where
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError
from tinygrad_nn.latex import to_latex
from tinygrad_nn.scalar.arities import Binary, Unary
from tinygrad_nn.scalar.operation import forget
from tinygrad_nn.scalar.ops import TABLE, expm1, gt, log, mod
from tinygrad_nn.testing import expressions

LETTERS = "abc"
POINT = {"a": 1.5, "b": 2.25, "c": 0.75}
a, b, c = (Value(POINT[letter], label=letter) for letter in LETTERS)
x = Value(0.5, label="x")


def bare(latex):
    """A formula without what only makes room."""
    return re.sub(r"\\left|\\right|\\[,;]| ", "", latex)


# ---- meaning -------------------------------------------------------------------------------


# Rounding that differs is amplified where a row jumps; those rows are read one by one below.
JUMPING = {
    "mod",
    "floordiv",
    "floor",
    "ceil",
    "sign",
    "step",
    "trunc",
    "rint",
    "ge",
    "gt",
    "le",
    "lt",
    "eq",
    "where",
}
SMOOTH = [row for row in TABLE.values() if row.name not in JUMPING]


@given(expressions(depth=4, rows=SMOOTH))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_formula_means_the_number(expression):
    leaves = [Value(v, label=name) for v, name in zip(expression.point, LETTERS, strict=True)]
    value = expression(*leaves)
    try:
        meant = evaluate(to_latex(value), **dict(zip(LETTERS, expression.point, strict=True)))
    except OverflowError:
        return
    assert meant == pytest.approx(value.data, rel=1e-9, abs=1e-9)


def arithmetic(depth):
    """Nested + - * / ** and signs: where parentheses matter most."""
    tree = st.sampled_from([a, b, c, 2.0, Value(3.0), -1.5, 1e-3])
    for _ in range(depth):
        tree = tree | st.tuples(st.sampled_from("+-*/^%n2e"), tree, tree)
    return tree


def build(tree):
    if not isinstance(tree, tuple):
        return tree
    sign, left, right = tree[0], build(tree[1]), build(tree[2])
    left = left if isinstance(left, Value) else Value(left)
    return {
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "/": lambda: left / right,
        "^": lambda: left**right,
        "%": lambda: left % right,
        "n": lambda: -left,
        "2": lambda: left**2.0,
        "e": lambda: expm1(right),
    }[sign]()


@given(arithmetic(4))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_arithmetic_means_the_number(tree):
    try:
        value = build(tree) + 0.0 * a
        meant = evaluate(to_latex(value), **POINT)
    except (ArithmeticError, ValueError):
        return
    if isinstance(meant, complex) or not math.isfinite(value.data) or "mod" in to_latex(value):
        return  # a remainder jumps where the reader rounds differently
    assert meant == pytest.approx(value.data, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("row", list(TABLE.values()), ids=lambda row: row.name)
def test_derivatives_of_every_row_mean_the_numbers(row):
    point = [low + 0.7 * (high - low) for low, high in row.sample]
    leaves = [Value(v, label=letter) for v, letter in zip(point, row.letters, strict=True)]
    slopes = gradients(row(*leaves), leaves)
    names = dict(zip(row.letters, point, strict=True))
    for slope in [*slopes, *gradients(slopes[0], leaves)]:
        assert evaluate(to_latex(slope), **names) == pytest.approx(slope.data, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("row", list(TABLE.values()), ids=lambda row: row.name)
def test_every_template_is_latex(row):
    mathtext = pytest.importorskip("matplotlib.mathtext")
    leaves = [Value(low + 0.7 * (high - low), label="x") for low, high in row.sample]
    for value in (row(*leaves), *gradients(row(*leaves), leaves)):
        latex = to_latex(value)
        if "cases" not in latex:  # of which mathtext knows nothing
            mathtext.MathTextParser("path").parse(f"${latex}$")


# ---- form ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "formula"),
    [
        (a - (b + c), "a-(b+c)"),
        (a - (b - c), "a-(b-c)"),
        ((a - b) - c, "a-b-c"),
        (a + (b + c), "a+b+c"),
        (-(a + b), "-(a+b)"),
        ((a + b) * c, "(a+b)c"),
        (a * (b * c), "abc"),
        ((-a) ** 2, "(-a)^{2}"),
        (-(a**2), "-a^{2}"),
        (a**-b, "a^{-b}"),
        ((a**b) ** c, "(a^{b})^{c}"),
        (a ** (b**c), "a^{b^{c}}"),
        ((a + b) ** 2, "(a+b)^{2}"),
        ((a / b) ** 2, r"(\frac{a}{b})^{2}"),
        (exp(a) ** 2, "(e^{a})^{2}"),
        (exp(a / b), r"e^{\frac{a}{b}}"),
        (a / b / c, r"\frac{\frac{a}{b}}{c}"),
        (a / (b / c), r"\frac{a}{\frac{b}{c}}"),
        ((a + b) / c, r"\frac{a+b}{c}"),
        (sin(a + b), r"\sin(a+b)"),
        (sqrt(a + b) * c, r"\sqrt{a+b}c"),
        (a - expm1(b), "a-(e^{b}-1)"),
        (a * mod(b, c), r"a(b\mathrm{mod}c)"),
        (mod(a + b, c), r"(a+b)\mathrm{mod}c"),
        (log1p(a + b), r"\ln(1+a+b)"),
        (log1p(-0.1 * a), r"\ln(1+(-0.1a))"),
        (hypot(a + b, -c), r"\sqrt{(a+b)^2+(-c)^2}"),
        (gt(a + b, c), "[a+b>c]"),
        (relu(a), r"\max(0,a)"),
        (where(gt(a, 0.0), a, -a) ** 2, r"(\begin{cases}a&a>0\\-a&\text{otherwise}\end{cases})^{2}"),
        (where(Value(1.0, label="d"), b, c), r"\begin{cases}b&d\neq0\\c&\text{otherwise}\end{cases}"),
    ],
    ids=str,
)  # fmt: skip
def test_parentheses_stand_only_where_needed(value, formula):
    assert bare(to_latex(value)) == formula


@pytest.mark.parametrize(
    ("value", "formula"),
    [
        (x * 2, "2 x"),
        (2 * x, "2 x"),
        (-1 * x, "-1 x"),
        (-x, "-x"),
        (x * -3, "-3 x"),
        (x * 2 * 3, r"3 \cdot 2 x"),
        (a * 2**x, r"a \cdot 2^{x}"),
        (a * b, r"a \, b"),
        (x * cos(x), r"x \cos\left(x\right)"),
        (a + (-b), "a - b"),
        (a + (-b + c), "a - b + c"),
        (a - (-b), "a + b"),
        (a + b * -c, r"a - b \, c"),
        (-a / -b, r"\frac{a}{b}"),
        (x * x, "x^{2}"),
        (-x * x, "-x^{2}"),
        (Value(2.0) * (Value(1.0) / x), r"2 \cdot \frac{1}{x}"),
        (sigmoid(x) * sigmoid(-x), r"\sigma\left(x\right) \sigma\left(-x\right)"),
        (Value(-2.0) ** 2, r"\left(-2\right)^{2}"),
    ],
    ids=str,
)
def test_products_and_sums_read_well(value, formula):
    assert to_latex(value) == formula


def test_derivatives_are_short():
    first = gradients(x * sin(x), [x])[0]
    assert to_latex(first) in (
        r"\sin\left(x\right) + x \cos\left(x\right)",
        r"x \cos\left(x\right) + \sin\left(x\right)",
    )
    assert to_latex(gradients(x**3, [x])[0]) == "3 x^{2}"
    assert to_latex(gradients(log(x), [x])[0]) == r"\frac{1}{x}"


# ---- names and numbers ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "latex"),
    [
        ("x", "x"),
        ("alpha", r"\alpha"),
        ("β", r"\beta"),
        ("x1", "x_{1}"),
        ("x_1", "x_{1}"),
        ("theta2", r"\theta_{2}"),
        ("W[1][2]", "W_{1,2}"),
        ("A[0, 1]", "A_{0,1}"),
        ("p['w'][0]", "p_{w,0}"),
        ("layers[0].weight[1]", r"\mathrm{layers}_{0}.\mathrm{weight}_{1}"),
        ("x_max", r"x_{\mathrm{max}}"),
        ("x'", "x'"),
        ("loss", r"\mathrm{loss}"),
        ("dL/dx", r"\text{dL/dx}"),
        ("50% & {a}_", r"\text{50\% \& \{a\}\_}"),
    ],
)
def test_labels(label, latex):
    assert to_latex(Value(1.0, label=label)) == latex


@pytest.mark.parametrize(
    ("number", "latex"),
    [
        (2.0, "2"),
        (0.5, "0.5"),
        (-0.25, "-0.25"),
        (0.0, "0"),
        (1e-9, "10^{-9}"),
        (-2.5e30, r"-2.5 \cdot 10^{30}"),
        (math.inf, r"\infty"),
        (-math.inf, r"-\infty"),
        (math.nan, r"\mathrm{NaN}"),
    ],
)
def test_numbers(number, latex):
    assert to_latex(Value(number)) == latex


def test_numbers_in_products_and_powers():
    assert to_latex(1e-9 * x) == "10^{-9} x"
    assert to_latex(Value(1e30) ** x) == r"\left(10^{30}\right)^{x}"
    assert to_latex(x ** Value(0.5)) == "x^{0.5}"


# ---- size ----------------------------------------------------------------------------------


def test_short_expressions_are_written_out():
    shared = sin(x)
    assert to_latex(shared * exp(shared)).count(r"\sin") == 2


def test_what_would_explode_gets_names():
    value = x
    for _ in range(40):
        value = sin(value + value)
    lines = to_latex(value).splitlines()
    assert lines[0] == r"\begin{aligned}"
    assert lines[1] == r"u_{1} &= \sin\left(x + x\right) \\"
    assert lines[-2] == r"u_{40} &= \sin\left(u_{39} + u_{39}\right)"
    assert lines[-1] == r"\end{aligned}"
    assert len(lines) == 42


def test_names_are_those_of_the_nodes_and_no_leafs():
    u1 = Value(0.5, label="u1")
    value = u1
    for step in range(40):
        value = sin(value + value)
        value.label = "h" if step == 0 else "u1" if step == 1 else ""
    lines = to_latex(value).splitlines()
    assert lines[1].startswith("h &= ")
    assert lines[2] == r"u_{2} &= \sin\left(h + h\right) \\"


def test_named_lines_mean_the_number():
    value = Value(0.5, label="a")
    for _ in range(10):
        value = sin(value * 3 + value)
    names = {"a": 0.5}
    for line in to_latex(value).splitlines()[1:-1]:
        name, formula = line.removesuffix(r" \\").split(" &= ")
        for known, number in names.items():
            formula = formula.replace(known, rf"\left({number:.17f}\right)")
        names[name] = evaluate(formula)
    assert names[name] == pytest.approx(value.data, rel=1e-9)


def test_long_sums_are_written_and_endless_ones_refused():
    value = x
    for _ in range(900):
        value = value + a
    assert to_latex(value) == "x" + " + a" * 900
    for _ in range(100_000):
        value = value + a
    with pytest.raises(ArgumentError, match="at most 2000 nodes, got one of 100902"):
        to_latex(value)


def test_only_values_have_a_formula():
    with pytest.raises(ArgumentTypeError, match=r"value must be a Value, got 2.0"):
        to_latex(2.0)


# ---- rows added later ----------------------------------------------------------------------


@pytest.fixture
def added():
    rows = []
    yield rows.append
    for row in rows:
        forget(row)


def test_a_new_row_is_written_by_its_template(added):
    bell = Unary("bell", math.exp, lambda x, z: z, latex=r"\beta <x>", binds=2)
    added(bell)
    cross = Binary("cross", lambda x, y: x, (None, None), latex=r"<x> \times {<y>}^2", binds=2)
    added(cross)
    less = Binary("less", lambda x, y: x, (None, None), latex="<x> - <y>", binds=1)
    added(less)
    assert to_latex(less(a + b, a + b)) == r"a + b - \left(a + b\right)"
    plain = Unary("plain", math.exp, lambda x, z: z)
    added(plain)
    assert to_latex(bell(a) ** 2) == r"\left(\beta a\right)^{2}"
    assert to_latex(bell(a * b)) == r"\beta \left(a \, b\right)"
    assert to_latex(cross(a + b, a * b)) == r"\left(a + b\right) \times {\left(a \, b\right)}^2"
    assert to_latex(cross(a * b, -a)) == r"a \, b \times {\left(-a\right)}^2"
    assert to_latex(plain(a + b)) == r"\operatorname{plain}\left(a + b\right)"


def test_a_number_keeps_its_distance_from_a_word() -> None:
    # Neither \text nor \mathrm makes room by itself, and 2loss is no product.
    assert to_latex(2 * Value(1.0, "layers.0.bias[0]")) == r"2\,\text{layers.0.bias[0]}"
    assert to_latex(Value(1.0, "loss") * 0.5) == r"0.5\,\mathrm{loss}"
    assert to_latex(2 * Value(1.0, "x")) == "2 x"
