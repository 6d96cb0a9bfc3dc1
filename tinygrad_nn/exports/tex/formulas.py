"""A program as lines of formulas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...latex.symbols import label_latex
from ..arrays.form import Expr, Let, Look, Loop, Parts, Put, Statement, Variable
from ..arrays.lower import form_of
from ..arrays.names import Namer
from ..arrays.uses import once_read
from ..source import Source
from .printer import KNOWN, Printer

__all__ = ["formulas_of"]

LONGEST = 60  # characters of what is written inside of something else


class _Formulas:
    def __init__(self, source: Source) -> None:
        self.form = form_of(source, KNOWN, Namer(source.program, ()))
        self.names: dict[str, str] = {}
        for leaf in self.form.leaves:
            path = "".join([f"[{step!r}]" for step in leaf.path])
            known = leaf.numbers is not None
            label = str(leaf.path[0]) if known else leaf.argument + path
            self.names[leaf.variable.name] = label_latex(label)
        if self.form.samples is not None:
            self.names[self.form.samples.name] = r"\mathrm{samples}"
        self.inlined = {let.target.name: let.value for let in once_read(self.form)}
        self.printer = Printer(self.names, self.inlined)

    def text(self) -> str:
        """Put all lines together."""
        lines = [*self._statements(self.form.statements, 0), *self._results()]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def _statements(self, statements: Sequence[Statement], depth: int) -> Iterator[str]:
        before = r"\quad " * depth
        for statement in statements:
            if isinstance(statement, Loop):
                self.names[statement.index] = index = label_latex(statement.index)
                last = statement.count - 1
                yield rf"{before}\text{{for }} {index} &= 0, \ldots, {last}:"
                yield from self._statements(statement.body, depth + 1)
            elif isinstance(statement, Let):
                yield from self._let(statement, before)
            else:
                assert isinstance(statement, Look)

    def _let(self, let: Let, before: str) -> Iterator[str]:
        name = let.target.name
        text = "" if isinstance(let.value, Put) else self.printer.text(let.value)
        if name in self.inlined and len(text) > LONGEST:
            del self.inlined[name]
        if name in self.inlined:
            return
        self.names.setdefault(name, label_latex(name))
        if isinstance(let.value, Put):
            yield before + self.printer.put(let.value)
        else:
            yield f"{before}{self.names[name]} &= {text}"

    def _results(self) -> Iterator[str]:
        for label, expr in _leaves(self.form.result, "result"):
            yield f"{label_latex(label)} &= {self.printer.text(expr)}"


def _leaves(parts: Parts, label: str) -> Iterator[tuple[str, Expr]]:
    if isinstance(parts, Variable | Expr):
        yield label, parts
    elif parts is not None:
        for step, part in zip(parts[1], parts[2], strict=True):
            yield from _leaves(part, f"{label}[{step!r}]")


def formulas_of(source: Source) -> str:
    """Write a program."""
    return _Formulas(source).text()
