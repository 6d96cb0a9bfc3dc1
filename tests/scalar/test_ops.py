"""The table against mpmath, over the whole domain of each row and at its special values."""

import math
import random
import sys

import mpmath as mp
import pytest
from truth import TRUTH

from tinygrad_nn import Value
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, DomainError, PoleError, RangeError
from tinygrad_nn.scalar.ops import TABLE
from tinygrad_nn.scalar.reverse import partial

ROWS = list(TABLE.values())
POINTS = 200
TOLERANCE = 1e-12
SMALLEST_NORMAL = sys.float_info.min


def names(rows):
    return [row.name for row in rows]


def is_normal(truth):
    return SMALLEST_NORMAL <= abs(truth) <= sys.float_info.max


def far(rng):
    """A float of any sign and of any magnitude, or of a moderate one."""
    span = rng.choice((300, 300, 3, 1))
    return math.copysign(10 ** rng.uniform(-span, span), rng.random() - 0.5)


def sample(row, rng):
    """Arguments log-uniform in the distance from 0, or from an end of the domain."""
    point = []
    for low, high in row.domain:
        ends = [end for end in (low, high) if math.isfinite(end)]
        if ends and rng.random() < 0.5:
            x = rng.choice(ends)
            x += math.copysign(10 ** rng.uniform(-17, 1), -x if x == high else 1.0)
        else:
            x = far(rng)
        point.append(abs(x) if not low <= x <= high else x)
    if len(point) > 1 and rng.random() < 0.3:  # arguments that nearly cancel
        point[-1] = point[-2] * (1 + rng.choice((-1, 1)) * 10 ** rng.uniform(-16, 0))
    if row.name == "where":
        point[0] = 1.0
    if row.name == "pow" and rng.random() < 0.7:  # else nearly all powers leave the floats
        point[1] = rng.uniform(-700, 700) / (math.log(point[0]) or 1.0)
    inside = all(low < x < high for x, (low, high) in zip(point, row.domain, strict=True))
    return tuple(point) if inside and all(is_normal(x) for x in point) else None


def truth_at(row, point):
    """The value and the derivatives in 60 digits, or None where one is no normal float."""
    numbers = [mp.mpf(x) for x in point]
    try:
        truths = [function(*numbers) for function in TRUTH[row.name]]
    except (ZeroDivisionError, ValueError, OverflowError, MemoryError):
        return None
    if any(isinstance(t, mp.mpc) or not (t == 0 or is_normal(t)) for t in truths):
        return None
    return truths


def conditioning(point, truths):
    return sum(abs(mp.mpf(x) * slope) for x, slope in zip(point, truths[1:], strict=True))


def errors_at(row, point, truths):
    """The relative errors of the value (near a root by the conditioning) and the derivatives."""
    node = row(*[Value(x) for x in point])
    scale = max(abs(truths[0]), conditioning(point, truths))
    yield abs(node.data - truths[0]) / scale if scale else abs(node.data)
    for position, truth in enumerate(truths[1:]):
        error = abs(mp.mpf(partial(node, position)) - truth)
        yield error / abs(truth) if truth else error


def test_every_row_has_a_truth():
    assert set(TRUTH) == set(TABLE)


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_value_and_derivatives_are_right_over_the_whole_domain(row):
    rng = random.Random(row.name)
    checked = 0
    for _ in range(100 * POINTS):
        point = sample(row, rng)
        truths = point and truth_at(row, point)
        if not truths:
            continue
        checked += 1
        worst = max(errors_at(row, point, truths))
        assert worst <= TOLERANCE, f"{row.name}{point}: relative error {mp.nstr(worst, 3)}"
        if checked == POINTS:
            break
    assert checked == POINTS


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_special_values(row):
    assert row.special
    for point in row.special:
        truths = TRUTH[row.name]
        numbers = [mp.mpf(x) for x in point]
        node = row(*[Value(x) for x in point])
        assert close(node.data, truths[0](*numbers)), point
        for position, truth in enumerate(truths[1:]):
            assert close(partial(node, position), truth(*numbers)), (point, position)


def close(found, truth):
    """Equal to 1e-12, or to the last place of a number too small to be normal; NaN if complex."""
    if isinstance(truth, mp.mpc):
        return math.isnan(found)
    return found == truth or abs(found - truth) <= TOLERANCE * abs(truth) + 5e-324


@pytest.mark.parametrize(
    ("name", "point", "value"),
    [
        ("sigmoid", (-745.0,), math.exp(-745)),
        ("softplus", (800.0,), 800.0),
        ("softplus", (-800.0,), 0.0),
        ("log_sigmoid", (-800.0,), -800.0),
        ("log1p", (1e-18,), 1e-18),
        ("tanh", (1e-9,), 1e-9),
        ("tanh", (300.0,), 1.0),
        ("logaddexp", (1e4, 1e4), 1e4 + math.log(2)),
        ("mod", (-7.5, 2.0), 0.5),
        ("floordiv", (-7.5, 2.0), -4.0),
        ("floor", (-0.5,), -1.0),
        ("floor", (math.inf,), math.inf),
        ("max", (math.nan, 0.0), math.nan),
        ("max", (0.0, math.nan), math.nan),
        ("min", (0.0, math.nan), math.nan),
        ("step", (math.nan,), math.nan),
        ("logaddexp", (-math.inf, -math.inf), -math.inf),
        ("softplus", (math.inf,), math.inf),
    ],
)
def test_known_values(name, point, value):
    assert TABLE[name](*point) == pytest.approx(value, rel=1e-15, abs=0, nan_ok=True)


