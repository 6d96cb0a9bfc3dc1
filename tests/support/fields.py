"""Dataclasses and named tuples of every kind, and one function of what they hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from tinygrad_nn import exp


class Kind(Enum):
    CALL = "call"
    PUT = "put"


@dataclass
class Plain:
    level: Any
    inner: Any
    kind: Any = "call"
    factor: ClassVar[float] = 2.0

    @cached_property
    def doubled(self) -> Any:
        return self.factor * self.level


@dataclass(frozen=True)
class Frozen:
    level: Any
    inner: Any
    kind: Any = "call"
    note: Any = None

    @cached_property
    def doubled(self) -> Any:
        return 2.0 * self.level


@dataclass(frozen=True, slots=True)
class Slots:
    level: Any
    inner: Any
    kind: Any = "call"

    @property
    def doubled(self) -> Any:
        return 2.0 * self.level


@dataclass(kw_only=True)
class Checked:
    inner: Any = field(default_factory=list)
    level: Any
    kind: Any = "call"
    scale: Any = field(default=3, metadata={"static": True})

    def __post_init__(self) -> None:
        if isinstance(self.level, float) and self.level < 0.0:
            raise ValueError("a gradient need not be what the class takes")

    @property
    def doubled(self) -> Any:
        return 2.0 * self.level


class Row(NamedTuple):
    level: Any
    inner: Any
    kind: Any = "call"

    @property
    def doubled(self) -> Any:
        return 2.0 * self.level


KINDS: dict[str, Any] = {
    "plain": Plain,
    "frozen": Frozen,
    "slots": Slots,
    "checked": Checked,
    "row": Row,
}


def energy(p: Any, x: Any) -> Any:
    """Compute one number of all that is in it; what is kept says how."""
    first, second = p.inner["w"]
    total = exp(-p.level * x) * first + second * second * p.doubled
    return total if p.kind in ("call", Kind.CALL) else total * p.level - x


def energy_of_list(numbers: Any, x: Any, kind: Any = "call") -> Any:
    """Compute the same of the numbers in a list."""
    level, first, second = numbers
    total = exp(-level * x) * first + second * second * (2.0 * level)
    return total if kind in ("call", Kind.CALL) else total * level - x


def numbers(p: Any) -> list[Any]:
    """List the numbers in it."""
    return [p.level, *p.inner["w"]]
