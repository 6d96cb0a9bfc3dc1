"""The formula of a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ...scalar.operation import Op
from ...scalar.ops import add
from ..program.program import Ints
from ..program.statements import Access, Map, Reduce, Runs, Term, terms_of
from ..program.strides import row_major
from .algebra import Indices, comprehension, product, reduction
from .choice_text import chosen
from .entries import Entry
from .names import Names
from .notation import View, arranged, number_text, reshaped, table_text
from .reading import Part, Reader
from .shapes import common_shape

__all__ = ["Formula", "formula"]

INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "%", "floordiv": "//"}
INFIX |= {"pow": "**", "ge": ">=", "gt": ">", "le": "<=", "lt": "<", "eq": "=="}


class Formula(NamedTuple):
    """A line as text."""

    shape: tuple[int, ...]  # of the result, for one sample
    text: str
    reads: list[tuple[int, int, int]]  # arrays, with the first and the last place
    # what is then added to results that are chosen, and whether by each sample
    added: Sequence[tuple[Part, bool]] = ()


def formula(entry: Entry, names: Names) -> Formula:
    """Write what a line computes, with the names of all that comes before."""
    reader = Reader(names)
    first = entry.first
    if isinstance(first, Map):
        operands = reader.operands(first)
        shape = common_shape(first, [operands], names)
        return Formula(shape, _operation(first, operands, shape), reader.reads)
    written = [_written(entry, first, term, reader) for term in entry.terms]
    added = [(reader.addition(*addition), addition[0].terms[0].samples) for addition in entry.added]
    parts = [one.part for one in written if one.part.sources and not one.flat]
    shape = common_shape(first, [*parts, *[part for part, _ in added]], names)
    texts = [(one.part.coef, _text(one, shape)) for one in written]
    if first.op is add:
        text = _signed(texts) or "0"
    else:
        extremes = [body or number_text(coef) for coef, body in texts]
        text = extremes[0] if len(texts) == 1 else f"{first.op.name}({', '.join(extremes)})"
    return Formula(shape, text, reader.reads, added)


def _operation(statement: Map, part: Part, shape: tuple[int, ...]) -> str:
    views, indices = part.views()
    remaining = iter(views)
    whole = _needs_all_axes(part, views, shape)
    texts = []
    for operand in statement.operands:
        if not isinstance(operand, Access):
            texts.append(number_text(operand))
            continue
        view = next(remaining)
        texts.append(comprehension([view], indices, "") if whole else reduction("", view, indices))
    name = statement.op.name
    called = f"{name}({', '.join(texts)})"
    return _shaped(f" {INFIX[name]} ".join(texts) if name in INFIX else called, part, shape)


@dataclass
class _Written:
    """A term that is to be written."""

    part: Part
    op: Op  # what joins the numbers of the part
    samples: bool  # whether it is summed over them
    flat: bool = False  # whether the results come out in one run, whatever the axes
    lengths: Ints | None = None  # of runs that are joined
    select: Ints | None = None  # the places of the results in what is computed


def _written(entry: Entry, first: Reduce | Runs, term: Term, reader: Reader) -> _Written:
    """Take a term apart; of one that reads what is written inside, that."""
    inner = entry.piece(term)
    if inner is None:
        part = reader.term(first, term, row_major(first.nest))
        lengths = _lengths(first, reader)
        return _Written(part, first.op, term.samples, lengths is not None, lengths)
    (own,) = terms_of(inner)
    part = reader.term(inner, own, inner.target.strides)
    part.coef *= term.coef
    number = term.factors[0].table
    select = reader.program.tables[number] if number >= 0 else None
    samples = own.samples or term.samples
    return _Written(part, inner.op, samples, True, _lengths(inner, reader), select)


def _lengths(statement: Reduce | Runs, reader: Reader) -> Ints | None:
    if isinstance(statement, Reduce):
        return None
    lengths: Ints = np.diff(reader.program.tables[statement.ends], prepend=0)
    return lengths


def _text(written: _Written, shape: tuple[int, ...]) -> str:
    """Write a term without its coefficient; nothing for a plain number."""
    part = written.part
    if not part.sources:
        return "sum_batch(1)" if written.samples else ""
    name = "sum" if written.op is add else written.op.name
    views, indices = part.views()
    columns = written.samples and _are_columns(views, indices)
    if written.lengths is not None:
        text = " * ".join(reduction("", view, indices) for view in views)
        text = f"{name}_runs({text}, {table_text(written.lengths)})"
    elif part.chosen is not None:
        text = chosen(part)
    elif not written.flat and _needs_all_axes(part, views, shape):
        text = comprehension(views, indices, name)
    elif len(views) == 1:
        text = reduction(name, views[0], indices)
    elif columns:
        first, second = sorted(views, key=lambda view: min(view.indices))
        text = f"{arranged(first, [0])} @ {arranged(second, [1])}.T"
    elif len(views) == 2 and written.op is add:
        text = product(views[0], views[1], indices)
    else:
        text = comprehension(views, indices, name)
    if written.samples and not columns:
        text = f"sum_batch({text})"
    if written.select is not None:
        text = f"take({text}, {table_text(written.select)})"
    if not written.flat:
        return _shaped(text, part, shape)
    return text if len(shape) <= 1 else reshaped(text, shape)


def _are_columns(views: Sequence[View], indices: Indices) -> bool:
    """Tell whether two vectors of each sample are multiplied, all elements with all."""
    runs = sorted(sorted(view.indices) for view in views)
    return runs == [[0], [1]] and not indices.summed and all(view.varies for view in views)


def _needs_all_axes(part: Part, views: Sequence[View], shape: tuple[int, ...]) -> bool:
    """Tell whether an axis along which nothing varies is to become part of another."""
    met = {index for view in views for index in view.indices}
    own = tuple([axis.size for axis in part.kept()])
    return own not in (shape, ()) and not met.issuperset(range(len(own)))


def _shaped(text: str, part: Part, shape: tuple[int, ...]) -> str:
    """Give what a part computes the shape of the result."""
    own = tuple([axis.size for axis in part.kept()])
    return text if own in (shape, ()) else reshaped(f"({text})", shape)


def _signed(terms: Sequence[tuple[float, str]]) -> str:
    """Write a sum of multiples in the order of computation; of the first two either is first."""
    text = ""
    for coef, body in [*sorted(terms[:2], key=lambda term: term[0] < 0.0), *terms[2:]]:
        minus = coef < 0.0 and bool(text)
        size = -coef if minus else coef
        if not body:
            shown = number_text(size)
        elif size == 1.0:
            shown = body
        elif size == -1.0:
            shown = f"-{body}"
        else:
            shown = f"{number_text(size)} * " + (f"({body})" if " @ " in body else body)
        text += shown if not text else f" {'-' if minus else '+'} {shown}"
    return text
