"""From recordings at small lengths to a program of any: which lengths are free, and the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

from ...errors import SizeError
from .fit import Exponents, Fitter, NumberRule, Point, Polynomial, exponents, without_squares
from .loops import Entry, rolled, unrolled
from .recordings import BudgetError, Recordings, Refusal, Sample, Source
from .terms import Sections

__all__ = ["Rules", "Sample", "Source", "infer"]

# Bases of the shortest free length, the next ... and the step between recordings, in the order
# in which they are tried. At powers of two quotients become products, so that no length nor, with
# the second bases, one beside is such a power. Those are long enough for loops over steps, the
# third for those over pairs. The others find what depends on lengths modulo 2, 3, 4, 6 and 12.
SCHEDULES = (
    ((5, 9, 17, 22, 33, 40), 1),
    ((10, 18, 24, 34, 41, 49), 1),
    ((17, 26, 38, 49, 57, 69), 1),
    ((10, 21, 34, 49, 66, 85), 2),
    ((13, 29, 47, 67, 89, 113), 12),
)
# Of the two points that are held out, in steps from the bases: from these it can be told which
# monomial of degree 3 there is.
HELD = ((4, 4, 5, 3, 3, 5), (5, 3, 3, 6, 5, 4))
# Where there are no squares: squares of which one is as much more as another is less are seen.
HELD_ALONE = ((5, 3, 4),)


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """A program as rules in its free lengths."""

    free: tuple[int, ...]  # the lengths that it was found for
    points: tuple[Point, ...]  # what was recorded, the least first
    step: int  # how much more lengths may be, and twice this and so on
    shapes: list[list[Entry]]  # with the integers and numbers of a recording
    ints: list[Polynomial]
    floats: list[NumberRule]
    fitter: Fitter  # of what is an integer at each point
    fixed: dict[int, str] = field(default_factory=dict)  # why other lengths stay

    def covers(self, lengths: Point) -> bool:
        """Tell whether they hold for some lengths in place of the free ones."""
        return all(
            length >= base and (length - base) % self.step == 0
            for length, base in zip(lengths, self.points[0], strict=True)
        )

    def at(self, lengths: Point) -> Sections:
        """Give the parts of the program for some lengths."""
        ints = iter([rule.at(lengths) for rule in self.ints])
        floats = iter([rule.at(lengths) for rule in self.floats])
        return [
            unrolled(
                Entry(
                    one.shape,
                    tuple([next(ints) for _ in one.ints]),
                    tuple([next(floats) for _ in one.floats]),
                )
                for one in section
            )
            for section in self.shapes
        ]


def infer(source: Source, lengths: Sequence[int], patient: bool = False) -> Rules:
    """Find the rules with as many free lengths as can be, or raise SizeError.

    Recordings stop where they cost more than a part of the full one, unless one is `patient`.
    """
    recordings = Recordings(source, lengths, patient)
    best: Rules | None = None
    fixed: dict[int, str] = {}
    why: SizeError = BudgetError("no list is long, and no axis of an array")
    for (bases, step), loops in product(SCHEDULES, (False, True)):
        wanted = _long_enough(lengths, bases, step)
        if not wanted or (best is not None and len(best.free) >= len(wanted)):
            continue
        search = _Search(recordings, bases, step, loops)
        try:
            found = search.rules(wanted)
        except BudgetError as error:
            why = error
            break
        except SizeError as error:
            why = error
        else:
            if best is None or len(found.free) > len(best.free):
                best = found
        fixed |= {n: text for n, text in search.fixed.items() if n not in fixed}
    short = "it is too short to tell"
    if best is None:
        fixed |= {n: short for n in lengths if not _long_enough([n], *SCHEDULES[0])}
        raise (
            type(why)(str(why), fixed) if isinstance(why, BudgetError) else Refusal(str(why), fixed)
        )
    best.fixed.update({n: fixed.get(n, short) for n in lengths if n not in best.free})
    return best


def _long_enough(lengths: Sequence[int], bases: Sequence[int], step: int) -> list[int]:
    """List the lengths that may be free: those longer than what is recorded for them."""
    beyond = max(map(max, HELD)) * step
    found: list[int] = []
    for length in sorted({n for n in lengths if n > bases[0] + beyond})[-len(bases) :]:
        if length > bases[len(found)] + beyond:
            found.append(length)
    return found


class _Search:
    """The search for rules with some bases and one step."""

    def __init__(
        self, recordings: Recordings, bases: Sequence[int], step: int, loops: bool
    ) -> None:
        self._recordings = recordings
        self._bases = bases
        self._step = step
        self._loops = loops
        self._shapes: dict[tuple[tuple[int, ...], Point], Sections] = {}
        self.fixed: dict[int, str] = {}

    def rules(self, wanted: Sequence[int]) -> Rules:
        """Find the rules for those of some lengths that can be free."""
        free = self._free(list(wanted))
        if not free:
            raise SizeError("; ".join(dict.fromkeys(self.fixed.values())))
        if len(free) <= len(HELD_ALONE[0]):
            try:  # squares are rare, and each takes a recording
                return self._fitted(free, without_squares(len(free)), HELD_ALONE)
            except BudgetError:
                raise
            except SizeError:
                pass
        return self._fitted(free, exponents(len(free), 2), HELD)

    def _fitted(
        self, free: Sequence[int], monomials: Sequence[Exponents], held: Sequence[Point]
    ) -> Rules:
        """Find the rules that are sums of some monomials, which are met where others are held out.

        With more than one point held out there may be a monomial of degree 3 beside.
        """
        base = self._base(free)
        points = [self._point(base, powers) for powers in monomials]
        every = [*points, *[self._point(base, steps[: len(base)]) for steps in held]]
        parts = [self._parts(free, point) for point in every]
        for point, part in zip(every, parts, strict=True):
            if not _is_alike(part, parts[0]):
                raise SizeError(f"the program is another one at {self._text(free, point)}")
        fitter = Fitter(every, monomials)
        ints = zip(*[_ints(part) for part in parts], strict=True)
        floats = zip(*[_floats(part) for part in parts], strict=True)
        return Rules(
            tuple(free),
            tuple(every),
            self._step,
            parts[0],
            [fitter.integer(values) for values in ints],
            [fitter.number(values) for values in floats],
            fitter,
        )

    def _free(self, variables: list[int]) -> list[int]:
        """Find which lengths may change without another list of statements."""
        while variables:
            base = self._base(variables)
            try:
                first = self._parts(variables, base)
            except BudgetError:
                raise
            except SizeError as error:
                self.fixed[self._culprit(variables, error)] = str(error)
            else:
                points = [self._point(base, powers) for powers in _axes(len(variables))]
                for variable, point in zip(variables, points, strict=True):
                    self._look(variables, variable, point, first)
                if not any(variable in self.fixed for variable in variables):
                    self._recordings.allow_for(variables, [base, *points])
            if not any(variable in self.fixed for variable in variables):
                return variables
            variables = [variable for variable in variables if variable not in self.fixed]
        return []

    def _look(self, variables: list[int], variable: int, point: Point, first: Sections) -> None:
        try:
            if not _is_alike(self._parts(variables, point), first):
                self.fixed[variable] = (
                    f"the program is another one at {self._text(variables, point)}"
                )
        except BudgetError:
            raise
        except SizeError as error:
            self.fixed[variable] = str(error)

    def _culprit(self, variables: list[int], error: SizeError) -> int:
        """Find a length that has to stay, where not all can be changed."""
        for variable in variables:
            rest = [other for other in variables if other != variable]
            if rest:
                try:
                    self._parts(rest, self._base(rest))
                except BudgetError:
                    raise
                except SizeError:
                    continue
                return variable
        raise error

    def _base(self, variables: Sequence[int]) -> Point:
        """Choose what to record at: lengths that leave the same as the real ones when divided."""
        return tuple(
            [
                base + (real - base) % self._step
                for base, real in zip(self._bases, variables, strict=False)
            ]
        )

    def _point(self, base: Point, steps: Sequence[int]) -> Point:
        return tuple([n + self._step * count for n, count in zip(base, steps, strict=True)])

    def _text(self, variables: Sequence[int], point: Point) -> str:
        pairs = zip(variables, point, strict=True)
        return ", ".join(f"{n} in place of {variable}" for variable, n in pairs)

    def _parts(self, variables: Sequence[int], point: Point) -> Sections:
        """Give the parts of a program, with what is repeated as loops if it is to be."""
        key = (tuple(variables), point)
        if key not in self._shapes:
            found = self._recordings.at(variables, point).sections
            self._shapes[key] = [rolled(part) for part in found] if self._loops else found
        return self._shapes[key]


def _axes(count: int) -> Iterator[list[int]]:
    for axis in range(count):
        yield [int(place == axis) for place in range(count)]


def _is_alike(one: Sections, other: Sections) -> bool:
    return all(
        len(a) == len(b) and all(x.shape == y.shape for x, y in zip(a, b, strict=True))
        for a, b in zip(one, other, strict=True)
    )


def _ints(sections: Sections) -> list[int]:
    return [number for part in sections for entry in part for number in entry.ints]


def _floats(sections: Sections) -> list[float]:
    return [number for part in sections for entry in part for number in entry.floats]
