"""Statements of a simple program as calls of NumPy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import signature
from math import prod
from typing import Any

import numpy as np

from ....scalar.operation import Op
from ...program.split import is_plain
from ...program.statements import Access, Basic, Map, Reduce, Runs, is_onto
from ...program.strides import spread
from ..memory import Memory
from .choices import add_to_chosen
from .elements import ElementsWriter
from .emitter import Emitter
from .nest import Nest, Operand
from .sums import write_runs, write_sum
from .views import Strided

__all__ = ["takes_out", "write"]


def write(memory: Memory, emit: Emitter, statement: Basic) -> None:
    """Write the calls of one statement of a simple program."""
    target = statement.target
    nest = Nest(memory, emit, statement.nest, memory.program.arrays[target.array].per_sample)
    if isinstance(statement, Reduce) and target.chosen is not None:
        add_to_chosen(nest, statement)
    elif target.table < 0:
        _write_to(nest, statement, nest.along(target))
    else:
        out = nest.aside()
        if is_onto(statement):
            nest.copy(out, nest.along(target))
        _write_to(nest, statement, out)
        _scatter(nest, target, out)


def _write_to(nest: Nest, statement: Basic, out: Strided) -> None:
    """Write a statement with its results along strides."""
    if isinstance(statement, Map):
        _map(nest, statement, out)
    elif isinstance(statement, Runs):
        write_runs(nest, statement, out)
    elif all(is_plain(nest.memory.program.arrays, term) for term in statement.terms):
        ElementsWriter(nest, statement, out).write()
    else:
        write_sum(nest, statement, out)


def _map(nest: Nest, statement: Map, out: Strided) -> None:
    op = statement.op
    operands = [nest.along(x) if isinstance(x, Access) else x for x in statement.operands]
    if op.array == "power":
        _power(nest, op, operands, out)
    elif isinstance(op.array, str) and op.array:
        nest.call(op.array.replace("special.", "special_"), *operands, out=out)
    elif isinstance(op.array, tuple):
        nest.call(op.array[0], *operands, out=out)
        for name in op.array[1:]:
            nest.call(name, out, out=out)
    else:
        _call_function(nest, op, operands, out)


def _power(nest: Nest, op: Op, operands: Sequence[Operand], out: Strided) -> None:
    """Let each number have an exponent of its own, where all could have the same 0.5.

    For that NumPy takes the root, and the roots of -inf and -0.0 are not their powers.
    """
    base, exponent = operands
    is_one = 0 in exponent.strides if isinstance(exponent, Strided) else exponent == 0.5
    if prod(nest.sizes) == 1:
        _call_function(nest, op, operands, out)
        return
    if is_one:
        spread = nest.aside()
        nest.copy(spread, exponent)
        exponent = spread
    nest.call("power", base, exponent, out=out)


def _call_function(nest: Nest, op: Op, operands: Sequence[Operand], out: Strided) -> None:
    """Call a function of arrays, or as for the rows of a user one of numbers."""
    emit = nest.emit
    *shown, target = nest.views(*operands, out)
    names = [emit.number(x) if type(x) is float else emit.name(x) for x in shown]
    into = emit.name(target)
    if not callable(op.array):
        function = emit.name(np.frompyfunc(op.quiet, op.arity, 1))
        emit.line(f"{into}[...] = {function}({', '.join(names)})")
        return
    call = f"{emit.name(op.array)}({', '.join([emit.name(np), *names])}"
    writes = takes_out(op.array)
    emit.line(f"{call}, out={into})" if writes else f"{into}[...] = {call})")


def takes_out(function: Callable[..., Any]) -> bool:
    """Tell whether a function of arrays writes its result to a parameter `out`."""
    try:
        return "out" in signature(function).parameters
    except ValueError:  # a lambda of the core, compiled: it returns its result
        return False


def _scatter(nest: Nest, target: Access, out: Strided) -> None:
    """Write results through a table to where they belong."""
    memory, emit = nest.memory, nest.emit
    numbers = memory.numbers(target.array)
    at = spread(target.start, nest.own, target.strides).ravel()
    places = memory.program.tables[target.table][at]
    source = out.view(nest.sizes).reshape(places.size, *numbers.shape[1:])
    emit.line(f"{emit.name(numbers)}[{emit.name(places)}] = {emit.name(source)}")
