"""Every threshold is known, and can be forced low."""

from __future__ import annotations

from thresholds import LOW, NONE, PACKAGE, SHOWING, constants, forced, taken

from tinygrad_nn import compile
from tinygrad_nn.compiler.backends import runner


def test_every_plain_number_with_a_capital_name_has_a_class() -> None:
    found = {name for name in constants() if not name.startswith(SHOWING)}
    known = {*LOW, *NONE}
    assert sorted(found - known) == [], "class them in tests/support/thresholds.py"
    assert sorted(known - found) == []
    assert not LOW.keys() & NONE.keys()


def test_thresholds_are_read_in_their_own_modules() -> None:
    own = {name.rpartition(".")[2] for name in LOW}
    assert [path for path in PACKAGE.rglob("*.py") if [*taken(path, own)]] == []


def test_they_are_forced_inside_of_the_context_only() -> None:
    before = runner.LEAST
    with forced():
        assert runner.LEAST == LOW["compiler.backends.runner.LEAST"] != before
        f = compile(lambda w, x: w * x + 1.0, batch="x", reduce="sum")
        assert f(2.0, [float(i) for i in range(10)]) == 100.0
        assert len(f._latest.runner._lanes[0].bounds) == 1
    assert before == runner.LEAST