@pytest.mark.parametrize(
    ("name", "point", "slopes"),
    [
        ("max", (1.0, 1.0), (1.0, 0.0)),
        ("min", (1.0, 1.0), (1.0, 0.0)),
        ("abs", (0.0,), (0.0,)),
        ("step", (0.0,), (0.0,)),
        ("sqrt", (0.0,), (math.inf,)),
        ("cbrt", (0.0,), (math.inf,)),
        ("acos", (1.0,), (-math.inf,)),
        ("hypot", (0.0, 0.0), (math.nan, math.nan)),
        ("pow", (0.0, 0.5), (math.inf, 0.0)),
        ("pow", (0.0, 0.0), (0.0, -math.inf)),
        ("pow", (0.0, 1.0), (1.0, 0.0)),
        ("pow", (-2.0, 2.0), (-4.0, math.nan)),
        ("pow", (-2.0, 3.0), (12.0, math.nan)),
    ],
)
def test_derivatives_at_kinks_ties_and_poles(name, point, slopes):
    node = TABLE[name](*[Value(x) for x in point])
    found = tuple(partial(node, position) for position in range(len(point)))
    assert found == pytest.approx(slopes, nan_ok=True)


@pytest.mark.parametrize(
    ("name", "point", "error"),
    [
        ("log", (-1.0,), DomainError),
        ("log", (0.0,), PoleError),
        ("div", (1.0, 0.0), PoleError),
        ("mod", (1.0, 0.0), PoleError),
        ("exp", (1000.0,), RangeError),
        ("cosh", (1000.0,), RangeError),
        ("pow", (1e200, 2.0), RangeError),
        ("pow", (-1.0, 0.5), DomainError),
        ("pow", (0.0, -1.0), PoleError),
        ("sqrt", (-1.0,), DomainError),
        ("acos", (2.0,), DomainError),
        ("atanh", (1.0,), PoleError),
        ("sin", (math.inf,), DomainError),
    ],
)
def test_bad_arguments_name_operation_value_label_and_remedy(name, point, error):
    row = TABLE[name]
    with pytest.raises(error) as plain:
        row(*point)
    with pytest.raises(error) as recorded:
        row(Value(point[0], label="loss"), *point[1:])
    message = str(recorded.value)
    assert name in message
    assert repr(point[0]) in message
    assert "(loss)" in message
    assert row.remedy in message
    assert row.remedy
    assert str(plain.value).splitlines()[0] == message.replace(" (loss)", "").splitlines()[0]
    assert message.splitlines()[1].startswith("  at test_ops.py:")
    assert isinstance(recorded.value, ValueError | ArithmeticError)


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_ieee_results_where_the_row_raises_agree_with_numpy(row):
    np = pytest.importorskip("numpy")
    points = [0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, 1e200, -1e200, math.inf, -math.inf]
    array = array_form(row)
    for x in points:
        for y in points if row.arity > 1 else [0.0]:
            point = (1.0, x, y) if row.arity == 3 else (x, y)[: row.arity]
            try:
                row.compute(*point)
            except (ValueError, ArithmeticError):
                with np.errstate(all="ignore"):
                    expected = float(array(*[np.float64(p) for p in point]))
                if row.name in {"mod", "floordiv"} and point[1] == 0:
                    assert not math.isfinite(row.quiet(*point))
                else:
                    assert row.quiet(*point) == pytest.approx(expected, nan_ok=True), point


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_array_form_agrees_and_does_not_warn(row):
    np = pytest.importorskip("numpy")
    pytest.importorskip("scipy")
    rng = random.Random(row.name)
    points = [tuple(rng.uniform(low, high) for low, high in row.sample) for _ in range(50)] + list(
        row.special
    )
    with np.errstate(all="raise", under="ignore"):
        found = array_form(row)(*np.array(points).T)
    expected = [row(*point) for point in points]
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=5e-324)


def array_form(row):
    from grids import applied  # which needs NumPy

    return lambda *arrays: applied(row, arrays)


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_a_row_on_floats_and_on_values_gives_the_same_number(row):
    rng = random.Random(row.name)
    for _ in range(20):
        point = tuple(rng.uniform(low, high) for low, high in row.sample)
        plain = row(*point)
        assert type(plain) is float
        assert row(*[Value(x) for x in point]).data == plain
        assert row(Value(point[0]), *point[1:]).data == plain
        assert getattr(Value(point[0]), row.name)(*point[1:]).data == plain


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_documentation_of_a_row_is_made_from_it(row):
    assert row.summary in row.__doc__
    assert row.latex in row.__doc__


def test_associative_rows_fold():
    assert TABLE["max"](1.0, 5.0, 3.0) == 5.0
    assert TABLE["max"]([1.0, 5.0, 3.0]) == 5.0
    assert TABLE["add"]([Value(1.0), 2.0, 3.0]).data == 6.0
    with pytest.raises(ArgumentTypeError, match="sub takes two arguments"):
        TABLE["sub"](1.0, 2.0, 3.0)
    with pytest.raises(ArgumentError, match="empty"):
        TABLE["max"]([])


@pytest.mark.parametrize("bad", ["1", None, 1j, [1.0], b"1"])
def test_a_wrong_type_is_named(bad):
    with pytest.raises(ArgumentTypeError, match="argument x of exp"):
        TABLE["exp"](bad)
    with pytest.raises(ArgumentTypeError, match="argument y of atan2"):
        TABLE["atan2"](Value(1.0), bad)


@pytest.mark.parametrize("name", ["ge", "gt", "le", "lt", "eq", "max", "min"])
def test_ties_are_among_the_special_points(name):
    assert any(x == y for x, y in TABLE[name].special)


def test_signs_bind_as_in_mathematics():
    assert TABLE["add"].binds == TABLE["sub"].binds < TABLE["mul"].binds == TABLE["neg"].binds
    assert TABLE["neg"].binds < TABLE["pow"].binds
