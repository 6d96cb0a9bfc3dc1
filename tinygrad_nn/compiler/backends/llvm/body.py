"""What is done at one place of a nest: numbers read, computed and written, on some lanes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..loops import Apply, Count, Ref, Value
from .builder import Builder, Index
from .lanes import Lanes
from .operations import applied

__all__ = ["ALONE", "ALONG_SAMPLES", "Body", "Place", "step_of"]

ALONE = -1  # the axis of lanes where there is one lane
ALONG_SAMPLES = -2


@dataclass(frozen=True, slots=True)
class Place:
    """Where a body stands: an index for each axis and for the samples; `axis` is that of lanes.

    `mask` is how many lanes there are, or the name of a mask; nothing where all are.
    """

    indices: tuple[Index, ...]
    sample: Index = ("", 0)
    axis: int = ALONE
    width: int = 1
    mask: int | str = 0

    def at(self, axis: int, index: Index) -> Place:
        """Stand at another index of an axis."""
        indices = (*self.indices[:axis], index, *self.indices[axis + 1 :])
        return Place(indices, self.sample, self.axis, self.width, self.mask)


class Body:
    """Reads and writes numbers at a place, those that are known already from registers."""

    def __init__(self, builder: Builder, place: Place) -> None:
        self.builder = builder
        self.place = place
        self.lanes = Lanes(builder, place.width)
        self.known: dict[Ref, str] = {}
        self._values: dict[int, tuple[Value, str]] = {}
        self.mask = place.mask if isinstance(place.mask, str) else ""
        if place.mask and not self.mask:
            self.mask = self.lanes.first(int(place.mask))

    # ---- values ---------------------------------------------------------------------------------

    def value(self, value: Value) -> str:
        """Compute a value."""
        if isinstance(value, float):
            return self.lanes.number(value)
        if isinstance(value, Ref):
            return self.read(value)
        found = self._values.get(id(value))
        if found is None:  # the value is kept, so that its id stays its own
            found = self._values[id(value)] = value, self._compute(value)
        return found[1]

    def _compute(self, value: Apply | Count) -> str:
        if isinstance(value, Count):
            number = self.builder.let(f"sitofp i64 %n to {self.builder.real.name}")
            return self.lanes.spread(number)
        known = [part if isinstance(part, float) else None for part in value.parts]
        parts = [self.value(part) for part in value.parts]
        return applied(self.lanes, value.op, parts, known)

    # ---- memory ---------------------------------------------------------------------------------

    def read(self, ref: Ref, fill: float = 1.0) -> str:
        """Read a number for each lane."""
        found = self.known.get(ref)
        if found is None:
            found = self.known[ref] = self._read(ref, fill)
        return found

    def _read(self, ref: Ref, fill: float) -> str:
        if ref.chosen is None:
            return self._load(ref, "", fill)
        place, is_one = self.chosen(ref)
        found = self._load(ref, place, fill)
        lanes = self.lanes
        return lanes.select(lanes.spread(is_one, "i1"), found, lanes.number(0.0))

    def chosen(self, ref: Ref) -> tuple[str, str]:
        """Turn the number that chooses into a distance; tell whether it is one of the places."""
        assert ref.chosen is not None
        choice, builder = ref.chosen, self.builder
        alone = Body(builder, replace(self.place, axis=ALONE, width=1, mask=0))
        number = alone.read(choice.by)
        kind, function = builder.real.name, f"llvm.fptosi.sat.i64.{builder.real.suffix}"
        builder.declare(function, "i64", kind)
        whole = builder.let(f"call i64 @{function}({kind} {number})")
        back = builder.let(f"sitofp i64 {whole} to {kind}")
        same = builder.let(f"fcmp oeq {kind} {back}, {number}")
        inside = builder.let(f"icmp ult i64 {whole}, {choice.size}")
        is_one = builder.let(f"and i1 {same}, {inside}")
        place = builder.let(f"select i1 {is_one}, i64 {whole}, i64 0")
        place = builder.let(f"mul i64 {place}, {choice.step}")
        builder.stay(place)
        return place, is_one

    def _load(self, ref: Ref, chosen: str, fill: float) -> str:
        lanes, step = self.lanes, step_of(ref, self.place.axis)
        one = Lanes(self.builder, 1)
        if self.place.width == 1 or step == 0:
            return lanes.spread(one.load(self._address(ref, chosen, 0)))
        if step == 1:
            address = self._address(ref, chosen, 0)
            if self.mask and self.place.axis == ALONG_SAMPLES and self.builder.has_room:
                return lanes.select(self.mask, lanes.load(address), lanes.number(fill))
            return lanes.load(address, self.mask, fill)
        numbers = [one.load(self._address(ref, chosen, lane)) for lane in range(self._count())]
        return lanes.packed(numbers, fill)

    def write(self, ref: Ref, x: str, stored: bool = True) -> None:
        """Write a number for each lane; one that is not stored is known here only."""
        self.known[ref] = x
        if not stored:
            return
        step = step_of(ref, self.place.axis)
        if self.place.width == 1 or step == 1:
            self.lanes.store(x, self._address(ref, "", 0), self.mask)
            return
        one = Lanes(self.builder, 1)
        for lane in range(self._count()):
            one.store(self.lanes.lane(x, lane), self._address(ref, "", lane))

    def _count(self) -> int:
        mask = self.place.mask
        assert not isinstance(mask, str), "samples lie side by side"
        return mask or self.place.width

    def address(self, ref: Ref, chosen: str = "") -> str:
        """Find the address of the number of the first lane."""
        return self._address(ref, chosen, 0)

    def _address(self, ref: Ref, chosen: str, lane: int) -> str:
        start, terms = 0, []
        for axis, (index, stride) in enumerate(zip(self.place.indices, ref.strides, strict=False)):
            variable, more = index
            start += stride * (more + (lane if axis == self.place.axis else 0))
            terms.append((variable, stride))
        if ref.table >= 0:
            entry = self.builder.entry(self.builder.pointers[ref.table], ref.at + start, terms)
            start, terms = 0, [(entry, 1)]
        if chosen:
            terms = [*terms, (chosen, 1)]
        base, start = self.builder.pointers[ref.arena], ref.start + start
        return self.builder.address(base, start, terms, ref.rows, self.place.sample)


def step_of(ref: Ref, axis: int) -> int | None:
    """Tell how far apart lanes along an axis lie: 0, 1, or None if that is something else."""
    if axis == ALONE:
        return 0
    if axis == ALONG_SAMPLES:
        return int(ref.rows)
    stride = ref.strides[axis]
    return stride if stride == 0 or (stride == 1 and not ref.rows and ref.table < 0) else None
