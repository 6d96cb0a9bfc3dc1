"""Arithmetic on vectors of some lanes, or on single numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .builder import Builder
from .reals import DOUBLE, Real

__all__ = ["Lanes"]

COMPARISONS = {"gt": "ogt", "ge": "oge", "lt": "olt", "le": "ole", "eq": "oeq", "ne": "une"}


class Lanes:
    """Writes operations on vectors of `width` numbers; 1 is a number by itself."""

    def __init__(self, builder: Builder, width: int, real: Real | None = None) -> None:
        self.builder = builder
        self.width = width
        self.real = real or builder.real
        self.kind = self._of(self.real.name)
        self.whole = self._of(self.real.integer)
        self.bools = self._of("i1")
        self.always = self._splat_text("i1", "true")

    def _of(self, kind: str) -> str:
        return kind if self.width == 1 else f"<{self.width} x {kind}>"

    def _suffix(self) -> str:
        return self.real.suffix if self.width == 1 else f"v{self.width}{self.real.suffix}"

    # ---- numbers --------------------------------------------------------------------------------

    def number(self, number: float) -> str:
        """Give the same number in all lanes."""
        if number and self._reads_constants:
            return self._constant(self.kind, self.real.bits(number))
        return self._splat_text(self.real.name, self.real.text(number))

    def integer(self, number: int) -> str:
        """Give the same integer in all lanes."""
        if number and self._reads_constants:
            return self._constant(self.whole, number)
        return self._splat_text(self.real.integer, str(number))

    @property
    def _reads_constants(self) -> bool:
        """Whether there is a table of such constants; what is widened is longer than its parts."""
        return self.builder.constants is not None and self.real == self.builder.real

    def _constant(self, kind: str, bits: int) -> str:
        """Read a constant: a processor does so as it computes with it."""
        assert self.builder.constants is not None
        place = self.builder.constants.place(self.real.repeated(bits))
        address = self.builder.element("%k", place, "i64")
        size = self.real.size * self.width
        power = size & -size  # the vectors of tiles may be of any width
        return self.builder.let(f"load {kind}, ptr {address}, align {power}")

    def _splat_text(self, kind: str, text: str) -> str:
        return text if self.width == 1 else f"splat ({kind} {text})"

    def first(self, count: int) -> str:
        """Give a mask of the first lanes."""
        return f"<{', '.join(f'i1 {int(lane < count)}' for lane in range(self.width))}>"

    def spread(self, x: str, kind: str = "") -> str:
        """Give a value in all lanes: a number, if it is of no other kind."""
        if self.width == 1:
            return x
        kind = kind or self.real.name
        let, whole = self.builder.let, self._of(kind)
        one = let(f"insertelement {whole} poison, {kind} {x}, i64 0")
        zeros = f"<{self.width} x i32> zeroinitializer"
        return let(f"shufflevector {whole} {one}, {whole} poison, {zeros}")

    def packed(self, numbers: Sequence[str], fill: float) -> str:
        """Give a vector of some numbers, and others behind them."""
        if self.width == 1:
            return numbers[0]
        found = self.number(fill)
        for lane, one in enumerate(numbers):
            found = self.builder.let(
                f"insertelement {self.kind} {found}, {self.real.name} {one}, i64 {lane}"
            )
        return found

    def lane(self, x: str, lane: int) -> str:
        """Give the number in a lane."""
        if self.width == 1:
            return x
        return self.builder.let(f"extractelement {self.kind} {x}, i64 {lane}")

    # ---- arithmetic -----------------------------------------------------------------------------

    def add(self, x: str, y: str) -> str:
        """Add."""
        return self.builder.let(f"fadd {self.kind} {x}, {y}")

    def sub(self, x: str, y: str) -> str:
        """Subtract."""
        return self.builder.let(f"fsub {self.kind} {x}, {y}")

    def mul(self, x: str, y: str) -> str:
        """Multiply."""
        return self.builder.let(f"fmul {self.kind} {x}, {y}")

    def div(self, x: str, y: str) -> str:
        """Divide."""
        return self.builder.let(f"fdiv {self.kind} {x}, {y}")

    def neg(self, x: str) -> str:
        """Change the sign."""
        return self.builder.let(f"fneg {self.kind} {x}")

    def fma(self, x: str, y: str, z: str) -> str:
        """Give x * y + z, rounded once where the processor does that at no cost."""
        return self.intrinsic("fmuladd", x, y, z)

    def intrinsic(self, name: str, *operands: str) -> str:
        """Call what LLVM knows by a name."""
        function = f"llvm.{name}.{self._suffix()}"
        self.builder.declare(function, self.kind, *[self.kind] * len(operands))
        shown = ", ".join(f"{self.kind} {x}" for x in operands)
        return self.builder.let(f"call {self.kind} @{function}({shown})")

    def polynomial(self, x: str, coefficients: Sequence[float]) -> str:
        """Give c[0] + c[1] * x + ..., in pairs: far fewer steps wait for each other."""
        parts = [self.number(c) for c in coefficients]
        power = x
        while len(parts) > 1:
            pairs = [self.fma(b, power, a) for a, b in zip(parts[::2], parts[1::2], strict=False)]
            parts = pairs + parts[len(pairs) * 2 :]
            power = self.mul(power, power) if len(parts) > 1 else power
        return parts[0]

    def horner(self, x: str, coefficients: Sequence[float]) -> str:
        """Give the same, one after the other: rounded less."""
        found = self.number(coefficients[-1])
        for c in coefficients[-2::-1]:
            found = self.fma(found, x, self.number(c))
        return found

    # ---- numbers of more bits -------------------------------------------------------------------

    @property
    def double(self) -> Lanes:
        """The same lanes of doubles."""
        return Lanes(self.builder, self.width, DOUBLE)

    def widened(self, x: str) -> str:
        """Give numbers as doubles."""
        return self.builder.let(f"fpext {self.kind} {x} to {self.double.kind}")

    def narrowed(self, x: str) -> str:
        """Round doubles to numbers."""
        return self.builder.let(f"fptrunc {self.double.kind} {x} to {self.kind}")

    # ---- choices --------------------------------------------------------------------------------

    def compare(self, how: str, x: str, y: str) -> str:
        """Compare; NaN is neither less nor greater, and differs from all."""
        return self.builder.let(f"fcmp {COMPARISONS[how]} {self.kind} {x}, {y}")

    def select(self, condition: str, x: str, y: str) -> str:
        """Choose lane by lane."""
        return self.builder.let(
            f"select {self.bools} {condition}, {self.kind} {x}, {self.kind} {y}"
        )

    def truth(self, condition: str) -> str:
        """Give 1 where a condition holds, else 0."""
        found = self.select(condition, self.number(1.0), self.number(0.0))
        self.builder.truths[found] = condition
        return found

    def holds(self, x: str) -> str:
        """Tell where a number is not 0."""
        known = self.builder.truths.get(x)
        return self.compare("ne", x, self.number(0.0)) if known is None else known

    def either(self, condition: str, other: str) -> str:
        """Tell where one of two conditions holds."""
        return self.builder.let(f"or {self.bools} {condition}, {other}")

    def extreme(self, how: str, x: str, y: str, x_is_number: bool) -> str:
        """Give the greater ("ge") or lesser ("le"): the first of equal ones, NaN where one is."""
        takes = self.compare(how, x, y)
        if not x_is_number:
            takes = self.either(takes, self.compare("ne", x, x))
        return self.select(takes, x, y)

    def any_of(self, condition: str) -> str:
        """Tell whether a condition holds in any lane."""
        if self.width == 1:
            return condition
        bits = self.builder.let(f"bitcast {self.bools} {condition} to i{self.width}")
        return self.builder.let(f"icmp ne i{self.width} {bits}, 0")

    # ---- bits -----------------------------------------------------------------------------------

    def bits(self, x: str) -> str:
        """Give the bits of numbers as integers."""
        return self.builder.let(f"bitcast {self.kind} {x} to {self.whole}")

    def from_bits(self, x: str) -> str:
        """Give the numbers that have some bits."""
        return self.builder.let(f"bitcast {self.whole} {x} to {self.kind}")

    def integers(self, how: str, x: str, y: str | int) -> str:
        """Compute with integers."""
        if isinstance(y, str):
            other = y
        elif how in ("shl", "lshr"):  # by a number of bits that the instruction has
            other = self._splat_text(self.real.integer, str(y))
        else:
            other = self.integer(y)
        return self.builder.let(f"{how} {self.whole} {x}, {other}")

    def to_integer(self, x: str) -> str:
        """Give whole numbers as integers."""
        return self.builder.let(f"fptosi {self.kind} {x} to {self.whole}")

    def to_number(self, x: str) -> str:
        """Give integers as numbers."""
        return self.builder.let(f"sitofp {self.whole} {x} to {self.kind}")

    def signed(self, size: str, sign: str) -> str:
        """Give a number the sign of another."""
        return self.intrinsic("copysign", size, sign)

    # ---- all lanes ------------------------------------------------------------------------------

    def each(self, function: Callable[..., str], *operands: str) -> str:
        """Apply a function of single numbers to each lane."""
        if self.width == 1:
            return function(*operands)
        found = [function(*[self.lane(x, lane) for x in operands]) for lane in range(self.width)]
        return self.packed(found, 0.0)

    def total(self, x: str) -> str:
        """Add up the lanes, in pairs."""
        if self.width == 1:
            return x
        function = f"llvm.vector.reduce.fadd.{self._suffix()}"
        real = self.real
        self.builder.declare(function, real.name, real.name, self.kind)
        shown = f"{real.name} {real.text(-0.0)}, {self.kind} {x}"
        return self.builder.let(f"call reassoc {real.name} @{function}({shown})")

    def shuffled(self, x: str, y: str, places: Sequence[int]) -> str:
        """Take lanes from two vectors that stand one behind the other."""
        numbers = ", ".join(f"i32 {n}" for n in places)
        return self.builder.let(
            f"shufflevector {self.kind} {x}, {self.kind} {y}, <{len(places)} x i32> <{numbers}>"
        )

    # ---- memory ---------------------------------------------------------------------------------

    def load(self, address: str, mask: str = "", fill: float = 1.0) -> str:
        """Read neighbours; lanes that are masked out are `fill`."""
        if not mask:
            return self.builder.let(f"load {self.kind}, ptr {address}, align {self.real.size}")
        function = f"llvm.masked.load.{self._suffix()}.p0"
        self.builder.declare(function, self.kind, "ptr", "i32 immarg", self.bools, self.kind)
        return self.builder.let(
            f"call {self.kind} @{function}(ptr {address}, i32 {self.real.size}, "
            f"{self.bools} {mask}, {self.kind} {self.number(fill)})"
        )

    def store(self, x: str, address: str, mask: str = "") -> None:
        """Write neighbours, but for lanes that are masked out."""
        if not mask:
            self.builder.line(f"store {self.kind} {x}, ptr {address}, align {self.real.size}")
            return
        function = f"llvm.masked.store.{self._suffix()}.p0"
        self.builder.declare(function, "void", self.kind, "ptr", "i32 immarg", self.bools)
        self.builder.line(
            f"call void @{function}({self.kind} {x}, ptr {address}, i32 {self.real.size}, "
            f"{self.bools} {mask})"
        )
