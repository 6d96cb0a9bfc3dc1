"""The test inside of a header: arguments, and what came out of them in Python."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..example import Example
from ..loops.signature import Parameter, Signature
from .text import REALS, Real

__all__ = ["test_of"]

WORST = """\
static double {name}_worst(const {real} *found, const double *wanted, int size, double worst)
{{
    double largest = 0.0;
    for (int n = 0; n < size; n++)
        largest = fabs(wanted[n]) > largest ? fabs(wanted[n]) : largest;
    for (int n = 0; n < size; n++) {{
        const double error = fabs(found[n] - wanted[n]) / (largest > 0.0 ? largest : 1.0);
        worst = error > worst || error != error ? error : worst;
    }}
    return worst;
}}
"""
WIDE = REALS[8]


def test_of(signature: Signature, real: Real, example: Example) -> Iterator[str]:
    """Write a program that calls the function, and tells how far it is from what was wanted."""
    name = signature.name
    yield from ("#ifdef TEST", "#include <stdio.h>", "")
    yield "/* Arguments, and the results that Python had for them. */"
    for number, argument in signature.arguments.items():
        yield from real.array(f"{name}_test_{argument.name}", example.arguments[number].ravel())
    for output, results in zip(signature.outputs, example.results, strict=True):
        yield from WIDE.array(f"{name}_wanted_{output.name}", results.ravel())
    yield from ("", *WORST.format(name=name, real=real.name).splitlines(), "")
    yield from ("int main(void)", "{", "    double worst = 0.0;")
    if signature.looks:
        yield "    int fault = 0;"
    for place, (_, results) in enumerate(zip(signature.outputs, example.results, strict=True)):
        yield f"    static {real.name} found_{place}[{results.size}];"
    yield from _calls(signature, example)
    for place, (output, results) in enumerate(zip(signature.outputs, example.results, strict=True)):
        wanted = f"{name}_wanted_{output.name}"
        yield f"    worst = {name}_worst(found_{place}, {wanted}, {results.size}, worst);"
    allowed = WIDE.number(float(f"{example.tolerance:.1g}"))
    yield '    printf("%s: worst error %.2g of the largest result, at most %.2g is allowed\\n",'
    yield f'        "{name}", worst, {allowed});'
    failed = "fault || " if signature.looks else ""
    yield from (f"    return {failed}!(worst <= {allowed});", "}", "#endif", "")


def _calls(signature: Signature, example: Example) -> Iterator[str]:
    """Call it once for all samples if it takes many, else once for each."""
    many = example.count and not signature.samples
    given = [str(example.count)] if signature.samples else []
    for argument in signature.arguments.values():
        array = f"{signature.name}_test_{argument.name}"
        given.append(_shown(array, argument, bool(many)))
    for place, output in enumerate(signature.outputs):
        given.append(_shown(f"found_{place}", replace(output, is_number=False), bool(many)))
    call = f"{'fault |= ' if signature.looks else ''}{signature.name}({', '.join(given)});"
    if many:
        yield f"    for (int sample = 0; sample < {example.count}; sample++)"
        call = f"    {call}"
    yield f"    {call}"


def _shown(array: str, one: Parameter, many: bool) -> str:
    place = f"{one.size} * sample" if one.per_sample and many else "0"
    if one.is_number:
        return f"{array}[{place}]"
    return array if place == "0" else f"{array} + {place}"
