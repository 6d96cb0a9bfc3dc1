"""Which lengths of a program's arguments are free, which are fixed, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from types import MappingProxyType

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

    def __str__(self) -> str:
        return "\n".join(map(str, [*self.free, *self.fixed])) or "no lengths"

    @property
    def reason(self) -> str:
        """Say which length is fixed, the longest, and why."""
        if not self.fixed:
            return "its arguments have no lengths"
        return str(max(self.fixed, key=lambda length: length.size))


def sizes_of(
    lengths: Iterable[tuple[int, str]],
    free: Iterable[int] = (),
    why: Mapping[int, str] = MappingProxyType({}),
    reason: str = "all of it was recorded",
) -> Sizes:
    """Sort lengths; what is not free is fixed for a reason of its own, or one for all."""
    where: dict[int, list[str]] = {}
    for size, path in lengths:
        where.setdefault(size, []).append(path)
    names = chain(NAMES, repeat("n"))
    chosen = set(free)
    return Sizes(
        tuple([Length(next(names), n, tuple(of)) for n, of in where.items() if n in chosen]),
        tuple(
            [
                Length("", n, tuple(of), why.get(n, reason))
                for n, of in where.items()
                if n not in chosen
            ]
        ),
    )
