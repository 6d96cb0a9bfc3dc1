"""The function of a header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..loops.function import Function
from ..loops.language import listed
from ..loops.signature import Signature

__all__ = ["CFunction", "declared", "words"]


def declared(signature: Signature, real: str, before: str = "", after: str = "") -> Iterator[str]:
    """Declare a function."""
    kinds = _kinds(signature, real)
    given = [one.name for one in (*signature.arguments.values(), *signature.outputs)]
    found = [f"size_t {signature.samples}"] if signature.samples else []
    found += [kinds[name] for name in given]
    first = f"{before}{'int' if signature.looks else 'void'} {signature.name}("
    return listed(first, found or ["void"], f"){after}")


def _kinds(signature: Signature, real: str) -> dict[str, str]:
    """Declare each of what a function is given."""
    kinds = {"batch": f"const {real} *restrict batch"}
    for one in signature.arguments.values():
        pointer = f"const {real} *restrict {one.name}"
        kinds[one.name] = f"{real} {one.name}" if one.is_number else pointer
    return kinds | {one.name: f"{real} *restrict {one.name}" for one in signature.outputs}


def words(signature: Signature) -> Iterator[str]:
    """Say in words what is given and what is written."""
    if signature.samples:
        samples = signature.samples
        yield f"{samples}: how many there are; what each has its own of is one row for each"
    for one in signature.arguments.values():
        yield f"{one.name}: {signature.many(one)}"
    for one in signature.outputs:
        yield f"{one.name}: {signature.many(one)}, written"
    if signature.looks:
        yield "returns 1 if a number is no place of the table that it chooses from, else 0"


class CFunction(Function):
    """A function in C."""

    @property
    def real(self) -> str:
        """The type of numbers."""
        return "float" if self.writer.language.size == 4 else "double"

    def lines(self) -> Iterator[str]:
        """Give all lines."""
        signature, plan, real = self.signature, self.plan, self.real
        yield from self.parts
        yield from (*declared(signature, real, "static inline "), "{")
        if "batch" in self.names:
            count = f"({real}){signature.samples}"
            yield f"    const {real} batch[2] = {{{count}, 1 / {count}}};"
        if signature.looks:
            yield "    int fault = 0;"
        for one in signature.arguments.values():
            if one.name not in self.names and not (one.per_sample and plan.counts):
                yield f"    (void){one.name};"
        yield from self.body
        if signature.looks:
            yield "    return fault;"
        yield from ("}", "")

    def part(self, name: str, taken: Sequence[str]) -> Iterator[str]:
        """Begin a function of some of the groups."""
        kinds = _kinds(self.signature, self.real)
        yield from listed(f"static void {name}(", [kinds[one] for one in taken] or ["void"], ")")
        yield "{"

    def of_samples(self, body: Sequence[str]) -> Iterator[str]:
        """Write a loop that moves along the rows of the samples."""
        sample, samples = self.writer.names.new("sample"), self.signature.samples
        yield f"    for (size_t {sample} = 0; {sample} < {samples}; {sample}++) {{"
        rows = [f"    {row.name} += {row.size};" for row in self.signature.rows]
        yield from [f"    {line}" for line in (*body, *rows)]
        yield "    }"

    def look(self, number: str, size: int) -> str:
        """Note a fault."""
        return f"fault |= {self.writer.helper('place')}({number}, {size}) < 0;"
