"""What a model returned for a sample, as plain numbers."""

from __future__ import annotations

from typing import Any

from ...errors import ArgumentTypeError
from ...scalar.convert import to_number

__all__ = ["numbers"]


def numbers(output: Any) -> Any:
    """The floats of one output, or of several."""
    if hasattr(output, "tolist"):
        output = output.tolist()
    if isinstance(output, list | tuple):
        return [_number(part) for part in output]
    return _number(output)


def _number(part: Any) -> float:
    if hasattr(part, "_apply"):
        return float(part.data)
    if isinstance(part, dict):
        raise ArgumentTypeError(
            f"the output of the model is a dict: expected a number, or a list of numbers; return "
            f"one of its parts, {', '.join(map(repr, part))}, or a list of them"
        )
    return to_number(part, "the output of the model")
