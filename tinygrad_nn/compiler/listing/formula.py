"""The formula of a statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..program.statements import Statement
from ..roll.flatten import OPERATION, SUM
from .algebra import Indices, broadcast, comprehension, product, reduction
from .choice_text import chosen
from .names import Names
from .notation import View, arranged, number_text, table_text
from .reading import Part, Reader, common_shape

__all__ = ["Formula", "formula"]

INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "%", "floordiv": "//"}
INFIX |= {"pow": "**", "ge": ">=", "gt": ">", "le": "<=", "lt": "<", "eq": "=="}


class Formula(NamedTuple):
    """A statement as text.

    Attributes
    ----------
    shape : tuple of int
        Of the result, for one sample.
    text : str
    reads : list of (int, int, int)
        The family of everything that it reads, with the first and the last place.
    added : list of Part
        What is then added to results that are chosen when the program runs.
    """

    shape: tuple[int, ...]
    text: str
    reads: list[tuple[int, int, int]]
    added: Sequence[Part] = ()


def formula(statement: Statement, names: Names) -> Formula:
    """Write what a statement computes.

    Parameters
    ----------
    statement : Statement
    names : Names
        Those of all that comes before.

    Returns
    -------
    Formula
    """
    reader = Reader(statement, names)
    if statement.kind == OPERATION:
        operands = reader.operands()
        shape = common_shape(statement, [operands], names)
        return Formula(shape, _operation(statement, operands, shape), reader.reads)
    parts = [reader.term(term) for term in statement.terms]
    ordered = [part for part in parts if part.sources and not part.flat]
    shape = common_shape(statement, ordered, names)
    added = [part for part in parts if part.term is not None and part.term.scatters]
    if statement.kind == SUM:
        written = [part for part in parts if part not in added]
        text = _signed([(part.coef, _text(statement, part, shape)) for part in written])
        return Formula(shape, text or "0", reader.reads, added)
    texts = [_text(statement, part, shape) or number_text(part.coef) for part in parts]
    text = texts[0] if len(texts) == 1 else f"{_name(statement)}({', '.join(texts)})"
    return Formula(shape, text, reader.reads)


def _operation(statement: Statement, part: Part, shape: tuple[int, ...]) -> str:
    views, indices = part.views()
    remaining = iter(views)
    texts = []
    for operand in statement.operands:
        if operand.factor is None:
            texts.append(number_text(operand.number))
            continue
        view = next(remaining)
        texts.append(broadcast(view, indices.out) or comprehension([view], indices, ""))
    name = _name(statement)
    called = f"{name}({', '.join(texts)})"
    return _shaped(f" {INFIX[name]} ".join(texts) if name in INFIX else called, part, shape)


def _text(statement: Statement, part: Part, shape: tuple[int, ...]) -> str:
    """Write a part without its coefficient; nothing for a plain number."""
    term = part.term
    if not part.sources or term is None:
        return "sum_batch(1)" if statement.reduces else ""
    name = "sum" if statement.kind == SUM else _name(statement)
    views, indices = part.views()
    columns = statement.reduces and _are_columns(views, indices)
    if term.offsets is not None:
        text = " * ".join(broadcast(view, indices.out) or "" for view in views)
        ends = np.append(term.offsets[1:], indices.sizes[0])
        text = f"{name}_runs({text}, {table_text(ends - term.offsets)})"
    elif term.choice is not None:
        text = chosen(part)
    elif len(views) == 1:
        text = reduction(name, views[0], indices)
    elif columns:
        first, second = sorted(views, key=lambda view: min(view.indices))
        text = f"{arranged(first, [0])} @ {arranged(second, [1])}.T"
    else:
        text = product(views[0], views[1], indices)
    if statement.reduces and not columns:
        text = f"sum_batch({text})"
    if term.select is not None:
        text = f"take({text}, {table_text(term.select)})"
    return _shaped(text, part, shape)


def _are_columns(views: Sequence[View], indices: Indices) -> bool:
    """Tell whether two vectors of each sample are multiplied, all elements with all."""
    runs = sorted(sorted(view.indices) for view in views)
    return runs == [[0], [1]] and not indices.summed and all(view.varies for view in views)


def _shaped(text: str, part: Part, shape: tuple[int, ...]) -> str:
    """Give what a part computes the shape of the result."""
    own = tuple([axis.size for axis in part.kept()])
    sizes = ", ".join(map(str, shape))
    if part.flat:
        return text if len(shape) <= 1 else f"{text}.reshape({sizes})"
    return text if own in (shape, ()) else f"({text}).reshape({sizes})"


def _signed(terms: Sequence[tuple[float, str]]) -> str:
    """Write a sum of multiples; what is added comes before what is taken off."""
    text = ""
    for coef, body in sorted(terms, key=lambda term: term[0] < 0.0):
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


def _name(statement: Statement) -> str:
    assert statement.row is not None
    return statement.row.name
