"""What is recorded keeps to its budget, whatever functions do."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.support.any_size import inferred_from, vector
from tinygrad_nn import compile, grad
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
