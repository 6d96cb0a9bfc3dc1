"""What can be exported: a program, what it is given, and what it gives, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np

from ..compiler.captured import names_of
from ..compiler.program.precision import dtype_of
from ..compiler.program.program import DOUBLE, Dtype, Floats, Piece, Role, number_of
from ..compiler.program.program import Program as Data
from ..compiler.readable import Program
from ..compiler.trace.parts import shape_of
from ..compiler.trace.recorder import Argument
from ..compiler.trace.results import Reduce, given_for
from ..containers import Wrapped
from ..data.validation import check_table
from ..errors import ArgumentError, ArgumentTypeError
from ..nn.compiled.forward import Forward, numbers_of
from ..nn.compiled.symbolic import parameter_argument
from ..nn.draws import nobody_draws
from ..nn.module import Module
from ..tree import NONE, Key, branches_of, has_nothing, reached, size_of

__all__ = ["Output", "Source", "source_of"]


PerSample: TypeAlias = "bool | list[PerSample]"  # of a whole, or of each of its parts


@dataclass(frozen=True, slots=True)
class Output:
    """Neighbours among the results; `per_sample` if there are so many for each sample."""

    name: str
    size: int
    per_sample: bool
    is_number: bool = False  # whether it is a number, and no list of one


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A program with all numbers that it does not get as arguments.

    `given` are the arguments by the numbers of their arrays, and `known` what other arrays hold
    that are no constants of the program. The result is nested as `result` says, and `per_sample`
    of which parts each sample has its own.
    """

    title: str
    name: str
    program: Data
    given: dict[int, Argument]
    outputs: tuple[Output, ...]
    known: dict[int, Floats] = field(default_factory=dict)
    dtype: Dtype = DOUBLE
    is_model: bool = False
    result: Key = 0
    per_sample: PerSample = True
    classes: tuple[str, ...] = ()


def source_of(thing: Any, dtype: Any = None, example: Any = None) -> Source:
    """Take up a compiled function, its program, or a model, which takes samples as of the example.

    What predicts with a model has it as its `network`, and perhaps names of `classes`.
    """
    classes = tuple(map(str, getattr(thing, "classes", ())))
    thing = getattr(thing, "network", thing)
    found = _of_model(thing, example) if isinstance(thing, Module) else _of_program(_program(thing))
    own = found.dtype if dtype is None else dtype_of(dtype)
    return replace(found, dtype=own, classes=classes)


def _program(thing: Any) -> Program:
    program = getattr(thing, "program", thing)
    if program is None:
        raise ArgumentError(
            f"{thing!r} has no program yet: call it once, with arguments as long as they are to be"
        )
    if not isinstance(program, Program):
        raise ArgumentTypeError(
            f"what is to be exported is {thing!r}, of type {type(thing).__name__}: expected a "
            "compiled function, its program, or a model; compile a function first"
        )
    return program


def _of_program(program: Program) -> Source:
    interface = program.interface
    if interface is None:
        raise ArgumentError(
            "this program is a part of a training or of a model's predict, and has no arguments "
            "that could be given to it: export the model, or compile a function of its own"
        )
    given = {n: a for n, a in enumerate(interface.arguments) if a.nesting.size}
    captured = interface.captured
    home = number_of(program.arrays, Role.CAPTURED)
    known: dict[int, Floats] = {}
    data: Data = program
    if captured:
        known[home] = numbers_of(captured)
        pieces = [Piece(n, i, ()) for i, n in enumerate(names_of(captured, interface.roots))]
        arrays = list(program.arrays)
        arrays[home] = replace(arrays[home], pieces=tuple(pieces))
        data = replace(program, arrays=arrays)
    batched = any(argument.per_sample for argument in interface.arguments)
    outputs = tuple(_outputs("result", interface.result, interface.reduce, batched))
    if sum(run.size for run in program.results) != size_of(interface.result):
        raise ArgumentError(
            f"{interface.name} looks at numbers, and its program is that of one path alone, which "
            "gives the answers on the way as well: choose with where(condition, x, y), or with max, "
            "min and abs of this package"
        )
    for argument in interface.arguments:
        _refuse(argument.name, argument.nesting.key, True)
    _refuse("the result", interface.result, False)
    name = interface.name if interface.name != "<lambda>" else "function"
    per_sample = _per_sample(interface.result, interface.reduce, batched)
    return Source(
        name,
        name,
        data,
        given,
        outputs,
        known,
        program.tiers.dtype,
        result=interface.result,
        per_sample=per_sample,
    )


def _of_model(model: Module, samples: Any) -> Source:
    row = [0.0] * _width(model) if samples is None else check_table(samples)[0]
    with nobody_draws():  # as in `predict`
        forward = Forward(model, row)
    parameters, argument = parameter_argument(model)
    program = forward.program
    arrays = list(program.arrays)
    arrays[0] = replace(arrays[0], name="parameters", pieces=argument.pieces)
    size = sum(run.size for run in program.results)
    return Source(
        repr(model),
        "predict",
        replace(program, arrays=arrays),
        {1: Argument("x", (list, len(row)), True)},
        (Output("result", size, True),),
        {0: np.asarray(numbers_of(parameters))},
        is_model=True,
        result=(list, size),
    )


def _per_sample(key: Key, reduce: Reduce, batched: bool) -> PerSample:
    """Say of which parts of a result each sample has its own."""
    if not isinstance(reduce, dict | list | tuple):
        return batched and reduce is None
    parts = zip(given_for(reduce, key), branches_of(key), strict=True)
    return [_per_sample(part, how, batched) for how, (_, part) in parts]


def _refuse(name: str, key: Key, is_given: bool) -> None:
    """Refuse what another language has not: classes that were registered, texts in results."""
    if key not in (0, NONE) and has_nothing(key) and not is_given:
        raise ArgumentTypeError(
            f"{name} is {key[0]!r}, which is no number: export a function that returns numbers "
            "alone"
        )
    if key != 0 and isinstance(key[0], Wrapped):
        raise ArgumentTypeError(
            f"{name} has a {key[0].__name__}, which is code: export a function of lists, dicts or "
            "arrays"
        )
    for step, part in branches_of(key):
        _refuse(reached(name, key[0], step), part, is_given)


def _width(model: Module) -> int:
    """Find how many numbers a model of ours takes."""
    first: Any = model
    while hasattr(first, "layers") and first.layers:
        first = first.layers[0]
    first = getattr(first, "neurons", [first])[0]
    if not hasattr(first, "w"):
        raise ArgumentError(
            f"how many numbers {model!r} takes is not known: give samples, example=[[0.1, 0.2, ...]]"
        )
    return len(first.w)


def _outputs(name: str, key: Key, reduce: Reduce, batched: bool) -> Iterator[Output]:
    """Part results as they are nested at the top, and as they are reduced."""
    nested = isinstance(reduce, dict | list | tuple)
    is_whole = shape_of(key) is not None if name == "result" else True
    if key == NONE or not (nested or not is_whole):
        if size_of(key):
            yield Output(name, size_of(key), batched and reduce is None, key == 0)
        return
    steps = getattr(key[0], "_fields", None) or [step for step, _ in branches_of(key)]
    ways = given_for(reduce, key) if nested else [reduce] * len(steps)
    for step, (_, part), how in zip(steps, branches_of(key), ways, strict=True):
        own = step if isinstance(step, str) else f"{name}_{step}"
        yield from _outputs(own, part, how, batched)
