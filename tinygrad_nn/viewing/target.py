"""The loss of a prediction, whose target is a leaf where other targets can be taken too."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ..errors import LostGradientWarning
from ..scalar.convert import is_number
from ..scalar.graph import Node
from ..scalar.value import Value
from ..tree import flatten

__all__ = ["with_target"]

OTHERS = (0.375, -7.25)  # are added to targets, to hear whether the loss takes such


def with_target(
    loss: Callable[[Any, Any], Any], prediction: Any, y: Any
) -> tuple[Any, list[Node], dict[Node, str]]:
    """Record a loss: its result, the leaves of its target, and why these are fixed if they are.

    A loss may want plain numbers, and may check them, which leaves no note in the graph: such
    targets are constants, or fixed.
    """
    plain = loss(prediction, y)  # what is wrong with the arguments is raised here
    numbers, rebuild = flatten(y.tolist() if hasattr(y, "tolist") else y)
    if not isinstance(plain, Node) or not all(map(is_number, numbers)):
        return plain, [], {}
    leaves: list[Node] = [Value(float(number)) for number in numbers]
    with warnings.catch_warnings():
        warnings.simplefilter("error", LostGradientWarning)  # of a target that is a plain number
        try:
            root = loss(prediction, rebuild(leaves))
        except Exception:  # of whatever a user's loss does with a Value in place of a number
            return plain, [], {}
        if not isinstance(root, Node) or root.data != plain.data:
            return plain, [], {}
        for other in OTHERS:
            try:
                loss(prediction, rebuild([Value(number + other) for number in numbers]))
            except Exception as error:
                first = str(error).partition("\n")[0]
                reason = f"the loss refuses some targets: {first}"
                return root, leaves, dict.fromkeys(leaves, reason)
    return root, leaves, {}
