"""A graph on a tape: each node once, and as often as one likes."""

from __future__ import annotations

import threading

from tinygrad_nn import Value, exp
from tinygrad_nn.compiler.program.program import Array, Role
from tinygrad_nn.compiler.tape.record import record_tape
from tinygrad_nn.compiler.tape.tape import Tape, input_number
from tinygrad_nn.compiler.trace.symbol import Symbol
from tinygrad_nn.scalar import contexts
from tinygrad_nn.scalar.graph import Node


def _refused(node: Node) -> tuple[int, int]:
    raise AssertionError(node)


def _tape() -> Tape:
    return Tape([Array(2, False, Role.INPUT, "x")])


def test_a_graph_is_written_once_whatever_reads_it() -> None:
    x, y = Symbol("x"), Symbol("y")
    shared = x * y
    roots = [shared + 1.0, exp(shared) + 1.0]
    tape = _tape()
    known = record_tape(tape, roots, {x: input_number(0, 0), y: input_number(0, 1)}, _refused)
    assert [row.name for row in tape.rows] == [
        "leaf",
        "leaf",
        "mul",
        "constant",
        "add",
        "exp",
        "add",
    ]
    assert [known[node] for node in (x, y, shared, *roots)] == [0, 1, 2, 4, 6]
    assert all(node in known for node in (x, y, shared, *roots))
    assert Symbol("z") not in known


def test_symbols_that_were_on_another_tape_are_written_anew() -> None:
    x, y = Symbol("x"), Symbol("y")
    first = _tape()
    record_tape(first, [(x - y) * x], {x: input_number(0, 0), y: input_number(0, 1)}, _refused)
    second = _tape()
    root = (x - y) + 2.0
    known = record_tape(second, [root], {y: input_number(0, 0), x: input_number(0, 1)}, _refused)
    assert [row.name for row in second.rows] == ["leaf", "leaf", "sub", "constant", "add"]
    assert second.args[known[x]] == (0, 1)
    assert second.args[known[y]] == (0, 0)
    x_of_other = Symbol("x")
    assert x_of_other not in known


def test_nothing_is_written_on_values() -> None:
    x, y = Value(2.0), Value(3.0)
    root = x * y + x
    before = [node.mark for node in (x, y, root)]
    known = record_tape(_tape(), [root], {x: input_number(0, 0), y: input_number(0, 1)}, _refused)
    assert [node.mark for node in (x, y, root)] == before
    assert known[root] == 3
    root.backward()
    assert (x.grad, y.grad) == (4.0, 2.0)


def test_passes_in_other_threads_are_none_of_its_business() -> None:
    """A number taken from outside may be met by `backward` while it is written on a tape."""
    captured = Value(2.0)
    (captured * 3.0).backward()

    def other(node: Node) -> tuple[int, int]:
        thread = threading.Thread(target=(captured * captured).backward)
        thread.start()
        thread.join()
        return 0, 1

    with contexts.recording():
        x = Symbol("x")
        root = (x + captured * captured) * captured
    tape = _tape()
    known = record_tape(tape, [root], {x: input_number(0, 0)}, other)
    assert [row.name for row in tape.rows] == ["leaf", "leaf", "mul", "add", "mul"]
    assert known[captured] == 1
