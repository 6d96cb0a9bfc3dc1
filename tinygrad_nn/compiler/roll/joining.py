"""What is the same in all statements of a block is done once, for the block as a whole.

The gradients of a model lie in one block; weight decay adds a multiple of each
parameter to each gradient, by as many statements as there are arrays. It becomes one.
"""

from __future__ import annotations

from ..program.statements import Factor, Statement, Term
from .flatten import SUM
from .shapes import Family

__all__ = ["join_common_terms"]

Key = tuple[int, float, int]  # a family, a coefficient, how far apart source and target lie


def join_common_terms(statements: list[Statement], families: list[Family]) -> list[Statement]:
    """Take terms that all statements of a family share out of them.

    Parameters
    ----------
    statements : list of Statement
    families : list of Family

    Returns
    -------
    list of Statement
        With one more statement for each term that was taken out, after the last of those
        that had it.
    """
    writers: dict[int, list[Statement]] = {}
    for statement in statements:
        writers.setdefault(statement.family, []).append(statement)
    position = {id(statement): place for place, statement in enumerate(statements)}
    added: dict[int, list[Statement]] = {}
    for number, found in writers.items():
        whole = sum(s.size for s in found) == families[number].size
        if len(found) < 2 or not whole or any(s.kind != SUM for s in found):
            continue
        last = max(position[id(s)] for s in found)
        if any(number in s.reads() for s in statements[: last + 1]):
            continue  # what is read in between must be complete
        common = set.intersection(*[set(_shifted(s)) for s in found])
        for key in sorted(common):
            if all(len(s.terms) > 1 for s in found):
                added.setdefault(id(statements[last]), []).append(
                    _joined(key, found, families[number])
                )
    result: list[Statement] = []
    for statement in statements:
        result.append(statement)
        result += added.get(id(statement), [])
    return result


def _shifted(statement: Statement) -> dict[Key, Term]:
    """Find the terms that are a run of another family, place by place."""
    found: dict[Key, Term] = {}
    if statement.scatter is not None or statement.reduces:
        return found
    for term in statement.terms:
        if len(term.factors()) != 1 or term.left is None or term.gathered or term.reduced:
            continue
        if all(out == left for _, out, left, _ in term.axes):
            found[term.left.family, term.coef, term.left.start - term.start] = term
    return found


def _joined(key: Key, statements: list[Statement], family: Family) -> Statement:
    source, coef, shift = key
    for statement in statements:
        term = _shifted(statement)[key]
        statement.terms = [other for other in statement.terms if other is not term]
        statement.nodes -= statement.size
    axes = [(family.size, 1, 1, 0)] if family.size > 1 else []
    return Statement(
        SUM,
        None,
        family.number,
        family.size,
        family.size,
        family.per_sample,
        False,
        0,
        [Term(coef, Factor(source, shift), None, axes, [])],
        [(family.size, 1)],
        accumulates=True,
    )
