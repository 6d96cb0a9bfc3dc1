"""Products of 0 with numbers whose own product may overflow."""

from __future__ import annotations

from .program import Program
from .statements import terms_of, unnested

__all__ = ["may_lose_zero"]


def may_lose_zero(program: Program) -> bool:
    """Tell whether 0 is multiplied by several factors: of (0 x) y a program makes 0 (x y).

    That is NaN where x y is beyond all floats, and one by one it is 0.
    """
    zeros = {array for array, numbers in program.constants.items() if not numbers.all()}
    for statement in unnested(program.statements):
        for term in terms_of(statement):
            others = sum(factor.array not in zeros for factor in term.factors)
            if others > 1 and (term.coef == 0.0 or others < len(term.factors)):
                return True
    return False
