"""What a training adds to the cost, and how it cuts gradients."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from ..errors import ArgumentError
from ..functions import dot
from ..optim.clipping import bound, clipped, scale_of
from ..scalar.convert import to_number
from ..scalar.ops import absolute, add

__all__ = ["Terms", "term"]


class Terms(NamedTuple):
    """The penalties of parameters, and the greatest size or length of gradients that stay."""

    l2: float = 0.0
    l1: float = 0.0
    clip_value: float | None = None
    clip_norm: float | None = None

    @property
    def penalise(self) -> bool:
        """Whether parameters cost anything."""
        return self.l2 > 0.0 or self.l1 > 0.0

    def penalty(self, parameters: Iterable[Any]) -> Any:
        """Give what parameters cost."""
        parts, numbers = [], list(parameters)
        if self.l2:
            parts.append(self.l2 * dot(numbers, numbers))
        if self.l1:
            parts.append(self.l1 * add(list(map(absolute, numbers))))
        return parts[0] if len(parts) == 1 else parts[0] + parts[1]

    def cut(self, g: Any) -> Any:
        """Cut one derivative to the greatest size."""
        return g if self.clip_value is None else clipped(g, self.clip_value)

    def scale(self, norm: float) -> float:
        """Say by what a gradient of this length is to be multiplied."""
        return 1.0 if self.clip_norm is None else scale_of(norm, self.clip_norm)

    def changed(self, name: str, value: Any) -> Terms:
        """Give those with another one, checked."""
        if name in ("l1", "l2"):
            number = to_number(value, name)
            if not 0.0 <= number < math.inf:
                raise ArgumentError(
                    f"{name} is {value!r}: expected a finite number, 0 or more, as 1e-4"
                )
            return Terms(**{**self._asdict(), name: number})
        terms = Terms(**{**self._asdict(), name: None if value is None else bound(value, name)})
        if terms.clip_norm is not None and terms.clip_value is not None:
            raise ArgumentError(
                f"clip_norm is {terms.clip_norm!r} and clip_value is {terms.clip_value!r}: expected "
                "one of them; leave the other out"
            )
        return terms


def term(name: str) -> Any:
    """Make an attribute of a trainer of one of its terms, which are one object between changes."""
    return property(
        lambda self: getattr(self._terms, name),
        lambda self, value: setattr(self, "_terms", self._terms.changed(name, value)),
        doc=f"The `{name}` of the cost or of the steps; another one counts from the next step.",
    )
