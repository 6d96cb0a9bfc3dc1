"""The guards of a program that has questions: lines that return where one has another answer.

What they return is a `Missed`, made beforehand for each question. A program of samples has one guard:
how many of them leave its path.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from ..backends.memory import Memory
from ..missed import MISSED, Missed, missed
from ..plan import Plan
from ..readout import places_in, shared_reader, within
from .source import Source, Unfit

__all__ = ["Guards", "guard", "guards_of"]

FEW = 4  # questions that are looked at one by one


class Guards(NamedTuple):
    """What is returned for each, where in the memory they are, and what they are to be."""

    misses: list[Missed]
    places: list[int]
    answers: list[float]


def guards_of(plan: Plan, memory: Memory) -> Guards:
    """List the guards of a program."""
    trace = plan.trace
    answers = [0.0] if trace.batched else [question.answer for question in trace.questions]
    size = trace.nesting.size
    parts = within(plan.parts, size, size + len(answers))
    if any(part.array < 0 or part.per_sample for part in parts):
        raise Unfit
    places = [place for part in parts for place in places_in(part, memory)]
    if trace.batched:
        return Guards([MISSED], places, answers)
    numbers = memory.shared.data
    misses = [Missed(place, numbers, index) for place, index in enumerate(places)]
    return Guards(misses, places, answers)


def guard(source: Source, plan: Plan, memory: Memory) -> None:
    """Write what returns if a guard of a program has another answer than it had."""
    bind = source.bind
    misses, places, answers = guards_of(plan, memory)
    if len(places) <= FEW:
        numbers = bind(memory.shared.data)
        for place, answer, miss in zip(places, answers, misses, strict=True):
            with source.block(f"if {numbers}[{place}] != {bind(answer)}:"):
                source.line(f"return {bind(miss)}")
        return
    size = plan.trace.nesting.size
    reader = shared_reader(within(plan.parts, size, size + len(places)), memory)
    found = source.variable()
    source.line(f"{found} = {bind(reader)}().tolist()")
    with source.block(f"if {found} != {bind(answers)}:"):
        source.line(f"return {bind(partial(missed, answers))}({found})")
