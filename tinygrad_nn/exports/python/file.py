"""A program as a file of Python."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

import numpy as np

from ...compiler.program.program import DOUBLE
from ..arrays.form import (
    Added,
    Expr,
    Form,
    Let,
    Look,
    Loop,
    Parts,
    Put,
    Statement,
)
from ..arrays.lower import form_of
from ..arrays.names import Namer
from ..arrays.uses import once_read, uses_of
from ..loops.language import Names
from ..source import Source
from .library import HEADER, Library, known_to
from .printer import Printer

__all__ = ["file_of", "is_free", "names_for"]

WORDS = """
and as assert async await break class continue def del elif else except False finally for from
global if import in is lambda None nonlocal not or pass raise return True try while with yield
math np jnp jax torch CLASSES DTYPE PARAMETERS parameters lead fault given len range float int
list tuple dict ValueError print
"""
RESERVED = frozenset(WORDS.split())
LONGEST = 48  # characters of what is written inside of something else


class File:
    """The parts of a file with a function of a name."""

    def __init__(self, source: Source, name: str, library: Library) -> None:
        self.source = source
        self.name = name
        self.library = library
        reserved = {*RESERVED, name, *library.helpers}
        namer = Namer(source.program, reserved)
        self.form: Form = form_of(source, known_to(library), namer)
        self.constants: dict[str, str] = {}  # names by their texts
        self.helpers: list[str] = []
        inlined = once_read(self.form)
        self.inlined = {let.target.name: let.value for let in inlined}
        self.faults = 0
        self.printer = Printer(
            library,
            self.inlined,
            self._constant,
            self._helper,
            self.form.counts,
        )

    def _constant(self, letter: str, text: str) -> str:
        if text not in self.constants:
            count = sum(name[0] == letter for name in self.constants.values())
            self.constants[text] = f"{letter}{count + 1}"
        return self.constants[text]

    def _helper(self, name: str) -> str:
        if name not in self.helpers:
            self.helpers.append(name)
        return name

    def text(self) -> str:
        """Put all of it together."""
        body = [*self._given(), *self._statements(self.form.statements, ()), *self._result()]
        library = self.library
        title = f"{self.source.title}, printed by tinygrad_nn."
        lines = ['"""' + title.replace("\\", "").replace('"""', "'''") + '"""', ""]
        lines += ["import math", ""] * any(
            "math." in library.helpers[name] for name in self.helpers
        )
        lines += [*library.imports.splitlines(), ""]
        if library.double and self.source.dtype == DOUBLE:
            lines += [library.double, ""]
        lines.append(f"DTYPE = {library.module}.{self.source.dtype.name}")
        if library.always:
            lines += ["", "", *library.always.splitlines(), "", ""]
        if self.source.classes:
            lines.append(f"CLASSES = {list(self.source.classes)!r}")
        lines += self._parameters()
        for text, name in self.constants.items():
            lines += _assigned(name, text)
        lines += ["", "", *HEADER.format(given=library.given).splitlines()]
        for name in self.helpers:
            lines += ["", "", *library.helpers[name].splitlines()]
        lines += ["", "", *self._head()]
        lines += [f"    {line}" if line else "" for line in body]
        lines = [line.rstrip() for line in lines]
        return "\n".join(lines) + "\n"

    @property
    def known(self) -> list[tuple[str, Expr, str]]:
        """List what is known: its key, its variable, and its numbers as text."""
        found: list[tuple[str, Expr, str]] = []
        for leaf in self.form.leaves:
            if leaf.numbers is not None:
                text = self.printer.numbers(np.asarray(leaf.numbers, float).tolist())
                found.append((str(leaf.path[0]), leaf.variable, self.library.array.format(text)))
        return found

    def _parameters(self) -> Iterator[str]:
        if not self.known:
            return
        yield "PARAMETERS = {"
        for key, _, text in self.known:
            yield from [f"    {line}" for line in _assigned(repr(key), text, ": ", ",")]
        yield "}"

    def _head(self) -> Iterator[str]:
        given = [*self.form.arguments, *["parameters=PARAMETERS"] * bool(self.known)]
        if self.library.decorator:
            yield self.library.decorator
        yield f"def {self.name}({', '.join(given)}):"
        yield from self._about()

    def _about(self) -> Iterator[str]:
        """Say what the arguments are."""
        leaves = [leaf for leaf in self.form.leaves if leaf.numbers is None]
        yield '    """Compute it.'
        if leaves:
            yield ""
        for leaf in leaves:
            own = leaf.variable
            shape = ", ".join(["samples"] * own.rows + [str(size) for size in own.shape])
            shown = f"({shape}{',' * (len(own.shape) + own.rows == 1)})" if shape else "a number"
            yield f"    {_path(leaf.argument, leaf.path)}: {shown}"
        yield '    """'

    def _given(self) -> Iterator[str]:
        form = self.form
        lead = ""
        for leaf in form.leaves:
            own = leaf.variable
            if leaf.numbers is not None:
                yield f"{own.name} = parameters[{str(leaf.path[0])!r}]"
                continue
            path = _path(leaf.argument, leaf.path)
            shape = f"({', '.join(map(str, own.shape))}{',' * (len(own.shape) == 1)})"
            leading = "()" if not own.rows else lead or "None"
            name = repr(path) if "'" not in path else f'"{path}"'
            yield f"{own.name} = given({path}, {name}, {shape}, {leading})"
            if own.rows and not lead:
                lead = "lead"
                yield f"lead = {own.name}.shape[: {own.name}.ndim - {len(own.shape)}]"
                if form.counts:
                    yield "if len(lead) != 1:"
                    yield f'    raise ValueError("{path}: expected samples along one axis in front")'
        if form.samples is not None and uses_of(form.statements, form.result)[form.samples.name]:
            yield f"{form.samples.name} = {self.library.array.format('float(lead[0])')}"

    def _statements(
        self, statements: Sequence[Statement], around: tuple[str, ...]
    ) -> Iterator[str]:
        carried = {v.name for one in statements if isinstance(one, Loop) for v in one.carried}
        for statement in statements:
            if isinstance(statement, Loop):
                yield from self._loop(statement, around)
            elif isinstance(statement, Look):
                yield self._look(statement)
            elif not self._is_inlined(statement):
                yield self._let(statement, carried)

    def _is_inlined(self, let: Let) -> bool:
        """Tell whether a value is written where it is read; what is long stands for itself."""
        name = let.target.name
        if name in self.inlined and len(self.printer.text(let.value)) > LONGEST:
            del self.inlined[name]
        return name in self.inlined

    def _look(self, look: Look) -> str:
        text = f"{self._helper('look')}({self.printer.operand(look.of)}, {look.size})"
        if self.library.raises:
            return text
        self.faults += 1
        return f"fault = {'fault + ' * (self.faults > 1)}{text}"

    def _let(self, let: Let, carried: set[str]) -> str:
        name, value = let.target.name, let.value
        if isinstance(value, Put):
            if "put" in self.library.helpers:
                self._helper("put")
            return self.printer.put(value)
        text = self.printer.text(value)
        if name in carried and not isinstance(value, Added):
            text = self.library.buffer.format(text)
        return f"{name} = {text}"

    def _loop(self, loop: Loop, around: tuple[str, ...]) -> Iterator[str]:
        body = [*self._statements(loop.body, (*around, loop.index))]
        if self.library.loops:
            yield f"for {loop.index} in range({loop.count}):"
            yield from [f"    {line}" for line in body]
            return
        names = ", ".join([variable.name for variable in loop.carried])
        carried = f"({names},)" if len(loop.carried) == 1 else f"({names})"
        step = f"step_{loop.index}"
        yield ""
        yield f"def {step}({loop.index}, carried):"
        yield from [f"    {line}" for line in (f"{carried} = carried", *body, f"return {carried}")]
        yield ""
        yield f"{carried} = jax.lax.fori_loop(0, {loop.count}, {step}, {carried})"

    def _result(self) -> Iterator[str]:
        yield f"return {self._nested(self.form.result)}"

    def _nested(self, parts: Parts) -> str:
        if parts is None:
            return "None"
        if isinstance(parts, Expr):
            text = self.printer.array(parts)
            return f"{text} + fault" if self.faults else text
        kind, steps, inside = parts
        texts = [self._nested(part) for part in inside]
        if kind is dict:
            return "{" + ", ".join([f"{k!r}: {v}" for k, v in zip(steps, texts, strict=True)]) + "}"
        if kind is list:
            return f"[{', '.join(texts)}]"
        return f"({', '.join(texts)}{',' * (len(texts) == 1)})"


def _path(argument: str, path: Sequence[object]) -> str:
    return argument + "".join([f"[{step!r}]" for step in path])


def _assigned(name: str, text: str, sign: str = " = ", end: str = "") -> Iterator[str]:
    """Write numbers in lines that can be read."""
    line = f"{name}{sign}{text}{end}"
    yield from textwrap.wrap(
        line, 96, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )


def is_free(name: str, library: Library) -> bool:
    """Tell whether a function may have a name."""
    return name.isidentifier() and name not in {*RESERVED, *library.helpers}


def names_for(library: Library) -> Names:
    """Give names beside those of Python and of the file."""
    return Names({*RESERVED, *library.helpers})


def file_of(source: Source, name: str, library: Library) -> str:
    """Write a file with a function of a name."""
    return File(source, name, library).text()
