"""Calling a function with symbols, and writing what it computes on a tape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from ...errors import TraceError
from ...scalar import contexts
from ...scalar.contexts import collector_paused
from ...scalar.graph import Node
from ...scalar.value import Value
from ..tape.tape import Array, Tape, record_tape
from .structure import Key, Layout, layout_of
from .symbol import Symbol

__all__ = ["Argument", "Trace", "trace"]


class Argument:
    """One argument of the function: how it is nested, and whether each sample has its own."""

    __slots__ = ("layout", "name", "per_sample")

    def __init__(self, name: str, key: Key, per_sample: bool) -> None:
        self.name = name
        self.layout = Layout(key)
        self.per_sample = per_sample


class Trace:
    """What a function computes.

    Attributes
    ----------
    tape : Tape
        Its arrays are those of the arguments, then one of `captured`, then the number of
        samples and its inverse.
    layout : Layout
        How the result is nested.
    entries : list of int
        The entries of its numbers.
    captured : list of Value
        Leaves that the function takes from elsewhere: they are read at every call.
    derivatives : set of int
        The entries that are derivatives by an argument that each sample has its own of.
    """

    def __init__(
        self,
        tape: Tape,
        layout: Layout,
        entries: list[int],
        captured: list[Value],
        derivatives: set[int],
    ) -> None:
        self.tape = tape
        self.layout = layout
        self.entries = entries
        self.captured = captured
        self.derivatives = derivatives


def trace(
    function: Callable[..., Any],
    arguments: Sequence[Argument],
    call: Callable[[list[Any]], Any],
    debug: bool,
    share: bool = False,
) -> Trace:
    """Record a function.

    Parameters
    ----------
    function : callable
        For its name only.
    arguments : sequence of Argument
    call : callable
        Calls the function, given the symbols in place of the arguments.
    debug : bool
        Whether to remember the user's line of every operation.
    share : bool
        Whether `call` is given the inverse of the number of samples, after the arguments.

    Returns
    -------
    Trace
    """
    inputs: dict[Node, tuple[int, int]] = {}
    arrays: list[Array] = []
    nested: list[Any] = []
    for number, argument in enumerate(arguments):
        size = argument.layout.size
        symbols = [Symbol(argument.name if size == 1 else "") for _ in range(size)]
        for place, symbol in enumerate(symbols):
            inputs[symbol] = (number, place)
        arrays.append(Array(argument.name, size, argument.per_sample))
        nested.append(argument.layout.rebuild(symbols))
    if share:
        nested.append(Symbol("1/batch"))
        inputs[nested[-1]] = (len(arguments) + 1, 1)
    with ExitStack() as opened:
        opened.enter_context(collector_paused())
        opened.enter_context(contexts.recording())
        if debug:
            opened.enter_context(contexts.debug())
        state = contexts.state
        outside = state.derived, state.guards, state.chosen
        state.derived, state.guards, state.chosen = [], [], []
        try:
            result = call(nested)
            derived, chosen = state.derived, state.chosen
        finally:
            state.derived, state.guards, state.chosen = outside
        leaves: list[Any] = []
        layout = layout_of(result, leaves)
        flat = _flat(leaves)
        recorded = _write(function, arrays, inputs, layout, flat, derived, debug)
        recorded.tape.lookups = {(*inputs[node], size) for node, size in chosen if node in inputs}
        if not debug:
            recorded.tape.nodes.clear()  # only a fault is traced back to the user's line
        return recorded


def _flat(leaves: list[Any]) -> list[Any]:
    """Take whole arrays of numbers apart."""
    flat: list[Any] = []
    for leaf in leaves:
        if hasattr(leaf, "ravel"):
            flat.extend(leaf.ravel().tolist())
        else:
            flat.append(leaf)
    return flat


def _write(
    function: Callable[..., Any],
    arrays: list[Array],
    inputs: dict[Node, tuple[int, int]],
    layout: Layout,
    leaves: list[Any],
    derived: list[tuple[list[Any], list[Any]]],
    debug: bool,
) -> Trace:
    tape = Tape(arrays, debug)
    roots = [leaf for leaf in leaves if isinstance(leaf, Value)]
    captured: list[Value] = []
    number = tape.add_array(Array("captured", 0))
    tape.add_array(Array("batch", 2))

    def capture(node: Node) -> tuple[int, int]:
        if node.is_symbolic:
            name = getattr(function, "__name__", "the function")
            raise TraceError(
                f"{name} uses {node!r}, an argument of another function that is being recorded: "
                "hand it over as an argument"
            )
        assert isinstance(node, Value)
        captured.append(node)
        tape.arrays[number].size = len(captured)
        return number, len(captured) - 1

    known = record_tape(tape, roots, inputs, capture)
    entries = [
        known[leaf] if isinstance(leaf, Value) else tape.constant(float(leaf)) for leaf in leaves
    ]
    derivatives: set[int] = set()
    shared: set[int] = set()  # one number may be the derivative by both
    for by, found in derived:
        present = [(node, d) for node, d in zip(by, found, strict=True) if d in known]
        if present:
            tape.blocks.append([known[d] for _, d in present])
        for node, d in present:
            base = node
            while base.args and base not in inputs:
                base = base.x
            if base in inputs:
                own = tape.arrays[inputs[base][0]].per_sample
                (derivatives if own else shared).add(known[d])
    return Trace(tape, layout, entries, captured, derivatives - shared)
