"""The checker: right rules are never blamed, and a rule wrong by 0.1 % is caught."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tinygrad_nn import TABLE, Value, logsumexp, nn, relu
from tinygrad_nn.check import GradientError, Report, check_grad
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError
from tinygrad_nn.scalar import ops
from tinygrad_nn.scalar.operation import Op, flat
from tinygrad_nn.scalar.reverse import partial

ROWS = list(TABLE.values())


def statuses(report: Report) -> set[str]:
    return {entry.status for entry in report.entries}


def sample(row: Op, rng: random.Random) -> list[float]:
    return [rng.uniform(*interval) for interval in row.sample]


@contextmanager
def wrong_rule(row: Op, position: int, factor: float) -> Iterator[None]:
    right = row.partials
    rule = right[position]
    assert rule is not None
    wrong = (lambda *numbers: factor * rule(*numbers),)
    row.partials = right[:position] + wrong + right[position + 1 :]
    passing = row.pull, row.push
    row.pull = row.push = ()  # so that the partials are asked
    try:
        yield
    finally:
        row.partials = right
        row.pull, row.push = passing


# ---- right rules ------------------------------------------------------------------------


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_right_rules_are_not_blamed(row: Op) -> None:
    rng = random.Random(row.name)
    for _ in range(25):
        point = sample(row, rng)
        if row.name == "where":  # its condition is 1 or 0, and nothing between
            report = check_grad(lambda x, y: row(1.0, x, y), *point[1:], rng=rng, order=2)
        else:
            report = check_grad(row, *point, rng=rng, order=2)
        assert statuses(report) == {"ok"}, report


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_special_points_are_not_blamed(row: Op) -> None:
    for point in row.special:
        if math.isfinite(row.quiet(*point)):
            report = check_grad(row, *point, seed=1)
            assert report, report


@pytest.mark.parametrize(
    ("row", "position"),
    [(row, i) for row in ROWS for i, rule in enumerate(row.partials) if rule not in (None, flat)],
    ids=lambda part: getattr(part, "name", part),
)
@pytest.mark.parametrize("factor", [0.999, 1.001])
def test_a_rule_wrong_by_a_thousandth_is_caught(row: Op, position: int, factor: float) -> None:
    rng = random.Random(row.name)
    caught = 0
    for point in [sample(row, rng) for _ in range(10)] + [list(p) for p in row.special]:
        node = row(*map(Value, point))
        matters = abs(partial(node, position)) > 1e-300
        with wrong_rule(row, position, factor):
            report = check_grad(row, *point, directions=0)
        entry = report.entries[position]
        assert entry.status != "ok" or not matters, report
        if entry.status == "wrong":
            caught += 1
            assert f"the rule of {row.name}(" in entry.note
    assert caught


@pytest.mark.parametrize("row", [ops.minimum, ops.maximum])
def test_a_wrong_rule_is_caught_where_a_tie_could_explain_the_difference(row: Op) -> None:
    for f in (lambda x: row(x, x), lambda x: 2.0 * row(x, x) + x * x):
        assert check_grad(f, 1.5)
        with wrong_rule(row, 0, 1.001):
            assert statuses(check_grad(f, 1.5)) == {"wrong"}


# ---- hard points -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "point"),
    [
        (abs, (0.0,)),
        (relu, (0.0,)),
        (ops.maximum, (2.0, 2.0)),
        (ops.minimum, (-1e-3, -1e-3)),
        (lambda x: 100 * x * x + 0.01 * abs(x), (0.0,)),
        (lambda x: abs(x - 1e8), (1e8,)),
        (lambda x: relu(x) - relu(-x), (0.0,)),  # smooth, made of two kinks
        (lambda c: ops.where(ops.gt(c, 0.0), c, -c), (0.0,)),
        (lambda x, y: ops.hypot(x, y) ** 2, (0.0, 0.0)),  # smooth, through a kink
        (ops.floor, (2.0,)),
        (ops.sign, (0.0,)),
        (ops.step, (0.0,)),
        (ops.eq, (1.0, 1.0)),
        (ops.cbrt, (0.0,)),
        (lambda x: x if x > 1 else 2 * x - 1, (1.0,)),
    ],
)
def test_kinks_and_jumps_are_reported_as_such(
    f: Callable[..., Any], point: tuple[float, ...]
) -> None:
    report = check_grad(f, *point, seed=0)
    assert statuses(report) == {"kink"}, report
    assert report
    assert "kink" in str(report)


@pytest.mark.parametrize(
    ("f", "point"), [(ops.sqrt, 0.0), (ops.asin, 1.0), (ops.acosh, 1.0), (ops.asin, -1.0)]
)
def test_edges_are_reported_as_such(f: Callable[..., Any], point: float) -> None:
    report = check_grad(f, point)
    assert statuses(report) == {"edge"}, report
    assert report


@pytest.mark.parametrize(
    ("f", "point"),
    [
        (ops.sqrt, (1e-9,)),
        (ops.sqrt, (1e-300,)),
        (ops.asin, (1 - 1e-9,)),
        (ops.log, (1e-12,)),
        (ops.log, (1e8,)),
        (abs, (1e-9,)),
        (lambda x: abs(x - 1) * x, (1 + 1e-7,)),  # a kink near the point
        (lambda x: ops.floor(x) * x, (2 + 1e-6,)),  # a jump near the point
        (lambda x: x**4, (0.0,)),
        (lambda x: (x - 0.3) * (x - 0.3), (0.1 + 0.2,)),
        (lambda x: x * 0, (1.0,)),
        (lambda x: 3.0, (1.0,)),
        (lambda x: 1e6 + x, (1.0,)),
        (lambda x: 1e10 * x - (1e10 - 1) * x, (0.7,)),
        (lambda x: ops.sin(1e8 * x), (1.0,)),
        (lambda x: ops.sin(1e8 * x), (1e-8,)),
        (lambda x: ops.exp(-((x * 1e8) ** 2)), (0.5e-8,)),
        (lambda x: ops.softplus(1e6 * x), (0.0,)),  # a kink only from afar
        (ops.sin, (1e8,)),
        (lambda a, b: a + b, (1e8, 1e-8)),
        (lambda a, b: ops.tanh(a * 1e-8) * ops.sin(b * 1e8), (1e8, 1e-8)),
        (lambda x: x * x, (1e-300,)),
        (lambda x: x * 1e-10, (1e308,)),
        (lambda x, y: logsumexp([x, y]), (1.0, 1.0)),
    ],
)
def test_hard_points_are_decided(f: Callable[..., Any], point: tuple[float, ...]) -> None:
    report = check_grad(f, *point, seed=0)
    assert statuses(report) == {"ok"}, report


@pytest.mark.parametrize(
    ("f", "note"),
    [
        (lambda x: 1e16 + ops.sin(x), "ill-conditioned"),
        (lambda x: ops.sigmoid(50 * x), "ill-conditioned"),
        (lambda x: x * 1e308 * 10, "inf"),
        (lambda x: x * random.random(), "random seed"),
    ],
)
def test_what_cannot_be_decided_is_inconclusive(f: Callable[..., Any], note: str) -> None:
    report = check_grad(f, 1.0)
    assert statuses(report) == {"inconclusive"}
    assert report
    assert note in str(report)


def test_a_wrong_rule_is_caught_near_a_kink_and_at_a_large_scale() -> None:
    with wrong_rule(ops.mul, 0, 1.001):
        assert not check_grad(lambda x: x * 3 + abs(x - 1), 1 + 1e-6)
        assert not check_grad(lambda x: x * 3e8, 1e8)


def test_a_rule_wrong_only_to_second_order_needs_order_2(monkeypatch: pytest.MonkeyPatch) -> None:
    def first_order_only(x: Any, z: Any) -> Any:
        return z.data if isinstance(z, Value) else z  # no longer a function of x

    monkeypatch.setattr(ops.exp, "partials", (first_order_only,))
    assert check_grad(ops.exp, 0.5)
    report = check_grad(ops.exp, 0.5, order=2)
    assert [entry.order for entry in report.failures] == [2]
    assert "(order 2)" in str(report)


# ---- what can be checked, and what it is called ---------------------------------------------


def test_arguments_are_named_by_their_paths() -> None:
    def f(parameters: Any, scale: float) -> Any:
        return parameters["w"][1] * scale + parameters["b"][0] * parameters["w"][0].data

    report = check_grad(f, {"w": [2.0, 3.0], "b": (5.0,)}, 7, directions=0)
    assert [entry.argument for entry in report.entries] == [
        "args[0]['w'][0]",
        "args[0]['w'][1]",
        "args[0]['b'][0]",
        "args[1]",
    ]
    assert [entry.argument for entry in report.failures] == ["args[0]['w'][0]"]
    assert ".data" in report.failures[0].note


def test_a_failure_is_a_table() -> None:
    with wrong_rule(ops.tanh, 0, 1.001):
        report = check_grad(ops.tanh, 0.5)
    (entry,) = report.failures
    assert entry.analytic == pytest.approx(1.001 / math.cosh(0.5) ** 2, rel=1e-12)
    assert entry.numeric == pytest.approx(1 / math.cosh(0.5) ** 2, rel=1e-10)
    assert abs(entry.numeric - 1 / math.cosh(0.5) ** 2) <= entry.error < 1e-9
    assert not report
    assert not report.passed
    with pytest.raises(GradientError, match=r"analytic +numeric +error +estimated error"):
        report.raise_if_failed()
    with pytest.raises(AssertionError):
        report.raise_if_failed()
    assert repr(report) == str(report)


def test_a_passed_report_raises_nothing_and_long_tables_are_cut() -> None:
    check_grad(ops.tanh, 0.5).raise_if_failed()
    report = check_grad(lambda xs: sum(abs(x) for x in xs), [0.0] * 30, directions=0)
    assert "and 10 more" in str(report)


def test_a_model() -> None:
    model = nn.MLP(2, [3, 1], activation="tanh", seed=1)

    def loss(x: list[float]) -> Any:
        output = model(x)
        return (output[0] if isinstance(output, list) else output) ** 2

    report = check_grad(loss, [0.5, -1.0], wrt=model, directions=3, seed=2)
    assert statuses(report) == {"ok"}, report
    assert len(report.entries) == len(model.parameters()) + 3
    assert report.entries[0].argument == next(iter(model.named_parameters()))[0]
    assert check_grad(loss, [0.5, -1.0], wrt=model.parameters())
    with wrong_rule(ops.tanh, 0, 1.001):
        assert not check_grad(loss, [0.5, -1.0], wrt=model)


def test_leaves_are_put_back_exactly() -> None:
    w, v = Value(0.1 + 0.2, label="w"), Value(-1e-17)
    w.grad, v.grad = 4.0, math.nan

    def f() -> Any:
        return ops.sin(w) * (v + 1)

    assert check_grad(f, wrt=(w, v))
    assert (w.data, v.data, w.grad) == (0.1 + 0.2, -1e-17, 4.0)
    assert math.isnan(v.grad)


def test_leaves_are_put_back_when_the_function_fails() -> None:
    w = Value(0.3)

    def f() -> Any:
        if w.data != 0.3:
            raise RuntimeError("no")
        return w * w

    with pytest.raises(RuntimeError, match="no"):
        check_grad(f, wrt=w)
    assert (w.data, w.grad) == (0.3, 0.0)


def test_gradients_of_other_leaves_and_of_the_graph_are_left_alone() -> None:
    a, b = Value(2.0, label="a"), Value(3.0)
    product = a * b
    output = product + a
    output.backward()
    before = [(n.grad, n.mark) for n in (a, b, product, output)]
    report = check_grad(output, wrt=[a], directions=0)
    assert [(n.grad, n.mark) for n in (a, b, product, output)] == before
    assert [(e.argument, e.analytic) for e in report.entries] == [("a", 4.0)]


def test_a_recorded_graph_is_evaluated_without_python() -> None:
    calls = []

    def f(x: Any) -> Any:
        calls.append(x)
        return ops.exp(x) * x if x > 0 else -x

    output = f(Value(1.5, label="x"))
    report = check_grad(output, order=2)
    assert statuses(report) == {"ok"}
    assert len(calls) == 1
    with wrong_rule(ops.exp, 0, 1.001):
        assert not check_grad(output)


def test_numbers_held_by_stop_gradient_are_held() -> None:
    assert statuses(check_grad(lambda x: x * ops.stop_gradient(x), 2.0)) == {"ok"}
    with wrong_rule(ops.mul, 0, 1.001):
        assert not check_grad(lambda x: x * ops.stop_gradient(x), 2.0)


def test_bools_and_texts_are_no_numbers_to_move() -> None:
    report = check_grad(lambda x, square, name: x * x if square else x, 3.0, True, "name")
    assert len(report.entries) == 1


def test_directions_follow_the_seed() -> None:
    def directions(**source: Any) -> list[float]:
        report = check_grad(lambda x, y: x * y, 2.0, 3.0, **source)
        return [entry.analytic for entry in report.entries[2:]]

    assert directions(seed=5) == directions(seed=5) == directions(rng=random.Random(5))
    assert directions(seed=5) != directions(seed=6)
    random.seed(7)
    first = directions()
    random.seed(7)
    assert directions() == first


@pytest.mark.parametrize(
    ("arguments", "options", "error"),
    [
        ((lambda x: [x, x], 1.0), {}, ArgumentTypeError),
        ((3.0,), {}, ArgumentTypeError),
        ((lambda: 3.0,), {}, ArgumentError),
        ((Value(2.0) * 2, 1.0), {}, ArgumentError),
        ((lambda: 1.0,), {"wrt": [Value(2.0) * 2]}, ArgumentTypeError),
        ((lambda: 1.0,), {"wrt": [2.0]}, ArgumentTypeError),
    ],
)
def test_bad_arguments(
    arguments: tuple[Any, ...], options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        check_grad(*arguments, **options)


def test_a_function_that_returns_what_it_recorded_before_is_refused() -> None:
    w = Value(2.0)
    recorded = w * w
    with pytest.raises(ArgumentError, match="check_grad\\(node\\)"):
        check_grad(lambda: recorded, wrt=[w])
