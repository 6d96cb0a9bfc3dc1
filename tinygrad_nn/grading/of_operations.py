"""Mistakes that can be in any operation: how it passes gradients on, and what it remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from .engine import OPERATIONS, Rules
from .mistake import Hints, Mistake, shown

__all__ = ["BINARY", "of_operations"]

BINARY = ("x + y", "x * y", "x - y", "x / y")
_REFLECTED = ("n + x", "n * x", "n - x", "n / x")
_FUNCTIONS = tuple(name for name in OPERATIONS if name.endswith("()"))


def _sets() -> Iterator[tuple[str, ...]]:
    """The operations that one mistake is in: one, all, all but one, or those of a kind."""
    yield OPERATIONS
    for operation in OPERATIONS:
        yield (operation,)
    yield ("x + y", "x * y")
    yield (*BINARY, *_REFLECTED)
    yield _FUNCTIONS
    yield ("-x", "x ** n", *_FUNCTIONS)
    for operation in OPERATIONS:
        yield tuple(other for other in OPERATIONS if other != operation)


def _place(operations: tuple[str, ...]) -> str:
    """Say where a mistake is."""
    if len(operations) == 1:
        return f"`{shown(operations[0])}`"
    if operations == OPERATIONS:
        return "all operations"
    left = [name for name in OPERATIONS if name not in operations]
    if len(left) == 1:
        return f"all operations but `{shown(left[0])}`"
    return ", ".join(f"`{shown(name)}`" for name in operations)


def _with(field: str, operations: Iterable[Any]) -> Callable[[Rules], Rules]:
    def change(rules: Rules) -> Rules:
        return replace(rules, **{field: getattr(rules, field) | frozenset(operations)})

    return change


def _family(name: str, field: str, sentence: str, hints: Hints) -> Iterator[Mistake]:
    for operations in _sets():
        place = _place(operations)
        told = sentence.format(place=place)
        yield Mistake(name, told, hints, _with(field, operations), operations)


def of_operations() -> Iterator[Mistake]:
    """List them."""
    yield from _about_operands()
    yield from _family(
        "assigns",
        "assigns",
        "In {place} a gradient is assigned (`=`) where it must be added up (`+=`): what came to the "
        "same number from another use of it is lost.",
        (
            "Look at the lines that write to `.grad` of an operand.",
            "A number that is used twice is changed along two ways. What happens to what the first "
            "way has brought when the second arrives?",
            "The chain rule of several variables adds the contributions of all uses.",
        ),
    )
    yield from _family(
        "forgets the chain",
        "forgets_chain",
        "In {place} the gradient of the result is left out: an operand gets the slope of this "
        "operation alone, not of all that comes after it.",
        (
            "Try the operation with a factor behind it: `b = a * z`.",
            "How much does the output change when the result of this operation changes?",
            "By the chain rule the slope of the operation is one factor; the other is kept in the "
            "result.",
        ),
    )
    yield from _family(
        "takes the operand's gradient",
        "takes_own",
        "In {place} the operand's own gradient stands where the gradient of the result belongs.",
        (
            "Look at which node's `.grad` is read in the backward step.",
            "When the step runs, which node knows already how the output depends on it?",
            "Gradients flow from the result to the operands.",
        ),
    )
    yield from _family(
        "gives nothing",
        "is_silent",
        "{place}: nothing is passed back to the operands.",
        (
            "Call backward on the result of this operation alone, and look at its operands.",
            "Is there a backward step for it, and is it stored where backward looks for it?",
            "A step that is defined is not yet the step of the result: who calls it?",
        ),
    )
    for field in ("counts_first", "counts_last"):
        yield from _family(
            "counts x op x once",
            field,
            "{place}: when both operands are the same number, as in `x * x`, only one of them is counted.",
            (
                "Try the operation with the same number on both sides.",
                "How many members has a set of two operands that are the same?",
                "A number that stands on both sides changes the result in two ways; both are to be added.",
            ),
        )
    yield from _family(
        "changes its operand",
        "changes_operand",
        "{place} changes its operand in place: it must make a new number.",
        (
            "Compare the operand's `.data` before and after the operation.",
            "Others may still use the operand as it was.",
            "The result is a node of its own; what it was made of stays as it is.",
        ),
    )


def _about_operands() -> Iterator[Mistake]:
    hints = (
        "Look at what the result remembers of how it was made.",
        "How does backward find the numbers further back?",
        "Every operand must be reached from the result, not only be given its gradient.",
    )
    for operations in (OPERATIONS, *((name,) for name in OPERATIONS), _FUNCTIONS):
        pairs = [(name, k) for name in operations for k in (0, 1)]
        yield Mistake(
            "forgets its operands",
            f"The result of {_place(operations)} does not remember its operands: backward never gets "
            "to what they were made of.",
            hints,
            _with("forgets_operands", pairs),
            operations,
        )
    for name in BINARY:
        for k, side in enumerate(("left", "right")):
            yield Mistake(
                "forgets an operand",
                f"The result of `{name}` does not remember its {side} operand: backward never gets to "
                "what that was made of.",
                hints,
                _with("forgets_operands", [(name, k)]),
                (name,),
            )
