"""Mistakes of the reverse pass: its order, its beginning, what it remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from .engine import Rules
from .mistake import Mistake

__all__ = ["of_backward"]


def of_backward() -> Iterator[Mistake]:
    """List them."""
    orders = {
        "depth first": "each node passes its gradient on as soon as it is met, going down",
        "breadth first": "each node passes its gradient on as soon as it is met, row by row",
        "last first": "each node passes its gradient on as soon as it is taken from the stack",
    }
    hints = (
        "Draw a graph in which a result is used twice, and number the nodes in your order.",
        "When a node passes its gradient on, has it itself got all of its own yet?",
        "A node's turn comes when all nodes that use it have had theirs.",
    )
    for order, what in orders.items():
        yield Mistake(
            "order",
            f"The order of backward is wrong: {what}, before all that it gets has arrived.",
            hints,
            _field("order", order),
        )
    yield Mistake(
        "order reversed",
        "Backward gets no further than the operands of the output: it begins at the leaves, when no "
        "gradient has reached them yet (the order is reversed), or it stops after one step.",
        (
            "Print the nodes in the order in which backward treats them.",
            "Which node knows its gradient before anything is computed?",
            "The gradients flow from the output to the leaves: so must the order.",
        ),
        _field("order", "leaves first"),
    )
    hints = (
        "Count how often each node's backward step runs in a graph in which a result is used twice.",
        "A node that two ways lead to is met twice.",
        "What tells that a node has been met before?",
    )
    for order in ("again", "again downwards", "again sorted"):
        yield Mistake(
            "visited twice",
            "A node that is used twice passes its gradient on twice: backward does not remember where it "
            "has been.",
            hints,
            _field("order", order),
        )
    yield Mistake(
        "sums handed on",
        "Backward goes down every path, and hands on all that a node has got so far, where only what has "
        "just come along this path belongs: what came before is counted again.",
        (
            "Follow a graph in which a result is used twice, with the numbers that each call is given.",
            "What does the second call for a node hand on: its whole gradient, or the part that is new?",
            "Along one path flows one product; the sum over paths is formed in `.grad` alone.",
        ),
        _field("order", "along paths"),
    )
    hints = (
        "Print `.grad` of the output after backward.",
        "How much does the output change when it changes itself?",
        "The chain of factors needs its first one before anything flows.",
    )
    yield Mistake(
        "no seed",
        "Backward does not give the output a gradient to begin with: everything is 0.",
        hints,
        lambda rules: replace(rules, seed=lambda data: 0.0),
    )
    yield Mistake(
        "wrong seed",
        "Backward begins with the output's number as its gradient.",
        hints,
        lambda rules: replace(rules, seed=lambda data: data),
    )
    yield Mistake(
        "equal is the same",
        "Two numbers that are equal are taken for the same node (by `__eq__`, `__hash__` or their "
        "data), and one of them is left out.",
        (
            "Try a graph in which two different nodes have the same number.",
            "How does backward decide that it has met a node before?",
            "A node is itself, whatever its number: what of Python compares just that?",
        ),
        lambda rules: replace(rules, equal_is_same=True),
    )
    yield Mistake(
        "no reset",
        "Something of one backward pass is still there in the next: its nodes are gone through again.",
        (
            "Call backward on one graph, set the gradients to 0, and build another on the same leaves.",
            "Which lists or sets live longer than one call? Think of default arguments and of "
            "attributes of the class.",
            "Each call must begin with an order of its own.",
        ),
        lambda rules: replace(rules, keeps_order=True),
    )


def _field(name: str, value: str) -> Callable[[Rules], Rules]:
    return lambda rules: replace(rules, **{name: value})  # type: ignore[arg-type]
