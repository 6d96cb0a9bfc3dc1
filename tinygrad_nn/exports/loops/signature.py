"""What a function that is printed is called with, and what it gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..source import Source
from .language import Names

__all__ = ["Parameter", "Signature"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """Numbers in a row, for each sample if it is so; a single one is given by its value."""

    name: str
    size: int
    per_sample: bool
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """A function: `samples` is what says how many there are, if there may be many.

    The arguments come by the numbers of their arrays. It looks for faults if `looks` says so.
    """

    name: str
    samples: str
    arguments: dict[int, Parameter]
    outputs: tuple[Parameter, ...]
    looks: bool

    @classmethod
    def of(cls, source: Source, name: str, counts: bool, looks: bool, names: Names) -> Signature:
        """Name what a source is given and gives."""
        samples = names.new("samples") if counts else ""
        arguments = {}
        for number, one in source.given.items():
            is_number = one.nesting.key == 0 and not (one.per_sample and counts)
            own, size = names.new(one.name), one.nesting.size
            arguments[number] = Parameter(own, size, one.per_sample, is_number)
        outputs = [
            Parameter(names.new(o.name), o.size, o.per_sample, o.is_number) for o in source.outputs
        ]
        return cls(name, samples, arguments, tuple(outputs), looks)

    @property
    def rows(self) -> Iterator[Parameter]:
        """Walk through what each sample has its own of."""
        for one in (*self.arguments.values(), *self.outputs):
            if one.per_sample:
                yield one

    def many(self, one: Parameter) -> str:
        """Say in words how many numbers there are."""
        many = "1 number" if one.size == 1 else f"{one.size:,} numbers"
        return f"{many} for each sample" if one.per_sample and self.samples else many
