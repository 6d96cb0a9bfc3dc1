"""What a function in C is called with, and what it writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .source import Source
from .text import Names, Real, listed

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
    """A function: `samples` is the argument that says how many there are, if there may be many.

    The arguments come by the numbers of their arrays. It returns a fault if it looks for some.
    """

    name: str
    real: Real
    samples: str
    arguments: dict[int, Parameter]
    outputs: tuple[Parameter, ...]
    returns: bool

    @classmethod
    def of(
        cls, source: Source, name: str, real: Real, counts: bool, returns: bool, names: Names
    ) -> Signature:
        """Name what a source is given and gives."""
        samples = names.new("samples") if counts else ""
        arguments = {}
        for number, one in source.given.items():
            is_number = one.nesting.key == 0 and not (one.per_sample and counts)
            own, size = names.new(one.name), one.nesting.size
            arguments[number] = Parameter(own, size, one.per_sample, is_number)
        outputs = [Parameter(names.new(o.name), o.size, o.per_sample) for o in source.outputs]
        return cls(name, real, samples, arguments, tuple(outputs), returns)

    def lines(self, before: str = "", after: str = "") -> Iterator[str]:
        """Declare the function."""
        first = f"{before}{'int' if self.returns else 'void'} {self.name}("
        return listed(first, self._declared() or ["void"], f"){after}")

    def _declared(self) -> list[str]:
        real = self.real.name
        found = [f"size_t {self.samples}"] if self.samples else []
        for one in self.arguments.values():
            kind = real if one.is_number else f"const {real} *restrict "
            found.append(f"{kind} {one.name}" if one.is_number else f"{kind}{one.name}")
        return found + [f"{real} *restrict {one.name}" for one in self.outputs]

    @property
    def rows(self) -> Iterator[Parameter]:
        """Walk through what each sample has its own of."""
        for one in (*self.arguments.values(), *self.outputs):
            if one.per_sample:
                yield one

    def words(self) -> Iterator[str]:
        """Say in words what is given and what is written."""
        if self.samples:
            yield f"{self.samples}: how many there are; what each has its own of is one row for each"
        for one in self.arguments.values():
            yield f"{one.name}: {self._many(one)}"
        for one in self.outputs:
            yield f"{one.name}: {self._many(one)}, written"
        if self.returns:
            yield "returns 1 if a number is no place of the table that it chooses from, else 0"

    def _many(self, one: Parameter) -> str:
        many = "1 number" if one.size == 1 else f"{one.size:,} numbers"
        return f"{many} for each sample" if one.per_sample and self.samples else many
