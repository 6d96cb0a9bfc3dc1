"""Which lengths of a program's arguments are free, which are fixed, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ..program.program import Program
from .fit import Fitter, Point, exponents, without_squares

__all__ = ["Length", "Sizes", "sizes_of"]

NAMES = "nmkpqrst"


@dataclass(frozen=True, slots=True)
class Length:
    """One length, of one list or axis or more."""

    name: str  # a letter if it is free
    size: int
    of: tuple[str, ...]  # as Python reaches them
    why: str = ""  # it is fixed

    def __str__(self) -> str:
        where = " = ".join([*[self.name] * bool(self.name), str(self.size), *self.of[:3]])
        more = " = ..." if len(self.of) > 3 else ""
        return f"{where}{more}: {f'fixed, {self.why}' if self.why else 'free'}"


@dataclass(frozen=True, slots=True)
class Sizes:
    """The lengths of the arguments of a program: for others than the free ones it is another."""

    free: tuple[Length, ...] = ()
    fixed: tuple[Length, ...] = ()
    # the program at other lengths in place of the free ones
    samples: tuple[tuple[Point, Program], ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        return "\n".join(map(str, [*self.named, *self.fixed])) or "no lengths"

    def alone(self) -> Sizes:
        """Give them without the programs, which are much to keep."""
        return replace(self, samples=())

    @property
    def named(self) -> list[Length]:
        """The free ones, as they come in the arguments."""
        return sorted(self.free, key=lambda length: NAMES.find(length.name))

    @property
    def reason(self) -> str:
        """Say which length is fixed, the longest, and why."""
        if not self.fixed:
            return "its arguments have no lengths"
        return str(max(self.fixed, key=lambda length: length.size))

    def rule(self) -> Callable[[tuple[int, ...]], str | None]:
        """Make what says what an integer is, from its values at the samples and here."""
        here = tuple([length.size for length in self.free])
        points = [point for point, _ in self.samples]
        monomials = exponents(len(here), 2)
        if len(points) <= len(monomials):
            monomials = without_squares(len(here))
        fitter = Fitter(points, monomials)

        def text(values: tuple[int, ...]) -> str | None:
            found = fitter.polynomial(values[:-1])
            if found is None or found.exactly(here) != values[-1]:
                return None
            return found.text([length.name for length in self.free])

        return text


def sizes_of(
    lengths: Iterable[tuple[int, str]],
    free: Sequence[int] = (),
    why: Mapping[int, str] = MappingProxyType({}),
    reason: str = "all of it was recorded",
    samples: tuple[tuple[Point, Program], ...] = (),
) -> Sizes:
    """Sort lengths; what is not free is fixed for a reason of its own, or one for all."""
    where: dict[int, list[str]] = {}
    for size, path in lengths:
        where.setdefault(size, []).append(path)
    taken = {path.strip("len()")[:1] for paths in where.values() for path in paths}
    letters = [*[letter for letter in NAMES if letter not in taken], *[f"n{n}" for n in range(10)]]
    names = dict(zip([n for n in where if n in free], letters, strict=False))
    return Sizes(
        tuple([Length(names[n], n, tuple(where[n])) for n in free]),
        tuple(
            [
                Length("", n, tuple(of), why.get(n, reason))
                for n, of in where.items()
                if n not in free
            ]
        ),
        samples,
    )
