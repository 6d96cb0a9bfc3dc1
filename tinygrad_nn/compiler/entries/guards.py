"""The guards of a program that has questions: lines that return where one has another answer.

What they return is a `Missed`, made beforehand for each question.
"""

from __future__ import annotations

from functools import partial

from ..backends.memory import Memory
from ..missed import Missed, missed
from ..plan import Plan
from ..readout import places_in, shared_reader, within
from .source import Source, Unfit

__all__ = ["guard", "misses_of"]

FEW = 4  # questions that are looked at one by one


def misses_of(plan: Plan, memory: Memory) -> tuple[list[Missed], list[int]]:
    """Give what is returned for each question, and where in the memory its guard is."""
    size, questions = plan.trace.nesting.size, plan.trace.questions
    parts = within(plan.parts, size, size + len(questions))
    if any(part.array < 0 or part.per_sample for part in parts):
        raise Unfit
    places = [place for part in parts for place in places_in(part, memory)]
    numbers = memory.shared.data
    return [Missed(place, numbers, index) for place, index in enumerate(places)], places


def guard(source: Source, plan: Plan, memory: Memory) -> None:
    """Write what returns if a guard of a program has another answer than it had."""
    bind = source.bind
    misses, places = misses_of(plan, memory)
    answers = [question.answer for question in plan.trace.questions]
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
