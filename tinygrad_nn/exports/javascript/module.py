"""A program as one ES module."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from ..loops.function import Function, Places
from ..loops.language import listed
from ..loops.printed import Printed, comment, described
from ..loops.schedule import Scheduled
from ..loops.signature import Parameter, Signature
from ..loops.writer import Writer
from ..source import Source
from .text import JavaScript, language_of, names_for

__all__ = ["module"]

GIVEN = """\
function {name}_given(given, size, name) {{
    const numbers = given instanceof {kind} ? given
        : {kind}.from(Array.isArray(given) ? given.flat(Infinity) : given);
    if (numbers.length !== size)
        throw new RangeError(`${{name}} has ${{numbers.length}} numbers: expected ${{size}}`);
    return numbers;
}}
"""
ROWS = """\
function {name}_rows(given, size, name, samples) {{
    const many = Array.isArray(given) ? given.flat(Infinity).length : given.length;
    const count = samples < 0 ? Math.floor(many / size) : samples;
    return {name}_given(given, count * size, `${{name}}, ${{size}} for each sample,`);
}}
"""


class JavaScriptFunction(Function):
    """A function in JavaScript, which gives its results."""

    def __init__(
        self, signature: Signature, plan: Scheduled, writer: Writer, places: Places
    ) -> None:
        rows = signature.rows if signature.samples else ()
        self._all = {row.name: writer.names.new(f"all_{row.name}") for row in rows}
        super().__init__(signature, plan, writer, places)

    def lines(self) -> Iterator[str]:
        """Give all lines."""
        signature, name = self.signature, self.signature.name
        given = list(signature.arguments.values())
        yield from (*self.parts, *self._documented())
        yield f"export function {name}({', '.join([one.name for one in given])}) {{"
        rows = [one for one in given if one.name in self._all]
        for one in given:
            if one.is_number:
                yield f"    if (typeof {one.name} !== 'number')"
                yield f"        throw new TypeError('{one.name}: expected a number');"
            elif one not in rows:
                yield f"    {one.name} = {name}_given({one.name}, {one.size}, '{one.name}');"
        samples = "-1"
        for one in rows:
            every = f"{name}_rows({one.name}, {one.size}, '{one.name}', {samples})"
            yield f"    const {self._all[one.name]} = {every};"
            if samples == "-1":
                samples = signature.samples
                yield f"    const {samples} = {self._all[one.name]}.length / {one.size};"
        if "batch" in self.names:
            yield f"    const batch = [{samples}, 1 / {samples}];"
        for one in signature.outputs:
            size = f"{one.size} * {samples}" if one.name in self._all else one.size
            own = self._all.get(one.name, one.name)
            yield f"    const {own} = new {self._kind}({size});"
        yield from self.body
        results = [(one.name, self._result(one)) for one in signature.outputs]
        if len(results) == 1:
            yield f"    return {results[0][1]};"
        else:
            named = [f"{name}: {text}" if name != text else name for name, text in results]
            yield from listed("    return {", named, "};")
        yield from ("}", "")

    @property
    def _kind(self) -> str:
        assert isinstance(self.writer.language, JavaScript)
        return self.writer.language.kind

    def _result(self, one: Parameter) -> str:
        if one.name in self._all:
            return self._all[one.name]
        return f"{one.name}[0]" if one.is_number else one.name

    def _documented(self) -> Iterator[str]:
        signature = self.signature
        yield "/**"
        for one in signature.arguments.values():
            kind = "number" if one.is_number else "ArrayLike<number>"
            yield f" * @param {{{kind}}} {one.name} {signature.many(one)}"
        kinds = [self._documented_result(one) for one in signature.outputs]
        many = [f"{one.name}: {kind}" for one, kind in zip(signature.outputs, kinds, strict=True)]
        yield f" * @returns {{{kinds[0] if len(kinds) == 1 else '{' + ', '.join(many) + '}'}}}"
        for one in signature.outputs:
            yield f" *   {one.name}: {signature.many(one)}"
        yield " */"

    def _documented_result(self, one: Parameter) -> str:
        return "number" if one.is_number and one.name not in self._all else self._kind

    def part(self, name: str, taken: Sequence[str]) -> Iterator[str]:
        """Begin a function of some of the groups."""
        yield f"function {name}({', '.join(taken)}) {{"

    def of_samples(self, body: Sequence[str]) -> Iterator[str]:
        """Write a loop over views of the rows of the samples."""
        signature = self.signature
        sample = self.writer.names.new("sample")
        yield f"    for (let {sample} = 0; {sample} < {signature.samples}; {sample}++) {{"
        for row in signature.rows:
            if row.name in self.names:
                begin, end = f"{row.size} * {sample}", f"{row.size} * {sample} + {row.size}"
                every = self._all[row.name]
                yield f"        const {row.name} = {every}.subarray({begin}, {end});"
        yield from [f"    {line}" for line in body]
        yield "    }"

    def look(self, number: str, size: int) -> str:
        """Refuse a number that is no place."""
        place = f"{self.writer.helper('place')}({number}, {size})"
        error = f"throw new RangeError(`${{{number}}} is no place of a table of {size}`)"
        return f"if ({place} < 0) {error};"


def module(source: Source, name: str) -> str:
    """Write a module with a function of a name."""
    language = language_of(source.dtype)
    printed = Printed(source, name, language, names_for(name), JavaScriptFunction)
    lines = [f"/* {comment(source.title)}, in JavaScript, printed by tinygrad_nn", ""]
    lines += ["   What it computes:", ""]
    lines += [f"     {line}".rstrip() for line in described(source)]
    lines += ["*/", "", *printed.constants(), *printed.definitions()]
    if printed.arena:
        lines += [f"const {name}_arena = new {language.kind}({printed.arena});", ""]
    given = printed.signature.arguments.values()
    if not all(one.is_number for one in given):
        lines += [*GIVEN.format(name=name, kind=language.kind).splitlines(), ""]
    if any(one.per_sample for one in given) and printed.signature.samples:
        lines += [*ROWS.format(name=name).splitlines(), ""]
    if source.classes:
        lines += [
            *listed("export const classes = [", list(map(json.dumps, source.classes)), "];"),
            "",
        ]
    return "\n".join([*lines, *printed.function.lines()])
