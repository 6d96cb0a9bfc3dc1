"""What a recording says: arrays, results, sums over the samples, blocks and lookups."""

from __future__ import annotations

from typing import Any

import pytest
from recorded import computed, contents, recorded, traced

from tinygrad_nn import Value, compile, grad, gradients, lookup, tanh
from tinygrad_nn.compiler.batched import Batched
from tinygrad_nn.compiler.plan import Plan
from tinygrad_nn.compiler.program.program import Array, Piece, Role
from tinygrad_nn.compiler.tape.recording import Result
from tinygrad_nn.compiler.tape.verify import verify_recording
from tinygrad_nn.compiler.trace.recorder import Argument
from tinygrad_nn.errors import TraceError

SHARED = Argument("w", (list, 2), False)
OWN = Argument("x", 0, True)
BATCH = (Piece("batch", 0, ()), Piece("1/batch", 1, ()))


def line(w: Any, x: Any) -> Any:
    return w[0] * x + w[1]


def test_arrays_say_where_their_numbers_come_from() -> None:
    a, b = Value(3.0), Value(4.0)
    found = traced(lambda w, x: [line(w, x) * a, b - a], [SHARED, OWN])
    assert found.recording.tape.arrays == [
        Array(2, False, Role.INPUT, "w", (Piece("w", 0, (2,)),)),
        Array(1, True, Role.INPUT, "x", (Piece("x", 0, ()),)),
        Array(2, False, Role.CAPTURED, "captured"),
        Array(2, False, Role.BATCH, "samples", BATCH),
    ]
    assert {id(value) for value in found.captured} == {id(a), id(b)}


def test_parts_are_called_what_the_caller_says() -> None:
    argument = Argument("w", (list, 2), False, [Piece("slope", 0, ()), Piece("base", 1, ())])
    arrays = traced(line, [argument, OWN]).recording.tape.arrays
    assert [piece.name for piece in arrays[0].pieces] == ["slope", "base"]


@pytest.mark.parametrize(
    ("reduce", "expected"),
    [(None, [7.0, 9.0, 15.0]), ("sum", [31.0]), ("mean", [31.0 / 3])],
)
def test_results_are_reduced_over_the_samples(reduce: str | None, expected: list[float]) -> None:
    recording = traced(line, [SHARED, OWN], reduce).recording
    assert [result.per_sample for result in recording.results] == [reduce is None]
    assert computed(recording, [[2.0, 5.0]], [[1.0], [2.0], [5.0]]) == [[pytest.approx(expected)]]


def test_what_samples_share_counts_once_for_each() -> None:
    recording = traced(lambda w, x: [w[0] - x, w[1]], [SHARED, OWN], "sum").recording
    assert computed(recording, [[2.0, 5.0]], [[1.0], [2.0], [5.0]]) == [[[-2.0], [15.0]]]


def test_each_part_is_reduced_in_its_own_way() -> None:
    found = traced(
        lambda w, x: {"all": [line(w, x), x], "one": x}, [SHARED, OWN], {"all": None, "one": "sum"}
    )
    recording = found.recording
    assert [result.per_sample for result in recording.results] == [True, False]
    assert computed(recording, [[2.0, 5.0]], [[1.0], [2.0]]) == [
        [[7.0, 9.0], [1.0, 2.0]],
        [[3.0]],
    ]
    assert [(piece.name, piece.start, piece.shape) for piece in recording.pieces] == [
        ("result", 0, (3,)),
        ("result['all']", 0, (2,)),
        ("result['one']", 2, ()),
    ]


def test_without_samples_nothing_is_reduced() -> None:
    found = traced(lambda w: w, [SHARED], "mean")
    assert found.reduce is None
    assert found.recording.results == (Result((0, 1), False),)


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda w, x: gradients(line(w, x) * x, [x])[0], [21.0, 25.0]),
        (lambda w, x: grad(lambda v: line(w, v) * v)(x), [21.0, 25.0]),
        (lambda w, x: gradients(line(w, x), [x])[0], [4.0, 4.0]),  # w itself
    ],
)
@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_a_derivative_is_reduced_like_any_number(
    f: Any, expected: list[float], reduce: str
) -> None:
    recording = traced(f, [SHARED, OWN], reduce).recording
    total = sum(expected) / (2 if reduce == "mean" else 1)
    assert computed(recording, [[4.0, 5.0]], [[2.0], [2.5]]) == [[[total]]]


def test_a_number_that_is_a_derivative_by_both_is_reduced() -> None:
    recording = traced(lambda w, x: gradients(w[0] + x, [w[0], x]), [SHARED, OWN], "sum").recording
    assert computed(recording, [[2.0, 5.0]], [[1.0], [2.0], [5.0]]) == [[[3.0], [3.0]]]


def test_slopes_that_samples_share_are_in_no_block() -> None:
    recording = traced(
        lambda w, x: gradients(w[0] * x + 3.0 * w[1], w), [SHARED, OWN], "sum"
    ).recording
    verify_recording(recording)
    assert [len(block) for block in recording.blocks] == [1]


def test_a_mean_of_many_slopes_scales_what_they_have_in_common() -> None:
    pair = Argument("x", (list, 2), True)
    recording = traced(
        lambda w, x: gradients(tanh(w[0] * x[0] + w[1] * x[1]), w), [SHARED, pair], "mean"
    ).recording
    assert recording.blocks == (recording.results[0].entries,)  # the sums are not scaled


def test_the_gradients_of_one_call_are_a_block_of_sums() -> None:
    def slopes(w: Any, x: Any) -> Any:
        return gradients(line(w, x) * x, w)

    whole = traced(slopes, [SHARED, OWN]).recording
    assert whole.blocks == (whole.results[0].entries,)
    tape = (reduced := traced(slopes, [SHARED, OWN], "mean").recording).tape
    (block,) = reduced.blocks
    assert len(block) == 2
    assert not any(tape.varies[entry] for entry in block)


def test_inputs_that_choose_are_looked_up() -> None:
    recording = traced(lambda w, x: lookup(w, x) + lookup([w[0]] * 3, w[1]), [SHARED, OWN])
    tape = recording.recording.tape
    found = {(tape.args[entry], size) for entry, size in recording.recording.lookups}
    assert found == {((1, 0), 2), ((0, 1), 3)}


def test_the_share_of_a_sample_is_one_over_their_number() -> None:
    recorder = recorded(lambda x, share: x * share, [OWN], share=True)
    total, _ = recorder.reduce(recorder.entries[0], "sum")
    recording = recorder.finish([Result((total,), False)])
    assert computed(recording, [[1.0], [2.0], [6.0]]) == [[[3.0]]]


def test_symbols_of_another_recording_are_refused() -> None:
    def outer(x: Any) -> Any:
        return traced(lambda w: w[0] * x, [SHARED])

    with pytest.raises(TraceError, match="an argument of another function"):
        compile(outer)(1.0)


def test_a_recording_is_not_changed_by_whoever_reads_it() -> None:
    c = Value(3.0)

    def f(w: Any, x: Any) -> Any:
        y = line(w, x) * c + lookup(w, x)
        return y, gradients(y, w)

    found = traced(f, [SHARED, OWN], "mean")
    before = contents(found.recording)
    plan = Plan(found, True)
    plan.run([[2.0, 5.0], [[1.0], [0.0]]])
    plan.run([[Value(2.0), 5.0], [[1.0], [0.0]]])
    str(plan.program)
    assert contents(found.recording) == before
    batched = Batched(found.recording)
    assert contents(found.recording) == before
    str(batched.program)
    assert contents(found.recording) == before
