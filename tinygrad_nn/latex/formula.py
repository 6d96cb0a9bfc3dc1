"""The formula of a Value, as LaTeX, read off its graph.

Each operation is written by the template in its row. Where an operand of a template
needs parentheses follows from what stands beside it there: between braces or brackets
none are needed, beside a sign it must not be looser than a sum, under a power it must
be closed. Only arithmetic has a hand of its own here, so that ``a + (-b)`` reads a - b
and ``x * 2`` reads 2 x.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from ..errors import ArgumentError, ArgumentTypeError
from ..scalar import ops
from ..scalar.graph import ALIAS, NOTHING, Node, ancestors
from ..scalar.operation import Op
from .symbols import label_latex, number_latex

__all__ = [
    "CLOSED",
    "POWER",
    "PRODUCT",
    "SUM",
    "Fragment",
    "applied",
    "number_fragment",
    "shown",
    "to_latex",
]

WRITTEN_OUT = 100  # operations, to which an expression is written out on one line
LONGEST = 2000  # nodes of a graph that anybody could want to read

SUM, PRODUCT, POWER, CLOSED = 1, 2, 3, 4  # how tightly a text holds together


class Fragment(NamedTuple):
    """A piece of a formula; its sign is kept apart, so that signs can be drawn together."""

    body: str
    binds: int = CLOSED
    negative: bool = False
    number: bool = False


def to_latex(value: Node) -> str:
    r"""Write the formula that a Value was computed by.

    Parameters
    ----------
    value : Value
        The result of some operations. Leaves are written by their labels, those
        without one and constants as numbers.

    Returns
    -------
    str
        LaTeX for mathematical mode. An expression of more than 100 operations that
        uses intermediate results repeatedly gets a line for each of them, in an
        ``aligned`` environment; they go by their labels, or u_1, u_2 ...

    Raises
    ------
    ArgumentTypeError
        When `value` is no Value.
    ArgumentError
        When its graph has more than 2000 nodes, which nobody could read.

    Notes
    -----
    Parentheses stand only where they are needed, signs are drawn together
    ((-a) b is written -a b), and a number goes before what it multiplies.

    Examples
    --------
    >>> from tinygrad_nn import Value, gradients, sin
    >>> x, y = Value(2.0, label="x"), Value(3.0, label="y_1")
    >>> print(to_latex(x - (x + y) ** 2 / y))
    x - \frac{\left(x + y_{1}\right)^{2}}{y_{1}}
    >>> (slope,) = gradients(x * sin(x), [x])
    >>> print(to_latex(slope))
    \sin\left(x\right) + x \cos\left(x\right)
    """
    if not isinstance(value, Node):
        raise ArgumentTypeError(
            f"value must be a Value, got {value!r} ({type(value).__name__}): "
            "only a Value remembers how it was made"
        )
    nodes = ancestors(value)
    if len(nodes) > LONGEST:
        raise ArgumentError(
            f"value must have a graph of at most {LONGEST} nodes, got one of {len(nodes)}: "
            "write a part of it"
        )
    names = _names(nodes)
    terms: dict[Node, Fragment] = {}
    lines = []
    for node in nodes:
        term = _term(node, [terms[operand] for operand in node.args])
        if node in names:
            lines.append(rf"{names[node]} &= {shown(term)}")
            term = Fragment(names[node])
        terms[node] = term
    if not lines:
        return shown(terms[value])
    return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"


def _names(nodes: Sequence[Node]) -> dict[Node, str]:
    """Name what is used repeatedly, and the last node, if written out it would be too long."""
    length: dict[Node, int] = {}
    uses: dict[Node, int] = {}
    for node in nodes:
        length[node] = sum(length[operand] for operand in node.args) + (node.x is not NOTHING)
        for operand in node.args:
            uses[operand] = uses.get(operand, 0) + 1
    root = nodes[-1]
    shared = [node for node in nodes if uses.get(node, 0) > 1 and length[node] > 1]
    if length[root] <= WRITTEN_OUT or not shared:
        return {}
    taken = {label_latex(node.label) for node in nodes if node.x is NOTHING and node.label}
    fresh = (name for name in (f"u_{{{k}}}" for k in itertools.count(1)) if name not in taken)
    names: dict[Node, str] = {}
    for node in [*shared, root]:
        name = label_latex(node.label) if node.label else ""
        names[node] = next(fresh) if not name or name in taken else name
        taken.add(names[node])
    return names


def _term(node: Node, operands: Sequence[Fragment]) -> Fragment:
    if node.row is ALIAS:
        return operands[0]
    if operands:
        return applied(node.row, operands)
    return Fragment(label_latex(node.label)) if node.label else number_fragment(node.data)


def shown(term: Fragment, need: int = 0, *, first: bool = True) -> str:
    """Write a term where it must hold together as tightly as `need`."""
    text = "-" + term.body if term.negative else term.body
    binds = min(term.binds, PRODUCT) if term.negative else term.binds
    leads = first or not text.startswith("-")  # a sign may only stand in front
    return text if binds >= need and leads else rf"\left({text}\right)"


def applied(row: Op, operands: Sequence[Fragment]) -> Fragment:
    """Write an operation: arithmetic has a hand of its own, all else the template of its row."""
    idiom = IDIOMS.get(row)
    return idiom(*operands) if idiom else _filled(row, operands)


# ---- arithmetic ----------------------------------------------------------------------------


def _sum(x: Fragment, y: Fragment) -> Fragment:
    left, right = shown(x, SUM), shown(y, SUM)
    right = f"- {right[1:]}" if right.startswith("-") else f"+ {right}"
    return Fragment(f"{left} {right}", SUM)


def _negated(x: Fragment) -> Fragment:
    if x.binds < PRODUCT:
        return Fragment(shown(x, CLOSED), CLOSED, negative=True)
    return x._replace(negative=not x.negative)


def _product(x: Fragment, y: Fragment) -> Fragment:
    negative = x.negative != y.negative
    if x.body == y.body and not x.number:
        return Fragment(f"{shown(_unsigned(x), CLOSED)}^{{2}}", POWER, negative)
    if y.number and not x.number:
        x, y = y, x
    left, right = (shown(_unsigned(term), PRODUCT, first=False) for term in (x, y))
    if re.match(r"\\frac\{\d|\d", right):  # 2 3 is not 23, and 2 1/3 no mixed number
        between = r" \cdot "
    elif x.number and right.startswith((r"\mathrm", r"\text")):
        between = r"\,"  # 2 loss is no word
    elif x.number or (right[0] == "\\" and not right.startswith((r"\mathrm", r"\text"))):
        between = " "  # numbers stand close, functions and brackets make room themselves
    else:
        between = r" \, "
    return Fragment(left + between + right, PRODUCT, negative)


def _quotient(x: Fragment, y: Fragment) -> Fragment:
    body = rf"\frac{{{_unsigned(x).body}}}{{{_unsigned(y).body}}}"
    return Fragment(body, POWER, x.negative != y.negative)


def _choice(c: Fragment, x: Fragment, y: Fragment) -> Fragment:
    """Write a comparison as the condition that it is, not as the number 1 or 0."""
    condition = re.fullmatch(r"\\left\[(.*)\\right\]", c.body) if c.binds == CLOSED else None
    test = condition[1] if condition else rf"{shown(c, SUM)} \neq 0"
    return _filled(ops.where, (Fragment(test), x, y))


def _unsigned(term: Fragment) -> Fragment:
    return term._replace(negative=False)


IDIOMS: dict[Op, Callable[..., Fragment]] = {
    ops.add: _sum,
    ops.sub: lambda x, y: _sum(x, _negated(y)),
    ops.neg: _negated,
    ops.mul: _product,
    ops.div: _quotient,
    ops.where: _choice,
}


# ---- templates -----------------------------------------------------------------------------

_TOKEN = re.compile(
    r"<[a-z]>|\\(?:left|right)(?![a-zA-Z])\s*(?:\\[a-zA-Z]+|\\?.)|\\(?:begin|end)\{\w+\*?\}"
    r"|\\[a-zA-Z]+|\\.|\s+|."
)
_OPENS = re.compile(r"[{(\[,;&]|\\\\|\\left|\\begin|^$")
_CLOSES = re.compile(r"[})\],;&]|\\\\|\\right|\\end|^$")
_RELATION = re.compile(r"[<>=]|\\(?:[gln]eq?|approx|equiv|to)$")


class TemplatePart(NamedTuple):
    """A part of a template: a text, or the place of an argument and what it asks of it."""

    text: str
    letter: str = ""
    need: int = 0
    first: bool = True


def _filled(row: Op, operands: Sequence[Fragment]) -> Fragment:
    given = dict(zip(row.letters, operands, strict=True))
    texts = [
        shown(given[piece.letter], piece.need, first=piece.first) if piece.letter else piece.text
        for piece in _pieces(row.latex)
    ]
    return Fragment("".join(texts), row.binds)


@lru_cache(maxsize=256)
def _pieces(template: str) -> tuple[TemplatePart, ...]:
    """Take a template apart; what an argument must be follows from its neighbours."""
    tokens = _TOKEN.findall(template)
    return tuple(
        _place(token[1], *_neighbours(tokens, position))
        if re.fullmatch("<[a-z]>", token)
        else TemplatePart(token)
        for position, token in enumerate(tokens)
    )


def _neighbours(tokens: Sequence[str], position: int) -> tuple[str, str]:
    """Find what stands before and behind a place, spaces apart; nothing is an empty text."""
    before = [token for token in tokens[:position] if not token.isspace()]
    behind = [token for token in tokens[position + 1 :] if not token.isspace()]
    if before and before[-1] == "{" and behind[1:2] == ["^"]:  # {x}^ is x^
        return before[-1], "^"
    return before[-1] if before else "", behind[0] if behind else ""


def _place(letter: str, before: str, behind: str) -> TemplatePart:
    need = max(
        0 if _OPENS.match(before) else _beside(before, SUM + (before == "-")),
        0 if _CLOSES.match(behind) else _beside(behind, SUM),
    )
    first = bool(_OPENS.match(before) or _RELATION.match(before))
    return TemplatePart("", letter, need, first)


def _beside(token: str, in_sum: int) -> int:
    if token in "+-" or _RELATION.match(token):
        return in_sum
    if token in (r"\,", r"\cdot", r"\times"):
        return PRODUCT
    return CLOSED if token in "^_" else POWER


# ---- numbers -------------------------------------------------------------------------------

_KNOWN = {  # floats that stand in the rules for these
    ops.LN2: Fragment(r"\ln\left(2\right)"),
    ops.LN10: Fragment(r"\ln\left(10\right)"),
    ops.TWO_OVER_ROOT_PI: Fragment(r"\frac{2}{\sqrt{\pi}}", POWER),
    math.pi: Fragment(r"\pi"),
}


def number_fragment(number: float) -> Fragment:
    """Write a number."""
    size = abs(number)
    if size in _KNOWN:
        return _KNOWN[size]._replace(negative=number < 0.0)
    body = number_latex(size)
    binds = PRODUCT if "\\cdot" in body else POWER if "^" in body else CLOSED
    return Fragment(body, binds, negative=number < 0.0, number=True)
