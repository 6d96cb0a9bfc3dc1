"""What is recorded keeps to its budget, whatever functions do."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.support.any_size import inferred_from, vector
from tinygrad_nn import compile, grad
from tinygrad_nn.compiler import planning
from tinygrad_nn.compiler.sizes import functions, recordings
from tinygrad_nn.compiler.trace.symbol import record_two, symbols_of
from tinygrad_nn.compiler.trace.tracing import with_symbols
from tinygrad_nn.scalar.contexts import EnoughError, at_most
from tinygrad_nn.scalar.switch import switch


def squares(x: Any) -> Any:
    return sum(a * a for a in x)


def test_symbols_are_counted() -> None:
    x = symbols_of(100)
    before = switch.left
    with with_symbols(record_two):
        with at_most(500) as limit:
            squares(x)
        assert limit.recorded == 200  # 0 + x is one too
        with pytest.raises(EnoughError), at_most(150) as limit:
            squares(x)
        assert limit.recorded == 150
        with at_most(500) as outer:
            with pytest.raises(EnoughError), at_most(150):
                squares(x)
            squares(x)
        assert outer.recorded == 200
    assert switch.left == before


def test_a_limit_is_none_where_that_is_told_but_inside_another() -> None:
    x = symbols_of(100)
    before = switch.left
    with with_symbols(record_two):
        with at_most(150, lambda: True) as limit:
            squares(x)
        assert limit.recorded == 150  # at least
        with pytest.raises(EnoughError), at_most(150, lambda: False):
            squares(x)
        with at_most(500) as outer:
            with pytest.raises(EnoughError), at_most(150, lambda: True):
                squares(x)
            squares(x)
        assert outer.recorded == 200
    assert switch.left == before


def test_a_function_that_goes_on_all_the_same_has_recorded_enough() -> None:
    def stubborn() -> None:
        try:
            squares(symbols_of(100))
        except BaseException:
            squares(symbols_of(100))

    before = switch.left
    with with_symbols(record_two), pytest.raises(EnoughError), at_most(10):
        stubborn()
    assert switch.left == before


def test_other_threads_record_what_they_like() -> None:
    def other() -> None:
        with with_symbols(record_two):
            found.append(squares(symbols_of(100)))

    found: list[Any] = []
    with at_most(10) as limit:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(found) == 1
    assert limit.recorded == 10  # at most


def test_what_is_dear_at_small_lengths_is_recorded_in_full() -> None:
    sizes = []

    def dear(x: Any) -> Any:
        sizes.append(len(x))
        for _ in range(300 if len(x) < 100 else 1):
            x = [a * 0.5 for a in x]
        return squares(x)

    with inferred_from(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(recordings, "LEAST", 1000)
        found = compile(grad(dear))
        assert found(vector(120)) == [a * 0.5 for a in vector(120)]
    assert found.program.sizes.reason.endswith("than a tenth of recording everything")
    assert sizes == [120]  # what is taken back is not seen


def test_what_is_quick_is_recorded_in_full_and_what_is_not_is_found() -> None:
    calls = []

    def counted(x: Any) -> Any:
        calls.append(len(x))
        return squares(x)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(functions, "MANY_NUMBERS", 40)
        quick = compile(counted)
        assert quick([0.5] * 48) == 12.0
        assert quick.program.sizes.reason.endswith("recording everything is quick")
        del calls[:]
        patch.setattr(recordings, "SMALL", 50)
        assert compile(counted)([0.5] * 48) == 12.0
        assert calls == [48]  # what was stopped is taken back
        found = compile(squares)
        assert found([0.5] * 48) == 12.0
        assert [length.size for length in found.program.sizes.free] == [48]


def stepped(x: Any) -> Any:
    """Derivatives are recorded after what is recorded."""
    slopes = grad(squares)(x)
    return [a - 0.1 * b for a, b in zip(x, slopes, strict=True)]


@pytest.mark.parametrize(("function", "batch"), [(stepped, ()), (squares, "x")])
def test_of_few_numbers_what_can_be_no_loop_is_not_stopped(function: Any, batch: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recordings, "SMALL", 50)
        patch.setattr(planning, "found_in_turns", lambda *_: pytest.fail("it was stopped"))
        compile(function, batch=batch)([[0.5] * 48] if batch else [0.5] * 48)


class Counter:
    """What is written beside the numbers: attributes, and lists of objects."""

    def __init__(self) -> None:
        self.calls = 0
        self.latest: Any = None
        self.seen: list[float] = []

    def note(self, x: Any) -> Any:
        self.calls += 1
        self.latest = "noted"
        self.seen.append(1.0)
        return x


counter = Counter()
calls = 0


def noting(x: Any) -> Any:
    """Note that it was called, behind functions that leave nothing."""
    global calls
    calls += 1
    return counter.note(halved(x))


def halved(x: Any) -> Any:
    return x * 0.5


@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("sizes", ["auto", "fixed"])
def test_of_few_numbers_what_was_stopped_is_taken_back(sizes: str, early: bool) -> None:
    """Wherever it is noted: where it begins, in a closure, or behind many operations."""
    seen: list[float] = []

    def inner(x: Any) -> Any:
        seen.append(2.0)
        return noting(x)

    def many(x: Any) -> Any:
        x = inner(x) if early else x
        for _ in range(100):
            x = x * 0.5 + 0.25
        return x if early else inner(x)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recordings, "SMALL", 150)
        patch.setitem(globals(), "counter", Counter())
        patch.setitem(globals(), "calls", 0)
        assert compile(many, sizes=sizes)(0.25) == pytest.approx(many(0.25))
        assert (calls, counter.calls, counter.seen, seen) == (2, 2, [1.0] * 2, [2.0] * 2)
        assert counter.latest == "noted"


def test_what_is_stopped_is_what_it_was_though_read_before() -> None:
    """What changes before anything is only added to is known to whom it is told first."""
    table: list[float] = []

    def filled(x: Any) -> Any:
        if not table:
            table[:] = [0.5, 0.25]
        return later(x)

    def later(x: Any) -> Any:
        seen.append(1.0)
        for _ in range(100):
            x = x * table[0] + table[1]
        return x

    seen: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recordings, "SMALL", 150)
        assert compile(filled)(0.25) == pytest.approx(filled(0.25))
    assert table == [0.5, 0.25]
