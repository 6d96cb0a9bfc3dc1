"""What a report says of how much was looked at."""

from __future__ import annotations

from tinygrad_nn import Value, check_grad, nn


def test_it_says_how_many_of_how_many_derivatives_were_looked_at() -> None:
    model = nn.MLP(2, [3, 1], activation="tanh", seed=0)
    cost = model([0.5, -1.0]) ** 2
    some = model.parameters()[:4]
    assert str(check_grad(cost, wrt=some)) == (
        "check_grad passed: 4 of 13 derivatives and 2 directions: 6 ok"
    )
    report = check_grad(lambda: model([0.5, -1.0]) ** 2, wrt=some, directions=1)
    assert str(report) == "check_grad passed: 4 of 13 derivatives and 1 direction: 5 ok"
    assert (report.looked_at, report.total) == (4, 13)


def test_it_counts_leaves_that_the_result_does_not_depend_on() -> None:
    assert str(check_grad(lambda x, y: x * x, 2.0, 3.0, directions=0)) == (
        "check_grad passed: 2 of 2 derivatives: 2 ok"
    )


def test_it_tells_the_order() -> None:
    assert str(check_grad(lambda x: x**3, 2.0, order=2)) == (
        "check_grad passed: 1 of 1 derivative to order 2: 2 ok"
    )


def test_great_numbers_are_grouped() -> None:
    weights = [Value(0.1 * i) for i in range(1200)]
    report = check_grad(sum(w * w for w in weights), wrt=weights[:2], directions=0)
    assert "2 of 1,200 derivatives" in str(report)
