"""What a model returned for a sample, as plain numbers."""

from __future__ import annotations

from typing import Any

from ...errors import ArgumentTypeError
from ...scalar.convert import to_number

__all__ = ["listed", "numbers"]


def numbers(output: Any) -> Any:
    """The floats of one output, or of several."""
    found = [_number(part) for part in listed(output)]
    return found if _has_several(output) else found[0]


def listed(output: Any) -> list[Any]:
    """List the numbers of an output, which is one, or a list or an array of them."""
    if hasattr(output, "tolist"):
        output = output.tolist()
    return list(output) if isinstance(output, list | tuple) else [output]


def _has_several(output: Any) -> bool:
    return isinstance(output, list | tuple) or bool(getattr(output, "shape", ()))


def _number(part: Any) -> float:
    if hasattr(part, "_apply"):
        return float(part.data)
    if isinstance(part, dict):
        raise ArgumentTypeError(
            f"the output of the model is a dict: expected a number, or a list of numbers; return "
            f"one of its parts, {', '.join(map(repr, part))}, or a list of them"
        )
    return to_number(part, "the output of the model")
